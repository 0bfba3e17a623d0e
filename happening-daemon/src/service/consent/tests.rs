//! Nobody is a member, an owner or bound by either without having said yes.

use crate::service::testing::{ErasureConflict, RoleChange, Transfer};
use crate::store::contract::kit::{Kit, at, by, new_user, terms};
use crate::store::{Actor, Erasure, NewInvite, NewServiceAccount, NewUser};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::{InviteId, UserId};
use happening_core::wire::{ErrorCode, InviteKind, InviteStatus, Role};

on_every_store!(
    a_role_is_changed_where_there_is_one,
    an_invite_to_an_account_is_nobody_elses,
    who_was_added_inherits_once_they_agreed,
    ownership_is_offered_and_accepted,
    an_offer_ends_with_what_it_rests_on,
    erasure_waits_for_what_was_accepted_alone,
    an_erased_last_org_admin_leaves_an_organization_without_owner,
    a_client_is_asked,
    who_blocked_an_organization_sees_none_of_its_invites,
);

fn invite_to(kit: &Kit, user: UserId, name: &str, role: Role) -> NewInvite {
    let id = kit.ids.invite();
    NewInvite {
        id,
        organization: kit.organization,
        email: format!("{name}@example.org"),
        user: Some(user),
        role,
        invited_by: kit.organizer,
        token_hash: format!("hash of {id}"),
        message: None,
        expires_at: at(1_000),
    }
}

async fn role(kit: &Kit, user: UserId) -> Option<Role> {
    kit.store.find_role(user, kit.organization).await.expect("readable")
}

async fn owner(kit: &Kit) -> Option<UserId> {
    let found = kit.store.find_organization(kit.organization).await.expect("readable");
    found.expect("an organization").owner_id
}

async fn waiting_for(kit: &Kit, user: UserId, email: Option<&str>) -> Vec<InviteId> {
    let waiting = kit.store.list_invites_to(user, email, at(5)).await.expect("readable");
    waiting.into_iter().map(|invite| invite.id).collect()
}

fn erasure(user: UserId) -> Erasure {
    Erasure { user, subject_hash: format!("hash of {user}"), email: None, account: false }
}

async fn a_role_is_changed_where_there_is_one(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let change =
        async |user, to| kit.change_role(kit.organization, user, to, &by(at(3))).await.expect("asked");
    assert_eq!(change(ada, Role::OrgAdmin).await, RoleChange::NoMember);
    assert_eq!(role(&kit, ada).await, None);
    assert_eq!(change(kit.organizer, Role::User).await, RoleChange::LastAdmin);
    assert!(kit.add_member(kit.organization, ada, Role::User, &by(at(2))).await.expect("added"));
    assert_eq!(change(ada, Role::Organizer).await, RoleChange::Done);
    assert_eq!(role(&kit, ada).await, Some(Role::Organizer));
    assert!(kit.remove_member(kit.organization, ada, &by(at(4))).await.expect("removed"));
    assert_eq!(change(ada, Role::User).await, RoleChange::NoMember, "somebody who left is asked again");
}

async fn an_invite_to_an_account_is_nobody_elses(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let twin = NewUser { email: "ada@example.org".to_owned(), ..new_user(kit.ids.user(), "twin") };
    kit.rules().create_user(&twin, None, &by(at(0))).await.expect("a user");
    let invite = invite_to(&kit, ada, "ada", Role::Organizer);
    kit.create_invite(&invite, &by(at(1))).await.expect("an invite");
    assert_eq!(waiting_for(&kit, ada, None).await, [invite.id], "the address need not be proven");
    assert_eq!(waiting_for(&kit, twin.id, Some("ada@example.org")).await, []);
    let open = async |user| {
        kit.store.find_open_invite(kit.organization, user, "ada@example.org", at(5)).await.expect("readable")
    };
    assert_eq!(open(ada).await.map(|open| (open.id, open.user_id)), Some((invite.id, Some(ada))));
    assert_eq!(open(twin.id).await, None);
    let again = kit.create_invite(&invite_to(&kit, ada, "ada", Role::User), &by(at(2))).await;
    assert_eq!(again.expect_err("refused").code, ErrorCode::InvitePending);
    assert!(kit.accept_invite(invite.id, ada, &by(at(3))).await.expect("accepted"));
    assert_eq!((role(&kit, ada).await, open(ada).await), (Some(Role::Organizer), None));
    let member = kit.create_invite(&invite_to(&kit, ada, "other", Role::User), &by(at(4))).await;
    assert_eq!(member.expect_err("refused").code, ErrorCode::AlreadyMember);
    let namesake = invite_to(&kit, twin.id, "twin", Role::User);
    kit.create_invite(&namesake, &by(at(4))).await.expect("another account with the address");
}

