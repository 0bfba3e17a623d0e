//! The story of the README: five seats, more people than seats, and what becomes of everyone.
//!
//! After each step the API, the database, Redis and what people were told say the same.

use crate::support::Daemon;
use crate::support::books::{Books, all_sent, counted};
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{
    Booking, BookingStatus, CancelAnswer, Cancelled, NotificationStatus, NotificationType, UpdateEvent,
    WaitingPosition,
};
use std::collections::HashSet;
use std::time::Duration;

on_both_parts!(the_story_of_the_readme);

/// The people of the story, the event, and what everyone was told so far.
struct Stage {
    parts: Parts,
    daemon: Daemon,
    event: EventId,
    organizer: Signed,
    told: Vec<(BookingId, NotificationType)>,
}

async fn the_story_of_the_readme(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = sign_in(&daemon, "organizer").await;
    let (mia, ada, sam) = (
        sign_in(&daemon, "member").await,
        sign_in(&daemon, "admin").await,
        sign_in(&daemon, "support").await,
    );
    let published = publish(&organizer, 5).await;
    assert_eq!((published.available_slots, published.waiting, published.version), (5, 0, 0));
    let mut stage = Stage { parts, daemon, event: published.id, organizer, told: Vec::new() };
    stage.holds(5, &[], &[]).await;

    let three = stage.books(&mia, 3).await;
    assert_eq!(three.assigned_seats, Some(vec![1, 2, 3]));
    stage.tells(three.id, NotificationType::BookingConfirmed);
    stage.holds(5, &[1, 2, 3], &[]).await;

    let two = stage.books(&ada, 2).await;
    assert_eq!(two.assigned_seats, Some(vec![4, 5]));
    stage.tells(two.id, NotificationType::BookingConfirmed);
    stage.holds(5, &[1, 2, 3, 4, 5], &[]).await;

    let otto = sign_in(&stage.daemon, "organizer").await;
    let four = stage.books(&otto, 4).await;
    assert_eq!(
        (four.status, four.waiting_number, &four.assigned_seats),
        (BookingStatus::Waiting, Some(1), &None)
    );
    stage.tells(four.id, NotificationType::BookingWaitlisted);
    stage.holds(5, &[1, 2, 3, 4, 5], &[&otto]).await;
    assert_eq!(place(&otto, &four).await, (BookingStatus::Waiting, Some(1), 0, 4, 4));

    let one = stage.books(&sam, 1).await;
    assert_eq!((one.status, one.waiting_number), (BookingStatus::Waiting, Some(2)));
    stage.tells(one.id, NotificationType::BookingWaitlisted);
    stage.holds(5, &[1, 2, 3, 4, 5], &[&otto, &sam]).await;
    assert_eq!(place(&sam, &one).await, (BookingStatus::Waiting, Some(2), 0, 1, 1));

    let part = cancelling_serves_the_head_in_part(&mut stage, &mia, &three, &otto, &four).await;
    assert_eq!(place(&otto, &part).await, (BookingStatus::Confirmed, None, 3, 1, 4));
    stage.holds(5, &[1, 2, 3, 4, 5], &[&otto, &sam]).await;

    cancelling_seats_serves_the_rest(&mut stage, &ada, &two, &otto, &four).await;
    stage.holds(5, &[1, 2, 3, 4, 5], &[&sam]).await;
    assert_eq!(place(&sam, &one).await, (BookingStatus::Waiting, Some(1), 0, 1, 1));

    let larger = UpdateEvent { total_slots: Some(7), ..UpdateEvent::default() };
    let event = stage.organizer.client.update_event(stage.event, &larger).await.expect("more seats");
    assert_eq!((event.total_slots, event.available_slots, event.waiting), (7, 1, 0));
    stage.tells(one.id, NotificationType::WaitlistPromoted);
    stage.holds(7, &[1, 2, 3, 4, 5, 6], &[]).await;
    assert_eq!(place(&sam, &one).await, (BookingStatus::Confirmed, None, 1, 0, 1));

    deleting_tells_whoever_has_a_booking(stage, &[&otto, &ada, &sam], &mia, &four).await;
}

