//! Commits that do not go through, or not whole.

use super::kit::{Kit, Tracked, at, terms};
use crate::store::{Batch, BookingRow, Constraint, HistoryRow, NotificationFilter, SeatRow, StoreError};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::EventState;
use happening_core::wire::{BookingStatus, SeatStatus};

on_every_store!(
    an_event_that_moved_on_takes_its_rows_out_of_the_commit_and_no_others,
    a_commit_on_events_that_all_moved_on_writes_nothing,
    an_event_that_does_not_exist_is_left_out,
    of_two_commits_on_one_version_one_goes_through,
    a_seat_is_never_booked_twice,
    free_seats_below_none_or_above_all_are_refused,
    a_booking_is_made_once,
    a_place_in_line_is_taken_once,
);

/// Everything that a commit may have written, as text.
async fn everything(kit: &Kit) -> Vec<Vec<String>> {
    let tables = [
        "SELECT CAST(version AS text) || ' ' || CAST(available_slots AS text) || name FROM events ORDER BY id",
        "SELECT status || CAST(seats AS text) FROM bookings ORDER BY id",
        "SELECT status || CAST(seat_no AS text) FROM booking_seats ORDER BY booking_id, seat_no",
        "SELECT action FROM booking_history ORDER BY id",
        "SELECT CAST(version AS text) FROM event_changes ORDER BY event_id, version",
        "SELECT message FROM notifications ORDER BY id",
        "SELECT 'due' FROM outbox",
    ];
    let mut rows = Vec::new();
    for table in tables {
        rows.push(kit.db.texts(table).await);
    }
    rows
}

/// A draft with a row of every kind.
fn full_draft(kit: &Kit, events: &[&Tracked]) -> Batch {
    let mut batch = kit.batch(9);
    for event in events {
        event.draft(&mut batch);
        for row in batch.bookings.clone().iter().filter(|row| row.event == event.id) {
            batch.notifications.push(kit.notification(event.id, row.user, row.id));
            batch.history.push(HistoryRow {
                booking: row.id,
                event: event.id,
                actor: None,
                action: "changed",
                seats: 1,
                reason: None,
            });
        }
    }
    batch
}

async fn an_event_that_moved_on_takes_its_rows_out_of_the_commit_and_no_others(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut moved_on, mut fresh) = (kit.event(terms(5)).await, kit.event(terms(5)).await);
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    let held = moved_on.book(ada, 2);
    fresh.book(ada, 2);
    kit.commit(2, &mut [&mut moved_on, &mut fresh]).await;
    // Another daemon's commit, of which `moved_on` does not know.
    let state = kit.store.load(moved_on.id).await.expect("readable").expect("an event");
    let mut elsewhere = kit.batch(3);
    elsewhere.events.push(crate::store::EventRow { expected: state.version(), ..moved_on.row() });
    kit.store.commit(&elsewhere).await.expect("a commit");
    let before = kit.store.load(moved_on.id).await.expect("readable").expect("an event");

    moved_on.cancel(held);
    let lost = moved_on.book(bo, 3);
    moved_on.announcement = Some("never told".to_owned());
    moved_on.details.name = Some("never called so".to_owned());
    let made = fresh.book(bo, 3);
    let batch = full_draft(&kit, &[&moved_on, &fresh]);
    assert_eq!(kit.store.commit(&batch).await.expect("a commit"), [fresh.id]);
    assert_eq!(kit.store.outbox_figures().await.expect("figures").announcements, 0, "nor announced");
    fresh.settle();
    kit.assert_stored(&fresh).await;
    assert!(kit.store.find_booking(made).await.expect("readable").is_some());
    assert!(kit.store.find_booking(lost).await.expect("readable").is_none());
    let figures = |state: &EventState| (state.version(), state.seats().taken_seats().collect::<Vec<_>>());
    let after = kit.store.load(moved_on.id).await.expect("readable").expect("an event");
    assert_eq!((figures(&after), figures(&before)), ((2, vec![1, 2]), (2, vec![1, 2])));
    let booking = kit.store.find_booking(held).await.expect("readable").expect("a booking");
    assert_eq!((booking.status, booking.assigned_seats), (BookingStatus::Confirmed, Some(vec![1, 2])));

    let told = kit.store.list_notifications_of(bo, &NotificationFilter::default()).await.expect("readable");
    assert_eq!(told.iter().map(|told| told.booking_id).collect::<Vec<_>>(), [Some(made)]);
    assert_eq!(kit.store.backlog().await.expect("readable"), 1);
    let rows = everything(&kit).await;
    assert_eq!(rows[0], ["2 3Evening", "2 0Evening"]);
    assert_eq!((rows[3].len(), rows[4].len()), (1, 4), "history and changes of `fresh` alone");
}

async fn a_commit_on_events_that_all_moved_on_writes_nothing(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    event.book(kit.organizer, 1);
    let first = kit.commit(2, &mut [&mut event]).await;
    event.book(kit.organizer, 1);
    let mut batch = full_draft(&kit, &[&event]);
    let before = everything(&kit).await;
    for expected in [0, 2, 99] {
        batch.events[0].expected = expected;
        assert_eq!(kit.store.commit(&batch).await.expect("a commit"), []);
    }
    assert_eq!(kit.store.commit(&first).await.expect("a commit"), [], "nor does the same commit twice");
    assert_eq!(everything(&kit).await, before);
}

