//! Whose an organization is once its owner no longer governs it, and who counts as governing.

use crate::service::testing::{ErasureConflict, Transfer};
use crate::store::contract::kit::{Kit, at, by};
use crate::store::{Erasure, IssuerState, NewServiceAccount};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::UserId;
use happening_core::wire::{AuditQuery, Role, UserStatus};
use serde_json::json;

on_every_store!(
    an_owner_who_is_demoted_is_followed,
    an_owner_who_goes_is_followed,
    an_owner_who_is_erased_is_followed,
    whoever_may_act_inherits_first,
    an_owner_who_does_not_govern_gives_nothing_away,
    who_may_not_act_does_not_govern_alone,
);

async fn join(kit: &Kit, name: &str, role: Role, seconds: i64) -> UserId {
    let user = kit.person(name).await;
    assert!(kit.set_member(kit.organization, user, role, &by(at(seconds))).await.expect("set"));
    user
}

async fn owner(kit: &Kit) -> Option<UserId> {
    let found = kit.store.find_organization(kit.organization).await.expect("readable");
    found.expect("an organization").owner_id
}

/// Olga's organization, with a script, a member and two orgAdmins, of whom the one returned is a member for longer.
async fn with_heirs(db: TestStore) -> (Kit, UserId) {
    let kit = Kit::new(db).await;
    let robot = NewServiceAccount { client_id: "robot", user: kit.ids.user(), username: "robot" };
    kit.client(kit.organization, robot, Role::OrgAdmin, 1).await.expect("mapped");
    join(&kit, "first", Role::User, 2).await;
    // By id and by name it is the other way round.
    join(&kit, "late", Role::OrgAdmin, 9).await;
    let heir = join(&kit, "longer", Role::OrgAdmin, 3).await;
    assert_eq!(owner(&kit).await, Some(kit.organizer));
    (kit, heir)
}

async fn is_followed_by(kit: &Kit, heir: UserId) {
    assert_eq!(owner(kit).await, Some(heir));
    let query = AuditQuery { action: Some("organization.transferred".to_owned()), ..AuditQuery::default() };
    let log = kit.store.list_audit(Some(kit.organization), &query).await.expect("readable");
    let written: Vec<_> = log.into_iter().map(|entry| (entry.old, entry.new)).collect();
    let owner = |user: UserId| Some(json!({ "owner": user }));
    assert_eq!(written, [(owner(kit.organizer), owner(heir))]);
}

async fn an_owner_who_is_demoted_is_followed(db: TestStore) {
    let (kit, heir) = with_heirs(db).await;
    let set = kit.set_member(kit.organization, kit.organizer, Role::User, &by(at(20))).await;
    assert!(set.expect("asked"));
    is_followed_by(&kit, heir).await;
    // Who was the owner once is not again by governing again.
    let set = kit.set_member(kit.organization, kit.organizer, Role::OrgAdmin, &by(at(21))).await;
    assert!(set.expect("asked"));
    is_followed_by(&kit, heir).await;
}

async fn an_owner_who_goes_is_followed(db: TestStore) {
    let (kit, heir) = with_heirs(db).await;
    assert!(kit.remove_member(kit.organization, kit.organizer, &by(at(20))).await.expect("asked"));
    is_followed_by(&kit, heir).await;
}

async fn an_owner_who_is_erased_is_followed(db: TestStore) {
    let (kit, heir) = with_heirs(db).await;
    let erase = Erasure { user: kit.organizer, subject_hash: "hash".to_owned(), email: None, account: false };
    assert_eq!(kit.erase_user(&erase, &by(at(20))).await.expect("asked"), None);
    is_followed_by(&kit, heir).await;
}

async fn whoever_may_act_inherits_first(db: TestStore) {
    let (kit, longer) = with_heirs(db).await;
    let status = UserStatus::Suspended;
    assert!(kit.rules().set_user_status(longer, status, &by(at(10))).await.expect("set"));
    assert!(kit.remove_member(kit.organization, kit.organizer, &by(at(20))).await.expect("asked"));
    let late = kit.store.find_users_called(&["late".to_owned()]).await.expect("readable")[0].id;
    is_followed_by(&kit, late).await;
}

async fn an_owner_who_does_not_govern_gives_nothing_away(db: TestStore) {
    let (kit, heir) = with_heirs(db).await;
    let set = kit.set_member(kit.organization, kit.organizer, Role::User, &by(at(20))).await;
    assert!(set.expect("asked"));
    // As an older version left it.
    let left = "UPDATE organizations SET owner_id = (SELECT id FROM users WHERE username = 'olga')";
    kit.db.execute(left).await.expect("changed");
    let transfer = async |owner, to| kit.hand_over(owner, to, &by(at(30))).await;
    for to in [kit.organizer, heir] {
        assert_eq!(transfer(Some(kit.organizer), to).await, Transfer::NotTheirs);
    }
    let role = kit.store.find_role(kit.organizer, kit.organization).await.expect("readable");
    assert_eq!((role, owner(&kit).await), (Some(Role::User), Some(kit.organizer)));
    // The next change of a member puts it right, and an operator may.
    join(&kit, "third", Role::User, 40).await;
    assert_eq!(owner(&kit).await, Some(heir));
    kit.db.execute(left).await.expect("changed");
    assert_eq!(transfer(None, heir).await, Transfer::Done);
    assert_eq!(owner(&kit).await, Some(heir));
}

async fn who_may_not_act_does_not_govern_alone(db: TestStore) {
    let kit = Kit::new(db).await;
    let other = join(&kit, "other", Role::OrgAdmin, 2).await;
    let olga_stays = async |why: &str| {
        let demoted = kit.set_member(kit.organization, kit.organizer, Role::User, &by(at(5))).await;
        assert!(!demoted.expect("asked"), "{why}");
        let removed = kit.remove_member(kit.organization, kit.organizer, &by(at(5))).await;
        assert!(!removed.expect("asked"), "{why}");
        let conflict = kit.find_erasure_conflict(kit.organizer, at(5)).await.expect("readable");
        assert_eq!(conflict, Some(ErasureConflict::LastOrgAdmin(kit.organization)), "{why}");
    };
    let set = async |status| {
        assert!(kit.rules().set_user_status(other, status, &by(at(4))).await.expect("set"));
    };
    set(UserStatus::Suspended).await;
    olga_stays("the other one is suspended").await;
    set(UserStatus::Active).await;
    for state in [IssuerState::Disabled, IssuerState::Deleted] {
        kit.store.set_issuer_state(other, state, &by(at(4))).await.expect("noted");
        olga_stays(state.as_str()).await;
    }
    kit.store.set_issuer_state(other, IssuerState::Active, &by(at(4))).await.expect("noted");
    assert_eq!(kit.find_erasure_conflict(kit.organizer, at(5)).await.expect("readable"), None);
    // Whoever may not act may go: somebody who may is left. And the last one may be suspended.
    set(UserStatus::Suspended).await;
    assert!(kit.remove_member(kit.organization, other, &by(at(6))).await.expect("asked"));
    let suspended = kit.rules().set_user_status(kit.organizer, UserStatus::Suspended, &by(at(7))).await;
    assert!(suspended.expect("set"), "suspending asks for no other orgAdmin");
}
