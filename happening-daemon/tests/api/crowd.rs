//! Crowds: two hundred at once, each on a connection of their own, at one daemon and at two that share their parts.

use crate::support::books::{Books, all_sent, counters_agree};
use crate::support::connection::Connection;
use crate::support::parts::Parts;
use crate::support::people::{book, bookers, publish, sign_in};
use crate::support::{Daemon, eventually};
use futures::future::join_all;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{Booking, BookingStatus, WaitingParty};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;

on_both_parts!(
    of_200_exactly_100_get_seats_and_40_cancels_promote_the_first_40,
    a_booking_of_more_seats_than_one_commit_frees_is_cancelled_whole,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_serve_a_crowd_as_one_would() {
    hundred_seats(Parts::real().await, 2).await;
}

async fn of_200_exactly_100_get_seats_and_40_cancels_promote_the_first_40(parts: Parts) {
    hundred_seats(parts, 1).await;
}

/// Bookings of so many seats are from before there was a limit: they are given back in several commits, and the waitlist is
/// served meanwhile.
async fn a_booking_of_more_seats_than_one_commit_frees_is_cancelled_whole(parts: Parts) {
    const SEATS: u32 = 25_000;
    let mut daemon = Daemon::start_on(&parts, 0, &[("MAX_SEATS_PER_BOOKING", "25000")]).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, SEATS).await.id;
    let large = book(&member, event, SEATS).await;
    assert_eq!(large.status, BookingStatus::Confirmed);
    let waiting = book(&sign_in(&daemon, "admin").await, event, 3).await;
    assert_eq!(waiting.waiting_number, Some(1));
    daemon.kill().await;
    daemon.restart_with(&[("MAX_SEATS_PER_BOOKING", "1000")]).await;
    let member = sign_in(&daemon, "member").await;
    member.client.cancel_booking(large.id).await.expect("cancelled");
    let history = member.client.booking_history(large.id).await.expect("a history");
    let given_back: Vec<u32> =
        history.iter().filter(|entry| entry.action != "booked").map(|entry| entry.seats).collect();
    assert_eq!((given_back.len(), given_back.iter().sum::<u32>()), (3, SEATS), "{history:?}");
    let admin = sign_in(&daemon, "admin").await;
    let promoted = admin.client.booking(waiting.id).await.expect("a booking");
    assert_eq!((promoted.status, promoted.seats), (BookingStatus::Confirmed, 3));
    let seats = admin.client.seats(event).await.expect("the seats");
    assert_eq!((seats.taken.len(), seats.total), (3, SEATS));
    all_sent(&parts, Duration::from_secs(30)).await;
    Books::of(&parts).await.audit();
}

/// Runs all of them from the same moment on.
pub async fn at_once<T: Send + 'static>(tasks: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let start = Arc::new(Barrier::new(tasks.len()));
    let running: Vec<_> = tasks
        .into_iter()
        .map(|task| {
            let start = start.clone();
            tokio::spawn(async move {
                start.wait().await;
                task.await
            })
        })
        .collect();
    join_all(running).await.into_iter().map(|ended| ended.expect("a task that ends")).collect()
}

/// Somebody at a connection of their own.
struct Buyer {
    connection: Connection,
    /// Which of the daemons it leads to.
    daemon: usize,
    /// Whose it is.
    person: usize,
}

impl Buyer {
    async fn books(mut self, event: EventId) -> (Self, Booking) {
        // `[]` is any seat, as the web client says it.
        let create = json!({ "event_id": event, "seats": 1, "seat_numbers": [] });
        let (status, body) = self.connection.post("/bookings", Some(create)).await;
        assert_eq!(status, 201, "a booking is never refused: {body}");
        (self, serde_json::from_value(body).expect("a booking"))
    }

    async fn cancels(mut self, booking: BookingId) {
        let (status, body) = self.connection.post(&format!("/bookings/{booking}/cancel"), None).await;
        assert_eq!((status, &body), (200, &json!({ "ok": true })), "a cancel is never refused");
    }
}

