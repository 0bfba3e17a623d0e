//! Holds: seats kept for a person while they decide, and what they mean for everybody's bookings.

use crate::raw::Raw;
use crate::support::parts::{Parts, stack_env};
use crate::support::people::{Signed, book, publish, sign_in};
use crate::support::{Daemon, eventually};
use futures::future::join_all;
use happening_core::client::ClientError;
use happening_core::id::EventId;
use happening_core::wire::{
    Adjacent, Booking, CreateBooking, CreateHold, ErrorCode, EventStatus, Hold, UpdateEvent,
};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

on_both_parts!(
    a_hold_keeps_others_away_until_it_is_booked,
    ones_own_holds_are_in_nobodys_way,
    any_seats_are_held_ones_only_when_nothing_else_is_free,
    seats_that_are_booked_or_held_are_not_held_again,
    a_hold_ends_unless_it_is_extended,
    a_token_is_its_owners_alone,
    a_person_holds_no_more_than_the_limit_however_they_ask,
    seats_that_nobody_named_are_held_side_by_side,
    a_hold_is_booked_as_a_whole_or_in_part,
    seats_side_by_side_are_booked_where_there_are_any,
    wishes_that_cannot_be_are_refused,
    a_hold_becomes_other_seats_all_of_them_or_none,
    seats_beyond_the_last_are_nobodys,
    without_holds_bookings_go_on,
);

/// A daemon, three who may book, and an event.
struct Scene {
    daemon: Daemon,
    raw: Raw,
    organizer: Signed,
    admin: Signed,
    member: Signed,
    event: EventId,
}

impl Scene {
    async fn set(parts: &Parts, seats: u32, settings: &[(&str, &str)]) -> Self {
        let daemon = Daemon::start_on(parts, 0, settings).await;
        let organizer = sign_in(&daemon, "organizer").await;
        let (admin, member) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "member").await);
        let event = publish(&organizer, seats).await.id;
        Self { raw: Raw::new(&daemon), daemon, organizer, admin, member, event }
    }

    async fn hold(&self, person: &Signed, seats: &[u32]) -> Result<Hold, ClientError> {
        let create = CreateHold { seats: Some(seats.to_vec()), ..CreateHold::default() };
        person.client.create_hold(self.event, &create).await
    }

    async fn hold_any(&self, person: &Signed, count: u32, adjacent: Adjacent) -> Result<Hold, ClientError> {
        let create = CreateHold { count: Some(count), adjacent, ..CreateHold::default() };
        person.client.create_hold(self.event, &create).await
    }

    async fn book_named(&self, person: &Signed, seats: &[u32]) -> Result<Booking, ClientError> {
        let count = u32::try_from(seats.len()).expect("few");
        let create =
            CreateBooking { seat_numbers: Some(seats.to_vec()), ..CreateBooking::any(self.event, count) };
        person.client.create_booking(&create).await
    }

    async fn book_held(&self, person: &Signed, count: u32, token: Uuid) -> Result<Booking, ClientError> {
        let create = CreateBooking { hold_token: Some(token), ..CreateBooking::any(self.event, count) };
        person.client.create_booking(&create).await
    }

    async fn book_adjacent(&self, count: u32, adjacent: Adjacent) -> Result<Booking, ClientError> {
        let create = CreateBooking { adjacent, ..CreateBooking::any(self.event, count) };
        self.member.client.create_booking(&create).await
    }

    async fn held(&self) -> Vec<u32> {
        self.organizer.client.seats(self.event).await.expect("seats").held
    }
}

/// The code of a refusal, and the seats that it names.
#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (ErrorCode, Vec<u64>) {
    let error = answer.expect_err("a refusal");
    let problem = error.problem().unwrap_or_else(|| panic!("no refusal: {error:?}"));
    let named = problem.members.get("unavailable").and_then(|seats| seats.as_array());
    let seats = named.into_iter().flatten().filter_map(serde_json::Value::as_u64).collect();
    (problem.known_code().expect("a known code"), seats)
}

