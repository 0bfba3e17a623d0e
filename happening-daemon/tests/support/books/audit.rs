//! The invariants.

use super::{Books, EventRow, HistoryRow};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// What the history makes of an event.
#[derive(Default)]
struct Played {
    /// Who waits, by waiting number: the booking and the seats it still wants.
    line: BTreeMap<i64, (Uuid, i32)>,
    drawn: BTreeSet<i64>,
    passes: HashMap<Uuid, i32>,
    /// Promotions in part of a waiting booking that its own history does not mention (yet).
    unmentioned: HashMap<Uuid, i32>,
    bookings: HashMap<Uuid, (&'static str, i32)>,
}

impl Books {
    /// Panics with the rule that is broken.
    pub fn audit(&self) {
        self.audit_rows();
        let mut played: HashMap<Uuid, Played> = HashMap::new();
        for row in &self.history {
            let event = self.event(row.event_id);
            played.entry(event.id).or_default().play(row, event.waitlist_policy == "whole");
        }
        for event in &self.events {
            self.audit_history(event, &played.remove(&event.id).unwrap_or_default());
        }
        self.audit_notifications();
    }

    /// What the rows say of each other, whatever the history: for books that were changed by hand.
    pub fn audit_rows(&self) {
        self.audit_seats();
        self.audit_bookings();
    }

    /// I1: booked + available = total. I2: no seat twice, none that does not exist.
    fn audit_seats(&self) {
        for event in &self.events {
            let taken = self.taken(event.id);
            let distinct: BTreeSet<i32> = taken.iter().copied().collect();
            assert_eq!(distinct.len(), taken.len(), "a seat is booked twice: {taken:?}");
            assert!(
                taken.iter().all(|seat| (1..=event.total_slots).contains(seat)),
                "a seat beyond {} is booked: {taken:?}",
                event.total_slots
            );
            let booked = i32::try_from(taken.len()).expect("few seats");
            let sum = booked + event.available_slots;
            assert_eq!(sum, event.total_slots, "booked + available = total, event {}", event.id);
        }
    }

    /// A booking has as many seats as it says, and waits if it has a number; nobody shares a number.
    fn audit_bookings(&self) {
        let mut held: HashMap<Uuid, i32> = HashMap::new();
        for seat in self.seats.iter().filter(|seat| seat.status == "booked") {
            *held.entry(seat.booking_id).or_default() += 1;
        }
        for booking in &self.bookings {
            let expected = if booking.status == "confirmed" { booking.seats } else { 0 };
            let held = held.remove(&booking.id).unwrap_or(0);
            assert_eq!(held, expected, "seats of the {} booking {}", booking.status, booking.id);
            assert_eq!(booking.waiting_number.is_some(), booking.status == "waiting", "{}", booking.id);
        }
        assert!(held.is_empty(), "seats without a booking: {held:?}");
        for event in &self.events {
            let line = self.line(event.id);
            let numbers: HashSet<_> = line.iter().map(|row| row.waiting_number).collect();
            assert_eq!(numbers.len(), line.len(), "a waiting number was drawn twice");
            assert_eq!(i32::try_from(line.len()), Ok(event.waiting), "events.waiting");
        }
    }

    /// I4: the history, played through by the waitlist's rules, ends in the rows that are there.
    fn audit_history(&self, event: &EventRow, played: &Played) {
        let line: Vec<(Uuid, i32)> = self.line(event.id).iter().map(|row| (row.id, row.seats)).collect();
        let left: Vec<(Uuid, i32)> = played.line.values().copied().collect();
        assert_eq!(left, line, "the waitlist of {}", event.id);
        assert!(
            played.drawn.iter().copied().eq(1..event.next_waiting_number),
            "waiting numbers have no gaps: {:?}",
            played.drawn
        );
        assert!(
            played.passes.values().all(|&count| count <= event.bypass_limit),
            "somebody was passed more often than {} times: {:?}",
            event.bypass_limit,
            played.passes
        );
        let all_mentioned = played.unmentioned.values().all(|&count| count == 0);
        assert!(
            all_mentioned,
            "promotions in part are written down for both parts: {:?}",
            played.unmentioned
        );
        let is_live = matches!(event.status.as_str(), "upcoming" | "ongoing");
        if let (true, Some((head, wanted))) = (is_live, line.first()) {
            let enough = if event.waitlist_policy == "whole" { *wanted } else { 1 };
            assert!(event.available_slots < enough, "{head} waits for {wanted} though seats are free");
        }
        let bookings = self.bookings.iter().filter(|row| row.event_id == event.id);
        let rows: HashMap<Uuid, (&str, i32)> =
            bookings.map(|row| (row.id, (row.status.as_str(), row.seats))).collect();
        assert_eq!(rows, played.bookings, "the bookings of {}", event.id);
    }