async fn hundred_seats(parts: Parts, daemons: usize) {
    let daemons: Vec<Daemon> = join_all((0..daemons).map(|_| Daemon::start(&parts))).await;
    let people = bookers(&daemons).await;
    let event = publish(&people[0][1], 100).await.id;
    let mut buyers = Vec::new();
    for index in 0..200 {
        let (daemon, person) = (index % daemons.len(), index % people[0].len());
        let connection = Connection::open(daemons[daemon].url(), &people[0][person].token).await;
        buyers.push(Buyer { connection, daemon, person });
    }
    let booked = at_once(buyers.into_iter().map(|buyer| buyer.books(event)).collect()).await;
    let (buyers, bookings): (Vec<Buyer>, Vec<Booking>) = booked.into_iter().unzip();
    let mut confirmed = Vec::new();
    let mut numbers = Vec::new();
    for (index, booking) in bookings.iter().enumerate() {
        match (booking.assigned_seats.as_deref(), booking.waiting_number) {
            (Some(&[seat]), None) => confirmed.push((seat, index)),
            (None, Some(number)) => numbers.push(number),
            _ => panic!("neither confirmed nor waiting: {booking:?}"),
        }
    }
    confirmed.sort_unstable();
    numbers.sort_unstable();
    assert!(
        confirmed.iter().map(|(seat, _)| *seat).eq(1..=100),
        "100 with a seat of their own: {confirmed:?}"
    );
    assert!(numbers.iter().copied().eq(1..=100), "100 with a number of their own: {numbers:?}");

    // Every second one, so that the seats that come free are scattered.
    let leaving: Vec<usize> = confirmed.iter().map(|(_, index)| *index).step_by(2).take(40).collect();
    let mut cancels = Vec::new();
    let mut free = buyers;
    for &index in &leaving {
        // Where there are two daemons, at the other one than where it was booked.
        let (daemon, person) = ((index + 1) % daemons.len(), index % people[0].len());
        let fits = |buyer: &Buyer| (buyer.daemon, buyer.person) == (daemon, person);
        let at = free.iter().position(fits).expect("a connection");
        cancels.push(free.swap_remove(at).cancels(bookings[index].id));
    }
    at_once(cancels).await;
    exactly_the_first_are_promoted(&parts, event, &bookings, &leaving).await;
    let organizer = &people[0][1].client;
    let line = organizer.waitlist(event).await.expect("the waitlist");
    let told = |party: &WaitingParty| {
        bookings
            .iter()
            .find(|booking| booking.id == party.booking_id)
            .and_then(|booking| booking.waiting_number)
    };
    assert!(line.iter().map(told).eq((41..=100).map(Some)), "60 still wait, in their order");
    assert!(line.iter().map(|party| party.waiting_number).eq(1..=60), "and each has moved up");
    let map = organizer.seats(event).await.expect("the seats");
    assert!(map.taken.iter().copied().eq(1..=100), "every seat is taken again");
    all_sent(&parts, Duration::from_secs(30)).await;
}

async fn exactly_the_first_are_promoted(
    parts: &Parts,
    event: EventId,
    bookings: &[Booking],
    leaving: &[usize],
) {
    let books = Books::of(parts).await;
    books.audit();
    assert_eq!(books.bookings.len(), bookings.len());
    for (index, booking) in bookings.iter().enumerate() {
        let row =
            books.bookings.iter().find(|row| row.id == booking.id.0).expect("what was answered is there");
        let expected = match booking.waiting_number {
            None if leaving.contains(&index) => "cancelled",
            None | Some(..=40) => "confirmed",
            Some(_) => "waiting",
        };
        assert_eq!(row.status, expected, "waiting number {:?}", booking.waiting_number);
    }
    assert_eq!(books.event(event.0).available_slots, 0);
    if parts.stack().is_some() {
        let agree = || counters_agree(parts, &books);
        eventually("Redis equals the truth", Duration::from_secs(5), agree).await;
    }
}
