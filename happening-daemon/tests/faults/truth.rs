//! The invariants, read from the database: by itself, and against what clients saw.

use crate::history::{Asked, Call, History, Seen};
use crate::stage::Stage;
use happening_core::id::BookingId;
use happening_core::wire::BookingStatus;
use sqlx::{PgPool, Row};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Rules whose exceptions a statement counts. Waiting numbers are read from the history, where promotions keep them.
const RULES: [(&str, &str); 7] = [
    (
        "booked + available = total",
        "SELECT count(*) FROM events e WHERE e.total_slots <> e.available_slots + \
         (SELECT count(*) FROM booking_seats s WHERE s.event_id = e.id AND s.status = 'booked')",
    ),
    (
        "a confirmed booking has as many seats as it says, and no other has any",
        "SELECT count(*) FROM bookings b WHERE (CASE WHEN b.status = 'confirmed' THEN b.seats ELSE 0 END) <> \
         (SELECT count(*) FROM booking_seats s WHERE s.booking_id = b.id AND s.status = 'booked')",
    ),
    (
        "no seat is booked twice",
        "SELECT count(*) FROM (SELECT 1 FROM booking_seats WHERE status = 'booked' GROUP BY event_id, seat_no \
         HAVING count(*) > 1) AS twice",
    ),
    (
        "an event counts those who wait",
        "SELECT count(*) FROM events e WHERE e.waiting <> \
         (SELECT count(*) FROM bookings b WHERE b.event_id = e.id AND b.status = 'waiting')",
    ),
    (
        "nobody waits while a seat is free",
        "SELECT count(*) FROM events WHERE waiting > 0 AND available_slots > 0 AND waitlist_policy = 'split'",
    ),
    (
        "nobody was promoted before somebody ahead of them",
        "SELECT count(*) FROM bookings b JOIN booking_history h ON h.event_id = b.event_id AND h.action = 'promoted' \
         WHERE b.status = 'waiting' AND \
         substring(h.reason FROM 'waiting number ([0-9]+)')::bigint > b.waiting_number",
    ),
    (
        "every change has exactly one notification",
        "SELECT count(*) FROM (SELECT booking_id, count(*) AS n FROM booking_history \
         WHERE action IN ('booked', 'waitlisted', 'promoted', 'cancelled', 'seats_cancelled', 'left_waitlist') \
         GROUP BY booking_id) AS changes \
         FULL JOIN (SELECT booking_id, count(*) AS n FROM notifications GROUP BY booking_id) AS told \
         USING (booking_id) WHERE changes.n IS DISTINCT FROM told.n",
    ),
];

/// A booking as the database has it.
struct Stored {
    event: Uuid,
    user: Uuid,
    status: String,
    seats: HashSet<i32>,
}

impl Stage {
    /// Everything that must hold whatever happened, once the load has ended.
    pub async fn assert_true(&self, history: &History) {
        for (rule, exceptions) in RULES {
            let count: i64 = sqlx::query_scalar(exceptions).fetch_one(&self.truth).await.expect(rule);
            assert_eq!(count, 0, "exceptions from: {rule}");
        }
        let stored = self.stored().await;
        assert_nothing_lost(history, &stored);
        self.assert_nothing_twice(history, &stored);
    }

    async fn stored(&self) -> HashMap<BookingId, Stored> {
        let seats = seats(&self.truth).await;
        let rows =
            sqlx::query("SELECT id, event_id, user_id, status FROM bookings").fetch_all(&self.truth).await;
        let read = |row: sqlx::postgres::PgRow| {
            let id = row.get("id");
            let stored = Stored {
                event: row.get("event_id"),
                user: row.get("user_id"),
                status: row.get("status"),
                seats: seats.get(&id).cloned().unwrap_or_default(),
            };
            (BookingId(id), stored)
        };
        rows.expect("bookings").into_iter().map(read).collect()
    }

    /// No seat was promised to two, and there are no bookings that nobody asked for.
    fn assert_nothing_twice(&self, history: &History, stored: &HashMap<BookingId, Stored>) {
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
            let made = stored.values().filter(|booking| booking.event == event.0).count();
            assert!(
                (answered..=answered + open).contains(&made),
                "{made} bookings, {answered} answered, {open} of unknown fate"
            );
        }
    }
}

/// Every answer that a client saw is in the database.
fn assert_nothing_lost(history: &History, stored: &HashMap<BookingId, Stored>) {
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
        let found = stored.get(&seen.id).unwrap_or_else(|| panic!("lost: {seen:?}"));
        assert_eq!((found.event, found.user), (seen.event_id.0, seen.user_id.0), "{seen:?}");
        if cancelled.contains(&seen.id) {
            assert_eq!(found.status, "cancelled", "{seen:?}");
        } else if !perhaps_cancelled.contains(&seen.id) {
            let promoted = seen.status == BookingStatus::Waiting && found.status == "confirmed";
            assert!(promoted || found.status == seen.status.as_str(), "{seen:?} is {}", found.status);
            let seats: HashSet<i32> =
                seen.assigned_seats.iter().flatten().map(|seat| seat.cast_signed()).collect();
            assert!(seats.is_subset(&found.seats), "{seen:?} has {:?}", found.seats);
        }
    }
}

async fn seats(truth: &PgPool) -> HashMap<Uuid, HashSet<i32>> {
    let rows = sqlx::query("SELECT booking_id, seat_no FROM booking_seats WHERE status = 'booked'")
        .fetch_all(truth)
        .await;
    let mut seats: HashMap<Uuid, HashSet<i32>> = HashMap::new();
    for row in rows.expect("seats") {
        seats.entry(row.get("booking_id")).or_default().insert(row.get("seat_no"));
    }
    seats
}