    /// I5: every change has exactly one notification, for the person whose booking it is.
    fn audit_notifications(&self) {
        let owners: HashMap<Uuid, Uuid> = self.bookings.iter().map(|row| (row.id, row.user_id)).collect();
        let mut changes: BTreeMap<(Uuid, &str), i32> = BTreeMap::new();
        for row in &self.history {
            if let Some(kind) = told_as(&row.action) {
                *changes.entry((row.booking_id, kind)).or_default() += 1;
            }
        }
        let mut told: BTreeMap<(Uuid, &str), i32> = BTreeMap::new();
        for row in &self.notifications {
            let Some(booking) = row.booking_id else {
                assert_eq!(row.kind, "event_updated", "a notification without a booking");
                continue;
            };
            let owner = owners.get(&booking);
            assert_eq!(owner, Some(&row.user_id), "told of somebody else's booking {booking}");
            *told.entry((booking, &row.kind)).or_default() += 1;
        }
        let untold: Vec<_> = changes.iter().filter(|(key, count)| told.get(key) != Some(count)).collect();
        assert!(untold.is_empty(), "changes without exactly one notification: {untold:?}");
        assert_eq!(changes.len(), told.len(), "notifications without a change");
    }
}

/// The notification that a change must have.
fn told_as(action: &str) -> Option<&'static str> {
    match action {
        "booked" => Some("booking_confirmed"),
        "waitlisted" | "lessened" => Some("booking_waitlisted"),
        "promoted" => Some("waitlist_promoted"),
        "moved" => Some("booking_moved"),
        "cancelled" | "seats_cancelled" | "left_waitlist" => Some("booking_cancelled"),
        "outgrown" => Some("event_updated"),
        // What the promotion of the other part, or of the one who passed, tells already.
        "promoted_in_part" | "passed" => None,
        other => panic!("an action that this test does not know: {other}"),
    }
}

impl Played {
    fn play(&mut self, row: &HistoryRow, is_whole: bool) {
        let (id, seats) = (row.booking_id, row.seats);
        match row.action.as_str() {
            "booked" => {
                let before = self.bookings.insert(id, ("confirmed", seats));
                assert_eq!(before, None, "{id} was booked twice");
            }
            "waitlisted" => {
                let number = waiting_number(row);
                assert!(self.drawn.insert(number), "waiting number {number} was drawn twice");
                self.line.insert(number, (id, seats));
                self.bookings.insert(id, ("waiting", seats));
            }
            "promoted" => self.promote(row, is_whole),
            // Its rest was played with the promotion of the other part.
            "promoted_in_part" => *self.unmentioned.entry(id).or_default() -= 1,
            "cancelled" => {
                let before = self.bookings.insert(id, ("cancelled", seats));
                assert_eq!(before, Some(("confirmed", seats)), "{id} is cancelled");
            }
            "seats_cancelled" => {
                let booking = self.bookings.get_mut(&id).expect("a booking");
                assert!(
                    booking.0 == "confirmed" && booking.1 > seats,
                    "{id} gives back {seats} of {booking:?}"
                );
                booking.1 -= seats;
            }
            "moved" => {
                let booking = self.bookings.get(&id);
                assert_eq!(booking, Some(&("confirmed", seats)), "{id} is moved with all its seats");
            }
            "left_waitlist" => {
                self.line.retain(|_, (waiting, _)| *waiting != id);
                let before = self.bookings.insert(id, ("cancelled", seats));
                assert_eq!(before, Some(("waiting", seats)), "{id} leaves the waitlist");
            }
            "lessened" => self.lessen(id, seats),
            "outgrown" => {}
            "passed" => *self.passes.entry(id).or_default() += 1,
            other => panic!("an action that this test does not know: {other}"),
        }
    }

    fn lessen(&mut self, id: Uuid, by: i32) {
        let (_, wanted) =
            self.line.values_mut().find(|(waiting, _)| *waiting == id).expect("who waits for less waits");
        *wanted -= by;
        assert!(*wanted > 0, "{id} waits for nothing");
        self.bookings.insert(id, ("waiting", *wanted));
    }

    fn promote(&mut self, row: &HistoryRow, is_whole: bool) {
        let number = waiting_number(row);
        let head = *self.line.keys().next().expect("somebody waits");
        assert!(is_whole || number == head, "{number} was promoted before {head}");
        let (waiting, wanted) = *self.line.get(&number).expect("who is promoted waits");
        let rest = wanted - row.seats;
        if rest == 0 {
            assert_eq!(waiting, row.booking_id, "the last part is the waiting booking itself");
            self.line.remove(&number);
        } else {
            assert!(rest > 0 && !is_whole, "{} of {wanted} seats for {number}", row.seats);
            self.line.insert(number, (waiting, rest));
            self.bookings.insert(waiting, ("waiting", rest));
            *self.unmentioned.entry(waiting).or_default() += 1;
        }
        self.bookings.insert(row.booking_id, ("confirmed", row.seats));
    }
}

/// `place 2 in line, order number 7; …`
fn waiting_number(row: &HistoryRow) -> i64 {
    let reason = row.reason.as_deref().unwrap_or_default();
    let number = reason.split_once("order number ").and_then(|(_, rest)| rest.split([',', ';']).next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("{} without a waiting number: {reason}", row.action))
}
