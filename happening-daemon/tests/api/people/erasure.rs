//! What people may ask for: all that is stored about them, and to be forgotten.

use super::{first_sign_in, id, refused};
use crate::raw::Raw;
use crate::support::Daemon;
use crate::support::books::Books;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, demo_organization, publish, sign_in};
use happening_core::wire::{AuditQuery, BookingStatus, CreateInvite, EraseUser, ErrorCode, Role, UserStatus};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

on_both_parts!(
    the_export_is_one_document_for_oneself_and_operators,
    an_erased_persons_seats_come_free_and_nothing_names_them,
    a_token_from_before_the_erasure_makes_nobody,
    the_last_org_admin_of_others_loses_nothing,
    only_oneself_and_operators_erase,
    whoever_was_suspended_comes_back_suspended,
    what_was_offered_to_them_is_taken_back_and_written_down,
);

const ERASE: EraseUser = EraseUser { keycloak_account: false };

async fn the_export_is_one_document_for_oneself_and_operators(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, organizer, member) =
        (Raw::new(&daemon), sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 5).await;
    let booking = book(&member, event.id, 2).await;
    book(&organizer, event.id, 1).await;
    let shown = raw.get(&format!("/users/{}/export", id(&member)), &member.token).await.ok();
    for list in [
        "memberships",
        "events",
        "bookings",
        "notifications",
        "invites_sent",
        "invites_received",
        "audit",
        "audit_about",
    ] {
        assert!(shown[list].is_array(), "{list}: {shown}");
    }
    let data = member.client.export_user(id(&member)).await.expect("one's own");
    assert_eq!((data.user.username.as_str(), data.user.email.as_str()), ("member", "member@happening.test"));
    assert_eq!(data.memberships.iter().map(|one| one.role).collect::<Vec<_>>(), [Role::User]);
    assert_eq!(data.bookings.len(), 1);
    assert_eq!((data.bookings[0].booking.booking_id, data.bookings[0].seat_numbers.len()), (booking.id, 2));
    assert_eq!(data.bookings[0].history.len(), 1);
    assert_eq!(data.notifications.len(), 1);
    assert!(data.audit.iter().any(|entry| entry.action == "user.exported"), "the one before");
    assert_eq!(data.events, []);
    let told: Vec<_> = data.audit_about.iter().map(|entry| entry.action.as_str()).collect();
    assert!(told.contains(&"member.added"), "{told:?}");
    let data = organizer.client.export_user(id(&organizer)).await.expect("one's own");
    assert!(data.events.iter().any(|one| one.id == event.id), "what they organize");
    let operator = sign_in(&daemon, "operator").await;
    operator.client.export_user(id(&member)).await.expect("operators may");
    let data = member.client.export_user(id(&member)).await.expect("one's own");
    let latest = &data.audit_about[0];
    assert_eq!((latest.action.as_str(), latest.actor_id), ("user.exported", operator.user));
    assert_eq!((&latest.address, &latest.request_id), (&None, &None), "from where is the operator's");
    for (name, code) in [
        ("support", ErrorCode::Forbidden),
        ("admin", ErrorCode::Forbidden),
        ("organizer", ErrorCode::NotFound),
        ("guest", ErrorCode::NotFound),
    ] {
        let other = sign_in(&daemon, name).await;
        refused(other.client.export_user(id(&member)).await, code);
    }
}

async fn an_erased_persons_seats_come_free_and_nothing_names_them(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, organizer, member) =
        (Raw::new(&daemon), sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let (event, other) = (publish(&organizer, 2).await.id, publish(&organizer, 2).await.id);
    let past = publish(&organizer, 6).await.id;
    let kept = book(&member, past, 3).await;
    book(&member, event, 2).await;
    let next = book(&organizer, event, 2).await;
    book(&organizer, other, 2).await;
    book(&member, other, 1).await;
    // It is over: the only one with six seats.
    parts.execute("UPDATE events SET status = 'completed' WHERE total_slots = 6").await;
    let me = id(&member);
    member.client.erase_user(me, ERASE).await.expect("erased");

    let promoted = organizer.client.booking(next.id).await.expect("a booking");
    assert_eq!(promoted.status, BookingStatus::Confirmed, "who waited has the seats");
    assert_eq!(organizer.client.waitlist(other).await.expect("the waitlist"), []);
    let stays = organizer.client.booking(kept.id).await.expect("what is past stays");
    assert_eq!((stays.status, stays.seats), (BookingStatus::Confirmed, 3));
    Books::of(&parts).await.audit();

    raw.get("/events", &member.token).await.problem("the old token", 403, "forbidden");
    let operator = sign_in(&daemon, "operator").await;
    refused(operator.client.user(me).await, ErrorCode::NotFound);
    refused(operator.client.export_user(me).await, ErrorCode::NotFound);
    refused(operator.client.erase_user(me, ERASE).await, ErrorCode::NotFound);
    assert_eq!(operator.client.search_users("member").await.expect("a search"), []);
    let demo = demo_organization(&organizer).await;
    let members = organizer.client.members(demo).await.expect("members");
    assert!(members.iter().all(|one| one.id != me), "{members:?}");
    refused(operator.client.set_member(demo, me, Role::User).await, ErrorCode::NotFound);
}