fn assigned(booking: Result<Booking, ClientError>) -> Vec<u32> {
    booking.expect("a booking").assigned_seats.expect("confirmed")
}

async fn a_hold_keeps_others_away_until_it_is_booked(parts: Parts) {
    let scene = Scene::set(&parts, 5, &[]).await;
    let hold = scene.hold(&scene.member, &[3, 2]).await.expect("a hold");
    assert_eq!((hold.seats.as_slice(), hold.conflicts.as_slice()), (&[2, 3][..], &[][..]));
    assert_eq!(scene.held().await, [2, 3]);
    let conflict = refused(scene.book_named(&scene.organizer, &[3, 4]).await);
    assert_eq!(conflict, (ErrorCode::SeatsConflict, vec![3]));
    assert_eq!(book(&scene.organizer, scene.event, 2).await.assigned_seats, Some(vec![1, 4]));
    assert_eq!(assigned(scene.book_held(&scene.member, 2, hold.hold_token).await), [2, 3]);
    assert_eq!(scene.held().await, [0; 0], "booked seats are held by nobody");
    let again = refused(scene.book_held(&scene.member, 2, hold.hold_token).await);
    assert_eq!(again.0, ErrorCode::HoldGone);
    assert_eq!(scene.organizer.client.seats(scene.event).await.expect("seats").taken, [1, 2, 3, 4]);
}

async fn ones_own_holds_are_in_nobodys_way(parts: Parts) {
    let scene = Scene::set(&parts, 5, &[]).await;
    scene.hold(&scene.member, &[1, 2]).await.expect("a hold");
    assert_eq!(assigned(scene.book_named(&scene.member, &[2]).await), [2]);
    assert_eq!(scene.held().await, [1], "the other one stays held");
    assert_eq!(book(&scene.member, scene.event, 1).await.assigned_seats, Some(vec![1]));
    assert_eq!(scene.held().await, [0; 0]);
}

async fn any_seats_are_held_ones_only_when_nothing_else_is_free(parts: Parts) {
    let scene = Scene::set(&parts, 4, &[]).await;
    let hold = scene.hold(&scene.member, &[1, 2]).await.expect("a hold");
    assert_eq!(book(&scene.admin, scene.event, 3).await.assigned_seats, Some(vec![1, 3, 4]));
    assert_eq!(scene.held().await, [2]);
    let lost = refused(scene.book_held(&scene.member, 2, hold.hold_token).await);
    assert_eq!(lost.0, ErrorCode::InvalidSeatNumbers, "of two seats one is left");
    assert_eq!(assigned(scene.book_held(&scene.member, 1, hold.hold_token).await), [2]);
}

async fn seats_that_are_booked_or_held_are_not_held_again(parts: Parts) {
    let scene = Scene::set(&parts, 5, &[]).await;
    scene.book_named(&scene.organizer, &[5]).await.expect("a booking");
    scene.hold(&scene.admin, &[1, 2]).await.expect("a hold");
    let hold = scene.hold(&scene.member, &[5, 3, 2]).await.expect("a part of it");
    assert_eq!((hold.seats, hold.conflicts), (vec![3], vec![2, 5]));
    assert_eq!(refused(scene.hold(&scene.member, &[1]).await), (ErrorCode::SeatsConflict, vec![1]));
    assert_eq!(refused(scene.hold(&scene.member, &[5]).await), (ErrorCode::SeatsConflict, vec![5]));
    assert_eq!(scene.held().await, [1, 2, 3]);
}

