//! What an orgAdmin of one organization can do to people who never heard of it.

use super::{Scene, id, refused};
use crate::support::parts::Parts;
use crate::support::people::{join, publish};
use happening_core::id::OrganizationId;
use happening_core::wire::{
    CreateInvite, CreateOrganization, EraseUser, ErrorCode, InviteKind, InviteStatus, Role,
};
use reqwest::Method;
use serde_json::json;

on_both_parts!(
    nobody_becomes_a_member_without_saying_yes,
    nobody_is_bound_by_what_others_made_of_them,
    who_left_is_asked_again,
    never_again_is_not_told,
);

/// An organization of the guest, who is nobody to the people of *Demo*.
async fn elsewhere(scene: &Scene) -> OrganizationId {
    let create = CreateOrganization { name: "Elsewhere".to_owned(), settings: None };
    scene.guest.client.create_organization(&create).await.expect("founded").id
}

async fn nobody_becomes_a_member_without_saying_yes(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (attacker, member, own) = (&scene.guest, &scene.member, elsewhere(&scene).await);
    let path = format!("/organizations/{own}/members/{}", id(member));
    let put = async |role: &str| {
        scene.raw.send(Method::PUT, &path, &attacker.token, json!({ "role": role }).to_string()).await
    };
    let answer = put("orgAdmin").await;
    let asked = answer.json();
    assert_eq!((answer.status, &asked["ok"], &asked["invited"]), (202, &json!(true), &json!(true)));
    assert_eq!(
        (&asked["invite"]["role"], &asked["invite"]["user_id"]),
        (&json!("orgAdmin"), &json!(id(member)))
    );
    assert!(asked["invite"]["token"].is_string(), "{asked}");
    // Nothing of it reaches the person but the invite.
    let listed = member.client.organizations_of(id(member)).await.expect("organizations");
    assert_eq!(listed.len(), 1, "{listed:?}");
    refused(attacker.client.user(id(member)).await, ErrorCode::NotFound);
    let create =
        json!({ "org_id": own, "name": "Noise", "event_date": "2099-01-01T10:00", "total_slots": 5 });
    scene.raw.send(Method::POST, "/events", &attacker.token, create.to_string()).await;
    assert_eq!(
        member
            .client
            .events(None, None)
            .await
            .expect("events")
            .iter()
            .filter(|event| event.org_id == own)
            .count(),
        0
    );
    refused(attacker.client.transfer_organization(own, id(member)).await, ErrorCode::ValidationFailed);
    // Asked twice it is one invite; with another role it is refused as any second invite is.
    let again = put("orgAdmin").await;
    assert_eq!((again.status, &again.json()["invite"]["id"]), (202, &asked["invite"]["id"]));
    assert!(again.json()["invite"]["token"].is_null(), "{}", again.text);
    put("user").await.problem("another role", 400, "invite_pending");
    let waiting = member.client.pending_invites(id(member)).await.expect("a list");
    assert_eq!(
        waiting.iter().map(|one| (one.organization_id, one.kind)).collect::<Vec<_>>(),
        [(own, InviteKind::Membership)]
    );
    refused(scene.organizer.client.accept_invite(waiting[0].id).await, ErrorCode::NotFound);
    member.client.reject_invite(waiting[0].id).await.expect("declined");
    let members = attacker.client.members(own).await.expect("members");
    assert_eq!(members.len(), 1, "{members:?}");
    // The yes makes a member, with the role that was offered.
    join(attacker, member, own, Role::Organizer).await;
    let members = attacker.client.members(own).await.expect("members");
    let role = members.iter().find(|one| one.id == id(member)).map(|one| one.role);
    assert_eq!(role, Some(Role::Organizer));
    let changed = attacker.client.set_member(own, id(member), Role::User).await.expect("a member's role");
    assert!(!changed.invited);
}

/// The attack: orgAdmin, owner, gone. The person is erased all the same.
async fn nobody_is_bound_by_what_others_made_of_them(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (attacker, member, own) = (&scene.guest, &scene.member, elsewhere(&scene).await);
    join(attacker, member, own, Role::User).await;
    attacker.client.set_member(own, id(member), Role::OrgAdmin).await.expect("a member's role");
    let offered = attacker.client.transfer_organization(own, id(member)).await.expect("offered");
    assert_eq!(offered.organization.owner_id, attacker.user, "until they accept");
    let create =
        json!({ "org_id": own, "name": "Noise", "event_date": "2099-01-01T10:00", "total_slots": 5 });
    scene.raw.send(Method::POST, "/events", &attacker.token, create.to_string()).await;
    attacker.client.remove_member(own, id(attacker)).await.expect("left");
    let owned = member.client.organization(own).await.expect("theirs by succession");
    assert_eq!(owned.owner_username.as_deref(), Some("member"));
    let offers = member.client.pending_invites(id(member)).await.expect("a list");
    assert_eq!(offers, [], "the offer went with who made it");
    let event = publish(&scene.organizer, 5).await.id;
    member.client.erase_user(id(member), EraseUser { keycloak_account: false }).await.expect("erased");
    scene.organizer.client.event(event).await.expect("others go on");
    let left = scene.operator.client.organization(own).await.expect("an operator decides");
    assert_eq!((left.owner_id, left.deleted_at, left.member_count), (None, None, 0));
}

async fn who_left_is_asked_again(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (attacker, member, own) = (&scene.guest, &scene.member, elsewhere(&scene).await);
    join(attacker, member, own, Role::User).await;
    member.client.remove_member(own, id(member)).await.expect("left");
    let set = attacker.client.set_member(own, id(member), Role::User).await.expect("asked");
    assert_eq!(set.invite.map(|invite| invite.status), Some(InviteStatus::Pending));
    let listed = member.client.organizations_of(id(member)).await.expect("organizations");
    assert_eq!(listed.len(), 1, "{listed:?}");
}

/// Who declined for good gets no more invites of the organization, and the organization is answered as before.
async fn never_again_is_not_told(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (attacker, member, own) = (&scene.guest, &scene.member, elsewhere(&scene).await);
    let ask = async || attacker.client.set_member(own, id(member), Role::User).await.expect("asked");
    let first = ask().await.invite.expect("an invite");
    member.client.block_invites(first.id).await.expect("declined for good");
    let again = ask().await.invite.expect("an invite");
    assert_eq!((again.status, again.token.is_some()), (InviteStatus::Pending, true), "as any other");
    attacker.client.revoke_invite(again.id).await.expect("revoked");
    let by_address = CreateInvite {
        email: "member@happening.test".to_owned(),
        role: Role::User,
        invited_by: None,
        message: Some("Come!".to_owned()),
        organization_id: Some(own),
    };
    attacker.client.send_invite(&by_address).await.expect("sent as before");
    refused(attacker.client.send_invite(&by_address).await, ErrorCode::InvitePending);
    assert_eq!(member.client.pending_invites(id(member)).await.expect("a list"), []);
    let blocks = member.client.invite_blocks(id(member)).await.expect("a list");
    assert_eq!(blocks.iter().map(|block| block.organization_id).collect::<Vec<_>>(), [own]);
    // Others may still ask, and a change of mind is possible.
    assert_eq!(scene.support.client.invite_blocks(id(member)).await.expect("staff read").len(), 1);
    refused(attacker.client.invite_blocks(id(member)).await, ErrorCode::NotFound);
    member.client.unblock_invites(id(member), own).await.expect("unblocked");
    assert_eq!(member.client.pending_invites(id(member)).await.expect("a list").len(), 1);
}
