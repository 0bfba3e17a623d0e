//! Why somebody waits, what would happen if, what happened, and who booked.

use crate::raw::Raw;
use crate::support::books::Books;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use crate::support::{Daemon, refused};
use happening_core::id::{BookingId, EventId, UserId};
use happening_core::wire::{
    BookingStatus, BookingsQuery, ErrorCode, PartyAhead, Simulate, UpdateEvent, WaitReason, WhyQuery,
    WouldBePromoted,
};
use serde_json::json;

on_both_parts!(
    why_it_is_not_my_turn_and_what_would_change_it,
    why_is_answered_from_memory,
    the_seats_of_a_promotion_are_foreseen,
    a_resize_is_planned_before_it_is_done,
    a_booking_has_a_history_and_an_event_its_bookings,
);

async fn why_it_is_not_my_turn_and_what_would_change_it(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = sign_in(&daemon, "organizer").await;
    let (mia, ada) = (sign_in(&daemon, "member").await, sign_in(&daemon, "admin").await);
    let support = sign_in(&daemon, "support").await;
    let event = publish(&organizer, 4).await.id;
    let seated = book(&ada, event, 4).await;
    let head = book(&organizer, event, 3).await;
    let behind = book(&mia, event, 2).await;
    let before = Books::of(&parts).await.event(event.0).version;

    let why = mia.client.why(behind.id).await.expect("an answer");
    assert_eq!((why.reason, why.position, why.parties_ahead), (WaitReason::BehindOthers, Some(2), 1));
    assert_eq!(
        why.ahead,
        [PartyAhead { position: 1, seats: 3, too_large: false }],
        "seats only: who it is is nobody's business"
    );
    assert_eq!((why.must_come_free, why.first_seats_after), (Some(5), Some(4)));
    assert!(why.explanation.contains("Number 2 in line"), "{}", why.explanation);
    let why = organizer.client.why(head.id).await.expect("an answer");
    assert_eq!(
        (why.reason, why.must_come_free, why.first_seats_after),
        (WaitReason::SeatsNeeded, Some(3), Some(1))
    );
    let why = ada.client.why(seated.id).await.expect("an answer");
    assert_eq!((why.reason, why.position), (WaitReason::NotWaiting, None));
    refused(mia.client.why(head.id).await, ErrorCode::NotFound);

    let of = WhyQuery { user_id: mia.user, ..WhyQuery::default() };
    let answers = support.client.why_at(event, &of).await.expect("answers");
    assert_eq!((answers.len(), answers[0].booking_id), (1, behind.id));
    refused(mia.client.why_at(event, &of).await, ErrorCode::Forbidden);
    refused(support.client.why_at(event, &WhyQuery::default()).await, ErrorCode::ValidationFailed);

    let simulate = async |simulate| organizer.client.simulate(event, &simulate).await;
    let cancel = Simulate::cancel([seated.id]);
    let simulation = simulate(cancel.clone()).await.expect("an answer");
    let served: Vec<_> =
        simulation.promoted.iter().map(|one| (one.booking_id, one.seats, one.rest)).collect();
    assert_eq!(served, [(head.id, 3, 0), (behind.id, 1, 1)]);
    assert_eq!((simulation.freed, simulation.available_slots.to, simulation.waiting.to), (4, 0, 1));
    let free = simulate(Simulate::free(2)).await.expect("an answer");
    assert_eq!((free.promoted[0].booking_id, free.promoted[0].seats, free.promoted[0].rest), (head.id, 2, 1));
    assert!(free.promoted[0].assigned_seats.is_empty(), "which seats come free is not said");
    for senseless in senseless_suppositions(seated.id, head.id) {
        refused(simulate(senseless).await, ErrorCode::ValidationFailed);
    }
    let nobodys = happening_core::id::BookingId(uuid::Uuid::max());
    refused(simulate(Simulate::cancel([nobodys])).await, ErrorCode::NotFound);
    refused(simulate(Simulate::cancel_seats(nobodys, [1])).await, ErrorCode::NotFound);
    refused(mia.client.simulate(event, &cancel).await, ErrorCode::Forbidden);
    assert_eq!(Books::of(&parts).await.event(event.0).version, before, "nothing was changed by asking");

    // What was foreseen is what happens.
    ada.client.cancel_booking(seated.id).await.expect("cancelled");
    assert_eq!(organizer.client.booking(head.id).await.expect("a booking").status, BookingStatus::Confirmed);
    let left = mia.client.booking(behind.id).await.expect("a booking");
    assert_eq!((left.status, left.seats), (BookingStatus::Waiting, 1));
}