async fn a_hold_ends_unless_it_is_extended(parts: Parts) {
    let scene = Scene::set(&parts, 5, &[("HOLD_TTL_SECONDS", "1")]).await;
    let kept = scene.hold(&scene.member, &[1]).await.expect("a hold");
    let left = scene.hold(&scene.admin, &[2]).await.expect("a hold");
    let client = &scene.member.client;
    eventually("the one that is not extended is over", Duration::from_secs(5), || async {
        let extended = client.extend_hold(scene.event, kept.hold_token).await.expect("extended");
        assert_eq!(extended.seats, [1]);
        assert!(extended.expires_at > kept.expires_at);
        scene.held().await == [1]
    })
    .await;
    let gone = scene.admin.client.extend_hold(scene.event, left.hold_token).await;
    assert_eq!(refused(gone).0, ErrorCode::NotFound);
    assert_eq!(refused(scene.book_held(&scene.admin, 1, left.hold_token).await).0, ErrorCode::HoldGone);
    assert_eq!(assigned(scene.book_named(&scene.organizer, &[2]).await), [2]);
    assert!(client.release_hold(scene.event, kept.hold_token).await.expect("released").ok);
    assert_eq!(scene.held().await, [0; 0]);
    assert!(client.release_hold(scene.event, kept.hold_token).await.expect("harmless").ok);
    assert_eq!(refused(client.extend_hold(scene.event, kept.hold_token).await).0, ErrorCode::NotFound);
}

async fn a_token_is_its_owners_alone(parts: Parts) {
    let scene = Scene::set(&parts, 5, &[]).await;
    let token = scene.hold(&scene.member, &[1, 2]).await.expect("a hold").hold_token;
    let guest = sign_in(&scene.daemon, "guest").await;
    for (stranger, code) in [(&scene.admin, ErrorCode::HoldGone), (&guest, ErrorCode::NotFound)] {
        assert_eq!(refused(stranger.client.extend_hold(scene.event, token).await).0, ErrorCode::NotFound);
        assert_eq!(refused(scene.book_held(stranger, 2, token).await).0, code);
    }
    scene.admin.client.release_hold(scene.event, token).await.expect("nothing of theirs");
    assert_eq!(refused(guest.client.release_hold(scene.event, token).await).0, ErrorCode::NotFound);
    assert_eq!(refused(scene.hold(&guest, &[3]).await).0, ErrorCode::NotFound);
    assert_eq!(scene.held().await, [1, 2]);
}

async fn a_person_holds_no_more_than_the_limit_however_they_ask(parts: Parts) {
    let scene = Scene::set(&parts, 40, &[("HOLD_SEATS_PER_PERSON", "3")]).await;
    assert_eq!(refused(scene.hold(&scene.member, &[1, 2, 3, 4]).await).0, ErrorCode::HoldLimit);
    assert_eq!(refused(scene.hold_any(&scene.member, 4, Adjacent::No).await).0, ErrorCode::HoldLimit);
    scene.hold(&scene.member, &[1, 2]).await.expect("two");
    assert_eq!(refused(scene.hold(&scene.member, &[3, 4]).await).0, ErrorCode::HoldLimit);
    assert_eq!(scene.held().await, [1, 2], "nothing is left of the one too many");
    let at_once = (10..30).map(|seat| {
        let scene = &scene;
        async move { scene.hold(&scene.member, &[seat]).await.is_ok() }
    });
    let allowed = join_all(at_once).await.into_iter().filter(|allowed| *allowed).count();
    assert!(allowed <= 1, "{allowed} more");
    assert_eq!(scene.held().await.len(), 2 + allowed);
    scene.hold(&scene.admin, &[5, 6, 7]).await.expect("everybody has a limit of their own");
}

