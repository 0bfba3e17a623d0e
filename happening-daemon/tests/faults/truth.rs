//! What clients saw against the database: the invariants by themselves are [`Books::audit`]'s.

use crate::history::{Asked, Call, History, Seen};
use crate::stage::Stage;
use crate::support::books::{BookingRow, Books};
use happening_core::id::BookingId;
use happening_core::wire::{Booking, BookingStatus};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The bookings and their seats, by id.
struct Stored<'a> {
    bookings: HashMap<Uuid, &'a BookingRow>,
    seats: HashMap<Uuid, HashSet<i32>>,
    /// Waiting bookings that ended because their person gave seats back.
    left: HashSet<Uuid>,
}

impl Stage {
    /// Everything that must hold whatever happened, once the load has ended.
    pub async fn assert_true(&self, history: &History) {
        let books = Books::of_postgres(&self.truth).await;
        books.audit();
        assert_nothing_lost(history, &Stored::of(&books));
        self.assert_nothing_twice(history, &books);
    }

    /// No seat was promised to two, and there are no bookings that nobody asked for.
    fn assert_nothing_twice(&self, history: &History, books: &Books) {
        let mut given = HashSet::new();
        for booking in history.bookings().filter(|booking| booking.event_id == self.events.wide) {
            for seat in booking.assigned_seats.iter().flatten() {
                assert!(given.insert(*seat), "seat {seat} was promised twice");
            }
        }
        for event in [self.events.wide, self.events.tight] {
            let asked = history.only(|call| matches!(call.asked, Asked::Book(of) if of == event));
            let answered = asked.bookings().count();
            let open = asked.only(Call::is_failure).0.len();
            let made = books.bookings.iter().filter(|booking| booking.event_id == event.0).count();
            assert!(
                (answered..=answered + open).contains(&made),
                "{made} bookings, {answered} answered, {open} of unknown fate"
            );
        }
    }
}

/// Every answer that a client saw is in the database.
fn assert_nothing_lost(history: &History, stored: &Stored) {
    let mut cancelled = HashSet::new();
    let mut perhaps_cancelled = HashSet::new();
    for call in &history.0 {
        match (call.asked, &call.seen) {
            (Asked::Cancel(booking), Seen::Cancelled) => drop(cancelled.insert(booking)),
            (Asked::Cancel(booking), _) => drop(perhaps_cancelled.insert(booking)),
            _ => {}
        }
    }
    for seen in history.bookings() {
        let found = stored.of_answer(seen);
        if cancelled.contains(&seen.id) {
            assert_eq!(found.status, "cancelled", "{seen:?}");
        } else if !perhaps_cancelled.contains(&seen.id) {
            stored.assert_unchanged(seen, found);
        }
    }
}

impl<'a> Stored<'a> {
    fn of(books: &'a Books) -> Self {
        let mut seats: HashMap<Uuid, HashSet<i32>> = HashMap::new();
        for seat in books.seats.iter().filter(|seat| seat.status == "booked") {
            seats.entry(seat.booking_id).or_default().insert(seat.seat_no);
        }
        Self {
            bookings: books.bookings.iter().map(|booking| (booking.id, booking)).collect(),
            seats,
            left: books.left_by_giving_back(),
        }
    }

    fn of_answer(&self, seen: &Booking) -> &'a BookingRow {
        let BookingId(id) = seen.id;
        let found = self.bookings.get(&id).unwrap_or_else(|| panic!("lost: {seen:?}"));
        assert_eq!((found.event_id, found.user_id), (seen.event_id.0, seen.user_id.0), "{seen:?}");
        found
    }

    /// As it was answered, or promoted since, or out of the line because its person gave seats back.
    fn assert_unchanged(&self, seen: &Booking, found: &BookingRow) {
        let promoted = seen.status == BookingStatus::Waiting && found.status == "confirmed";
        let left = seen.status == BookingStatus::Waiting && self.left.contains(&found.id);
        assert!(promoted || left || found.status == seen.status.as_str(), "{seen:?} is {}", found.status);
        for seat in seen.assigned_seats.iter().flatten() {
            let has = self.seats.get(&found.id).is_some_and(|seats| seats.contains(&seat.cast_signed()));
            assert!(has, "seat {seat} of {seen:?} is gone");
        }
    }
}
