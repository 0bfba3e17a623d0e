//! Dates and capacities.

use crate::raw::Raw;
use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::{book, publish, sign_in};
use happening_core::wire::{BookingStatus, UpdateEvent};
use reqwest::Method;
use serde_json::{Value, json};

on_both_parts!(
    dates_without_an_offset_are_the_organizations_wall_time,
    capacity_keeps_every_booking_and_serves_the_waitlist,
);

async fn dates_without_an_offset_are_the_organizations_wall_time(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin) = (Raw::new(&daemon), sign_in(&daemon, "admin").await);
    let found = |settings: Value| {
        let create = json!({ "name": "Zones", "settings": settings }).to_string();
        raw.send(Method::POST, "/organizations", &admin.token, create)
    };
    let utc = found(json!({})).await.ok()["id"].clone();
    let berlin = found(json!({ "timezone": "Europe/Berlin" })).await.ok()["id"].clone();
    found(json!({ "timezone": "Europe/Atlantis" })).await.problem("Atlantis", 400, "validation_failed");
    let cases = [
        (&utc, "2026-12-22T19:30", "2026-12-22T19:30:00Z"),
        (&utc, "2026-12-22T19:30:15", "2026-12-22T19:30:15Z"),
        (&utc, "2026-12-22T19:30:00+09:00", "2026-12-22T10:30:00Z"),
        (&berlin, "2026-12-22T19:30", "2026-12-22T18:30:00Z"),
        (&berlin, "2099-07-01T19:30", "2099-07-01T17:30:00Z"),
        (&berlin, "2026-12-22T19:30:00Z", "2026-12-22T19:30:00Z"),
    ];
    for (organization, given, expected) in cases {
        let create = json!({ "org_id": organization, "name": "N", "event_date": given, "total_slots": 1 });
        let event = raw.send(Method::POST, "/events", &admin.token, create.to_string()).await.ok();
        let path = format!("/events/{}", event["id"].as_str().expect("an id"));
        let read = raw.get(&path, &admin.token).await.ok();
        assert_eq!(
            (&event["event_date"], &read["event_date"]),
            (&json!(expected), &json!(expected)),
            "{given}"
        );
        let update = json!({ "event_date": given }).to_string();
        let updated = raw.send(Method::PUT, &path, &admin.token, update).await.ok();
        assert_eq!(updated["event_date"], expected, "PUT {given}");
    }
    // The hour that the clocks skip.
    let create = json!({ "org_id": berlin, "name": "N", "event_date": "2027-03-28T02:30", "total_slots": 1 });
    let answer = raw.send(Method::POST, "/events", &admin.token, create.to_string()).await;
    answer.problem("an hour that does not exist", 400, "validation_failed");
}

async fn capacity_keeps_every_booking_and_serves_the_waitlist(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, organizer) = (Raw::new(&daemon), sign_in(&daemon, "organizer").await);
    let (member, admin) = (sign_in(&daemon, "member").await, sign_in(&daemon, "admin").await);
    let event = publish(&organizer, 6).await.id;
    let two = book(&member, event, 2).await;
    book(&admin, event, 2).await;
    let path = format!("/events/{event}");
    let resize = |seats: u32| {
        raw.send(Method::PUT, &path, &organizer.token, json!({ "total_slots": seats }).to_string())
    };
    let event_at = |answer: Value| (answer["total_slots"].clone(), answer["available_slots"].clone());
    assert_eq!(event_at(resize(10).await.ok()), (json!(10), json!(6)), "available = total - booked");
    assert_eq!(event_at(resize(4).await.ok()), (json!(4), json!(0)), "down to the highest booked seat");
    let problem = resize(3).await.problem("below the highest booked seat", 409, "capacity_below_booked");
    assert_eq!(problem["highest_booked_seat"], 4);
    let waits = book(&organizer, event, 3).await;
    assert_eq!(waits.status, BookingStatus::Waiting);
    // Seats in the middle come free: they are free, but the capacity cannot fall below seat 4.
    member.client.cancel_booking(two.id).await.expect("a cancel");
    let served = organizer.client.booking(waits.id).await.expect("the rest");
    assert_eq!((served.status, served.seats), (BookingStatus::Waiting, 1), "two of three were served");
    resize(3).await.problem("still", 409, "capacity_below_booked");
    assert_eq!(event_at(resize(7).await.ok()), (json!(7), json!(2)), "one seat went to whoever waited");
    let served = organizer.client.booking(waits.id).await.expect("the rest");
    assert_eq!((served.status, served.assigned_seats), (BookingStatus::Confirmed, Some(vec![5])));
    let update = UpdateEvent { description: Some(Some("Doors at six".to_owned())), ..UpdateEvent::default() };
    let kept = organizer.client.update_event(event, &update).await.expect("a change");
    assert_eq!(
        (kept.total_slots, kept.available_slots, kept.description),
        (7, 2, update.description.flatten())
    );
}
