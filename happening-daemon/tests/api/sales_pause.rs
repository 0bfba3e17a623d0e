//! The pause of an event's sale (`sales_paused`): what it refuses, what goes on meanwhile, who may set it, and that every
//! daemon knows of it, now and after a restart.

use crate::raw::{Answer, Raw};
use crate::support::books::Books;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use crate::support::{Daemon, refused};
use happening_core::client::{ClientError, Heard};
use happening_core::id::EventId;
use happening_core::wire::{
    AuditQuery, Booking, BookingStatus, CreateBooking, CreateHold, ErrorCode, LiveMessage, UpdateEvent,
};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

on_both_parts!(
    while_a_sale_is_paused_nobody_books_holds_or_joins_the_waitlist,
    a_dry_run_says_the_same,
    cancellations_go_on_and_promote,
    the_stream_tells_of_pause_and_end,
    those_who_run_the_event_pause_it_and_are_recorded,
    a_pause_survives_a_restart,
);

struct Stage {
    daemon: Daemon,
    organizer: Signed,
    member: Signed,
    event: EventId,
}

async fn set(parts: &Parts, seats: u32) -> Stage {
    let daemon = Daemon::start(parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, seats).await.id;
    Stage { daemon, organizer, member, event }
}

async fn pause(by: &Signed, event: EventId, paused: bool) {
    let update = UpdateEvent { sales_paused: Some(paused), ..UpdateEvent::default() };
    let after = by.client.update_event(event, &update).await.expect("updated");
    assert_eq!(after.sales_paused, paused);
}

async fn wish(by: &Signed, create: CreateBooking) -> Result<Booking, ClientError> {
    by.client.create_booking(&create).await
}

fn seats(seats: &[u32]) -> CreateHold {
    CreateHold { seats: Some(seats.to_vec()), ..CreateHold::default() }
}

async fn while_a_sale_is_paused_nobody_books_holds_or_joins_the_waitlist(parts: Parts) {
    let stage = set(&parts, 4).await;
    let Stage { organizer, member, event, .. } = &stage;
    let (admin, operator) = (sign_in(&stage.daemon, "admin").await, sign_in(&stage.daemon, "operator").await);
    let hold = member.client.create_hold(*event, &seats(&[2])).await.expect("a hold");
    pause(organizer, *event, true).await;
    for by in [member, organizer, &admin, &operator] {
        refused(wish(by, CreateBooking::any(*event, 1)).await, ErrorCode::SalesPaused);
        let named = CreateBooking { seat_numbers: Some(vec![3]), ..CreateBooking::any(*event, 1) };
        refused(wish(by, named).await, ErrorCode::SalesPaused);
        // It would not fit and wait.
        refused(wish(by, CreateBooking::any(*event, 4)).await, ErrorCode::SalesPaused);
        refused(by.client.create_hold(*event, &seats(&[4])).await, ErrorCode::SalesPaused);
    }
    let picked = CreateBooking { hold_token: Some(hold.hold_token), ..CreateBooking::any(*event, 1) };
    refused(wish(member, picked).await, ErrorCode::SalesPaused);
    refused(member.client.extend_hold(*event, hold.hold_token).await, ErrorCode::SalesPaused);
    member.client.release_hold(*event, hold.hold_token).await.expect("released");
    let shown = member.client.seats(*event).await.expect("seats");
    assert_eq!((shown.taken, shown.held), (vec![], vec![]));
    assert!(Books::of(&parts).await.bookings.is_empty());

    pause(organizer, *event, false).await;
    member.client.create_hold(*event, &seats(&[4])).await.expect("a hold again");
    assert_eq!(book(member, *event, 4).await.status, BookingStatus::Confirmed);
    assert_eq!(book(&admin, *event, 2).await.status, BookingStatus::Waiting);
    Books::of(&parts).await.audit();
}

async fn a_dry_run_says_the_same(parts: Parts) {
    let stage = set(&parts, 2).await;
    let raw = Raw::new(&stage.daemon);
    let tried = async |method: Method, path: &str, by: &Signed, body: serde_json::Value| {
        Answer::to(raw.request(method, path).bearer_auth(&by.token).json(&body)).await
    };
    let (event, booking) = (format!("/events/{}?dry_run=true", stage.event), "/bookings?dry_run=true");
    let wanted = json!({ "event_id": stage.event, "seats": 1 });
    let would = tried(Method::PUT, &event, &stage.organizer, json!({ "sales_paused": true })).await.ok();
    assert_eq!(would["sales_paused"], json!(true));
    assert!(!stage.member.client.event(stage.event).await.expect("an event").sales_paused, "only tried");
    tried(Method::POST, booking, &stage.member, wanted.clone()).await.ok();
    pause(&stage.organizer, stage.event, true).await;
    let answer = tried(Method::POST, booking, &stage.member, wanted.clone()).await;
    answer.problem("a booking", 409, "sales_paused");
    tried(Method::PUT, &event, &stage.organizer, json!({ "sales_paused": false })).await.ok();
    let answer = tried(Method::POST, "/bookings", &stage.member, wanted).await;
    answer.problem("a booking after a tried end of the pause", 409, "sales_paused");
}

