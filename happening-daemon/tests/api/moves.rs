//! A confirmed booking gets other seats: all of them or none, told to its person and to those who watch.

use crate::crowd::at_once;
use crate::raw::{Answer, Raw};
use crate::support::Daemon;
use crate::support::books::{Books, all_sent};
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use happening_core::client::{ClientError, Heard};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{
    Booking, CreateHold, ErrorCode, EventStatus, LiveMessage, NotificationType, SeatStatus, UpdateEvent,
};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

on_both_parts!(
    a_move_is_told_to_its_person_and_to_those_who_watch,
    one_may_come_back_and_what_was_left_is_free,
    what_others_have_or_hold_refuses_the_whole_move,
    only_confirmed_bookings_of_events_to_come_are_moved,
    a_move_that_is_sent_again_is_answered_as_before,
    of_a_crowd_one_gets_the_seat,
);

/// A daemon, three who may book, and an event.
struct Scene {
    daemon: Daemon,
    organizer: Signed,
    member: Signed,
    support: Signed,
    event: EventId,
}

impl Scene {
    async fn set(parts: &Parts, seats: u32) -> Self {
        let daemon = Daemon::start(parts).await;
        let organizer = sign_in(&daemon, "organizer").await;
        let (member, support) = (sign_in(&daemon, "member").await, sign_in(&daemon, "support").await);
        let event = publish(&organizer, seats).await.id;
        Self { daemon, organizer, member, support, event }
    }

    async fn taken(&self) -> Vec<u32> {
        self.organizer.client.seats(self.event).await.expect("seats").taken
    }
}

async fn moved(person: &Signed, booking: BookingId, to: &[u32]) -> Booking {
    person.client.move_booking(booking, to.to_vec()).await.expect("moved")
}

/// The code of a refusal, and the seats that it names.
async fn refused(person: &Signed, booking: BookingId, to: &[u32]) -> (ErrorCode, Vec<u64>) {
    let error: ClientError = person.client.move_booking(booking, to.to_vec()).await.expect_err("a refusal");
    let problem = error.problem().unwrap_or_else(|| panic!("no refusal: {error:?}"));
    let named = problem.members.get("unavailable").and_then(|seats| seats.as_array());
    let seats = named.into_iter().flatten().filter_map(serde_json::Value::as_u64).collect();
    (problem.known_code().expect("a known code"), seats)
}

async fn a_move_is_told_to_its_person_and_to_those_who_watch(parts: Parts) {
    let scene = Scene::set(&parts, 6).await;
    let booking = book(&scene.member, scene.event, 2).await;
    let mut stream = scene.member.client.watch_event(scene.event);
    let mut seats = Vec::new();
    let after = moved(&scene.support, booking.id, &[5, 2]).await;
    assert_eq!(after.assigned_seats, Some(vec![2, 5]));
    assert_eq!((after.id, after.seats, after.user_id), (booking.id, 2, booking.user_id));
    assert!(after.updated_at > booking.updated_at && after.created_at == booking.created_at);
    assert_eq!(scene.member.client.booking(booking.id).await.expect("a booking"), after);
    // The stream may begin before the move or after it.
    loop {
        let heard = tokio::time::timeout(Duration::from_secs(15), stream.next()).await.expect("heard");
        match heard.expect("not refused") {
            Heard::Message(LiveMessage::Snapshot { taken, .. }) if taken == [2, 5] => break,
            Heard::Message(LiveMessage::Seats { booked, freed, .. }) => seats.push((freed, booked)),
            Heard::Message(LiveMessage::Figures(figures)) => {
                assert_eq!(seats, [(vec![1], vec![]), (vec![], vec![5])], "freed, then booked");
                assert_eq!(figures.available, 4);
                break;
            }
            Heard::Message(_) => {}
            Heard::Interrupted(error) => panic!("interrupted: {error}"),
        }
    }
    moved(&scene.member, booking.id, &[1, 2]).await;
    let history = scene.member.client.booking_history(booking.id).await.expect("a history");
    let moves: Vec<_> = history.iter().filter(|entry| entry.action == "moved").collect();
    assert_eq!(moves[0].reason.as_deref(), Some("from seats 1 and 2 to seats 2 and 5"));
    assert_eq!(
        moves.iter().map(|entry| entry.actor_id).collect::<Vec<_>>(),
        [scene.support.user, scene.member.user]
    );
    let own = scene.member.user.expect("a user");
    let told = scene.member.client.notifications_of(own).await.expect("notifications");
    let of_moves = told.iter().filter(|one| one.kind == NotificationType::BookingMoved);
    let messages: Vec<&str> = of_moves.map(|one| one.message.as_str()).collect();
    let expected = [
        "You moved from seats 2 and 5: you have seats 1 and 2 now.",
        "You were moved from seats 1 and 2: you have seats 2 and 5 now.",
    ];
    assert_eq!(messages, expected, "the newest first");
    all_sent(&parts, Duration::from_secs(20)).await;
    Books::of(&parts).await.audit();
}

