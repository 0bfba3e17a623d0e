//! Invites: made, answered once, taken back, expired.

use crate::service::invites::rules::LIFETIME;
use crate::service::{Error, fields};
use crate::store::contract::kit::{Kit, at, by, new_user};
use crate::store::{Actor, NewInvite, NewUser};
use crate::testing::{TestStore, on_every_store};
use chrono::TimeDelta;
use happening_core::id::{InviteId, UserId};
use happening_core::wire::{ErrorCode, Invite, InviteKind, InviteStatus, Role};
use std::sync::Arc;

on_every_store!(
    an_invite_reads_back_as_it_was_sent,
    an_address_has_one_open_invite,
    two_invites_at_once_to_one_address_are_one,
    whoever_is_a_member_is_not_invited,
    accepting_makes_a_member_once,
    accepting_twice_at_once_is_one_membership,
    a_member_keeps_the_higher_role,
    what_was_answered_is_not_answered_otherwise,
    an_invite_is_not_accepted_late,
    what_expired_is_marked_and_stands_in_nobodys_way,
    a_revoked_invite_is_gone,
    a_renewed_invite_has_another_token_and_more_time,
    a_closed_organization_invites_nobody,
    the_audit_log_knows_of_invites_but_no_address,
);

/// An invite to this address, until second 100.
fn new_invite(kit: &Kit, email: &str, role: Role) -> NewInvite {
    let id = kit.ids.invite();
    NewInvite {
        id,
        organization: kit.organization,
        email: email.to_owned(),
        user: None,
        role,
        invited_by: kit.organizer,
        token_hash: format!("hash of {id}"),
        message: Some("Come! \"Soon\" ☂".to_owned()),
        expires_at: at(100),
    }
}

async fn invite(kit: &Kit, email: &str, role: Role) -> InviteId {
    let new = new_invite(kit, email, role);
    kit.create_invite(&new, &by(at(1))).await.expect("an invite");
    new.id
}

async fn found(kit: &Kit, invite: InviteId) -> Invite {
    kit.store.find_invite(invite).await.expect("readable").expect("an invite")
}

async fn role(kit: &Kit, user: UserId) -> Option<Role> {
    kit.store.find_role(user, kit.organization).await.expect("readable")
}

fn refused(result: &Result<(), Error>, code: ErrorCode) {
    assert!(matches!(result, Err(error) if error.code == code), "{result:?}");
}

async fn an_invite_reads_back_as_it_was_sent(db: TestStore) {
    let kit = Kit::new(db).await;
    let new = new_invite(&kit, "ada@example.org", Role::Organizer);
    kit.create_invite(&new, &by(at(1))).await.expect("an invite");
    let expected = Invite {
        id: new.id,
        organization_id: kit.organization,
        organization_name: "org-of-olga".to_owned(),
        kind: InviteKind::Membership,
        user_id: None,
        email: "ada@example.org".to_owned(),
        role: Role::Organizer,
        invited_by: kit.organizer,
        invited_by_username: "olga".to_owned(),
        message: new.message.clone(),
        expires_at: at(100),
        status: InviteStatus::Pending,
        created_at: at(1),
        updated_at: at(1),
        token: None,
    };
    assert_eq!(found(&kit, new.id).await, expected);
    let by_token = |hash: String| {
        let store = Arc::clone(&kit.store);
        async move { store.find_invite_by_token(&hash).await.expect("readable") }
    };
    assert_eq!(by_token(new.token_hash.clone()).await.as_ref(), Some(&expected));
    assert_eq!(by_token("another".to_owned()).await, None);
    let other = invite(&kit, "bert@example.org", Role::User).await;
    let whoever = kit.ids.user();
    let to = |email, now| kit.store.list_invites_to(whoever, Some(email), now);
    assert_eq!(to("ada@example.org", at(99)).await.expect("readable"), std::slice::from_ref(&expected));
    assert_eq!(to("ada@example.org", at(100)).await.expect("readable"), [], "no longer");
    assert_eq!(to("carl@example.org", at(2)).await.expect("readable"), []);
    let of = async |after, limit| -> Vec<_> {
        let invites = kit.store.list_invites_of(kit.organization, after, limit).await.expect("readable");
        invites.iter().map(|invite| (invite.created_at, invite.id)).collect()
    };
    let all = of(None, None).await;
    assert_eq!(all.iter().map(|(_, id)| *id).collect::<Vec<_>>(), [other, new.id], "newest first");
    assert_eq!(of(None, Some(1)).await, all[..1]);
    assert_eq!(of(Some(all[0]), Some(9)).await, all[1..]);
    assert_eq!(of(Some(all[1]), None).await, []);
    assert_eq!(kit.store.find_invite(kit.ids.invite()).await.expect("readable"), None);
}

