//! A suspended organization can be looked at, and not changed.

use super::{Scene, id, refused};
use crate::support::parts::Parts;
use crate::support::people::{book, publish, sign_in};
use crate::support::{Daemon, eventually};
use happening_core::client::ClientError;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{
    BookingStatus, CreateBooking, CreateHold, ErrorCode, OrganizationStatus, UpdateEvent,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

on_both_parts!(
    a_suspended_organization_is_read_only,
    what_is_ones_own_is_given_back_all_the_same,
    only_operators_suspend,
    every_daemon_sees_a_suspension,
);

async fn suspend(scene: &Scene, status: OrganizationStatus) {
    let set = scene.operator.client.set_organization_status(scene.organization, status).await.expect("set");
    assert_eq!(set.status, status);
}

async fn a_suspended_organization_is_read_only(parts: Parts) {
    let scene = Scene::set(parts).await;
    let event = publish(&scene.organizer, 5).await.id;
    let booking = book(&scene.member, event, 2).await.id;
    let wish = CreateHold { seats: Some(vec![4]), ..CreateHold::default() };
    let hold = scene.member.client.create_hold(event, &wish).await.expect("a hold").hold_token;
    suspend(&scene, OrganizationStatus::Suspended).await;
    let organization = scene.organization;
    let (admin, own) = (&scene.admin.token, &scene.member.token);
    let writes = writes(&scene, event, booking, hold);
    for (method, path, token, body) in &writes {
        let answer = scene.raw.send(method.clone(), path, token, body.to_string()).await;
        answer.problem(&format!("{method} {path}"), 409, "organization_suspended");
    }
    // Support acts on bookings, but not here; an operator does.
    let acting = scene.support.client.cancel_booking(booking).await;
    refused(acting, ErrorCode::OrganizationSuspended);
    let larger = UpdateEvent { total_slots: Some(6), ..UpdateEvent::default() };
    scene.operator.client.update_event(event, &larger).await.expect("operators go on");

    for (path, token) in [
        ("/events".to_owned(), own),
        (format!("/events/{event}/seats"), own),
        (format!("/bookings/{booking}"), own),
        (format!("/organizations/{organization}"), own),
        (format!("/organizations/{organization}/members"), own),
        (format!("/organizations/{organization}/audit"), admin),
    ] {
        assert_eq!(scene.raw.get(&path, token).await.status, 200, "{path}: reads go on");
    }
    assert!(scene.member.client.release_hold(event, hold).await.expect("given back").ok);
    suspend(&scene, OrganizationStatus::Active).await;
    book(&scene.member, event, 1).await;
    scene.member.client.cancel_booking(booking).await.expect("as before");
}

async fn what_is_ones_own_is_given_back_all_the_same(parts: Parts) {
    let scene = Scene::set(parts).await;
    let event = publish(&scene.organizer, 5).await.id;
    let (whole, some) = (book(&scene.member, event, 2).await.id, book(&scene.member, event, 3).await);
    let waiting = book(&scene.member, event, 1).await;
    assert_eq!(waiting.status, BookingStatus::Waiting);
    suspend(&scene, OrganizationStatus::Suspended).await;
    let leave = format!("/bookings/{}/cancel?only_waiting=true", waiting.id);
    let cancel_seats = format!("/bookings/{}/cancel-seats", some.id);
    let seat = json!({ "seat_numbers": [some.assigned_seats.expect("seats")[0]] });
    for (path, body) in
        [(leave, Value::Null), (cancel_seats, seat), (format!("/bookings/{whole}/cancel"), Value::Null)]
    {
        let tried = scene
            .raw
            .send(
                Method::POST,
                &format!("{path}{}dry_run=true", if path.contains('?') { '&' } else { '?' }),
                &scene.member.token,
                body.to_string(),
            )
            .await;
        tried.ok();
        scene.raw.send(Method::POST, &path, &scene.member.token, body.to_string()).await.ok();
    }
    let map = scene.member.client.seats(event).await.expect("seats");
    assert_eq!((map.taken.len(), map.event.expect("the event").waiting), (2, 0));
    let again = scene.member.client.create_booking(&CreateBooking::any(event, 1)).await;
    refused(again, ErrorCode::OrganizationSuspended);
}

/// Everything that changes something, by somebody who may.
fn writes(
    scene: &Scene,
    event: EventId,
    booking: BookingId,
    hold: Uuid,
) -> Vec<(Method, String, &str, Value)> {
    let organization = scene.organization;
    let (member, guest) = (id(&scene.member), id(&scene.guest));
    let create =
        json!({ "org_id": organization, "name": "N", "event_date": "2099-01-01T10:00", "total_slots": 5 });
    let (admin, own) = (&scene.admin.token, &scene.member.token);
    vec![
        (Method::POST, "/events".to_owned(), admin, create),
        (Method::PUT, format!("/events/{event}"), admin, json!({ "name": "Other" })),
        (
            Method::POST,
            format!("/events/{event}/reassign"),
            admin,
            json!({ "new_created_by": id(&scene.admin) }),
        ),
        (Method::DELETE, format!("/events/{event}"), admin, Value::Null),
        (Method::POST, "/bookings".to_owned(), own, json!({ "event_id": event, "seats": 1 })),
        (Method::POST, format!("/events/{event}/holds"), own, json!({ "seats": [5] })),
        (Method::PUT, format!("/events/{event}/holds/{hold}"), own, Value::Null),
        (Method::POST, format!("/bookings/{booking}/cancel"), admin, Value::Null),
        (Method::POST, format!("/bookings/{booking}/cancel-seats"), admin, json!({ "seat_numbers": [1] })),
        (Method::POST, format!("/bookings/{booking}/move"), own, json!({ "seat_numbers": [2] })),
        (Method::PUT, format!("/organizations/{organization}"), admin, json!({ "name": "Other" })),
        (Method::DELETE, format!("/organizations/{organization}?force=true"), admin, Value::Null),
        (
            Method::POST,
            format!("/organizations/{organization}/transfer"),
            admin,
            json!({ "user_id": member }),
        ),
        (
            Method::PUT,
            format!("/organizations/{organization}/members/{guest}"),
            admin,
            json!({ "role": "user" }),
        ),
        (Method::DELETE, format!("/organizations/{organization}/members/{member}"), admin, Value::Null),
        (Method::DELETE, format!("/organizations/{organization}/members/{member}"), own, Value::Null),
        (
            Method::POST,
            format!("/organizations/{organization}/service-accounts"),
            admin,
            json!({ "client_id": "happening-ci", "role": "user" }),
        ),
        (
            Method::DELETE,
            format!("/organizations/{organization}/service-accounts/happening-ci"),
            admin,
            Value::Null,
        ),
    ]
}

async fn only_operators_suspend(parts: Parts) {
    let scene = Scene::set(parts).await;
    let suspended = OrganizationStatus::Suspended;
    for (person, code) in [
        (&scene.admin, ErrorCode::Forbidden),
        (&scene.support, ErrorCode::Forbidden),
        (&scene.member, ErrorCode::Forbidden),
        (&scene.guest, ErrorCode::NotFound),
    ] {
        refused(person.client.set_organization_status(scene.organization, suspended).await, code);
    }
    let unknown = happening_core::id::OrganizationId(happening_daemon::ids::Ids::default().uuid());
    refused(scene.operator.client.set_organization_status(unknown, suspended).await, ErrorCode::NotFound);
    book(&scene.member, publish(&scene.organizer, 5).await.id, 1).await;
}

/// Within five seconds, without asking the store for each booking. (SQLite serves one daemon, which sees it at once.)
async fn every_daemon_sees_a_suspension(parts: Parts) {
    let scene = Scene::set(parts).await;
    let event = publish(&scene.organizer, 50).await.id;
    let other = match scene.parts.stack() {
        Some(_) => Some(Daemon::start(&scene.parts).await),
        None => None,
    };
    let member = sign_in(other.as_ref().unwrap_or(&scene.daemon), "member").await;
    book(&member, event, 1).await;
    suspend(&scene, OrganizationStatus::Suspended).await;
    let booking = CreateBooking::any(event, 1);
    let is =
        |answer: &Result<_, ClientError>, code| answer.as_ref().err().and_then(ClientError::code) == code;
    let refused = || async {
        is(&member.client.create_booking(&booking).await, Some(ErrorCode::OrganizationSuspended))
    };
    let patience = if other.is_some() { Duration::from_secs(6) } else { Duration::from_millis(1) };
    eventually("the suspension is seen", patience, refused).await;
    suspend(&scene, OrganizationStatus::Active).await;
    let booked = || async { is(&member.client.create_booking(&booking).await, None) };
    eventually("its end is seen", patience, booked).await;
}
