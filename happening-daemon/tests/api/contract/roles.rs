//! Who may do what in an organization.

use crate::raw::Raw;
use crate::support::parts::Parts;
use crate::support::people::{Signed, demo_organization, publish, sign_in};
use crate::support::{Daemon, refused};
use happening_core::wire::{CreateBooking, ErrorCode, ReassignEvent, Role, UpdateEvent};
use reqwest::Method;
use serde_json::json;

on_both_parts!(
    events_are_handed_over_by_org_admins_to_organizers,
    organizers_run_their_own_events_and_org_admins_all,
    roles_count_from_the_moment_they_are_given,
    the_last_org_admin_stays,
);

async fn events_are_handed_over_by_org_admins_to_organizers(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, admin) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "admin").await);
    let member = sign_in(&daemon, "member").await;
    let guest = sign_in(&daemon, "guest").await;
    let event = publish(&organizer, 5).await;
    let to =
        |person: &Signed| ReassignEvent { new_created_by: person.user.expect("a user"), requested_by: None };
    refused(organizer.client.reassign_event(event.id, &to(&admin)).await, ErrorCode::Forbidden);
    refused(admin.client.reassign_event(event.id, &to(&member)).await, ErrorCode::ValidationFailed);
    refused(admin.client.reassign_event(event.id, &to(&guest)).await, ErrorCode::ValidationFailed);
    let handed = ReassignEvent { requested_by: admin.user, ..to(&admin) };
    let handed = admin.client.reassign_event(event.id, &handed).await.expect("handed over");
    assert_eq!(Some(handed.created_by), admin.user);
    assert_eq!(handed.organizer_username.as_deref(), Some("admin"));
    assert_eq!(handed.name, event.name, "nothing else changes");
    refused(organizer.client.update_event(event.id, &UpdateEvent::default()).await, ErrorCode::Forbidden);
    let back = admin.client.reassign_event(event.id, &to(&organizer)).await.expect("handed back");
    assert_eq!(Some(back.created_by), organizer.user);
    organizer.client.update_event(event.id, &UpdateEvent::default()).await.expect("one's own again");
}

async fn organizers_run_their_own_events_and_org_admins_all(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, admin) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "admin").await);
    let (of_admin, of_organizer) = (publish(&admin, 5).await, publish(&organizer, 5).await);
    let larger = UpdateEvent { total_slots: Some(6), ..UpdateEvent::default() };
    refused(organizer.client.update_event(of_admin.id, &larger).await, ErrorCode::Forbidden);
    refused(organizer.client.delete_event(of_admin.id).await, ErrorCode::Forbidden);
    refused(organizer.client.waitlist(of_admin.id).await, ErrorCode::Forbidden);
    admin.client.update_event(of_organizer.id, &larger).await.expect("an orgAdmin runs every event");
    admin.client.delete_event(of_organizer.id).await.expect("an orgAdmin runs every event");
    let operator = sign_in(&daemon, "operator").await;
    operator.client.update_event(of_admin.id, &larger).await.expect("an operator does everything");
    let support = sign_in(&daemon, "support").await;
    support.client.waitlist(of_admin.id).await.expect("the support reads everything");
    refused(support.client.update_event(of_admin.id, &larger).await, ErrorCode::Forbidden);
}

async fn roles_count_from_the_moment_they_are_given(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin) = (Raw::new(&daemon), sign_in(&daemon, "admin").await);
    let guest = sign_in(&daemon, "guest").await;
    let organization = demo_organization(&admin).await;
    let event = publish(&admin, 5).await.id;
    let me = guest.user.expect("a user");
    let create =
        json!({ "org_id": organization, "name": "N", "event_date": "2099-01-01T10:00", "total_slots": 5 });
    let publishes = || raw.send(Method::POST, "/events", &guest.token, create.to_string());
    publishes().await.problem("a stranger", 404, "not_found");
    let asked = admin.client.set_member(organization, me, Role::User).await.expect("asked");
    publishes().await.problem("a stranger until they accept", 404, "not_found");
    guest.client.accept_invite(asked.invite.expect("an invite").id).await.expect("a member");
    publishes().await.problem("a user", 403, "forbidden");
    let booking = CreateBooking::any(event, 1);
    guest.client.create_booking(&booking).await.expect("members book");
    admin.client.set_member(organization, me, Role::Organizer).await.expect("an organizer");
    assert_eq!(publishes().await.status, 201, "an organizer");
    admin.client.remove_member(organization, me).await.expect("removed");
    publishes().await.problem("a stranger again", 404, "not_found");
    refused(guest.client.create_booking(&booking).await, ErrorCode::NotFound);
    let unknown = format!("/organizations/{organization}/members/{me}");
    let body = json!({ "role": "emperor" }).to_string();
    raw.send(Method::PUT, &unknown, &admin.token, body).await.problem("no role", 400, "validation_failed");
}

async fn the_last_org_admin_stays(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (admin, organizer) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "organizer").await);
    let organization = demo_organization(&admin).await;
    let (first, second) = (admin.user.expect("a user"), organizer.user.expect("a user"));
    refused(admin.client.remove_member(organization, first).await, ErrorCode::LastOrgAdmin);
    refused(admin.client.set_member(organization, first, Role::User).await, ErrorCode::LastOrgAdmin);
    admin.client.set_member(organization, second, Role::OrgAdmin).await.expect("a second one");
    // Both step down at once: one of them is the last.
    let down = [
        admin.client.set_member(organization, first, Role::Organizer),
        organizer.client.set_member(organization, second, Role::Organizer),
    ];
    let stepped = futures::future::join_all(down).await;
    assert_eq!(stepped.iter().filter(|answer| answer.is_ok()).count(), 1, "{stepped:?}");
    let members = admin.client.members(organization).await.expect("members");
    assert_eq!(members.iter().filter(|member| member.role == Role::OrgAdmin).count(), 1);
}