async fn an_event_that_does_not_exist_is_left_out(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut event, mut never) = (kit.event(terms(5)).await, kit.event(terms(5)).await);
    never.id = kit.ids.event();
    event.book(kit.organizer, 1);
    never.book(kit.organizer, 1);
    let batch = full_draft(&kit, &[&event, &never]);
    assert_eq!(kit.store.commit(&batch).await.expect("a commit"), [event.id]);
    assert_eq!(everything(&kit).await[1], ["confirmed1"]);
}

async fn of_two_commits_on_one_version_one_goes_through(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(100)).await;
    for round in 0..10_i64 {
        let booking = event.book(kit.organizer, 1);
        let mut first = kit.batch(round);
        event.draft(&mut first);
        let mut second = first.clone();
        second.commit = kit.ids.uuid();
        second.bookings[0].id = kit.ids.booking();
        second.seats[0].booking = second.bookings[0].id;
        let (one, two) = tokio::join!(kit.store.commit(&first), kit.store.commit(&second));
        let (one, two) = (one.expect("a commit"), two.expect("a commit"));
        assert_eq!(one.len() + two.len(), 1, "{one:?} {two:?}");
        if one.is_empty() {
            // The other daemon's booking: catch up.
            assert!(kit.store.find_booking(booking).await.expect("readable").is_none());
        }
        event.settle();
    }
    assert_eq!(kit.store.versions(&[event.id]).await.expect("readable"), [(event.id, 10)]);
    assert_eq!(everything(&kit).await[2].len(), 10);
}

async fn a_seat_is_never_booked_twice(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut event, mut other) = (kit.event(terms(5)).await, kit.event(terms(5)).await);
    event.book(kit.organizer, 2);
    kit.commit(2, &mut [&mut event]).await;
    event.book(kit.organizer, 1);
    other.book(kit.organizer, 1);
    let mut batch = full_draft(&kit, &[&event, &other]);
    let seat = batch.seats.iter_mut().find(|row| row.event == event.id).expect("a seat");
    seat.seat = 2;
    let before = everything(&kit).await;
    let refused = kit.store.commit(&batch).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Constraint::SeatBooked))), "{refused:?}");
    assert_eq!(everything(&kit).await, before, "nothing of that batch, the other event's rows neither");

    // Within one batch too.
    let mut batch = full_draft(&kit, &[&other]);
    let twin = SeatRow { booking: kit.ids.booking(), ..batch.seats[0] };
    batch.seats.push(twin);
    let refused = kit.store.commit(&batch).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Constraint::SeatBooked))), "{refused:?}");
    assert_eq!(everything(&kit).await, before);

    // The store goes on.
    kit.commit(3, &mut [&mut event, &mut other]).await;
    kit.assert_stored(&event).await;
}

async fn free_seats_below_none_or_above_all_are_refused(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    event.book(kit.organizer, 1);
    for available in [6, u32::MAX] {
        let mut batch = full_draft(&kit, &[&event]);
        batch.events[0].available = available;
        let refused = kit.store.commit(&batch).await;
        assert!(matches!(refused, Err(StoreError::Defect(_))), "{refused:?}");
    }
    let by_hand = kit.db.execute("UPDATE events SET available_slots = -1").await;
    assert!(matches!(by_hand, Err(StoreError::Defect(_))), "{by_hand:?}");
    assert_eq!(everything(&kit).await[0], ["0 5Evening"]);
}

async fn a_booking_is_made_once(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    let booking = event.book(kit.organizer, 1);
    kit.commit(2, &mut [&mut event]).await;
    let before = everything(&kit).await;
    let mut batch = kit.batch(3);
    batch.events.push(event.row());
    batch.bookings.push(BookingRow {
        id: booking,
        event: event.id,
        user: kit.organizer,
        seats: 1,
        status: BookingStatus::Confirmed,
        waiting_number: None,
        is_new: true,
    });
    batch.seats.push(SeatRow {
        booking,
        event: event.id,
        seat: 2,
        status: SeatStatus::Booked,
        is_new: true,
        may_exist: false,
    });
    let refused = kit.store.commit(&batch).await;
    assert!(matches!(refused, Err(StoreError::Defect(_))), "{refused:?}");
    assert_eq!(everything(&kit).await, before);
}

async fn a_place_in_line_is_taken_once(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(1)).await;
    event.book(kit.organizer, 1);
    event.book(kit.organizer, 1);
    kit.commit(2, &mut [&mut event]).await;
    event.book(kit.organizer, 1);
    let mut batch = full_draft(&kit, &[&event]);
    batch.bookings[0].waiting_number = Some(1);
    let refused = kit.store.commit(&batch).await;
    assert!(matches!(refused, Err(StoreError::Defect(_))), "{refused:?}");
    assert_eq!(kit.store.list_waitlist(event.id, None, None).await.expect("readable").len(), 1);
    assert_eq!(kit.store.versions(&[event.id]).await.expect("readable"), [(event.id, 1)]);
    let now = kit.store.find_event(event.id).await.expect("readable").expect("an event").updated_at;
    assert_eq!(now, at(2));
}
