//! `?dry_run=true`: what it answers where the rules have a say, how it is asked for, and that a crowd is not disturbed. That
//! nothing is changed, by any route, is shown by `matrix/dry_run.rs`.

use crate::crowd::at_once;
use crate::raw::{Answer, Raw};
use crate::support::Daemon;
use crate::support::books::Books;
use crate::support::books::whole::Whole;
use crate::support::parts::Parts;
use crate::support::people::{Signed, bookers, demo_organization, publish, sign_in};
use happening_core::id::EventId;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

on_both_parts!(
    what_the_rules_refuse_is_refused_alike,
    what_would_be_is_told_without_what_there_is_not,
    seats_that_somebody_picks_are_in_the_way,
    what_takes_several_steps_is_tried_as_a_whole,
    it_is_asked_for_in_one_way,
    keys_are_neither_kept_nor_consumed,
    a_crowd_is_not_disturbed,
);

struct Stage {
    raw: Raw,
    whole: Whole,
    member: Signed,
    organizer: Signed,
    admin: Signed,
    operator: Signed,
    parts: Parts,
    daemon: Daemon,
}

impl Stage {
    async fn set(parts: Parts) -> Self {
        let daemon = Daemon::start(&parts).await;
        Self {
            raw: Raw::new(&daemon),
            whole: Whole::of(&parts).await,
            member: sign_in(&daemon, "member").await,
            organizer: sign_in(&daemon, "organizer").await,
            admin: sign_in(&daemon, "admin").await,
            operator: sign_in(&daemon, "operator").await,
            parts,
            daemon,
        }
    }

    async fn ask(&self, who: &Signed, method: Method, path: &str, body: &Value) -> Answer {
        Answer::to(self.raw.request(method, path).bearer_auth(&who.token).json(body)).await
    }

    /// Tries it, and sees that nothing was changed.
    async fn tries(&self, who: &Signed, method: Method, path: &str, body: &Value) -> Answer {
        self.whole.rests().await;
        let before = self.whole.dump().await;
        let mark = if path.contains('?') { '&' } else { '?' };
        let answer = self.ask(who, method, &format!("{path}{mark}dry_run=true"), body).await;
        assert!(self.whole.dump().await == before, "{path} changed something: {}", answer.text);
        assert_eq!(answer.header("Dry-Run"), Some("true"), "{path}");
        answer
    }

    async fn books(&self, event: EventId, seats: &[u32]) -> Value {
        let body = json!({ "event_id": event, "seats": seats.len(), "seat_numbers": seats });
        self.ask(&self.member, Method::POST, "/bookings", &body).await.ok()
    }
}

async fn what_the_rules_refuse_is_refused_alike(parts: Parts) {
    let stage = Stage::set(parts).await;
    let event = publish(&stage.organizer, 4).await.id;
    let booking = stage.books(event, &[2, 4]).await;
    let closed = publish(&stage.organizer, 4).await.id;
    let (one, other) = (format!("/events/{event}"), format!("/events/{closed}"));
    stage.ask(&stage.organizer, Method::PUT, &other, &json!({ "status": "cancelled" })).await.ok();
    let full = publish(&stage.organizer, 1).await.id;
    stage.books(full, &[1]).await;
    let limit = json!({ "waitlist_limit": 0 });
    stage.ask(&stage.organizer, Method::PUT, &format!("/events/{full}"), &limit).await.ok();
    let demo = demo_organization(&stage.admin).await;
    let seats =
        |event, seats: &[u32]| json!({ "event_id": event, "seats": seats.len(), "seat_numbers": seats });
    let some = |event, seats: u32| json!({ "event_id": event, "seats": seats });
    let cancel_seats = format!("/bookings/{}/cancel-seats", booking["id"].as_str().expect("an id"));
    let (organization, member) = (
        format!("/organizations/{demo}"),
        format!("/organizations/{demo}/members/{}", stage.admin.user.expect("a user")),
    );
    let cases = [
        (&stage.member, Method::POST, "/bookings", seats(event, &[1, 2]), "seats_conflict"),
        (&stage.member, Method::POST, "/bookings", seats(event, &[9]), "invalid_seat_numbers"),
        (&stage.member, Method::POST, "/bookings", some(full, 1), "sold_out"),
        (&stage.member, Method::POST, "/bookings", some(closed, 1), "event_closed"),
        (&stage.member, Method::POST, "/bookings", json!({ "event_id": event }), "validation_failed"),
        (&stage.member, Method::POST, &cancel_seats, json!({ "seat_numbers": [] }), "validation_failed"),
        (&stage.organizer, Method::PUT, &one, json!({ "total_slots": 3 }), "capacity_below_booked"),
        (&stage.admin, Method::PUT, &member, json!({ "role": "user" }), "last_org_admin"),
        (&stage.admin, Method::DELETE, &organization, json!({}), "upcoming_events"),
    ];
    for (who, method, path, body, code) in cases {
        let dry = stage.tries(who, method.clone(), path, &body).await;
        let real = stage.ask(who, method, path, &body).await;
        let (mut foretold, mut came) =
            (dry.problem(path, real.status, code), real.problem(path, real.status, code));
        for problem in [&mut foretold, &mut came] {
            problem.as_object_mut().expect("a problem").remove("request_id");
        }
        assert_eq!(foretold, came);
    }
}