/// Who was added by an operator owns nothing by succession, until they accept an invite.
async fn who_was_added_inherits_once_they_agreed(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    assert!(kit.add_member(kit.organization, ada, Role::OrgAdmin, &by(at(2))).await.expect("added"));
    assert!(kit.remove_member(kit.organization, kit.organizer, &by(at(3))).await.expect("left"));
    assert_eq!(owner(&kit).await, None);
    let listed = kit.store.list_organizations_of(ada).await.expect("readable");
    assert_eq!(listed[0].owner_username, None);
    let bo = kit.person("bo").await;
    let invite = invite_to(&kit, bo, "bo", Role::OrgAdmin);
    kit.create_invite(&invite, &by(at(4))).await.expect("an invite");
    assert!(kit.accept_invite(invite.id, bo, &by(at(5))).await.expect("accepted"));
    assert_eq!(owner(&kit).await, Some(bo));
    let listed = kit.store.list_organizations_of(ada).await.expect("readable");
    assert_eq!(listed[0].owner_username.as_deref(), Some("bo"), "what is shown follows");
}

async fn offered(kit: &Kit, heir: UserId, name: &str, invited_by: UserId) -> (Transfer, InviteId) {
    let offer = NewInvite { invited_by, ..invite_to(kit, heir, name, Role::OrgAdmin) };
    let by = Actor { user: Some(invited_by), ..by(at(4)) };
    (kit.offer_organization(&offer, heir, &by).await, offer.id)
}

async fn ownership_is_offered_and_accepted(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    assert_eq!(offered(&kit, ada, "ada", kit.organizer).await.0, Transfer::NoMember);
    for user in [ada, bo] {
        assert!(kit.set_member(kit.organization, user, Role::User, &by(at(2))).await.expect("set"));
    }
    assert_eq!(offered(&kit, ada, "ada", bo).await.0, Transfer::NotTheirs);
    assert_eq!(offered(&kit, kit.organizer, "olga", kit.organizer).await.0, Transfer::Done);
    let (outcome, first) = offered(&kit, ada, "ada", kit.organizer).await;
    assert_eq!((outcome, owner(&kit).await), (Transfer::Made, Some(kit.organizer)), "until she accepts");
    assert_eq!(role(&kit, ada).await, Some(Role::User));
    assert_eq!(offered(&kit, ada, "ada", kit.organizer).await.0, Transfer::Offered, "once");
    // To somebody else: the first offer is over.
    let (outcome, second) = offered(&kit, bo, "bo", kit.organizer).await;
    assert_eq!(outcome, Transfer::Made);
    assert_eq!(kit.store.find_invite(first).await.expect("readable"), None);
    assert!(kit.reject_invite(second, bo, &by(at(5))).await.expect("declined"));
    let (_, third) = offered(&kit, ada, "ada", kit.organizer).await;
    let found = kit.store.find_invite(third).await.expect("readable").expect("an invite");
    assert_eq!((found.kind, found.role), (InviteKind::Ownership, Role::OrgAdmin));
    assert!(kit.accept_invite(third, ada, &by(at(6))).await.expect("accepted"));
    assert_eq!((owner(&kit).await, role(&kit, ada).await), (Some(ada), Some(Role::OrgAdmin)));
    assert_eq!(role(&kit, kit.organizer).await, Some(Role::OrgAdmin), "who gave it away stays orgAdmin");
    assert!(kit.accept_invite(third, ada, &by(at(7))).await.expect("harmless"));
    let found = kit.store.find_invite(third).await.expect("readable").expect("an invite");
    assert_eq!(found.status, InviteStatus::Accepted);
}

async fn an_offer_ends_with_what_it_rests_on(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    for user in [ada, bo] {
        assert!(kit.set_member(kit.organization, user, Role::OrgAdmin, &by(at(2))).await.expect("set"));
    }
    // With the membership of whom it is for.
    let (_, offer) = offered(&kit, ada, "ada", kit.organizer).await;
    assert!(kit.remove_member(kit.organization, ada, &by(at(5))).await.expect("left"));
    assert!(!kit.accept_invite(offer, ada, &by(at(6))).await.expect("asked"));
    assert!(kit.set_member(kit.organization, ada, Role::OrgAdmin, &by(at(7))).await.expect("set"));
    // With the ownership of whom it is from.
    let (_, offer) = offered(&kit, ada, "ada", kit.organizer).await;
    assert!(kit.remove_member(kit.organization, kit.organizer, &by(at(8))).await.expect("left"));
    assert_eq!(owner(&kit).await, Some(bo));
    assert!(!kit.accept_invite(offer, ada, &by(at(9))).await.expect("asked"));
    assert_eq!(owner(&kit).await, Some(bo));
}

/// The organization of Olga, who is gone; Ada came as a user, was made orgAdmin, and inherited it with an event to come.
async fn inherited(db: TestStore) -> (Kit, UserId) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let invite = invite_to(&kit, ada, "ada", Role::User);
    kit.create_invite(&invite, &by(at(1))).await.expect("an invite");
    assert!(kit.accept_invite(invite.id, ada, &by(at(2))).await.expect("accepted"));
    let made = kit.change_role(kit.organization, ada, Role::OrgAdmin, &by(at(3))).await;
    assert_eq!(made.expect("asked"), RoleChange::Done);
    kit.event(terms(5)).await;
    assert!(kit.remove_member(kit.organization, kit.organizer, &by(at(4))).await.expect("left"));
    assert_eq!(owner(&kit).await, Some(ada));
    (kit, ada)
}

