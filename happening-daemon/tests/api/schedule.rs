//! When events take place: they begin and end by themselves, and take bookings for as long as their organizer says.

use crate::raw::Raw;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, demo_organization, event_of, publish, sign_in};
use crate::support::{Daemon, eventually, refused};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use happening_core::clock::Clock;
use happening_core::wire::{
    AuditQuery, BookingStatus, CreateBooking, CreateEvent, ErrorCode, Event, EventStatus, UpdateEvent,
    UpdateOrganization, UpdateSettings,
};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

on_both_parts!(
    events_begin_and_end_by_themselves,
    bookings_are_taken_until_they_close,
    an_event_ends_after_the_length_of_its_organizations_events,
);

/// The housekeeping looks every ten seconds.
const SOON: Duration = Duration::from_secs(40);

fn in_minutes(minutes: i64) -> String {
    (Clock::system().now() + TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

async fn create(organizer: &Signed, change: impl FnOnce(&mut CreateEvent)) -> Event {
    let mut create = event_of(demo_organization(organizer).await, "Evening".to_owned(), 3);
    change(&mut create);
    organizer.client.create_event(&create).await.expect("an event")
}

async fn events_begin_and_end_by_themselves(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, admin) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "admin").await);
    // Events that nobody can read, since a seat beyond their capacity is booked, hold up no other.
    let a_minute_ago = in_minutes(-1).replace('Z', "+00:00");
    let by_hand = format!(
        "UPDATE events SET total_slots = 2, version = version + 1, event_date = '{a_minute_ago}' WHERE id = {{id}}"
    );
    for _ in 0..12 {
        let broken = publish(&organizer, 3).await.id;
        book(&organizer, broken, 3).await;
        parts.by_hand(&by_hand, broken.0).await;
    }
    let going = create(&organizer, |event| {
        event.event_date = in_minutes(-30);
        event.event_end = Some(in_minutes(30));
    })
    .await;
    let over = create(&organizer, |event| {
        event.event_date = in_minutes(-30);
        event.event_end = Some(in_minutes(-10));
    })
    .await;
    let next = publish(&organizer, 1).await;
    let expected = [
        (going.id, EventStatus::Ongoing),
        (over.id, EventStatus::Completed),
        (next.id, EventStatus::Upcoming),
    ];
    for (event, status) in expected {
        let is_so = || async { organizer.client.event(event).await.expect("an event").status == status };
        eventually(&format!("it is {status}"), SOON, is_so).await;
    }
    let audit = admin.client.audit_of(going.org_id, &AuditQuery::default()).await.expect("the audit log");
    let of = |event: &Event| {
        let line = audit
            .items
            .iter()
            .find(|line| line.action == "event.updated" && line.target.id == event.id.to_string());
        let line = line.expect("a line");
        (line.actor_id, line.old.clone(), line.new.clone())
    };
    let upcoming = Some(json!({ "status": "upcoming" }));
    assert_eq!(of(&going), (None, upcoming.clone(), Some(json!({ "status": "ongoing" }))));
    assert_eq!(of(&over), (None, upcoming, Some(json!({ "status": "completed" }))));
}

async fn bookings_are_taken_until_they_close(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, mia) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let (raw, now) = (Raw::new(&daemon), Clock::system().now());
    let begun = create(&organizer, |event| event.event_date = in_minutes(-30)).await;
    let early = create(&organizer, |event| event.bookings_close_at = Some(in_minutes(-1))).await;
    let late = create(&organizer, |event| {
        event.event_date = in_minutes(-30);
        event.bookings_close_at = Some(in_minutes(30));
    })
    .await;
    for event in [&begun, &early] {
        refused(mia.client.create_booking(&CreateBooking::any(event.id, 1)).await, ErrorCode::EventClosed);
        let hold = json!({ "seats": [1] }).to_string();
        let answer = raw.send(Method::POST, &format!("/events/{}/holds", event.id), &mia.token, hold).await;
        answer.problem("a hold", 409, "event_closed");
    }
    let seated = book(&mia, late.id, 3).await;
    let waits = book(&organizer, late.id, 1).await;
    mia.client.cancel_booking(seated.id).await.expect("cancelled");
    let served = organizer.client.booking(waits.id).await.expect("a booking");
    assert_eq!(
        served.status,
        BookingStatus::Confirmed,
        "for as long as it takes bookings it serves who waits"
    );

    // Who says that an event goes on takes bookings until it ends, as before there were ends.
    let ongoing = UpdateEvent { status: Some(EventStatus::Ongoing), ..UpdateEvent::default() };
    let goes_on = organizer.client.update_event(begun.id, &ongoing).await.expect("updated");
    assert_eq!(goes_on.bookings_close_at, goes_on.event_end);
    assert!(goes_on.event_end.is_some_and(|end| end > now));
    assert_eq!(book(&mia, begun.id, 1).await.status, BookingStatus::Confirmed);
    let closed = UpdateEvent { bookings_close_at: Some(None), ..UpdateEvent::default() };
    organizer.client.update_event(begun.id, &closed).await.expect("updated");
    refused(mia.client.create_booking(&CreateBooking::any(begun.id, 1)).await, ErrorCode::EventClosed);
}

async fn an_event_ends_after_the_length_of_its_organizations_events(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, admin) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "admin").await);
    let organization = demo_organization(&admin).await;
    let length = |event: &Event| event.event_end.expect("an end") - event.event_date;
    assert_eq!(length(&create(&organizer, |_| ()).await), TimeDelta::hours(8));
    let settings = UpdateSettings { event_minutes: Some(Some(90)), ..UpdateSettings::default() };
    let update = UpdateOrganization { settings: Some(settings), ..UpdateOrganization::default() };
    admin.client.update_organization(organization, &update).await.expect("updated");
    let event = create(&organizer, |_| ()).await;
    assert_eq!(length(&event), TimeDelta::minutes(90));

    let moved = UpdateEvent { event_date: Some("2099-12-02T10:00:00Z".into()), ..UpdateEvent::default() };
    let moved = organizer.client.update_event(event.id, &moved).await.expect("updated");
    let end: DateTime<Utc> = "2099-12-02T11:30:00Z".parse().expect("a date");
    assert_eq!(moved.event_end, Some(end), "it takes as long as before");
    let raw = Raw::new(&daemon);
    let path = format!("/events/{}", event.id);
    for (field, bad) in [
        ("event_end", json!({ "event_end": "2099-12-02T10:00:00Z" })),
        ("event_end", json!({ "event_end": "tomorrow" })),
        ("event_end", json!({ "event_date": "2099-12-03T10:00:00Z", "event_end": "2099-12-02T11:00:00Z" })),
        ("bookings_close_at", json!({ "bookings_close_at": "soon" })),
    ] {
        let answer = raw.send(Method::PUT, &path, &organizer.token, bad.to_string()).await;
        assert_eq!(answer.problem(&bad.to_string(), 400, "validation_failed")["field"], *field);
    }
    let calendar = raw.get(&format!("{path}/calendar.ics"), &organizer.token).await;
    assert!(calendar.text.contains("DTEND:20991202T113000Z"), "{}", calendar.text);
}
