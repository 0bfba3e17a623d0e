//! Who has which role, and that the last orgAdmin stays.

use crate::service::testing::rules;
use crate::store::MemberFilter;
use crate::store::contract::kit::{Kit, at, by};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::UserId;
use happening_core::wire::Role;
use std::sync::Arc;

on_every_store!(
    a_member_is_made_changed_and_removed,
    the_last_org_admin_stays,
    two_org_admins_who_resign_at_once_leave_one,
);

async fn role(kit: &Kit, user: UserId) -> Option<Role> {
    kit.store.find_role(user, kit.organization).await.expect("readable")
}

async fn a_member_is_made_changed_and_removed(db: TestStore) {
    let kit = Kit::new(db).await;
    let user = kit.person("ada").await;
    assert_eq!(role(&kit, user).await, None);
    for (wanted, seconds) in [(Role::User, 3), (Role::Organizer, 4), (Role::OrgAdmin, 5), (Role::User, 6)] {
        assert!(kit.set_member(kit.organization, user, wanted, &by(at(seconds))).await.expect("set"));
        assert_eq!(role(&kit, user).await, Some(wanted));
    }
    let members = kit.store.list_members(kit.organization, &MemberFilter::default()).await.expect("readable");
    let joined: Vec<_> =
        members.iter().filter(|member| member.id == user).map(|member| member.joined_at).collect();
    assert_eq!(joined, [at(3)], "a new role is no new membership");
    assert!(kit.remove_member(kit.organization, user, &by(at(9))).await.expect("removed"));
    assert_eq!(role(&kit, user).await, None);
    assert!(
        kit.remove_member(kit.organization, user, &by(at(9))).await.expect("removed"),
        "twice is harmless"
    );
}

async fn the_last_org_admin_stays(db: TestStore) {
    let kit = Kit::new(db).await;
    let (member, heir) = (kit.person("mia").await, kit.person("heir").await);
    assert!(kit.set_member(kit.organization, member, Role::Organizer, &by(at(2))).await.expect("set"));
    assert!(!kit.remove_member(kit.organization, kit.organizer, &by(at(9))).await.expect("asked"));
    for wanted in [Role::Organizer, Role::User] {
        let set = kit.set_member(kit.organization, kit.organizer, wanted, &by(at(3))).await;
        assert!(!set.expect("asked"));
    }
    assert!(kit.set_member(kit.organization, kit.organizer, Role::OrgAdmin, &by(at(3))).await.expect("set"));
    assert_eq!(role(&kit, kit.organizer).await, Some(Role::OrgAdmin));

    assert!(kit.set_member(kit.organization, heir, Role::OrgAdmin, &by(at(4))).await.expect("set"));
    assert!(kit.remove_member(kit.organization, kit.organizer, &by(at(9))).await.expect("removed"));
    assert!(!kit.remove_member(kit.organization, heir, &by(at(9))).await.expect("asked"));
    assert_eq!((role(&kit, kit.organizer).await, role(&kit, heir).await), (None, Some(Role::OrgAdmin)));
}

async fn two_org_admins_who_resign_at_once_leave_one(db: TestStore) {
    let kit = Kit::new(db).await;
    let second = kit.person("second").await;
    for round in 0..6 {
        for user in [kit.organizer, second] {
            assert!(kit.set_member(kit.organization, user, Role::OrgAdmin, &by(at(2))).await.expect("set"));
        }
        let resign = |user, by_leaving: bool| {
            let (store, organization) = (Arc::clone(&kit.store), kit.organization);
            tokio::spawn(async move {
                if by_leaving {
                    rules(&store).remove_member(organization, user, &by(at(9))).await
                } else {
                    rules(&store).set_member(organization, user, Role::User, &by(at(3))).await
                }
            })
        };
        let (one, two) = (resign(kit.organizer, round % 2 == 0), resign(second, round % 3 == 0));
        let (one, two) =
            (one.await.expect("no panic").expect("asked"), two.await.expect("no panic").expect("asked"));
        assert!(one != two, "exactly one may go: {one} {two}");
    }
}