fn senseless_suppositions(one: BookingId, other: BookingId) -> [Simulate; 6] {
    [
        Simulate::default(),
        Simulate::free(0),
        Simulate { free: Some(1), ..Simulate::cancel([one]) },
        Simulate { seat_numbers: Some(vec![1]), ..Simulate::free(1) },
        Simulate { seat_numbers: Some(vec![1]), ..Simulate::cancel([one, other]) },
        Simulate::cancel(vec![one; 1_001]),
    ]
}

/// Who is promoted, and to which seats, in the order of their bookings' places.
async fn seats_of(person: &Signed, event: EventId, served: &[WouldBePromoted]) -> Vec<(UserId, Vec<u32>)> {
    let all = person.client.bookings_at(event, &BookingsQuery::default()).await.expect("bookings");
    let now = |user: UserId| {
        let of = all.iter().filter(|one| one.booking.user_id == user);
        let mut seats: Vec<u32> =
            of.flat_map(|one| one.booking.assigned_seats.iter().flatten().copied()).collect();
        seats.sort_unstable();
        seats
    };
    served.iter().map(|one| (one.user_id, now(one.user_id))).collect()
}

fn foreseen(served: &[WouldBePromoted]) -> Vec<(UserId, Vec<u32>)> {
    served.iter().map(|one| (one.user_id, one.assigned_seats.clone())).collect()
}

/// Whoever cancels, gives back or adds seats is told beforehand who gets which: those are the seats that they get.
async fn the_seats_of_a_promotion_are_foreseen(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = sign_in(&daemon, "organizer").await;
    let (mia, ada) = (sign_in(&daemon, "member").await, sign_in(&daemon, "admin").await);
    let support = sign_in(&daemon, "support").await;

    // Single seats, from the middle of a booking.
    let event = publish(&organizer, 6).await.id;
    let seated = book(&organizer, event, 6).await;
    book(&mia, event, 1).await;
    book(&ada, event, 2).await;
    let some = support.client.simulate(event, &Simulate::cancel_seats(seated.id, [5, 3])).await;
    let some = some.expect("an answer").promoted;
    let user = |person: &Signed| person.user.expect("a user");
    assert_eq!(foreseen(&some), [(user(&mia), vec![3]), (user(&ada), vec![5])]);
    assert_eq!((some[1].seats, some[1].rest), (1, 1));
    organizer.client.cancel_seats(seated.id, vec![5, 3]).await.expect("given back");
    assert_eq!(seats_of(&organizer, event, &some).await, foreseen(&some));
    let none = support.client.simulate(event, &Simulate::cancel_seats(seated.id, [3])).await;
    let none = none.expect("an answer");
    assert_eq!((none.freed, none.promoted.len()), (0, 0), "the seat is another's now");

    // More seats.
    let plan = organizer.client.plan_resize(event, 8).await.expect("a plan").promoted;
    assert_eq!(foreseen(&plan), [(user(&ada), vec![7])]);
    let larger = UpdateEvent { total_slots: Some(8), ..UpdateEvent::default() };
    organizer.client.update_event(event, &larger).await.expect("resized");
    assert_eq!(seats_of(&organizer, event, &plan).await, [(user(&ada), vec![5, 7])]);

    // Two bookings at once: the second is decided after the first.
    let event = publish(&organizer, 4).await.id;
    let (first, second) = (book(&organizer, event, 2).await, book(&organizer, event, 2).await);
    book(&mia, event, 1).await;
    book(&ada, event, 2).await;
    let both = support.client.simulate(event, &Simulate::cancel([second.id, first.id])).await;
    let both = both.expect("an answer");
    let each: Vec<_> = both.promoted.iter().map(|one| (one.user_id, one.assigned_seats.clone())).collect();
    assert_eq!(each, [(user(&mia), vec![3]), (user(&ada), vec![4]), (user(&ada), vec![1])]);
    assert_eq!((both.freed, both.available_slots.to, both.waiting.to), (4, 1, 0));
    for booking in [second.id, first.id] {
        organizer.client.cancel_booking(booking).await.expect("cancelled");
    }
    let got = seats_of(&organizer, event, &both.promoted).await;
    assert_eq!(got, [(user(&mia), vec![3]), (user(&ada), vec![1, 4]), (user(&ada), vec![1, 4])]);
    Books::of(&parts).await.audit();
}