async fn what_would_be_is_told_without_what_there_is_not(parts: Parts) {
    let stage = Stage::set(parts).await;
    let event = publish(&stage.organizer, 3).await.id;
    let two = json!({ "event_id": event, "seats": 2 });
    let would = stage.tries(&stage.member, Method::POST, "/bookings", &two).await.ok();
    assert_eq!(
        (&would["id"], &would["status"], &would["assigned_seats"]),
        (&Value::Null, &json!("confirmed"), &json!([1, 2]))
    );
    let real = stage.ask(&stage.member, Method::POST, "/bookings", &two).await.ok();
    assert_eq!(real["assigned_seats"], would["assigned_seats"]);
    let would = stage.tries(&stage.member, Method::POST, "/bookings", &two).await.ok();
    assert_eq!((&would["status"], &would["waiting_number"]), (&json!("waiting"), &json!(1)));

    let path = format!("/events/{event}");
    let larger = json!({ "total_slots": 9, "name": "Gala" });
    let would = stage.tries(&stage.organizer, Method::PUT, &path, &larger).await.ok();
    assert_eq!(would["id"], json!(event), "what exists has its id");
    assert_eq!(
        (&would["name"], &would["total_slots"], &would["available_slots"]),
        (&json!("Gala"), &json!(9), &json!(7))
    );
    let path = format!("/bookings/{}/cancel-seats", real["id"].as_str().expect("an id"));
    let would = stage.tries(&stage.member, Method::POST, &path, &json!({ "seat_numbers": [2] })).await.ok();
    assert_eq!(would, json!({ "ok": true, "cancelled": 1 }));

    let demo = demo_organization(&stage.admin).await;
    let invite = json!({ "email": "ada@elsewhere.test", "role": "User", "organization_id": demo });
    let would = stage.tries(&stage.admin, Method::POST, "/org-invites", &invite).await.ok();
    let invite = &would["invite"];
    assert_eq!((&invite["id"], &invite["token"]), (&Value::Null, &Value::Null), "{would}");
    assert_eq!((&invite["email"], &invite["status"]), (&json!("ada@elsewhere.test"), &json!("pending")));
}

async fn seats_that_somebody_picks_are_in_the_way(parts: Parts) {
    let stage = Stage::set(parts).await;
    let event = publish(&stage.organizer, 5).await.id;
    let path = format!("/events/{event}/holds");
    stage.ask(&stage.organizer, Method::POST, &path, &json!({ "seats": [1, 2] })).await.ok();
    let named = json!({ "event_id": event, "seats": 1, "seat_numbers": [1] });
    stage.tries(&stage.member, Method::POST, "/bookings", &named).await.problem(
        "held",
        409,
        "seats_conflict",
    );
    let any = json!({ "event_id": event, "seats": 2 });
    let would = stage.tries(&stage.member, Method::POST, "/bookings", &any).await.ok();
    assert_eq!(would["assigned_seats"], json!([3, 4]));
    // The holder's own are booked, and go on being held.
    let would = stage.tries(&stage.organizer, Method::POST, "/bookings", &named).await.ok();
    assert_eq!(would["assigned_seats"], json!([1]));
    let seats = stage.raw.get(&format!("/events/{event}/seats"), &stage.member.token).await.ok();
    assert_eq!(seats["held"], json!([1, 2]), "{seats}");
}

async fn what_takes_several_steps_is_tried_as_a_whole(parts: Parts) {
    let stage = Stage::set(parts).await;
    let demo = demo_organization(&stage.admin).await;
    for _ in 0..3 {
        let event = publish(&stage.organizer, 2).await.id;
        stage.books(event, &[1]).await;
    }
    // Each event is deleted by the engine, and whoever booked is told, before the organization goes.
    let path = format!("/organizations/{demo}?force=true");
    let would = stage.tries(&stage.admin, Method::DELETE, &path, &json!({})).await.ok();
    assert_eq!(would["ok"], json!(true), "{would}");
    // Open bookings are cancelled first.
    let path = format!("/users/{}/erase", stage.member.user.expect("a user"));
    stage.tries(&stage.operator, Method::POST, &path, &json!({})).await.ok();
    stage.ask(&stage.operator, Method::POST, &path, &json!({})).await.ok();
    let path = format!("/organizations/{demo}?force=true");
    stage.ask(&stage.admin, Method::DELETE, &path, &json!({})).await.ok();
}

