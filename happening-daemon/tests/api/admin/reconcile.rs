//! Drift injected by hand: found, explained, and made right where it is derived.

use crate::raw::Raw;
use crate::support::books::{Books, counters_agree};
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use crate::support::{Daemon, eventually};
use happening_core::id::EventId;
use happening_core::wire::{BookingStatus, CreateHold, Drift, DriftKind, KeysQuery, Reconciled};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

on_both_parts!(
    drift_in_the_rows_of_an_event_is_found_explained_and_made_right,
    what_is_not_derived_is_told_and_not_touched,
    keys_and_counters_are_shown_beside_the_truth,
    what_the_body_says_is_heeded,
);

const PATIENCE: Duration = Duration::from_secs(10);

fn kinds(report: &Reconciled) -> BTreeSet<DriftKind> {
    report.drifts.iter().map(|drift| drift.kind).collect()
}

struct Stage {
    daemon: Daemon,
    operator: Signed,
    organizer: Signed,
    member: Signed,
    event: EventId,
}

/// An event of four seats, all booked; somebody waits.
async fn set(parts: &Parts) -> Stage {
    let daemon = Daemon::start(parts).await;
    let operator = sign_in(&daemon, "operator").await;
    let organizer = sign_in(&daemon, "organizer").await;
    let member = sign_in(&daemon, "member").await;
    let event = publish(&organizer, 4).await.id;
    book(&member, event, 4).await;
    assert_eq!(book(&organizer, event, 2).await.status, BookingStatus::Waiting);
    let stage = Stage { daemon, operator, organizer, member, event };
    let clean = async || stage.operator.client.examine(None).await.expect("a report").drifts.is_empty();
    eventually("there is no drift", PATIENCE, clean).await;
    stage
}

async fn drift_in_the_rows_of_an_event_is_found_explained_and_made_right(parts: Parts) {
    let stage = set(&parts).await;
    let wrong = "UPDATE events SET available_slots = 4, waiting = 0, next_waiting_number = 1 WHERE id = {id}";
    parts.by_hand(wrong, stage.event.0).await;
    let support = sign_in(&stage.daemon, "support").await;
    let report = support.client.examine(Some(stage.event)).await.expect("a report");
    let expected =
        BTreeSet::from([DriftKind::AvailableSlots, DriftKind::Waiting, DriftKind::NextWaitingNumber]);
    assert!(kinds(&report).is_superset(&expected), "{report:?}");
    let of = |kind| report.drifts.iter().find(|drift| drift.kind == kind).expect("found");
    let slots = of(DriftKind::AvailableSlots);
    assert_eq!((slots.expected.as_str(), slots.found.as_str()), ("0", "4"));
    assert!(report.drifts.iter().all(|drift| drift.fixable && !drift.fixed && !drift.cause.is_empty()));
    assert!(support.client.reconcile(stage.event).await.is_err(), "support reads only");

    let fixed = stage.operator.client.reconcile(stage.event).await.expect("made right");
    assert!(fixed.drifts.iter().all(|drift| drift.fixed), "{fixed:?}");
    assert!(kinds(&fixed).is_superset(&expected));
    assert_eq!(stage.operator.client.examine(None).await.expect("a report").drifts, []);
    let event = stage.organizer.client.event(stage.event).await.expect("the event");
    assert_eq!((event.available_slots, event.waiting), (0, 1));
    // Bookings go on where they were: the next one in line has the next number.
    let next = book(&stage.member, stage.event, 2).await;
    assert_eq!((next.status, next.waiting_number), (BookingStatus::Waiting, Some(2)));
    Books::of(&parts).await.audit();
}

async fn what_is_not_derived_is_told_and_not_touched(parts: Parts) {
    let stage = set(&parts).await;
    let held = stage.member.client.bookings_of(stage.member.user.expect("a user")).await.expect("bookings");
    let booking = held[0].booking_id;
    parts.by_hand("DROP INDEX booking_seats_booked", booking.0).await;
    parts.by_hand("DELETE FROM booking_seats WHERE booking_id = {id} AND seat_no = 3", booking.0).await;
    let twice = "INSERT INTO booking_seats (booking_id, event_id, seat_no, status) \
                 SELECT id, event_id, 1, 'booked' FROM bookings WHERE status = 'waiting'";
    parts.by_hand(twice, booking.0).await;
    parts
        .by_hand("UPDATE booking_seats SET seat_no = 9 WHERE booking_id = {id} AND seat_no = 2", booking.0)
        .await;
    let expected = BTreeSet::from([
        DriftKind::SeatTwice,
        DriftKind::SeatBeyondCapacity,
        DriftKind::BookingSeatCount,
        DriftKind::SeatsOfUnconfirmed,
    ]);
    let report = stage.operator.client.reconcile(stage.event).await.expect("a report");
    let told: BTreeSet<DriftKind> =
        report.drifts.iter().filter(|drift| !drift.fixable).map(|drift| drift.kind).collect();
    assert_eq!(told, expected, "{report:?}");
    assert!(report.drifts.iter().filter(|drift| !drift.fixable).all(|drift| !drift.fixed));
    let short = report.drifts.iter().find(|drift| drift.kind == DriftKind::BookingSeatCount).expect("found");
    assert_eq!((short.booking_id, short.expected.as_str()), (Some(booking), "4 seats"));
    let again = stage.operator.client.examine(Some(stage.event)).await.expect("a report");
    assert_eq!(kinds(&again), expected, "only what nobody can decide is left");
    parts.by_hand("DELETE FROM booking_seats WHERE booking_id = {id}", booking.0).await;
    let bare = stage.operator.client.examine(Some(stage.event)).await.expect("a report");
    assert!(kinds(&bare).contains(&DriftKind::BookingWithoutSeats));
    parts.by_hand("DELETE FROM bookings WHERE status = 'waiting'", booking.0).await;
    let orphaned = stage.operator.client.examine(Some(stage.event)).await.expect("a report");
    assert!(kinds(&orphaned).contains(&DriftKind::SeatWithoutBooking));
}

