//! The rules of invites, one by one, in memory.

use crate::service::invites::rules::{LIFETIME, accept, reject, resend, revoke, send};
use crate::service::invites::{self, account_addressee};
use crate::service::testing::TOKEN;
use crate::service::unit_of_work::{Effect, UnitOfWork};
use crate::store::NewInvite;
use crate::store::contract::kit::{Kit, at, by};
use crate::testing::{TestStore, in_memory};
use happening_core::id::{InviteId, UserId};
use happening_core::wire::{ErrorCode, InviteStatus, Role};

/// An invite of a person, by address or by account.
async fn invited(kit: &Kit, user: UserId, role: Role, by_account: bool) -> InviteId {
    let new = new_invite(kit, by_account.then_some(user), role);
    kit.create_invite(&new, &by(at(1))).await.expect("an invite");
    new.id
}

fn new_invite(kit: &Kit, user: Option<UserId>, role: Role) -> NewInvite {
    let id = kit.ids.invite();
    NewInvite {
        id,
        organization: kit.organization,
        email: "ada@example.org".to_owned(),
        user,
        role,
        invited_by: kit.organizer,
        token_hash: format!("hash of {id}"),
        message: None,
        expires_at: at(1) + LIFETIME,
    }
}

async fn role(unit: &mut UnitOfWork, kit: &Kit, user: UserId) -> Option<Role> {
    unit.find_role(kit.organization, user).await.expect("readable")
}

#[tokio::test]
async fn sending_publishes_the_invite_to_its_addressee() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let ada = kit.person("ada").await;
        for (user, expected) in [(None, "ada@example.org".to_owned()), (Some(ada), account_addressee(ada))] {
            let mut unit = kit.begin(&by(at(1))).await;
            let sent = send(&mut unit, &new_invite(&kit, user, Role::User), TOKEN.to_owned()).await;
            let sent = sent.expect("an invite");
            assert_eq!(sent.invite.token.as_deref(), Some(TOKEN));
            let [Effect::PublishInvite { addressee, invite }] = unit.effects() else {
                panic!("{:?}", unit.effects())
            };
            assert_eq!((addressee, invite.invite_id), (&expected, sent.invite.id.0));
        }
    })
    .await;
}

#[tokio::test]
async fn accepting_forgets_the_person_and_wakes_the_keycloak_sync() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let ada = kit.person("ada").await;
        let id = invited(&kit, ada, Role::Organizer, false).await;
        let mut unit = kit.begin(&by(at(2))).await;
        let accepted = accept(&mut unit, id, ada).await.expect("accepted");
        assert_eq!((accepted.status, accepted.updated_at), (InviteStatus::Accepted, at(2)));
        assert_eq!(role(&mut unit, &kit, ada).await, Some(Role::Organizer));
        assert_eq!(unit.effects(), [Effect::ForgetPerson("sub-ada".to_owned()), Effect::WakeKeycloak]);
        unit.commit().await.expect("a commit");
        let tasks = kit.db.texts("SELECT kind FROM keycloak_tasks WHERE subject = 'sub-ada'").await;
        assert_eq!(tasks, ["member"]);
    })
    .await;
}

#[tokio::test]
async fn a_member_who_accepts_less_keeps_the_role_and_keycloak_is_sent_nothing() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let id = invited(&kit, kit.organizer, Role::User, false).await;
        let mut unit = kit.begin(&by(at(2))).await;
        accept(&mut unit, id, kit.organizer).await.expect("accepted");
        assert_eq!(role(&mut unit, &kit, kit.organizer).await, Some(Role::OrgAdmin));
        assert_eq!(unit.effects(), [Effect::ForgetPerson("sub-olga".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn accepting_ends_a_block() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let ada = kit.person("ada").await;
        let id = invited(&kit, ada, Role::User, true).await;
        kit.block_invites(ada, &by(at(2))).await.expect("blocked");
        assert!(kit.accept_invite(id, ada, &by(at(3))).await.expect("accepted"));
        assert_eq!(kit.store.list_invite_blocks(ada).await.expect("readable"), []);
    })
    .await;
}

#[tokio::test]
async fn an_invite_that_is_over_can_still_be_blocked() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let ada = kit.person("ada").await;
        let id = invited(&kit, ada, Role::User, true).await;
        let late = by(at(1) + LIFETIME);
        let mut unit = kit.begin(&late).await;
        assert_eq!(reject(&mut unit, id, ada, true).await.expect("asked"), None);
        unit.commit().await.expect("a commit");
        assert_eq!(kit.store.list_invite_blocks(ada).await.expect("readable").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_invite_is_sent_again_once_an_hour() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let ada = kit.person("ada").await;
        let id = invited(&kit, ada, Role::User, false).await;
        for (seconds, wait) in [(2, 3_599), (3_600, 1)] {
            let mut unit = kit.begin(&by(at(seconds))).await;
            let error = resend(&mut unit, id, TOKEN.to_owned()).await.expect_err("too soon");
            assert_eq!(
                (error.code, error.members),
                (ErrorCode::RateLimited, vec![("retry_after", wait.into())])
            );
        }
        let mut unit = kit.begin(&by(at(3_601))).await;
        let sent = resend(&mut unit, id, "another".to_owned()).await.expect("an hour later");
        assert_eq!(sent.invite.expires_at, at(3_601) + LIFETIME);
        assert!(matches!(unit.effects(), [Effect::PublishInvite { .. }]));
    })
    .await;
}

#[tokio::test]
async fn what_was_answered_is_neither_revoked_nor_sent_again() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let ada = kit.person("ada").await;
        let id = invited(&kit, ada, Role::User, false).await;
        assert!(kit.reject_invite(id, ada, &by(at(2))).await.expect("rejected"));
        let mut unit = kit.begin(&by(at(9_999))).await;
        assert_eq!(revoke(&mut unit, id).await, Err(invites::gone()));
        assert_eq!(resend(&mut unit, id, TOKEN.to_owned()).await, Err(invites::gone()));
    })
    .await;
}