async fn a_resize_is_planned_before_it_is_done(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, mia) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 4).await.id;
    book(&organizer, event, 4).await;
    let waiting = book(&mia, event, 2).await;
    let larger = organizer.client.plan_resize(event, 7).await.expect("a plan");
    assert!(larger.allowed && larger.refusal.is_none());
    assert_eq!((larger.total_slots.from, larger.total_slots.to, larger.highest_booked_seat), (4, 7, 4));
    assert_eq!(
        (larger.promoted[0].booking_id, larger.available_slots.to, larger.waiting.to),
        (waiting.id, 1, 0)
    );
    let smaller = organizer.client.plan_resize(event, 3).await.expect("a plan");
    assert!(!smaller.allowed && smaller.refusal.is_some_and(|why| why.contains("Seat 4")));
    assert!(!organizer.client.plan_resize(event, 0).await.expect("a plan").allowed);
    refused(mia.client.plan_resize(event, 7).await, ErrorCode::Forbidden);
    let now = organizer.client.event(event).await.expect("the event");
    assert_eq!((now.total_slots, now.waiting), (4, 1), "only planned");
    let update = UpdateEvent { total_slots: Some(7), ..UpdateEvent::default() };
    let done = organizer.client.update_event(event, &update).await.expect("resized");
    assert_eq!((done.available_slots, done.waiting), (1, 0), "as planned");
}

async fn a_booking_has_a_history_and_an_event_its_bookings(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, mia) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let support = sign_in(&daemon, "support").await;
    let event = publish(&organizer, 2).await.id;
    let first = book(&organizer, event, 2).await;
    let second = book(&mia, event, 1).await;
    support.client.cancel_booking(first.id).await.expect("cancelled");
    let history = mia.client.booking_history(second.id).await.expect("a history");
    let seen: Vec<_> = history.iter().map(|entry| (entry.action.as_str(), entry.actor_id)).collect();
    assert_eq!(seen, [("waitlisted", mia.user), ("promoted", None)]);
    assert!(history[1].reason.as_ref().is_some_and(|reason| reason.contains("place 1 in line")));
    let history = organizer.client.booking_history(first.id).await.expect("a history");
    assert_eq!(history[1].actor_username.as_deref(), Some("support"), "who cancelled it");
    refused(mia.client.booking_history(first.id).await, ErrorCode::NotFound);

    let all = organizer.client.bookings_at(event, &BookingsQuery::default()).await.expect("bookings");
    let ids: Vec<_> = all.iter().map(|one| one.booking.id).collect();
    assert_eq!(ids, [second.id, first.id]);
    assert_eq!(
        (all[0].username.as_deref(), &all[0].booking.assigned_seats),
        (Some("member"), &Some(vec![1]))
    );
    let only = |status, q: Option<&str>| BookingsQuery {
        status,
        q: q.map(str::to_owned),
        ..BookingsQuery::default()
    };
    let found = async |query| support.client.bookings_at(event, &query).await.expect("bookings").len();
    assert_eq!(found(only(Some(BookingStatus::Cancelled), None)).await, 1);
    assert_eq!(found(only(None, Some("MEMB"))).await, 1);
    assert_eq!(found(only(None, Some("nobody"))).await, 0);
    refused(mia.client.bookings_at(event, &BookingsQuery::default()).await, ErrorCode::Forbidden);

    let raw = Raw::new(&daemon);
    let page = raw.get(&format!("/events/{event}/bookings?limit=1&q=m"), &organizer.token).await;
    assert_eq!(page.ok().as_array().map(Vec::len), Some(1));
    assert!(page.header("Link").is_none_or(|link| link.contains("cursor=")));
    let page = raw.get(&format!("/events/{event}/bookings?limit=1"), &organizer.token).await;
    let link = page.header("Link").expect("a next page").to_owned();
    let next = link.split(['<', '>']).nth(1).expect("an address");
    assert_eq!(raw.get(next, &organizer.token).await.ok()[0]["id"], json!(first.id));
    for senseless in ["limit=0", "limit=5001", "status=asleep", "cursor=x"] {
        let path = format!("/events/{event}/bookings?{senseless}");
        raw.get(&path, &organizer.token).await.problem(senseless, 400, "validation_failed");
    }
}

/// What the committer has in memory is not read again: here the row was changed past it.
async fn why_is_answered_from_memory(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, mia) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 4).await.id;
    book(&organizer, event, 4).await;
    let head = book(&organizer, event, 3).await;
    let behind = book(&mia, event, 1).await;
    parts.by_hand("UPDATE bookings SET seats = 2 WHERE id = {id}", head.id.0).await;
    let why = mia.client.why(behind.id).await.expect("an answer");
    assert_eq!((why.parties_ahead, why.seats_ahead), (1, 3));
}