async fn an_address_has_one_open_invite(db: TestStore) {
    let kit = Kit::new(db).await;
    let first = invite(&kit, "ada@example.org", Role::User).await;
    let again = new_invite(&kit, "ada@example.org", Role::Organizer);
    refused(&kit.create_invite(&again, &by(at(2))).await, ErrorCode::InvitePending);
    invite(&kit, "bert@example.org", Role::User).await;
    assert!(kit.revoke_invite(first, &by(at(3))).await.expect("revoked"));
    kit.create_invite(&again, &by(at(4))).await.expect("the first one is gone");
}

async fn two_invites_at_once_to_one_address_are_one(db: TestStore) {
    let kit = Kit::new(db).await;
    for round in 0..10 {
        let email = format!("ada{round}@example.org");
        let (one, two) = (new_invite(&kit, &email, Role::User), new_invite(&kit, &email, Role::User));
        let actor = by(at(1));
        let (one, two) = tokio::join!(kit.create_invite(&one, &actor), kit.create_invite(&two, &actor));
        match (one, two) {
            (Ok(()), lost) | (lost, Ok(())) => refused(&lost, ErrorCode::InvitePending),
            both => panic!("{both:?}"),
        }
    }
}

async fn whoever_is_a_member_is_not_invited(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.ids.user();
    let new = NewUser { email: "Ada@Example.org".to_owned(), ..new_user(ada, "ada") };
    kit.rules().create_user(&new, None, &by(at(0))).await.expect("a user");
    let asked = new_invite(&kit, "ada@example.org", Role::User);
    kit.set_member(kit.organization, ada, Role::User, &by(at(1))).await.expect("set");
    refused(&kit.create_invite(&asked, &by(at(2))).await, ErrorCode::AlreadyMember);
    kit.remove_member(kit.organization, ada, &by(at(3))).await.expect("removed");
    kit.create_invite(&asked, &by(at(4))).await.expect("no member any more");
}

async fn accepting_makes_a_member_once(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, eve) = (kit.person("ada").await, kit.person("eve").await);
    let id = invite(&kit, "ada@example.org", Role::Organizer).await;
    assert!(kit.accept_invite(id, ada, &by(at(5))).await.expect("accepted"));
    assert_eq!(role(&kit, ada).await, Some(Role::Organizer));
    let accepted = found(&kit, id).await;
    assert_eq!((accepted.status, accepted.updated_at), (InviteStatus::Accepted, at(5)));
    let told = "SELECT subject FROM keycloak_tasks WHERE kind = 'member' AND subject = 'sub-ada'";
    assert_eq!(kit.db.texts(told).await, ["sub-ada"], "Keycloak hears of it");
    assert!(kit.accept_invite(id, ada, &by(at(5))).await.expect("asked"), "twice is harmless");

    kit.remove_member(kit.organization, ada, &by(at(6))).await.expect("removed");
    assert!(!kit.accept_invite(id, ada, &by(at(7))).await.expect("asked"), "it was answered");
    assert_eq!(role(&kit, ada).await, None, "and no way back in");
    assert!(!kit.accept_invite(id, eve, &by(at(8))).await.expect("asked"));
    assert_eq!(role(&kit, eve).await, None);
    assert!(!kit.accept_invite(kit.ids.invite(), ada, &by(at(9))).await.expect("asked"));
}

