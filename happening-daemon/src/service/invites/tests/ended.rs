//! An open invite does not outlive what its person is: whoever comes, goes or gets another role has none any more.

use crate::store::contract::kit::{Kit, at, by, new_user};
use crate::store::{Actor, NewInvite, NewUser};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::{InviteId, UserId};
use happening_core::wire::{AuditQuery, ErrorCode, InviteStatus, Role};

on_every_store!(
    becoming_a_member_ends_an_open_invite,
    another_role_ends_an_open_invite,
    ceasing_to_be_a_member_ends_an_open_invite,
    accepting_ends_an_invite_to_another_address_of_theirs,
    a_member_is_not_invited_again,
);

/// Somebody whose address is not written in small letters. Of its letters those of ASCII are folded, and no others.
async fn person(kit: &Kit) -> UserId {
    let new = NewUser { email: "ÄDA@Example.org".to_owned(), ..new_user(kit.ids.user(), "ada") };
    kit.rules().create_user(&new, None, &by(at(0))).await.expect("a user");
    new.id
}

async fn invite(kit: &Kit, email: &str) -> InviteId {
    let id = kit.ids.invite();
    let new = NewInvite {
        id,
        organization: kit.organization,
        email: email.to_owned(),
        user: None,
        role: Role::OrgAdmin,
        invited_by: kit.organizer,
        token_hash: format!("hash of {id}"),
        message: None,
        expires_at: at(100),
    };
    kit.create_invite(&new, &by(at(1))).await.expect("an invite");
    id
}

/// An invite to the address that is known of Ada as of now: she had another one when it was sent.
async fn invite_member(kit: &Kit) -> InviteId {
    let set = "UPDATE users SET email = 'old@example.org' WHERE username = 'ada'";
    kit.db.execute(set).await.expect("another address");
    let id = invite(kit, "Äda@example.org").await;
    let set = "UPDATE users SET email = 'Äda@example.org' WHERE username = 'ada'";
    kit.db.execute(set).await.expect("the new one");
    id
}

async fn set(kit: &Kit, user: UserId, role: Role) {
    let by = Actor { user: Some(kit.organizer), ..by(at(5)) };
    assert!(kit.set_member(kit.organization, user, role, &by).await.expect("set"));
}

/// It is gone, and the log says so.
async fn is_taken_back(kit: &Kit, invite: InviteId) {
    assert_eq!(kit.store.find_invite(invite).await.expect("readable"), None);
    let query = AuditQuery { target: Some(invite.to_string()), ..AuditQuery::default() };
    let log = kit.store.list_audit(Some(kit.organization), &query).await.expect("readable");
    let actions: Vec<_> = log.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["invite.revoked", "invite.sent"]);
}

async fn becoming_a_member_ends_an_open_invite(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = person(&kit).await;
    let (hers, other) = (invite(&kit, "Äda@example.org").await, invite(&kit, "bert@example.org").await);
    set(&kit, ada, Role::User).await;
    is_taken_back(&kit, hers).await;
    assert!(kit.store.find_invite(other).await.expect("readable").is_some(), "others wait");
    assert!(kit.remove_member(kit.organization, ada, &by(at(6))).await.expect("removed"));
    assert!(!kit.accept_invite(hers, ada, &by(at(7))).await.expect("asked"));
    assert_eq!(kit.store.find_role(ada, kit.organization).await.expect("readable"), None);
}

async fn another_role_ends_an_open_invite(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = person(&kit).await;
    set(&kit, ada, Role::Organizer).await;
    let offered = invite_member(&kit).await;
    set(&kit, ada, Role::Organizer).await;
    assert!(kit.store.find_invite(offered).await.expect("readable").is_some(), "nothing changes");
    set(&kit, ada, Role::User).await;
    is_taken_back(&kit, offered).await;
}

async fn ceasing_to_be_a_member_ends_an_open_invite(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = person(&kit).await;
    set(&kit, ada, Role::User).await;
    let offered = invite_member(&kit).await;
    assert!(kit.remove_member(kit.organization, ada, &by(at(6))).await.expect("removed"));
    is_taken_back(&kit, offered).await;
}

async fn accepting_ends_an_invite_to_another_address_of_theirs(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = person(&kit).await;
    let (taken, other) = (invite(&kit, "ada@elsewhere.org").await, invite(&kit, "Äda@example.org").await);
    assert!(kit.accept_invite(taken, ada, &by(at(5))).await.expect("accepted"));
    is_taken_back(&kit, other).await;
    let accepted = kit.store.find_invite(taken).await.expect("readable").expect("an invite");
    assert_eq!(accepted.status, InviteStatus::Accepted);
}

async fn a_member_is_not_invited_again(db: TestStore) {
    let kit = Kit::new(db).await;
    let bo = kit.person("bo").await;
    let id = invite(&kit, "bo@example.org").await;
    kit.store.expire_invites(at(100)).await.expect("expired");
    assert!(kit.set_member(kit.organization, bo, Role::User, &by(at(101))).await.expect("set"));
    let renewed = kit.resend_invite(id, "another", &by(at(4_102))).await;
    assert_eq!(renewed.expect_err("refused").code, ErrorCode::AlreadyMember);
    let found = kit.store.find_invite(id).await.expect("readable").expect("an invite");
    assert_eq!((found.status, found.expires_at), (InviteStatus::Expired, at(100)), "nothing is changed");
    assert!(kit.remove_member(kit.organization, bo, &by(at(103))).await.expect("removed"));
    assert!(kit.resend_invite(id, "another", &by(at(4_104))).await.expect("renewed"));
}