async fn it_is_asked_for_in_one_way(parts: Parts) {
    let stage = Stage::set(parts).await;
    let event = publish(&stage.organizer, 5).await.id;
    let body = json!({ "event_id": event, "seats": 1 });
    for query in ["dry_run", "dry_run=", "dry_run=yes", "dry_run=TRUE", "dry_run=true&dry_run=false"] {
        let path = format!("/bookings?{query}");
        let answer = stage.ask(&stage.member, Method::POST, &path, &body).await;
        answer.problem(&path, 400, "validation_failed");
    }
    let path = format!("/events/{event}/holds?dry_run=true");
    let answer = stage.ask(&stage.member, Method::POST, &path, &json!({ "count": 1 })).await;
    answer.problem("a hold", 400, "dry_run_unsupported");
    assert!(Books::of(&stage.parts).await.bookings.is_empty(), "nothing was done");
    // Reading changes nothing anyway, and what is no route does nothing.
    let read = stage.raw.get(&format!("/events/{event}?dry_run=true"), &stage.member.token).await;
    assert_eq!((read.ok()["id"].clone(), read.header("Dry-Run")), (json!(event), None));
    let lost = stage.ask(&stage.member, Method::POST, "/nowhere?dry_run=true", &body).await;
    lost.problem("no route", 404, "not_found");
    let anonymous = Answer::to(stage.raw.request(Method::POST, "/bookings?dry_run=true").json(&body)).await;
    anonymous.problem("nobody", 401, "unauthenticated");
    let done = stage.ask(&stage.member, Method::POST, "/bookings?dry_run=false", &body).await;
    assert_eq!((done.status, done.header("Dry-Run")), (201, None));
    assert!(stage.daemon.client(None).discovery().await.expect("discovery").dry_runs);
}

async fn keys_are_neither_kept_nor_consumed(parts: Parts) {
    let stage = Stage::set(parts).await;
    let event = publish(&stage.organizer, 5).await.id;
    let send = |path: &'static str, seats: u32| {
        let request = stage.raw.request(Method::POST, path).bearer_auth(&stage.member.token);
        let request =
            request.header("Idempotency-Key", "one").json(&json!({ "event_id": event, "seats": seats }));
        Answer::to(request)
    };
    assert_eq!(send("/bookings?dry_run=true", 1).await.status, 200);
    let real = send("/bookings", 2).await;
    assert_eq!((real.status, real.header("Idempotency-Replayed")), (201, None), "{}", real.text);
    let dry = send("/bookings?dry_run=true", 2).await;
    assert_eq!((dry.ok(), dry.header("Idempotency-Replayed")), (real.ok(), Some("true")));
    assert_eq!(dry.header("Dry-Run"), Some("true"));
    send("/bookings?dry_run=true", 3).await.problem("as the real one", 409, "idempotency_mismatch");
    let again = send("/bookings", 2).await;
    assert_eq!((again.ok(), again.header("Idempotency-Replayed")), (real.ok(), Some("true")));
}

async fn a_crowd_is_not_disturbed(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let people = bookers(std::slice::from_ref(&daemon)).await.remove(0);
    let event = publish(&people[1], 40).await.id;
    let raw = Arc::new(Raw::new(&daemon));
    let body = json!({ "event_id": event, "seats": 1 });
    let tasks = (0..120).map(|index| {
        let (raw, body) = (raw.clone(), body.clone());
        let token = people[index % people.len()].token.clone();
        let path = if index % 2 == 0 { "/bookings" } else { "/bookings?dry_run=true" };
        async move {
            (index % 2 == 0, Answer::to(raw.request(Method::POST, path).bearer_auth(token).json(&body)).await)
        }
    });
    for (is_real, answer) in at_once(tasks.collect()).await {
        // A dry run may be told that there are too many; whoever means it never is.
        let expected: &[u16] = if is_real { &[201] } else { &[200, 429, 503] };
        assert!(expected.contains(&answer.status), "{is_real}: {} {}", answer.status, answer.text);
    }
    Whole::of(&parts).await.rests().await;
    let books = Books::of(&parts).await;
    books.audit();
    assert_eq!(books.taken(event.0).len(), 40);
    assert_eq!(books.line(event.0).len(), 20);
}