async fn cancelling_serves_the_head_in_part(
    stage: &mut Stage,
    mia: &Signed,
    three: &Booking,
    otto: &Signed,
    four: &Booking,
) -> Booking {
    let cancelled = mia.client.cancel_booking(three.id).await.expect("a cancel");
    assert_eq!(cancelled, CancelAnswer::Done(Cancelled { ok: true, lessened: vec![] }));
    stage.tells(three.id, NotificationType::BookingCancelled);
    let own = otto.client.bookings_of(otto.user.expect("a user")).await.expect("bookings");
    let part = own.iter().find(|booking| booking.booking_id != four.id).expect("the part that was served");
    let part = otto.client.booking(part.booking_id).await.expect("the part");
    assert_eq!((part.status, part.seats), (BookingStatus::Confirmed, 3));
    assert_eq!(part.assigned_seats, Some(vec![1, 2, 3]));
    let rest = otto.client.booking(four.id).await.expect("the rest");
    assert_eq!((rest.status, rest.seats, rest.waiting_number), (BookingStatus::Waiting, 1, Some(1)));
    stage.tells(part.id, NotificationType::WaitlistPromoted);
    assert_eq!(place(otto, four).await, (BookingStatus::Waiting, Some(1), 3, 1, 4));
    let again = mia.client.cancel_booking(three.id).await.expect("harmless the second time");
    assert!(
        matches!(again, CancelAnswer::Already(row) if row.id == three.id && row.status == BookingStatus::Cancelled)
    );
    part
}

async fn cancelling_seats_serves_the_rest(
    stage: &mut Stage,
    ada: &Signed,
    two: &Booking,
    otto: &Signed,
    four: &Booking,
) {
    let none = ada.client.cancel_seats(two.id, vec![1, 77]).await.expect("seats of others count 0");
    assert_eq!((none.ok, none.cancelled), (true, 0));
    let some = ada.client.cancel_seats(two.id, vec![1, 5]).await.expect("a cancel of one seat");
    assert_eq!((some.ok, some.cancelled), (true, 1));
    stage.tells(two.id, NotificationType::BookingCancelled);
    stage.tells(four.id, NotificationType::WaitlistPromoted);
    let kept = ada.client.booking(two.id).await.expect("the rest of it");
    assert_eq!((kept.status, kept.seats, kept.assigned_seats), (BookingStatus::Confirmed, 1, Some(vec![4])));
    let seats = ada.client.booking_seats(two.id).await.expect("its seats");
    let seats: Vec<_> = seats.iter().map(|seat| (seat.seat_no, seat.status.as_str())).collect();
    assert_eq!(seats, [(4, "booked"), (5, "cancelled")]);
    let served = otto.client.booking(four.id).await.expect("served at last");
    assert_eq!((served.status, served.waiting_number), (BookingStatus::Confirmed, None));
    assert_eq!(served.assigned_seats, Some(vec![5]));
    assert_eq!(place(otto, four).await, (BookingStatus::Confirmed, None, 4, 0, 4));
}