async fn seats_that_nobody_named_are_held_side_by_side(parts: Parts) {
    let scene = Scene::set(&parts, 9, &[]).await;
    scene.book_named(&scene.organizer, &[2]).await.expect("a booking");
    scene.hold(&scene.admin, &[5]).await.expect("a hold");
    let hold = |count, adjacent| scene.hold_any(&scene.member, count, adjacent);
    assert_eq!(hold(4, Adjacent::Required).await.expect("a hold").seats, [6, 7, 8, 9]);
    assert_eq!(refused(hold(3, Adjacent::Required).await).0, ErrorCode::NoAdjacentSeats);
    assert_eq!(hold(2, Adjacent::Preferred).await.expect("a hold").seats, [3, 4]);
    assert_eq!(refused(hold(2, Adjacent::Preferred).await), (ErrorCode::SeatsConflict, vec![]));
    assert_eq!(hold(1, Adjacent::No).await.expect("a hold").seats, [1]);
}

async fn a_hold_is_booked_as_a_whole_or_in_part(parts: Parts) {
    let scene = Scene::set(&parts, 9, &[]).await;
    let token = scene.hold(&scene.member, &[2, 4, 6]).await.expect("a hold").hold_token;
    let named = |seats: &[u32]| CreateBooking {
        seat_numbers: Some(seats.to_vec()),
        hold_token: Some(token),
        ..CreateBooking::any(scene.event, u32::try_from(seats.len()).expect("few"))
    };
    let client = &scene.member.client;
    let foreign = client.create_booking(&named(&[2, 3])).await;
    assert_eq!(refused(foreign).0, ErrorCode::HoldGone, "3 is not held");
    assert_eq!(assigned(client.create_booking(&named(&[4])).await), [4]);
    let rest = CreateBooking { seats: 2, ..named(&[]) };
    assert_eq!(assigned(client.create_booking(&rest).await), [2, 6]);
}

async fn seats_side_by_side_are_booked_where_there_are_any(parts: Parts) {
    let scene = Scene::set(&parts, 8, &[]).await;
    scene.book_named(&scene.organizer, &[2, 5]).await.expect("a booking");
    let asked = json!({ "event_id": scene.event, "seats": 2, "adjacent": true });
    let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, asked.to_string()).await;
    assert_eq!(answer.ok()["assigned_seats"], json!([3, 4]));
    let asked = json!({ "event_id": scene.event, "seats": 4, "adjacent": "required" });
    let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, asked.to_string()).await;
    answer.problem("no four side by side", 409, "no_adjacent_seats");
    scene.hold(&scene.admin, &[7]).await.expect("a hold");
    let apart = scene.book_adjacent(2, Adjacent::Preferred).await;
    assert_eq!(assigned(apart), [1, 6], "what somebody picks counts for more");
    assert_eq!(assigned(scene.book_adjacent(2, Adjacent::Required).await), [7, 8]);
    let full = scene.book_adjacent(2, Adjacent::Required).await;
    assert_eq!(refused(full).0, ErrorCode::NoAdjacentSeats, "who must sit side by side does not wait");
    let waiting = scene.book_adjacent(2, Adjacent::Preferred).await.expect("a place in line");
    assert_eq!(waiting.waiting_number, Some(1));
}

async fn wishes_that_cannot_be_are_refused(parts: Parts) {
    let scene = Scene::set(&parts, 5, &[]).await;
    let path = format!("/events/{}/holds", scene.event);
    for (wish, code) in [
        (json!({}), "validation_failed"),
        (json!({ "seats": [1], "count": 1 }), "validation_failed"),
        (json!({ "seats": [1], "adjacent": true }), "validation_failed"),
        (json!({ "count": 2, "adjacent": "always" }), "validation_failed"),
        (json!({ "count": 0 }), "validation_failed"),
        (json!({ "count": 6 }), "validation_failed"),
        (json!({ "count": -1 }), "validation_failed"),
        (json!({ "seats": ["1"] }), "validation_failed"),
        (json!({ "seats": [] }), "invalid_seat_numbers"),
        (json!({ "seats": [0] }), "invalid_seat_numbers"),
        (json!({ "seats": [6] }), "invalid_seat_numbers"),
        (json!({ "seats": [1, 1] }), "invalid_seat_numbers"),
    ] {
        let answer = scene.raw.send(Method::POST, &path, &scene.member.token, wish.to_string()).await;
        answer.problem(&wish.to_string(), 400, code);
    }
    let contradiction = json!({ "event_id": scene.event, "seats": 1, "seat_numbers": [1], "adjacent": true });
    let answer =
        scene.raw.send(Method::POST, "/bookings", &scene.member.token, contradiction.to_string()).await;
    answer.problem("named and side by side", 400, "validation_failed");
    let answer = scene.raw.send(Method::PUT, &format!("{path}/x"), &scene.member.token, "{}").await;
    answer.problem("no token", 400, "validation_failed");
    assert_eq!(scene.held().await, [0; 0]);
    let over = UpdateEvent { status: Some(EventStatus::Completed), ..UpdateEvent::default() };
    scene.organizer.client.update_event(scene.event, &over).await.expect("over");
    assert_eq!(refused(scene.hold(&scene.member, &[1]).await).0, ErrorCode::EventClosed);
}

