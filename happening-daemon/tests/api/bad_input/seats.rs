//! `POST /bookings` with counts and numbers of seats that cannot be, or cannot be had.

use super::Scene;
use crate::support::books::Books;
use crate::support::parts::Parts;
use happening_core::wire::{EventStatus, UpdateEvent};
use reqwest::Method;
use serde_json::{Value, json};

on_both_parts!(
    seat_counts_that_cannot_be_are_refused,
    seat_numbers_that_cannot_be_are_invalid_seat_numbers,
    taken_seats_conflict_and_are_named,
    no_seat_numbers_are_any_seats,
    events_that_are_over_or_cancelled_take_no_bookings,
);

const COUNTS: [&str; 16] = [
    "0",
    "-1",
    "1.5",
    "0.0",
    "6",
    "1000000",
    "2147483648",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "1000000000000000000000000000000",
    "1e30",
    "\"3\"",
    "\"three\"",
    "null",
    "[2]",
];

/// Seats asked for, and their numbers.
const NUMBERS: [(u32, &str); 16] = [
    (1, "[0]"),
    (1, "[6]"),
    (1, "[-1]"),
    (1, "[2.5]"),
    (1, "[\"2\"]"),
    (1, "[\"two\"]"),
    (1, "[null]"),
    (1, "[[2]]"),
    (1, "[1000000]"),
    (1, "[4294967298]"),
    (1, "[1e30]"),
    (2, "[2, 2]"),
    (2, "[2]"),
    (1, "[2, 3]"),
    (2, "[2, 0]"),
    (6, "[1, 2, 3, 4, 5, 6]"),
];

async fn seat_counts_that_cannot_be_are_refused(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    for count in COUNTS {
        let body = format!(r#"{{"event_id": "{}", "seats": {count}}}"#, scene.event);
        let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, body).await;
        answer.problem(&format!("seats {count}"), 400, "validation_failed");
    }
    let body = json!({ "event_id": scene.event });
    let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, body.to_string()).await;
    answer.problem("no seats at all", 400, "validation_failed");
    assert_eq!(scene.state().await, before);
}

async fn seat_numbers_that_cannot_be_are_invalid_seat_numbers(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    for (seats, numbers) in NUMBERS {
        let body =
            format!(r#"{{"event_id": "{}", "seats": {seats}, "seat_numbers": {numbers}}}"#, scene.event);
        let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, body).await;
        answer.problem(&format!("{seats} seats {numbers}"), 400, "invalid_seat_numbers");
    }
    for numbers in ["2", "\"2\"", "{\"2\": 2}"] {
        let body = format!(r#"{{"event_id": "{}", "seats": 1, "seat_numbers": {numbers}}}"#, scene.event);
        let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, body).await;
        answer.problem(&format!("no list: {numbers}"), 400, "validation_failed");
    }
    assert_eq!(scene.state().await, before);
}

async fn taken_seats_conflict_and_are_named(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let everything = [2, 1, 3];
    for numbers in [&[1][..], &everything] {
        let body = json!({ "event_id": scene.event, "seats": numbers.len(), "seat_numbers": numbers });
        let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, body.to_string()).await;
        let problem = answer.problem(&format!("{numbers:?}"), 409, "seats_conflict");
        assert_eq!(problem["unavailable"], json!([1]), "only what is taken");
    }
    assert_eq!(scene.state().await, before);
}

async fn no_seat_numbers_are_any_seats(parts: Parts) {
    let scene = Scene::set(parts).await;
    for (numbers, expected) in [(json!([]), 2), (Value::Null, 3)] {
        let body = json!({ "event_id": scene.event, "seats": 1, "seat_numbers": numbers });
        let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, body.to_string()).await;
        assert_eq!(answer.status, 201);
        assert_eq!(answer.ok()["assigned_seats"], json!([expected]), "the lowest that is free");
    }
}

async fn events_that_are_over_or_cancelled_take_no_bookings(parts: Parts) {
    let scene = Scene::set(parts).await;
    let past = json!({
        "org_id": scene.organizer.client.event(scene.event).await.expect("the event").org_id,
        "name": "Long ago",
        "event_date": "2001-01-01T12:00",
        "total_slots": 5,
    });
    let past = scene.raw.send(Method::POST, "/events", &scene.organizer.token, past.to_string()).await;
    assert_eq!(past.status, 201, "it may be written down afterwards");
    let past = past.ok()["id"].clone();
    let cancelled = UpdateEvent { status: Some(EventStatus::Cancelled), ..UpdateEvent::default() };
    scene.organizer.client.update_event(scene.event, &cancelled).await.expect("cancelled");
    let before = scene.state().await;
    for (case, event) in [("past", past), ("cancelled", json!(scene.event))] {
        for numbers in [json!([]), json!([2])] {
            let body = json!({ "event_id": event, "seats": 1, "seat_numbers": numbers });
            let answer =
                scene.raw.send(Method::POST, "/bookings", &scene.member.token, body.to_string()).await;
            answer.problem(case, 409, "event_closed");
        }
    }
    scene.organizer.client.delete_event(scene.event).await.expect("deleted");
    let body = json!({ "event_id": scene.event, "seats": 1 });
    let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, body.to_string()).await;
    answer.problem("deleted", 404, "not_found");
    assert_eq!(Books::of(&scene.parts).await.bookings.len(), before.bookings);
}
