//! `Idempotency-Key`: what is sent again is answered as it was the first time, and done once.

use crate::crowd::at_once;
use crate::raw::{Answer, Raw};
use crate::support::books::Books;
use crate::support::books::whole::Whole;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, bookers, demo_organization, publish, sign_in};
use crate::support::{Daemon, eventually};
use happening_core::id::EventId;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

on_both_parts!(
    questions_are_asked_anew_and_nothing_is_kept,
    of_many_keys_the_oldest_go,
    a_booking_that_is_sent_again_is_answered_as_before,
    a_hundred_at_once_are_one_booking,
    cancelling_again_is_answered_as_before,
    promoting_again_is_answered_as_before,
    every_other_post_is_done_once_too,
    what_is_shown_once_is_not_kept,
    a_key_belongs_to_one_request_of_one_person,
    what_was_refused_may_be_asked_again,
    keys_that_are_none_are_refused,
    kills_in_a_crowd_change_no_answer,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_answer_as_one() {
    let parts = Parts::real().await;
    let daemons = [Daemon::start(&parts).await, Daemon::start(&parts).await];
    let people = bookers(&daemons).await;
    hundred(&parts, &daemons).await;
    let raws = [Raw::new(&daemons[0]), Raw::new(&daemons[1])];
    let [member, organizer, ..] = &people[0][..] else { panic!("the people of the demo") };
    let (one, two) = (publish(organizer, 9).await.id, publish(organizer, 9).await.id);
    // Another event, so another committer and no version that would tell: the key alone does.
    let first = keyed(&raws[0], member, "/bookings", "elsewhere", &booking(one)).await;
    first.ok();
    let other = keyed(&raws[1], member, "/bookings", "elsewhere", &booking(two)).await;
    other.problem("another body at another daemon", 409, "idempotency_mismatch");
    let again = keyed(&raws[1], member, "/bookings", "elsewhere", &booking(one)).await;
    assert_eq!((again.ok(), replayed(&again)), (first.ok(), true));
}

fn booking(event: EventId) -> Value {
    json!({ "event_id": event, "seats": 1 })
}

async fn keyed(raw: &Raw, person: &Signed, path: &str, key: &str, body: &Value) -> Answer {
    let request = raw.request(Method::POST, path).bearer_auth(&person.token).header("Idempotency-Key", key);
    Answer::to(request.json(body)).await
}

fn replayed(answer: &Answer) -> bool {
    answer.header("Idempotency-Replayed") == Some("true")
}

/// What a request was answered with in the end.
struct Asked {
    answer: Answer,
    /// It was turned away with 503 in between, by which it may yet have been carried out.
    in_doubt: bool,
}

/// Waits, for as long as it is told to, while the first one runs, or while a busy machine has no time for it. Whoever
/// asks sooner keeps a slow machine from the very request that all wait for.
async fn until_answered(raw: &Raw, person: &Signed, path: &str, key: &str, body: &Value) -> Asked {
    let mut in_doubt = false;
    loop {
        let answer = keyed(raw, person, path, key, body).await;
        match answer.status {
            409 => drop(answer.problem("it still runs", 409, "idempotency_in_progress")),
            503 => {
                answer.problem("busy", 503, "unavailable");
                in_doubt = true;
            }
            _ => return Asked { answer, in_doubt },
        }
        assert_eq!(answer.header("Retry-After"), Some("1"));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// All are the very same answer, and one of them was the first; unless that one was lost with a 503.
fn one_and_its_repetitions(all: &[Asked]) {
    for Asked { answer, .. } in all {
        assert_eq!((answer.status, &answer.text), (201, &all[0].answer.text));
    }
    let firsts = all.iter().filter(|asked| !replayed(&asked.answer)).count();
    let was_lost = firsts == 0 && all.iter().any(|asked| asked.in_doubt);
    assert!(firsts == 1 || was_lost, "{firsts} say that they were the first");
}

async fn a_booking_that_is_sent_again_is_answered_as_before(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, member) = (Raw::new(&daemon), sign_in(&daemon, "member").await);
    let organizer = sign_in(&daemon, "organizer").await;
    let event = publish(&organizer, 1).await.id;
    let first = keyed(&raw, &member, "/bookings", "one", &booking(event)).await;
    assert_eq!((first.status, replayed(&first)), (201, false));
    let second = keyed(&raw, &member, "/bookings", "two", &booking(event)).await;
    assert_eq!(second.ok()["status"], "waiting", "another key is another booking");
    for (key, before) in [("one", &first), ("two", &second)] {
        let again = keyed(&raw, &member, "/bookings", key, &booking(event)).await;
        assert_eq!((again.status, &again.text), (201, &before.text), "the very same answer");
        assert!(replayed(&again));
        assert_eq!(again.header("Content-Type"), first.header("Content-Type"));
        assert_eq!(again.header("Access-Control-Allow-Origin"), Some(crate::raw::WEB));
    }
    let id = first.ok()["id"].as_str().expect("an id").to_owned();
    keyed(&raw, &member, &format!("/bookings/{id}/cancel"), "one", &json!({})).await.ok();
    let again = keyed(&raw, &member, "/bookings", "one", &booking(event)).await;
    assert_eq!(again.text, first.text, "also when the booking has moved on");
    assert_eq!(Books::of(&parts).await.bookings.len(), 2);
}

async fn a_hundred_at_once_are_one_booking(parts: Parts) {
    let daemons = [Daemon::start(&parts).await];
    hundred(&parts, &daemons).await;
}

async fn hundred(parts: &Parts, daemons: &[Daemon]) {
    let organizer = sign_in(&daemons[0], "organizer").await;
    let event = publish(&organizer, 500).await.id;
    let member = Arc::new(sign_in(&daemons[0], "member").await);
    let raws: Vec<Arc<Raw>> = daemons.iter().map(|daemon| Arc::new(Raw::new(daemon))).collect();
    let ask = |number: usize| {
        let (raw, member) = (raws[number % raws.len()].clone(), member.clone());
        async move { until_answered(&raw, &member, "/bookings", "a hundred", &booking(event)).await }
    };
    let answers = at_once((0..100).map(ask).collect()).await;
    one_and_its_repetitions(&answers);
    let books = Books::of(parts).await;
    assert_eq!(books.bookings.iter().filter(|row| row.event_id == event.0).count(), 1);
    books.audit();
}

async fn cancelling_again_is_answered_as_before(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, member) = (Raw::new(&daemon), sign_in(&daemon, "member").await);
    let organizer = sign_in(&daemon, "organizer").await;
    let event = publish(&organizer, 9).await.id;
    let id = book(&member, event, 4).await.id;
    let seats = format!("/bookings/{id}/cancel-seats");
    let two = json!({ "seat_numbers": [1, 2] });
    for replays in [false, true] {
        let answer = keyed(&raw, &member, &seats, "k", &two).await;
        assert_eq!((answer.ok(), replayed(&answer)), (json!({ "ok": true, "cancelled": 2 }), replays));
    }
    let whole = format!("/bookings/{id}/cancel");
    for replays in [false, true] {
        let request = raw.request(Method::POST, &whole).bearer_auth(&member.token);
        let answer = Answer::to(request.header("Idempotency-Key", "k")).await;
        assert_eq!((answer.ok(), replayed(&answer)), (json!({ "ok": true }), replays));
    }
    let fresh = keyed(&raw, &member, &whole, "another", &json!({})).await;
    assert_eq!((fresh.ok()["status"].as_str(), replayed(&fresh)), (Some("cancelled"), false));
    Books::of(&parts).await.audit();
}

async fn promoting_again_is_answered_as_before(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, member) = (Raw::new(&daemon), sign_in(&daemon, "member").await);
    let organizer = sign_in(&daemon, "organizer").await;
    let event = publish(&organizer, 4).await.id;
    book(&organizer, event, 2).await;
    let waiting = [book(&member, event, 3).await.id, book(&member, event, 3).await.id];
    let path = format!("/events/{event}/waitlist/promote");
    for replays in [false, true] {
        let answer = keyed(&raw, &organizer, &path, "k", &json!({})).await;
        assert_eq!(answer.ok()["promoted"][0]["seats"], json!([3, 4]));
        assert_eq!(
            (answer.ok()["promoted"][0]["booking_id"].clone(), replayed(&answer)),
            (json!(waiting[0]), replays)
        );
    }
    let other = keyed(&raw, &organizer, &path, "k", &json!({ "booking_id": waiting[1] })).await;
    other.problem("another body", 409, "idempotency_mismatch");
    Books::of(&parts).await.audit();
}