async fn a_hold_becomes_other_seats_all_of_them_or_none(parts: Parts) {
    let scene = Scene::set(&parts, 9, &[("HOLD_SEATS_PER_PERSON", "4")]).await;
    let hold = scene.hold(&scene.member, &[1, 2]).await.expect("a hold");
    scene.hold(&scene.admin, &[8]).await.expect("a hold");
    scene.book_named(&scene.organizer, &[9]).await.expect("a booking");
    let path = format!("/events/{}/holds/{}", scene.event, hold.hold_token);
    let put = async |body: serde_json::Value| {
        scene.raw.send(Method::PUT, &path, &scene.member.token, body.to_string()).await
    };
    let changed = put(json!({ "seats": [5, 2, 3] })).await.ok();
    assert_eq!(changed["seats"], json!([2, 3, 5]));
    assert_eq!(changed["hold_token"], json!(hold.hold_token));
    assert_eq!(scene.held().await, [2, 3, 5, 8]);
    for (seats, status, code, unavailable) in [
        (json!([2, 8]), 409, "seats_conflict", json!([8])),
        (json!([2, 9]), 409, "seats_conflict", json!([9])),
        (json!([1, 2, 3, 4, 5]), 409, "hold_limit", json!(null)),
        (json!([10]), 400, "invalid_seat_numbers", json!(null)),
        (json!([1, 1]), 400, "invalid_seat_numbers", json!(null)),
        (json!([]), 400, "invalid_seat_numbers", json!(null)),
        (json!("all"), 400, "validation_failed", json!(null)),
    ] {
        let problem = put(json!({ "seats": seats })).await.problem(&seats.to_string(), status, code);
        assert_eq!(problem["unavailable"], unavailable, "{seats}");
    }
    put(json!({ "seat": [1] })).await.problem("an unknown member", 400, "validation_failed");
    assert_eq!(scene.held().await, [2, 3, 5, 8], "nothing has changed");
    // Another token of the same person is in nobody's way, and loses what it gives.
    let second = scene.hold(&scene.member, &[7]).await.expect("a hold");
    assert_eq!(put(json!({ "seats": [7] })).await.ok()["seats"], json!([7]));
    let gone = scene.member.client.extend_hold(scene.event, second.hold_token).await;
    assert_eq!(refused(gone).0, ErrorCode::NotFound);
    assert_eq!(assigned(scene.book_held(&scene.member, 1, hold.hold_token).await), [7]);
    put(json!({ "seats": [1] })).await.problem("over", 404, "not_found");
    assert_eq!(scene.held().await, [8]);
}