async fn keys_and_counters_are_shown_beside_the_truth(parts: Parts) {
    let stage = set(&parts).await;
    let shown = stage.operator.client.inspect_event(stage.event).await.expect("shown");
    assert!(shown.agrees && shown.drifts.is_empty(), "{shown:?}");
    assert_eq!((shown.counters.slots.as_deref(), shown.store.slots), (Some("0"), 0));
    assert_eq!((shown.counters.waiting, shown.store.waiting), (Some(1), 1));
    assert_eq!(shown.counters.waitlist, [stage.organizer.user.expect("a user").to_string()]);
    assert_eq!((shown.store.total_slots, shown.store.booked, shown.store.version), (4, 4, 2));
    assert_eq!(shown.counters.version.as_deref(), Some("2"));
    let pattern = Some(format!("event:{}:*", stage.event));
    let mut query = KeysQuery { pattern, cursor: None };
    let mut keys = BTreeSet::new();
    loop {
        let page = stage.operator.client.counter_keys(&query).await.expect("keys");
        keys.extend(page.keys.into_iter().map(|key| key.key));
        query.cursor = page.cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    let expected = ["slots", "version", "waitlist"].map(|name| format!("event:{}:{name}", stage.event));
    assert_eq!(keys, BTreeSet::from(expected));
    let free = publish(&stage.organizer, 3).await.id;
    let hold = CreateHold { seats: Some(vec![2]), ..CreateHold::default() };
    stage.member.client.create_hold(free, &hold).await.expect("a hold");
    let shown = stage.operator.client.inspect_event(free).await.expect("shown").holds;
    let seen: Vec<_> = shown.iter().map(|held| (held.seat, held.user_id, held.booked)).collect();
    assert_eq!(seen, [(2, stage.member.user, false)]);
    assert!((1..=10_000).contains(&shown[0].ttl_ms), "{shown:?}");
    let raw = Raw::new(&stage.daemon);
    let page = raw.get("/admin/redis/keys?match=event:*:slots", &stage.operator.token).await.ok();
    assert!(page["keys"].is_array());
}

/// The reconciler heals Redis by itself within seconds, so each lie is told again until it is seen.
async fn seen(stage: &Stage, parts: &Parts, lie: &[&str]) -> Vec<Drift> {
    for _ in 0..20 {
        parts.on_redis(lie).await;
        let shown = stage.operator.client.inspect_event(stage.event).await.expect("shown");
        if !shown.agrees {
            return shown.drifts;
        }
    }
    panic!("{lie:?} was never seen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drift_in_redis_is_found_explained_and_made_right() {
    let parts = Parts::real().await;
    let stage = set(&parts).await;
    let key = |name: &str| format!("event:{}:{name}", stage.event);
    let (slots, version, waitlist) = (key("slots"), key("version"), key("waitlist"));
    let lies: [(&[&str], DriftKind); 6] = [
        (&["SET", &slots, "51"], DriftKind::CountersSlots),
        (&["DEL", &version], DriftKind::CountersMissing),
        (&["SET", &version, "1"], DriftKind::CountersBehind),
        (&["SET", &version, "99"], DriftKind::CountersAhead),
        (&["RPUSH", &waitlist, "somebody"], DriftKind::CountersWaitlist),
        (&["LSET", &waitlist, "0", "somebody"], DriftKind::CountersWaitlist),
    ];
    for (lie, kind) in lies {
        let drifts = seen(&stage, &parts, lie).await;
        assert!(drifts.iter().any(|drift| drift.kind == kind), "{lie:?}: {drifts:?}");
        assert!(drifts.iter().all(|drift| drift.fixable && !drift.cause.is_empty()));
        parts.on_redis(lie).await;
        let report = stage.operator.client.reconcile(stage.event).await.expect("made right");
        assert!(report.drifts.iter().all(|drift| drift.fixed), "{report:?}");
        assert!(counters_agree(&parts, &Books::of(&parts).await).await, "{lie:?}");
    }
}

async fn what_the_body_says_is_heeded(parts: Parts) {
    let stage = set(&parts).await;
    parts.by_hand("UPDATE events SET available_slots = 4 WHERE id = {id}", stage.event.0).await;
    let raw = Raw::new(&stage.daemon);
    let send = async |body: serde_json::Value| {
        raw.send(reqwest::Method::POST, "/admin/reconcile", &stage.operator.token, body.to_string()).await
    };
    for body in [json!([1]), json!({ "fix": "yes" }), json!({ "event": stage.event })] {
        send(body.clone()).await.problem(&body.to_string(), 400, "validation_failed");
    }
    let told = send(json!({ "event_id": stage.event, "fix": false })).await.ok();
    assert!(told["drifts"].as_array().is_some_and(|drifts| !drifts.is_empty()), "{told}");
    assert!(told["drifts"][0]["fixed"] == false, "{told}");
    let fixed = send(json!({ "event_id": stage.event })).await.ok();
    assert!(
        fixed["drifts"].as_array().is_some_and(|drifts| drifts.iter().any(|drift| drift["fixed"] == true))
    );
}