async fn accepting_twice_at_once_is_one_membership(db: TestStore) {
    let kit = Arc::new(Kit::new(db).await);
    for round in 0..5 {
        let name = format!("ada{round}");
        let ada = kit.person(&name).await;
        let id = invite(&kit, &format!("{name}@example.org"), Role::User).await;
        let accept = || {
            let kit = Arc::clone(&kit);
            tokio::spawn(async move { kit.accept_invite(id, ada, &by(at(5))).await })
        };
        for accepted in [accept(), accept(), accept()] {
            assert!(accepted.await.expect("no panic").expect("accepted"));
        }
        assert_eq!(role(&kit, ada).await, Some(Role::User));
    }
    let joined = kit.db.texts("SELECT action FROM audit_log WHERE action = 'member.added'").await;
    assert_eq!(joined.len(), 5, "each told once");
}

async fn a_member_keeps_the_higher_role(db: TestStore) {
    let kit = Kit::new(db).await;
    for (name, has, offered, gets) in [
        ("low", Role::User, Role::Organizer, Role::Organizer),
        ("high", Role::OrgAdmin, Role::User, Role::OrgAdmin),
        ("same", Role::Organizer, Role::Organizer, Role::Organizer),
    ] {
        let user = kit.person(name).await;
        // Not to the address that is known of them: that would be taken back with their role.
        let id = invite(&kit, &format!("{name}@elsewhere.org"), offered).await;
        kit.set_member(kit.organization, user, has, &by(at(2))).await.expect("set");
        assert!(kit.accept_invite(id, user, &by(at(5))).await.expect("accepted"));
        assert_eq!(role(&kit, user).await, Some(gets), "{name}");
    }
}

async fn what_was_answered_is_not_answered_otherwise(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let id = invite(&kit, "ada@example.org", Role::User).await;
    assert!(kit.reject_invite(id, ada, &by(at(5))).await.expect("rejected"));
    assert!(kit.reject_invite(id, ada, &by(at(6))).await.expect("asked"), "harmless");
    assert!(!kit.accept_invite(id, ada, &by(at(7))).await.expect("asked"));
    assert_eq!((role(&kit, ada).await, found(&kit, id).await.status), (None, InviteStatus::Rejected));
    let again = invite(&kit, "ada@example.org", Role::User).await;
    assert!(kit.accept_invite(again, ada, &by(at(8))).await.expect("accepted"));
    assert!(!kit.reject_invite(again, ada, &by(at(9))).await.expect("asked"));
    assert!(!kit.revoke_invite(again, &by(at(9))).await.expect("asked"));
    assert!(!kit.resend_invite(again, "new", &by(at(9))).await.expect("asked"));
    assert_eq!(found(&kit, again).await.status, InviteStatus::Accepted);
}

async fn an_invite_is_not_accepted_late(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let id = invite(&kit, "ada@example.org", Role::User).await;
    assert!(!kit.accept_invite(id, ada, &by(at(100))).await.expect("asked"));
    assert!(!kit.reject_invite(id, ada, &by(at(100))).await.expect("asked"));
    assert_eq!(role(&kit, ada).await, None);
    assert!(kit.accept_invite(id, ada, &by(at(99))).await.expect("in time"));
}