async fn deleting_tells_whoever_has_a_booking(
    stage: Stage,
    holders: &[&Signed],
    mia: &Signed,
    four: &Booking,
) {
    let Stage { parts, event, organizer, told, .. } = &stage;
    let everything = organizer.client.events(None, None).await.expect("events");
    assert!(everything.iter().any(|row| row.id == *event));
    assert!(organizer.client.delete_event(*event).await.expect("deleted").ok);
    for person in [organizer, mia] {
        let left = person.client.events(None, None).await.expect("events");
        assert!(left.iter().all(|row| row.id != *event), "it left every list");
        let problem = person.client.event(*event).await.expect_err("gone");
        assert_eq!(problem.problem().map(|problem| problem.status), Some(404));
    }
    assert_eq!(
        place(organizer, four).await,
        (BookingStatus::Confirmed, None, 4, 0, 4),
        "still asked by open pages"
    );
    if parts.stack().is_some() {
        assert_eq!(counted(parts, event.0).await, (None, Vec::new()), "nothing is left to count");
    }
    all_sent(parts, Duration::from_secs(10)).await;
    let books = Books::of(parts).await;
    books.audit();
    let updates = books.notifications.iter().filter(|row| row.kind == "event_updated");
    let mut informed: Vec<_> = updates.map(|row| row.user_id).collect();
    let mut expected: Vec<_> = holders.iter().map(|person| person.user.expect("a user").0).collect();
    informed.sort();
    expected.sort();
    assert_eq!(informed, expected, "each holder once, nobody else");
    let own =
        holders[0].client.notifications_of(holders[0].user.expect("a user")).await.expect("notifications");
    assert_eq!(own[0].kind, NotificationType::EventUpdated, "newest first");
    assert!(own.iter().all(|row| row.status == NotificationStatus::Sent));
    let of_bookings = books.notifications.iter().filter(|row| row.booking_id.is_some()).count();
    assert_eq!(of_bookings, told.len(), "nothing more than was told before");
}

impl Stage {
    async fn books(&self, person: &Signed, seats: u32) -> Booking {
        book(person, self.event, seats).await
    }

    fn tells(&mut self, booking: BookingId, kind: NotificationType) {
        self.told.push((booking, kind));
    }

    /// API, database and counters say the same, at once; each change was told once.
    async fn holds(&self, total: u32, taken: &[u32], line: &[&Signed]) {
        let free = total - u32::try_from(taken.len()).expect("few");
        let seats = self.organizer.client.seats(self.event).await.expect("seats");
        assert_eq!((seats.total, &*seats.taken, &*seats.held), (total, taken, &[][..]));
        let event = self.organizer.client.event(self.event).await.expect("the event");
        assert_eq!((event.total_slots, event.available_slots), (total, free));
        let users: Vec<_> = line.iter().map(|person| person.user.expect("a user")).collect();
        let waitlist = self.organizer.client.waitlist(self.event).await.expect("the waitlist");
        assert_eq!(waitlist.iter().map(|party| party.user_id).collect::<Vec<_>>(), users);
        assert!(waitlist.iter().map(|party| party.position).eq(1..=event.waiting));
        if self.parts.stack().is_some() {
            let line: Vec<_> = users.iter().map(|user| user.0).collect();
            let free = i32::try_from(free).expect("few");
            assert_eq!(
                counted(&self.parts, self.event.0).await,
                (Some(free), line),
                "in Redis, with the answer"
            );
        }
        let books = Books::of(&self.parts).await;
        books.audit();
        let mut told: Vec<_> = books
            .notifications
            .iter()
            .map(|row| (row.booking_id.expect("a booking"), row.kind.clone()))
            .collect();
        let mut expected: Vec<_> = self.told.iter().map(|(id, kind)| (id.0, kind.to_string())).collect();
        told.sort();
        expected.sort();
        assert_eq!(told, expected, "each change is told once");
        assert_eq!(books.notifications.iter().map(|row| row.id).collect::<HashSet<_>>().len(), told.len());
        all_sent(&self.parts, Duration::from_secs(10)).await;
    }
}

/// Status, place in line, and this person's confirmed, pending and requested seats.
async fn place(person: &Signed, booking: &Booking) -> (BookingStatus, Option<u32>, u32, u32, u32) {
    let WaitingPosition { status, position, confirmed_seats, pending_seats, requested_seats, .. } =
        person.client.waiting_position(booking.id).await.expect("a place in line");
    (status, position, confirmed_seats, pending_seats, requested_seats)
}