async fn every_other_post_is_done_once_too(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = Arc::new(sign_in(&daemon, "organizer").await);
    let raw = Arc::new(Raw::new(&daemon));
    let create = json!({
        "org_id": demo_organization(&organizer).await, "name": "Once", "event_date": "2099-01-01T10:00",
        "total_slots": 5,
    });
    let ask = |_| {
        let (raw, organizer, create) = (raw.clone(), organizer.clone(), create.clone());
        async move { until_answered(&raw, &organizer, "/events", "k", &create).await }
    };
    let answers = at_once((0..20).map(ask).collect()).await;
    one_and_its_repetitions(&answers);
    let events = organizer.client.events(None, None).await.expect("events");
    assert_eq!(events.iter().filter(|event| event.name == "Once").count(), 1);

    // Whoever hangs up finds the answer when they ask again.
    let hasty = json!({ "name": "Hasty" });
    let request = raw.request(Method::POST, "/organizations").bearer_auth(&organizer.token);
    let request = request.header("Idempotency-Key", "h").json(&hasty).timeout(Duration::from_millis(3));
    let _ = request.send().await;
    let answer = until_answered(&raw, &organizer, "/organizations", "h", &hasty).await.answer;
    let again = until_answered(&raw, &organizer, "/organizations", "h", &hasty).await.answer;
    assert_eq!((again.ok(), replayed(&again)), (answer.ok(), true));
    let own =
        organizer.client.organizations_of(organizer.user.expect("a user")).await.expect("organizations");
    assert_eq!(own.iter().filter(|organization| organization.name == "Hasty").count(), 1);
}