async fn cancellations_go_on_and_promote(parts: Parts) {
    let stage = set(&parts, 3).await;
    let Stage { organizer, member, event, .. } = &stage;
    let seated = book(organizer, *event, 2).await;
    let own = book(member, *event, 1).await;
    let waits = book(member, *event, 2).await;
    let leaves = book(organizer, *event, 1).await;
    assert_eq!((waits.status, leaves.status), (BookingStatus::Waiting, BookingStatus::Waiting));
    pause(organizer, *event, true).await;
    let moved = organizer.client.move_booking(seated.id, vec![2, 1]).await.expect("moves go on");
    assert_eq!(moved.assigned_seats, Some(vec![1, 2]));
    organizer.client.leave_waitlist(leaves.id).await.expect("left");
    organizer.client.cancel_booking(seated.id).await.expect("cancelled");
    let served = member.client.booking(waits.id).await.expect("a booking");
    assert_eq!((served.status, served.assigned_seats), (BookingStatus::Confirmed, Some(vec![1, 2])));
    member.client.cancel_seats(waits.id, vec![1]).await.expect("given back");
    member.client.cancel_booking(own.id).await.expect("cancelled");
    assert_eq!(member.client.seats(*event).await.expect("seats").taken, [2]);
    refused(wish(member, CreateBooking::any(*event, 1)).await, ErrorCode::SalesPaused);
    Books::of(&parts).await.audit();
}

async fn the_stream_tells_of_pause_and_end(parts: Parts) {
    let stage = set(&parts, 2).await;
    let mut stream = stage.member.client.watch_event(stage.event);
    let mut told = Vec::new();
    let next = async |stream: &mut happening_core::client::LiveStream| {
        let heard = tokio::time::timeout(Duration::from_secs(15), stream.next()).await;
        match heard.expect("heard in time").expect("not refused") {
            Heard::Message(message) => message,
            Heard::Interrupted(error) => panic!("interrupted: {error}"),
        }
    };
    while !matches!(next(&mut stream).await, LiveMessage::Snapshot { .. }) {}
    pause(&stage.organizer, stage.event, true).await;
    pause(&stage.organizer, stage.event, false).await;
    while told.len() < 2 {
        if let LiveMessage::Changed { sales_paused, total, .. } = next(&mut stream).await {
            assert_eq!(total, 2);
            told.push(sales_paused);
        }
    }
    assert_eq!(told, [true, false]);
}

async fn those_who_run_the_event_pause_it_and_are_recorded(parts: Parts) {
    let stage = set(&parts, 2).await;
    let person = async |name| sign_in(&stage.daemon, name).await;
    let (admin, operator) = (person("admin").await, person("operator").await);
    let update = UpdateEvent { sales_paused: Some(true), ..UpdateEvent::default() };
    let others = publish(&admin, 2).await.id;
    refused(stage.organizer.client.update_event(others, &update).await, ErrorCode::Forbidden);
    for name in ["member", "support"] {
        refused(person(name).await.client.update_event(stage.event, &update).await, ErrorCode::Forbidden);
    }
    refused(person("guest").await.client.update_event(stage.event, &update).await, ErrorCode::NotFound);
    assert!(!stage.member.client.event(stage.event).await.expect("an event").sales_paused);
    for by in [&stage.organizer, &admin, &operator] {
        pause(by, stage.event, true).await;
        pause(by, stage.event, false).await;
    }
    let log = operator.client.audit(&AuditQuery::default()).await.expect("a log").items;
    let lines = log.iter().filter(|line| line.action == "event.updated");
    let changes: Vec<_> = lines.map(|line| (line.actor_id, line.old.clone(), line.new.clone())).collect();
    let change = |by: &Signed, paused: bool| {
        (by.user, Some(json!({ "sales_paused": !paused })), Some(json!({ "sales_paused": paused })))
    };
    let by_all = [&operator, &admin, &stage.organizer];
    let expected: Vec<_> = by_all.iter().flat_map(|by| [change(by, false), change(by, true)]).collect();
    assert_eq!(changes, expected, "the newest first");
}

async fn a_pause_survives_a_restart(parts: Parts) {
    let mut stage = set(&parts, 2).await;
    pause(&stage.organizer, stage.event, true).await;
    stage.daemon.kill().await;
    stage.daemon.restart().await;
    assert!(stage.member.client.event(stage.event).await.expect("an event").sales_paused);
    refused(wish(&stage.member, CreateBooking::any(stage.event, 1)).await, ErrorCode::SalesPaused);
    refused(stage.member.client.create_hold(stage.event, &seats(&[1])).await, ErrorCode::SalesPaused);
    pause(&stage.organizer, stage.event, false).await;
    stage.daemon.kill().await;
    stage.daemon.restart().await;
    book(&stage.member, stage.event, 1).await;
    Books::of(&parts).await.audit();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_daemon_on_postgresql_refuses_at_once() {
    let parts = Parts::real().await;
    let stage = set(&parts, 4).await;
    let second = Daemon::start(&parts).await;
    let there = sign_in(&second, "member").await;
    // Both have the event in memory.
    book(&stage.member, stage.event, 1).await;
    book(&there, stage.event, 1).await;
    let refuses = async || {
        refused(wish(&there, CreateBooking::any(stage.event, 1)).await, ErrorCode::SalesPaused);
        refused(there.client.create_hold(stage.event, &seats(&[4])).await, ErrorCode::SalesPaused);
    };
    pause(&stage.organizer, stage.event, true).await;
    refuses().await;
    pause(&stage.organizer, stage.event, false).await;
    book(&there, stage.event, 1).await;
    // The other way round.
    pause(&sign_in(&second, "organizer").await, stage.event, true).await;
    refused(wish(&stage.member, CreateBooking::any(stage.event, 1)).await, ErrorCode::SalesPaused);
    refuses().await;
    Books::of(&parts).await.audit();
}
