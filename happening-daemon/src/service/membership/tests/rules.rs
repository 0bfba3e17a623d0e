//! The rules of membership, one by one, in memory.

use crate::service::membership::{Consent, change_role, remove, set_role};
use crate::service::unit_of_work::{Effect, UnitOfWork};
use crate::store::NewServiceAccount;
use crate::store::contract::kit::{Kit, at, by, terms};
use crate::testing::{TestStore, in_memory};
use happening_core::id::UserId;
use happening_core::wire::{ErrorCode, Role, UserStatus};

async fn unit(kit: &Kit) -> UnitOfWork {
    kit.begin(&by(at(5))).await
}

async fn joined(kit: &Kit, name: &str, role: Role) -> UserId {
    let user = kit.person(name).await;
    assert!(kit.set_member(kit.organization, user, role, &by(at(2))).await.expect("set"));
    user
}

#[tokio::test]
async fn a_change_forgets_the_member_and_wakes_the_keycloak_sync() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let ada = joined(&kit, "ada", Role::User).await;
        let forgets = Effect::ForgetPerson("sub-ada".to_owned());
        let mut changing = unit(&kit).await;
        assert!(change_role(&mut changing, kit.organization, ada, Role::Organizer).await.expect("changed"));
        assert_eq!(changing.effects(), [forgets.clone(), Effect::WakeKeycloak]);
        drop(changing);
        let mut same = unit(&kit).await;
        assert!(change_role(&mut same, kit.organization, ada, Role::User).await.expect("as it was"));
        assert_eq!(same.effects(), std::slice::from_ref(&forgets));
        drop(same);
        let mut removing = unit(&kit).await;
        assert_eq!(remove(&mut removing, kit.organization, ada).await.expect("removed"), []);
        assert_eq!(removing.effects(), [forgets, Effect::WakeKeycloak]);
    })
    .await;
}

#[tokio::test]
async fn the_last_org_admin_is_refused_on_every_way() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let (organization, olga) = (kit.organization, kit.organizer);
        let client = NewServiceAccount { client_id: "robot", user: kit.ids.user(), username: "robot" };
        let robot = kit.client(organization, client, Role::OrgAdmin, 1).await.expect("mapped");
        let mut demoting = unit(&kit).await;
        let refused = change_role(&mut demoting, organization, olga, Role::User).await;
        assert_eq!(refused.expect_err("the last person").code, ErrorCode::LastOrgAdmin);
        drop(demoting);
        // An operator who adds somebody, too.
        let mut adding = unit(&kit).await;
        let refused = set_role(&mut adding, organization, olga, Role::User, Consent::NotAsked).await;
        assert_eq!(refused.expect_err("the last person").code, ErrorCode::LastOrgAdmin);
        drop(adding);
        let mut removing = unit(&kit).await;
        let refused = remove(&mut removing, organization, olga).await;
        assert_eq!(refused.expect_err("the last person").code, ErrorCode::LastOrgAdmin);
        drop(removing);
        let mut leaving = unit(&kit).await;
        remove(&mut leaving, organization, robot).await.expect("a service account may go");
    })
    .await;
}

#[tokio::test]
async fn who_is_removed_leaves_the_lines_that_are_returned() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let ada = joined(&kit, "ada", Role::User).await;
        let mut event = kit.event(terms(1)).await;
        event.book(kit.organizer, 1);
        event.book(ada, 1);
        kit.commit(2, &mut [&mut event]).await;
        let mut removing = unit(&kit).await;
        assert_eq!(remove(&mut removing, kit.organization, ada).await.expect("removed"), [event.id]);
    })
    .await;
}

#[tokio::test]
async fn the_heir_agreed_may_act_and_is_a_member_for_longest() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let added_by_operator = kit.person("added").await;
        let added = kit.add_member(kit.organization, added_by_operator, Role::OrgAdmin, &by(at(1))).await;
        assert!(added.expect("added"));
        let suspended = joined(&kit, "suspended", Role::OrgAdmin).await;
        let status = UserStatus::Suspended;
        assert!(kit.rules().set_user_status(suspended, status, &by(at(2))).await.expect("set"));
        let mut members = Vec::new();
        for (seconds, name) in (3..).zip(["first", "second"]) {
            let user = kit.person(name).await;
            assert!(
                kit.set_member(kit.organization, user, Role::OrgAdmin, &by(at(seconds))).await.expect("set")
            );
            members.push(user);
        }
        let mut passing = unit(&kit).await;
        for (leaver, owner) in [
            (kit.organizer, Some(members[0])),
            (members[0], Some(members[1])),
            (members[1], Some(suspended)),
            (suspended, None),
        ] {
            remove(&mut passing, kit.organization, leaver).await.expect("somebody else governs");
            assert_eq!(passing.find_owner(kit.organization).await.expect("readable"), Some(owner));
        }
    })
    .await;
}