async fn what_is_shown_once_is_not_kept(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin) = (Raw::new(&daemon), sign_in(&daemon, "admin").await);
    let invite = json!({ "email": "once@happening.test", "role": "user",
        "organization_id": demo_organization(&admin).await });
    let first = keyed(&raw, &admin, "/org-invites", "i", &invite).await.ok();
    assert!(first["invite"]["token"].is_string(), "{first}");
    let again = keyed(&raw, &admin, "/org-invites", "i", &invite).await;
    assert!(replayed(&again));
    let again = again.ok();
    assert!(again["invite"].get("token").is_none(), "{again}");
    assert_eq!(again["invite"]["id"], first["invite"]["id"]);
}

async fn a_key_belongs_to_one_request_of_one_person(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, member) = (Raw::new(&daemon), sign_in(&daemon, "member").await);
    let organizer = sign_in(&daemon, "organizer").await;
    let event = publish(&organizer, 9).await.id;
    let first = keyed(&raw, &member, "/bookings", "k", &booking(event)).await.ok();
    let two = json!({ "event_id": event, "seats": 2 });
    let other = keyed(&raw, &member, "/bookings", "k", &two).await;
    other.problem("another body", 409, "idempotency_mismatch");
    let theirs = keyed(&raw, &organizer, "/bookings", "k", &booking(event)).await;
    assert!(!replayed(&theirs), "another person's key");
    assert_ne!(theirs.ok()["id"], first["id"]);
    let path = format!("/bookings/{}/cancel", first["id"].as_str().expect("an id"));
    let elsewhere = keyed(&raw, &member, &path, "k", &booking(event)).await;
    assert_eq!((elsewhere.ok(), replayed(&elsewhere)), (json!({ "ok": true }), false), "another path");
    assert_eq!(Books::of(&parts).await.bookings.len(), 2);
}

async fn what_was_refused_may_be_asked_again(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, member) = (Raw::new(&daemon), sign_in(&daemon, "member").await);
    let organizer = sign_in(&daemon, "organizer").await;
    let event = publish(&organizer, 1).await.id;
    let theirs = book(&organizer, event, 1).await;
    let seat = json!({ "event_id": event, "seats": 1, "seat_numbers": [1] });
    let refused = keyed(&raw, &member, "/bookings", "k", &seat).await;
    refused.problem("taken", 409, "seats_conflict");
    organizer.client.cancel_booking(theirs.id).await.expect("cancelled");
    let answer = keyed(&raw, &member, "/bookings", "k", &seat).await;
    assert_eq!((answer.ok()["assigned_seats"].clone(), replayed(&answer)), (json!([1]), false));
    let unnamed = json!({ "name": "" });
    for _ in 0..2 {
        let refused = keyed(&raw, &member, "/organizations", "k", &unnamed).await;
        refused.problem("no name", 400, "validation_failed");
    }
}

async fn keys_that_are_none_are_refused(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, member) = (Raw::new(&daemon), sign_in(&daemon, "member").await);
    let organizer = sign_in(&daemon, "organizer").await;
    let event = publish(&organizer, 9).await.id;
    let (longest, too_long) = ("k".repeat(255), "k".repeat(256));
    keyed(&raw, &member, "/bookings", &longest, &booking(event)).await.ok();
    for key in ["", &too_long, "caf\u{e9}", "a\tb"] {
        let answer = keyed(&raw, &member, "/bookings", key, &booking(event)).await;
        answer.problem(key, 400, "validation_failed");
    }
    let twice = raw.request(Method::POST, "/bookings").bearer_auth(&member.token);
    let twice = twice.header("Idempotency-Key", "a").header("Idempotency-Key", "b").json(&booking(event));
    Answer::to(twice).await.problem("two keys", 400, "validation_failed");
    let stranger = raw.request(Method::POST, "/bookings").header("Idempotency-Key", "a");
    Answer::to(stranger.json(&booking(event))).await.problem("nobody", 401, "unauthenticated");
    assert_eq!(Books::of(&parts).await.bookings.len(), 1);
}

