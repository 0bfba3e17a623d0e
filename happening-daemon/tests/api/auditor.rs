//! The audit that the other tests rest on finds what it is there to find.

use crate::support::Daemon;
use crate::support::books::{BookingRow, Books, NotificationRow, SeatRow};
use crate::support::parts::Parts;
use crate::support::people::{book, publish, sign_in};
use std::panic::{AssertUnwindSafe, catch_unwind};
use uuid::Uuid;

on_both_parts!(the_audit_finds_each_broken_rule);

/// A rule, and how to break it.
type Fraud = (&'static str, fn(&mut Books));

const FRAUDS: [Fraud; 14] = [
    ("booked + available = total", |books| books.events[0].available_slots += 1),
    ("a seat twice", |books| {
        let SeatRow { event_id, seat_no, .. } = books.seats[0];
        let booking_id = books.seats[1].booking_id;
        books.seats.push(SeatRow { booking_id, event_id, seat_no, status: "booked".to_owned() });
    }),
    ("a seat that does not exist", |books| books.seats[0].seat_no = 99),
    ("a confirmed booking without its seat", |books| drop(books.seats.remove(0))),
    ("a booking that is gone", |books| drop(books.bookings.remove(0))),
    ("a booking that nobody made", |books| {
        let BookingRow { event_id, user_id, .. } = books.bookings[0];
        let status = "cancelled".to_owned();
        books.bookings.push(BookingRow {
            id: Uuid::nil(),
            event_id,
            user_id,
            seats: 1,
            status,
            waiting_number: None,
        });
    }),
    ("a waiting number twice", |books| {
        let line: Vec<Uuid> = books.line(books.bookings[0].event_id).iter().map(|row| row.id).collect();
        let twice = books.bookings.iter_mut().filter(|row| line.contains(&row.id));
        twice.for_each(|row| row.waiting_number = Some(2));
    }),
    ("a count of those who wait", |books| books.events.iter_mut().for_each(|event| event.waiting += 1)),
    ("a promotion before the head", |books| {
        let promoted = books.history.iter_mut().find(|row| row.action == "promoted").expect("a promotion");
        promoted.reason = Some("place 2 in line, order number 3".to_owned());
    }),
    ("a change that was not written down", |books| drop(books.history.pop())),
    ("a change without its notification", |books| drop(books.notifications.pop())),
    ("a notification twice", |books| {
        let NotificationRow { user_id, event_id, booking_id, ref kind, ref status, .. } =
            books.notifications[0];
        let (id, kind, status) = (Uuid::nil(), kind.clone(), status.clone());
        books.notifications.push(NotificationRow { id, user_id, event_id, booking_id, kind, status });
    }),
    ("a notification of something else", |books| {
        "event_updated".clone_into(&mut books.notifications[0].kind);
    }),
    ("a notification for somebody else", |books| books.notifications[0].user_id = Uuid::nil()),
];

async fn the_audit_finds_each_broken_rule(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 3).await.id;
    let booked = book(&member, event, 2).await;
    book(&organizer, event, 1).await;
    for seats in [3, 1, 2] {
        book(&organizer, event, seats).await;
    }
    member.client.cancel_booking(booked.id).await.expect("a cancel");
    let honest = Books::of(&parts).await;
    honest.audit();
    assert_eq!(honest.line(event.0).len(), 3, "one is served in part");
    for (rule, commit) in FRAUDS {
        let mut books = Books::of(&parts).await;
        // Of the events, the one that the demo brings along has no bookings.
        books.events.sort_by_key(|row| row.id != event.0);
        books.seats.sort_by_key(|row| row.status != "booked");
        commit(&mut books);
        assert!(catch_unwind(AssertUnwindSafe(|| books.audit())).is_err(), "not found: {rule}");
    }
}