async fn a_token_from_before_the_erasure_makes_nobody(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, guest) = (Raw::new(&daemon), sign_in(&daemon, "guest").await);
    let me = id(&guest);
    guest.client.erase_user(me, ERASE).await.expect("erased");
    let look = format!("/users?keycloak_id={}", guest.subject);
    raw.get(&look, &guest.token).await.problem("a look", 403, "forbidden");
    let create = first_sign_in(&guest, "guest@happening.test");
    refused(guest.client.sign_up(&create).await, ErrorCode::Forbidden);
    refused(guest.client.events(None, None).await, ErrorCode::Forbidden);
    // `iat` is in whole seconds.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let anew = sign_in(&daemon, "guest").await;
    assert_eq!(anew.user, None, "nobody knows them");
    let signed_up = anew.client.sign_up(&create).await.expect("signed up");
    assert_ne!(signed_up.id, me, "somebody new");
    refused(guest.client.erase_user(me, ERASE).await, ErrorCode::NotFound);
}

async fn the_last_org_admin_of_others_loses_nothing(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin, organizer) =
        (Raw::new(&daemon), sign_in(&daemon, "admin").await, sign_in(&daemon, "organizer").await);
    let event = publish(&organizer, 5).await.id;
    let booking = book(&admin, event, 1).await;
    let path = format!("/users/{}/erase", id(&admin));
    let refusal =
        raw.send(Method::POST, &path, &admin.token, "{}").await.problem("the last", 409, "last_org_admin");
    let demo = demo_organization(&admin).await;
    assert_eq!(refusal["organization_id"], json!(demo));
    let stays = admin.client.booking(booking.id).await.expect("a booking");
    assert_eq!(stays.status, BookingStatus::Confirmed);
    admin.client.set_member(demo, id(&organizer), Role::OrgAdmin).await.expect("another one");
    admin.client.erase_user(id(&admin), ERASE).await.expect("erased");
    assert_eq!(organizer.client.event(event).await.expect("the event").available_slots, 5);
    let (who, told) = alone_with_an_event(&daemon).await;
    let path = format!("/users/{}/erase", id(&who));
    let refusal =
        raw.send(Method::POST, &path, &who.token, "{}").await.problem("events", 409, "upcoming_events");
    assert_eq!((&refusal["organization_id"], &refusal["upcoming_events"]), (&json!(told), &json!(1)));
}

/// The guest, with an organization of their own and an event in it.
async fn alone_with_an_event(daemon: &Daemon) -> (Signed, happening_core::id::OrganizationId) {
    let guest = sign_in(daemon, "guest").await;
    let create = happening_core::wire::CreateOrganization { name: "Mine".to_owned(), settings: None };
    let own = guest.client.create_organization(&create).await.expect("founded").id;
    let create = json!({ "org_id": own, "name": "Mine", "event_date": "2099-01-01T10:00", "total_slots": 5 })
        .to_string();
    let made = Raw::new(daemon).send(Method::POST, "/events", &guest.token, create).await;
    assert_eq!(made.status, 201, "{}", made.text);
    (guest, own)
}

async fn only_oneself_and_operators_erase(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, member) = (Raw::new(&daemon), sign_in(&daemon, "member").await);
    let me = id(&member);
    for (name, code) in [
        ("support", ErrorCode::Forbidden),
        ("admin", ErrorCode::Forbidden),
        ("organizer", ErrorCode::NotFound),
        ("guest", ErrorCode::NotFound),
    ] {
        let other = sign_in(&daemon, name).await;
        refused(other.client.erase_user(me, ERASE).await, code);
    }
    let path = format!("/users/{me}/erase");
    let odd = json!({ "keycloak_account": "yes" }).to_string();
    raw.send(Method::POST, &path, &member.token, odd).await.problem("no bool", 400, "validation_failed");
    member.client.user(me).await.expect("still there");
    let operator = sign_in(&daemon, "operator").await;
    operator.client.erase_user(me, ERASE).await.expect("operators may");
    refused(member.client.user(me).await, ErrorCode::Forbidden);
}

async fn whoever_was_suspended_comes_back_suspended(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (guest, operator) = (sign_in(&daemon, "guest").await, sign_in(&daemon, "operator").await);
    operator.client.set_user_status(id(&guest), UserStatus::Suspended).await.expect("suspended");
    operator.client.erase_user(id(&guest), ERASE).await.expect("erased");
    // `iat` is in whole seconds.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let anew = sign_in(&daemon, "guest").await;
    let create = first_sign_in(&anew, "guest@happening.test");
    for _ in 0..2 {
        refused(anew.client.sign_up(&create).await, ErrorCode::Forbidden);
    }
    refused(anew.client.events(None, None).await, ErrorCode::Forbidden);
    let known = operator.client.user_by_subject(&anew.subject).await.expect("a look").expect("a user");
    assert_eq!(known.status, UserStatus::Suspended);
    operator.client.set_user_status(known.id, UserStatus::Active).await.expect("let in again");
    assert_eq!(anew.client.sign_up(&create).await.expect("welcome back").id, known.id);
}

async fn what_was_offered_to_them_is_taken_back_and_written_down(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (admin, guest) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "guest").await);
    let create = CreateInvite {
        email: "guest@happening.test".to_owned(),
        role: Role::User,
        invited_by: None,
        message: None,
        organization_id: None,
    };
    let invite = admin.client.send_invite(&create).await.expect("an invite").invite;
    guest.client.erase_user(id(&guest), ERASE).await.expect("erased");
    let demo = demo_organization(&admin).await;
    assert_eq!(admin.client.invites_of(demo).await.expect("a list"), []);
    let query = AuditQuery { target: Some(invite.id.to_string()), ..AuditQuery::default() };
    let log = admin.client.audit_of(demo, &query).await.expect("audit").items;
    let written: Vec<_> = log.iter().map(|entry| (entry.action.as_str(), entry.actor_id)).collect();
    assert_eq!(written, [("invite.revoked", guest.user), ("invite.sent", admin.user)]);
}