/// Clients that send each booking until it is answered, and then once more, while the daemon is killed again and again: so
/// kills hit between a commit and its answer.
async fn kills_in_a_crowd_change_no_answer(parts: Parts) {
    let mut daemon = Daemon::start(&parts).await;
    let organizer = sign_in(&daemon, "organizer").await;
    let member = Arc::new(sign_in(&daemon, "member").await);
    let event = publish(&organizer, 150).await.id;
    let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..24)
        .map(|client| {
            let (raw, member) = (Raw::new(&daemon), member.clone());
            let (over, answered) = (over.clone(), answered.clone());
            tokio::spawn(async move {
                let mut saw = HashMap::new();
                for number in 0.. {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let key = format!("{client}-{number}");
                    let first = persistent(&raw, &member, &key, event).await;
                    let again = persistent(&raw, &member, &key, event).await;
                    assert_eq!(first.text, again.text, "{key}");
                    assert!(replayed(&again), "{key}");
                    saw.insert(key, first.json());
                    answered.fetch_add(1, Ordering::Relaxed);
                }
                saw
            })
        })
        .collect();
    for kill in 1..=5 {
        let goal = kill * 30;
        let reached = || async { answered.load(Ordering::Relaxed) >= goal };
        eventually("the crowd books", Duration::from_secs(30), reached).await;
        daemon.kill().await;
        daemon.restart().await;
    }
    over.store(true, Ordering::Relaxed);
    let mut keys = 0;
    let mut bookings = std::collections::HashSet::new();
    for client in clients {
        for booking in client.await.expect("a client that ends").into_values() {
            keys += 1;
            bookings.insert(booking["id"].as_str().expect("an id").to_owned());
        }
    }
    let books = Books::of(&parts).await;
    books.audit();
    // Each key is one booking, and there is no booking that no key was told of.
    let made = books.history.iter().filter(|row| ["booked", "waitlisted"].contains(&row.action.as_str()));
    assert_eq!((bookings.len(), made.count()), (keys, keys));
}

/// Asks until somebody answers with something final.
async fn persistent(raw: &Raw, person: &Signed, key: &str, event: EventId) -> Answer {
    loop {
        let request = raw.request(Method::POST, "/bookings").bearer_auth(&person.token);
        let request = request.header("Idempotency-Key", key).json(&booking(event));
        if let Ok(response) = request.send().await {
            let answer = Answer::try_of(response).await;
            match answer {
                Some(answer) if answer.status == 201 => return answer,
                Some(answer) => {
                    let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
                    let bearable = ["unavailable", "idempotency_in_progress"].contains(&code.as_str());
                    assert!(bearable, "{}: {}", answer.status, answer.text);
                }
                None => {}
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn questions_are_asked_anew_and_nothing_is_kept(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, organizer) = (Raw::new(&daemon), sign_in(&daemon, "organizer").await);
    let event = publish(&organizer, 4).await.id;
    book(&organizer, event, 4).await;
    book(&organizer, event, 2).await;
    let kept = async || Whole::of(&parts).await.dump().await["idempotency_keys"].clone();
    let before = kept().await;
    for (path, first, second) in [
        ("resize/plan", json!({ "total_slots": 5 }), json!({ "total_slots": 6 })),
        ("waitlist/simulate", json!({ "free": 1 }), json!({ "free": 2 })),
    ] {
        let path = format!("/events/{event}/{path}");
        for body in [&first, &first, &second] {
            let answer = keyed(&raw, &organizer, &path, "one", body).await;
            assert_eq!((answer.status, replayed(&answer)), (200, false), "{path}: {}", answer.text);
        }
    }
    assert_eq!(kept().await, before);
}

async fn of_many_keys_the_oldest_go(parts: Parts) {
    let daemon = Daemon::start_on(&parts, 0, &[("ANSWERS_PER_CALLER", "5")]).await;
    let (raw, organizer) = (Raw::new(&daemon), sign_in(&daemon, "organizer").await);
    let event = publish(&organizer, 100).await.id;
    let body = json!({ "event_id": event, "seats": 1 });
    for number in 0..20 {
        let answer = keyed(&raw, &organizer, "/bookings", &format!("key {number}"), &body).await;
        assert_eq!((answer.status, replayed(&answer)), (201, false), "{}", answer.text);
    }
    let again = keyed(&raw, &organizer, "/bookings", "key 19", &body).await;
    assert!(replayed(&again), "the newest is kept");
    let kept = async || Whole::of(&parts).await.dump().await["idempotency_keys"].split(';').count();
    eventually("the oldest are gone", Duration::from_secs(10), || async { kept().await <= 7 }).await;
}