async fn one_may_come_back_and_what_was_left_is_free(parts: Parts) {
    let scene = Scene::set(&parts, 4).await;
    let booking = book(&scene.member, scene.event, 2).await;
    moved(&scene.member, booking.id, &[3, 4]).await;
    let other = book(&scene.organizer, scene.event, 1).await;
    assert_eq!(other.assigned_seats, Some(vec![1]));
    moved(&scene.member, booking.id, &[2, 3]).await;
    moved(&scene.organizer, other.id, &[4]).await;
    let last = moved(&scene.member, booking.id, &[1, 2]).await;
    assert_eq!(moved(&scene.member, booking.id, &[2, 1]).await, last, "what it has already changes nothing");
    assert_eq!(scene.taken().await, [1, 2, 4]);
    let record = scene.member.client.booking_seats(booking.id).await.expect("seats");
    let booked = |seat: &happening_core::wire::BookingSeat| seat.status == SeatStatus::Booked;
    assert_eq!(
        record.iter().filter(|seat| booked(seat)).map(|seat| seat.seat_no).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(record.len(), 4, "what it had stays on record");
    let left = scene.member.client.cancel_seats(booking.id, vec![1]).await.expect("given back");
    assert_eq!(left.cancelled, 1);
    assert_eq!(book(&scene.support, scene.event, 2).await.assigned_seats, Some(vec![1, 3]));
    Books::of(&parts).await.audit();
}

async fn what_others_have_or_hold_refuses_the_whole_move(parts: Parts) {
    let scene = Scene::set(&parts, 6).await;
    let booking = book(&scene.member, scene.event, 2).await;
    book(&scene.organizer, scene.event, 1).await;
    let hold = |seats: &[u32]| CreateHold { seats: Some(seats.to_vec()), ..CreateHold::default() };
    scene.organizer.client.create_hold(scene.event, &hold(&[5])).await.expect("a hold");
    assert_eq!(refused(&scene.member, booking.id, &[3, 4]).await, (ErrorCode::SeatsConflict, vec![3]));
    assert_eq!(refused(&scene.member, booking.id, &[4, 5]).await, (ErrorCode::SeatsConflict, vec![5]));
    assert_eq!(scene.taken().await, [1, 2, 3], "all or nothing");
    scene.member.client.create_hold(scene.event, &hold(&[6])).await.expect("a hold");
    moved(&scene.member, booking.id, &[4, 6]).await;
    let seats = scene.organizer.client.seats(scene.event).await.expect("seats");
    assert_eq!((seats.taken, seats.held), (vec![3, 4, 6], vec![5]), "one's own hold is over");
    Books::of(&parts).await.audit();
}

async fn only_confirmed_bookings_of_events_to_come_are_moved(parts: Parts) {
    let scene = Scene::set(&parts, 3).await;
    let (booking, gone) =
        (book(&scene.member, scene.event, 1).await.id, book(&scene.member, scene.event, 1).await.id);
    scene.member.client.cancel_booking(gone).await.expect("cancelled");
    let waiting = book(&scene.member, scene.event, 3).await.id;
    assert_eq!(refused(&scene.member, waiting, &[2, 3, 1]).await.0, ErrorCode::NotConfirmed);
    assert_eq!(refused(&scene.member, gone, &[2]).await.0, ErrorCode::NotConfirmed);
    for bad in [&[][..], &[2, 3], &[0], &[4]] {
        assert_eq!(refused(&scene.member, booking, bad).await.0, ErrorCode::InvalidSeatNumbers, "{bad:?}");
    }
    let over = UpdateEvent { status: Some(EventStatus::Completed), ..UpdateEvent::default() };
    scene.organizer.client.update_event(scene.event, &over).await.expect("is over");
    assert_eq!(refused(&scene.member, booking, &[2]).await.0, ErrorCode::EventClosed);
    assert_eq!(scene.taken().await, [1]);
    Books::of(&parts).await.audit();
}

async fn a_move_that_is_sent_again_is_answered_as_before(parts: Parts) {
    let scene = Scene::set(&parts, 5).await;
    let raw = Raw::new(&scene.daemon);
    let booking = book(&scene.member, scene.event, 1).await.id;
    let ask = |seat: u32| {
        let request = raw.request(Method::POST, &format!("/bookings/{booking}/move"));
        let request = request.bearer_auth(&scene.member.token).header("Idempotency-Key", "m");
        Answer::to(request.json(&json!({ "seat_numbers": [seat] })))
    };
    let first = ask(4).await;
    assert_eq!(first.ok()["assigned_seats"], json!([4]));
    moved(&scene.member, booking, &[2]).await;
    let again = ask(4).await;
    assert_eq!((again.status, &again.text), (200, &first.text), "the very same answer");
    assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
    assert_eq!(scene.taken().await, [2], "and nothing was moved");
    ask(5).await.problem("another body", 409, "idempotency_mismatch");
    Books::of(&parts).await.audit();
}

async fn of_a_crowd_one_gets_the_seat(parts: Parts) {
    let scene = Scene::set(&parts, 41).await;
    let mut bookings = Vec::new();
    for _ in 0..40 {
        bookings.push(book(&scene.member, scene.event, 1).await.id);
    }
    let ask = |booking: BookingId| {
        let client = scene.member.client.clone();
        async move { client.move_booking(booking, vec![41]).await }
    };
    let answers = at_once(bookings.into_iter().map(ask).collect()).await;
    let (got, not): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((got.len(), not.len()), (1, 39));
    for refused in not {
        assert_eq!(refused.expect_err("a refusal").code(), Some(ErrorCode::SeatsConflict));
    }
    assert_eq!(scene.taken().await.len(), 40);
    Books::of(&parts).await.audit();
}