async fn erasure_waits_for_what_was_accepted_alone(db: TestStore) {
    let (kit, ada) = inherited(db).await;
    let conflict = async || kit.find_erasure_conflict(ada, at(5)).await.expect("readable");
    assert_eq!(conflict().await, None, "nobody asked her");
    let accepted = "UPDATE organizations SET owner_accepted = TRUE";
    kit.db.execute(accepted).await.expect("changed");
    assert_eq!(conflict().await, Some(ErasureConflict::UpcomingEvents(kit.organization, 1)));
    let bo = kit.person("bo").await;
    assert!(kit.set_member(kit.organization, bo, Role::User, &by(at(5))).await.expect("set"));
    assert_eq!(conflict().await, Some(ErasureConflict::LastOrgAdmin(kit.organization)));
    kit.db.execute("UPDATE organizations SET owner_accepted = FALSE").await.expect("changed");
    assert_eq!(conflict().await, None);
}

async fn an_erased_last_org_admin_leaves_an_organization_without_owner(db: TestStore) {
    let (kit, ada) = inherited(db).await;
    assert_eq!(kit.erase_user(&erasure(ada), &by(at(6))).await.expect("asked"), None);
    let found = kit.store.find_organization(kit.organization).await.expect("readable").expect("there");
    assert_eq!((found.owner_id, found.deleted_at, found.member_count), (None, None, 0));
    // An operator decides.
    let bo = kit.person("bo").await;
    assert!(kit.set_member(kit.organization, bo, Role::OrgAdmin, &by(at(7))).await.expect("set"));
    assert_eq!(owner(&kit).await, Some(bo));
}

async fn a_client_is_asked(db: TestStore) {
    let kit = Kit::new(db).await;
    let name = "service-account-robot";
    let account = NewServiceAccount { client_id: "robot", user: kit.ids.user(), username: name };
    let robot =
        kit.rules().ensure_service_account(kit.organization, account, &by(at(1))).await.expect("known");
    assert_eq!(role(&kit, robot).await, None);
    let invite = NewInvite { email: name.to_owned(), ..invite_to(&kit, robot, "robot", Role::Organizer) };
    kit.create_invite(&invite, &by(at(1))).await.expect("an invite");
    let listed = async || {
        let accounts = kit.store.list_service_accounts(kit.organization).await.expect("readable");
        accounts.into_iter().map(|one| (one.user_id, one.role, one.pending)).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, [(robot, Role::Organizer, true)]);
    assert_eq!(waiting_for(&kit, robot, None).await, [invite.id]);
    assert!(kit.accept_invite(invite.id, robot, &by(at(2))).await.expect("accepted"));
    assert_eq!(listed().await, [(robot, Role::Organizer, false)]);
}

async fn who_blocked_an_organization_sees_none_of_its_invites(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    let invite = invite_to(&kit, ada, "ada", Role::User);
    kit.create_invite(&invite, &by(at(1))).await.expect("an invite");
    let by_address = NewInvite { user: None, ..invite_to(&kit, bo, "bo", Role::User) };
    kit.create_invite(&by_address, &by(at(1))).await.expect("an invite");
    for seconds in [2, 3] {
        kit.block_invites(ada, &by(at(seconds))).await.expect("blocked, once");
    }
    assert_eq!(waiting_for(&kit, ada, Some("ada@example.org")).await, []);
    assert_eq!(waiting_for(&kit, bo, Some("bo@example.org")).await, [by_address.id], "others see theirs");
    let blocks = kit.store.list_invite_blocks(ada).await.expect("readable");
    let listed: Vec<_> = blocks.iter().map(|block| (block.organization_id, block.created_at)).collect();
    assert_eq!(listed, [(kit.organization, at(2))]);
    assert!(kit.unblock_invites(ada, &by(at(3))).await.expect("unblocked"));
    assert!(!kit.unblock_invites(ada, &by(at(3))).await.expect("asked"));
    assert_eq!(waiting_for(&kit, ada, None).await, [invite.id]);
    kit.block_invites(ada, &by(at(4))).await.expect("blocked");
    assert!(kit.accept_invite(invite.id, ada, &by(at(5))).await.expect("accepted by its link"));
    assert_eq!(kit.store.list_invite_blocks(ada).await.expect("readable"), [], "a yes ends it");
    // Nothing of it outlives the person.
    kit.block_invites(ada, &by(at(6))).await.expect("blocked");
    assert_eq!(kit.erase_user(&erasure(ada), &by(at(7))).await.expect("asked"), None);
    assert_eq!(kit.store.list_invite_blocks(ada).await.expect("readable"), []);
}