async fn what_expired_is_marked_and_stands_in_nobodys_way(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bert) = (
        invite(&kit, "ada@example.org", Role::User).await,
        invite(&kit, "bert@example.org", Role::User).await,
    );
    let again = new_invite(&kit, "ada@example.org", Role::User);
    kit.create_invite(&NewInvite { expires_at: at(300), ..again.clone() }, &by(at(100))).await.expect("new");
    assert_eq!(found(&kit, ada).await.status, InviteStatus::Expired);
    assert_eq!(kit.store.expire_invites(at(99)).await.expect("asked"), 0);
    assert_eq!(kit.store.expire_invites(at(100)).await.expect("asked"), 1, "the other one");
    assert_eq!(kit.store.expire_invites(at(100)).await.expect("asked"), 0);
    assert_eq!(found(&kit, bert).await.status, InviteStatus::Expired);
    assert_eq!(found(&kit, again.id).await.status, InviteStatus::Pending);
    let renewed = kit.resend_invite(ada, "another", &by(at(4_101))).await;
    assert_eq!(renewed.expect_err("refused").code, ErrorCode::InvitePending);
}

async fn a_revoked_invite_is_gone(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let id = invite(&kit, "ada@example.org", Role::User).await;
    assert!(kit.revoke_invite(id, &by(at(5))).await.expect("revoked"));
    assert!(!kit.revoke_invite(id, &by(at(5))).await.expect("asked"));
    assert!(!kit.accept_invite(id, ada, &by(at(6))).await.expect("asked"));
    assert_eq!((kit.store.find_invite(id).await.expect("readable"), role(&kit, ada).await), (None, None));
}

async fn a_renewed_invite_has_another_token_and_more_time(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = invite(&kit, "ada@example.org", Role::User).await;
    assert!(kit.resend_invite(id, "another", &by(at(4_050))).await.expect("renewed"));
    let by_token = |hash: String| {
        let store = Arc::clone(&kit.store);
        async move { store.find_invite_by_token(&hash).await.expect("readable").map(|found| found.id) }
    };
    assert_eq!(by_token(fields::digest("another")).await, Some(id));
    assert_eq!(by_token(format!("hash of {id}")).await, None, "the old token finds nothing");
    let end = at(4_050) + LIFETIME;
    assert_eq!((found(&kit, id).await.expires_at, found(&kit, id).await.updated_at), (end, at(4_050)));
    kit.store.expire_invites(end).await.expect("asked");
    let later = Actor::daemon(end + TimeDelta::seconds(100));
    assert!(kit.resend_invite(id, "third", &later).await.expect("renewed"));
    assert_eq!(found(&kit, id).await.status, InviteStatus::Pending, "expired ones too");
    assert!(!kit.resend_invite(kit.ids.invite(), "x", &later).await.expect("asked"));
}

async fn a_closed_organization_invites_nobody(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let id = invite(&kit, "ada@example.org", Role::User).await;
    kit.db.execute("UPDATE organizations SET deleted_at = updated_at").await.expect("closed");
    assert!(!kit.accept_invite(id, ada, &by(at(5))).await.expect("asked"));
    assert_eq!(kit.store.find_invite(id).await.expect("readable"), None);
    assert_eq!(kit.store.list_invites_to(ada, Some("ada@example.org"), at(5)).await.expect("readable"), []);
}

async fn the_audit_log_knows_of_invites_but_no_address(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let actor = |user, seconds| Actor { user: Some(user), ..by(at(seconds)) };
    let new = new_invite(&kit, "ada@example.org", Role::User);
    kit.create_invite(&new, &actor(kit.organizer, 1)).await.expect("an invite");
    kit.resend_invite(new.id, "x", &actor(kit.organizer, 3_700)).await.expect("renewed");
    kit.accept_invite(new.id, ada, &actor(ada, 3_701)).await.expect("accepted");
    let revoked = invite(&kit, "bert@example.org", Role::User).await;
    kit.revoke_invite(revoked, &actor(kit.organizer, 3_702)).await.expect("revoked");
    let actions = "SELECT action FROM audit_log WHERE target_kind = 'invite' ORDER BY id";
    assert_eq!(
        kit.db.texts(actions).await,
        ["invite.sent", "invite.resent", "invite.accepted", "invite.sent", "invite.revoked"]
    );
    let telling = "SELECT action FROM audit_log WHERE old_value LIKE '%@%' OR new_value LIKE '%@%'";
    assert_eq!(kit.db.texts(telling).await, Vec::<String>::new());
}