async fn seats_beyond_the_last_are_nobodys(parts: Parts) {
    let scene = Scene::set(&parts, 30, &[]).await;
    let some = scene.hold(&scene.member, &[27, 28, 29]).await.expect("a hold").hold_token;
    let all = scene.hold(&scene.admin, &[30]).await.expect("a hold").hold_token;
    let smaller = UpdateEvent { total_slots: Some(27), ..UpdateEvent::default() };
    scene.organizer.client.update_event(scene.event, &smaller).await.expect("smaller");
    assert_eq!(scene.held().await, [27]);
    let extended = scene.member.client.extend_hold(scene.event, some).await.expect("what is left");
    assert_eq!(extended.seats, [27]);
    assert_eq!(refused(scene.admin.client.extend_hold(scene.event, all).await).0, ErrorCode::NotFound);
    let larger = UpdateEvent { total_slots: Some(30), ..UpdateEvent::default() };
    scene.organizer.client.update_event(scene.event, &larger).await.expect("larger");
    assert_eq!(scene.held().await, [27], "nor are they held again");
    let over = UpdateEvent { status: Some(EventStatus::Completed), ..UpdateEvent::default() };
    scene.organizer.client.update_event(scene.event, &over).await.expect("over");
    let closed = scene.member.client.extend_hold(scene.event, some).await;
    assert_eq!(refused(closed).0, ErrorCode::EventClosed);
}

/// What another daemon has not heard of in time is left in Redis, and counts for nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_beyond_the_last_seat_that_is_left_over_counts_for_nothing() {
    let parts = Parts::real().await;
    let scene = Scene::set(&parts, 5, &[]).await;
    let user = scene.member.user.expect("a user");
    let token = Uuid::from_u128(7);
    for seat in ["5", "6"] {
        let key = format!("event:{}:hold:{seat}", scene.event);
        parts.on_redis(&["SET", &key, &format!("user:{user}:{token}"), "EX", "60"]).await;
        parts.on_redis(&["SADD", &format!("event:{}:holds", scene.event), seat]).await;
    }
    assert_eq!(scene.held().await, [5]);
    let extended = scene.member.client.extend_hold(scene.event, token).await.expect("what is there");
    assert_eq!(extended.seats, [5]);
}

async fn without_holds_bookings_go_on(parts: Parts) {
    // Nobody listens there.
    let scene = Scene::set(&parts, 5, &[("REDIS_URL", "redis://127.0.0.1:1")]).await;
    assert_eq!(refused(scene.hold(&scene.member, &[1]).await).0, ErrorCode::Unavailable);
    let token = Uuid::from_u128(1);
    let extended = scene.member.client.extend_hold(scene.event, token).await;
    assert_eq!(refused(extended).0, ErrorCode::Unavailable);
    assert_eq!(assigned(scene.book_named(&scene.member, &[2]).await), [2]);
    assert_eq!(book(&scene.admin, scene.event, 1).await.assigned_seats, Some(vec![1]));
    assert_eq!(refused(scene.book_held(&scene.member, 1, token).await).0, ErrorCode::Unavailable);
    assert_eq!(scene.held().await, [0; 0]);
}

/// What an anonymous socket leaves in Redis: advice, which refuses nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_hold_is_spared_and_refuses_nobody() {
    let parts = Parts::real().await;
    let scene = Scene::set(&parts, 5, &[]).await;
    let client = redis::Client::open(stack_env("REDIS_URL")).expect("an address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("Redis");
    let mut by_hand = redis::pipe();
    for seat in [1, 2] {
        let key = format!("event:{}:hold:{seat}", scene.event);
        by_hand.cmd("SET").arg(key).arg("socket:abc").arg("EX").arg(60).ignore();
        by_hand.cmd("SADD").arg(format!("event:{}:holds", scene.event)).arg(seat).ignore();
    }
    by_hand.query_async::<()>(&mut connection).await.expect("holds");
    assert_eq!(scene.held().await, [1, 2]);
    assert_eq!(book(&scene.member, scene.event, 1).await.assigned_seats, Some(vec![3]));
    assert_eq!(assigned(scene.book_named(&scene.member, &[2]).await), [2]);
    assert_eq!(scene.held().await, [1]);
}
