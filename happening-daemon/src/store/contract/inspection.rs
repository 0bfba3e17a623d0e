//! What support and operators look at.

use super::kit::{Kit, at, terms};
use crate::store::{Actor, BookingFilter, EventTotals, HistoryRow, SeatMismatch};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{BookingStatus, EventBooking, EventStatus};
use uuid::Uuid;

on_every_store!(
    a_history_is_read_in_order_with_who_did_it,
    bookings_of_an_event_are_found_by_person_and_status_in_pages,
    totals_say_what_the_rows_say,
    rows_that_do_not_fit_are_found,
    recomputing_makes_an_events_row_right_and_has_it_read_anew,
);

async fn a_history_is_read_in_order_with_who_did_it(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(3)).await;
    let booking = event.book(kit.organizer, 1);
    let mut batch = kit.batch(2);
    event.draft(&mut batch);
    let line = |booking, action, actor, reason: Option<&str>| HistoryRow {
        booking,
        event: event.id,
        actor,
        action,
        seats: 2,
        reason: reason.map(str::to_owned),
    };
    batch.history.push(line(booking, "waitlisted", Some(kit.organizer), None));
    batch.history.push(line(kit.ids.booking(), "booked", None, None));
    batch.history.push(line(booking, "promoted", None, Some("0 ahead")));
    kit.store.commit(&batch).await.expect("a commit");
    let history = kit.store.list_history(booking).await.expect("readable");
    let seen: Vec<_> = history
        .iter()
        .map(|entry| (entry.action.as_str(), entry.actor_username.as_deref(), entry.reason.as_deref()))
        .collect();
    assert_eq!(seen, [("waitlisted", Some("olga"), None), ("promoted", None, Some("0 ahead"))]);
    assert_eq!((history[0].at, history[0].seats, history[0].actor_id), (at(2), 2, Some(kit.organizer)));
    assert_eq!(kit.store.list_history(kit.ids.booking()).await.expect("readable"), []);
}

fn ids(bookings: &[EventBooking]) -> Vec<BookingId> {
    bookings.iter().map(|found| found.booking.id).collect()
}

async fn bookings_of_an_event_are_found_by_person_and_status_in_pages(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bo) = (kit.person("ada").await, kit.person("b_o%").await);
    let (mut event, mut other) = (kit.event(terms(3)).await, kit.event(terms(3)).await);
    let made = [event.book(ada, 2), event.book(bo, 1), event.book(ada, 1)];
    other.book(ada, 1);
    kit.commit(2, &mut [&mut event, &mut other]).await;
    let all = BookingFilter { limit: 10, ..BookingFilter::default() };
    let list =
        async |filter: BookingFilter| kit.store.list_bookings_at(event.id, &filter).await.expect("readable");
    let found = list(all.clone()).await;
    assert_eq!(ids(&found), [made[2], made[1], made[0]], "newest first");
    assert_eq!(found[2].booking.assigned_seats, Some(vec![1, 2]));
    assert_eq!((found[0].booking.status, found[0].booking.waiting_number), (BookingStatus::Waiting, Some(1)));
    assert_eq!(found[0].booking.assigned_seats, None);
    assert_eq!(
        (found[1].username.as_deref(), found[1].email.as_deref()),
        (Some("b_o%"), Some("b_o%@example.org"))
    );
    let text = |text: &str| BookingFilter { text: Some(text.to_owned()), ..all.clone() };
    assert_eq!(ids(&list(text("ADA")).await), [made[2], made[0]]);
    assert_eq!(
        ids(&list(text("_o%@EX")).await),
        [made[1]],
        "what is special in a pattern is not special here"
    );
    assert_eq!(ids(&list(text("%")).await), [made[1]]);
    let waiting = BookingFilter { status: Some(BookingStatus::Waiting), ..all.clone() };
    assert_eq!(ids(&list(waiting).await), [made[2]]);
    let first = list(BookingFilter { limit: 2, ..all.clone() }).await;
    let rest = list(BookingFilter { before: Some(first[1].booking.id), ..all }).await;
    assert_eq!((ids(&first), ids(&rest)), (vec![made[2], made[1]], vec![made[0]]));
}

async fn totals(kit: &Kit, event: &super::kit::Tracked) -> EventTotals {
    kit.store.list_event_totals(Some(event.id), None, 9).await.expect("readable").remove(0)
}

async fn totals_say_what_the_rows_say(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut events = [kit.event(terms(3)).await, kit.event(terms(4)).await, kit.event(terms(5)).await];
    let booked = events[0].book(kit.organizer, 2);
    events[0].book(kit.organizer, 3);
    events[0].book(kit.organizer, 1);
    let [first, ..] = &mut events;
    kit.commit(2, &mut [first]).await;
    events[0].cancel(booked);
    let [first, ..] = &mut events;
    kit.commit(3, &mut [first]).await;
    let expected = EventTotals {
        event: events[0].id,
        name: "Evening".to_owned(),
        status: EventStatus::Upcoming,
        version: 2,
        total: 3,
        available: events[0].state.seats().free(),
        waiting: 1,
        next_number: 2,
        booked: 3,
        distinct: 3,
        beyond: 0,
        orphaned: 0,
        in_line: 1,
        last_number: 1,
    };
    assert_eq!(totals(&kit, &events[0]).await, expected);
    let mut seen = Vec::new();
    while let Some(last) =
        kit.store.list_event_totals(None, seen.last().copied(), 2).await.expect("readable").last()
    {
        let page = kit.store.list_event_totals(None, seen.last().copied(), 2).await.expect("readable");
        assert_eq!(page.last(), Some(last));
        seen.extend(page.iter().map(|totals| totals.event));
    }
    let mut all: Vec<_> = events.iter().map(|event| event.id).collect();
    all.sort_unstable();
    assert_eq!(seen, all);
}

async fn rows_that_do_not_fit_are_found(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(9)).await;
    let (bare, short, gone) =
        (event.book(kit.organizer, 2), event.book(kit.organizer, 2), event.book(kit.organizer, 2));
    event.book(kit.organizer, 1);
    kit.commit(2, &mut [&mut event]).await;
    assert_eq!(kit.store.list_seat_mismatches(event.id, event.id, 9).await.expect("readable"), []);
    for statement in [
        "DELETE FROM booking_seats WHERE seat_no IN (1, 2, 3)",
        "UPDATE bookings SET status = 'cancelled' WHERE id IN (SELECT booking_id FROM booking_seats WHERE seat_no = 5)",
        "DELETE FROM bookings WHERE id IN (SELECT booking_id FROM booking_seats WHERE seat_no = 7)",
        "DROP INDEX booking_seats_booked",
        "UPDATE booking_seats SET seat_no = 5 WHERE seat_no = 4",
        "UPDATE booking_seats SET seat_no = 12 WHERE seat_no = 6",
    ] {
        kit.db.execute(statement).await.expect(statement);
    }
    let mismatch = |booking, status, held| SeatMismatch { booking, event: event.id, status, seats: 2, held };
    let expected = [
        mismatch(bare, BookingStatus::Confirmed, 0),
        mismatch(short, BookingStatus::Confirmed, 1),
        mismatch(gone, BookingStatus::Cancelled, 2),
    ];
    assert_eq!(kit.store.list_seat_mismatches(event.id, event.id, 9).await.expect("readable"), expected);
    assert_eq!(kit.store.list_seat_mismatches(event.id, event.id, 1).await.expect("readable").len(), 1);
    let everywhere = kit.store.list_seat_mismatches(EventId(Uuid::nil()), EventId(Uuid::max()), 9);
    assert_eq!(everywhere.await.expect("readable"), expected);
    assert_eq!(kit.store.count_events().await.expect("readable"), 1);
    kit.db.execute("UPDATE events SET deleted_at = updated_at").await.expect("by hand");
    assert_eq!(kit.store.list_seat_mismatches(event.id, event.id, 9).await.expect("readable"), []);
    assert_eq!(kit.store.count_events().await.expect("readable"), 0);
    kit.db.execute("UPDATE events SET deleted_at = NULL").await.expect("by hand");
    let totals = totals(&kit, &event).await;
    assert_eq!((totals.booked, totals.distinct, totals.beyond, totals.orphaned), (4, 3, 1, 1));
}

async fn recomputing_makes_an_events_row_right_and_has_it_read_anew(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(3)).await;
    event.book(kit.organizer, 2);
    event.book(kit.organizer, 3);
    kit.commit(2, &mut [&mut event]).await;
    let wrong = "UPDATE events SET available_slots = 3, waiting = 7, next_waiting_number = 1";
    kit.db.execute(wrong).await.expect("by hand");
    let by = Actor { user: Some(kit.organizer), ..Actor::daemon(at(9)) };
    assert!(kit.store.recompute(event.id, &by).await.expect("recomputed"));
    let totals = totals(&kit, &event).await;
    assert_eq!((totals.available, totals.waiting, totals.next_number, totals.version), (1, 1, 2, 2));
    let mut lock = kit.store.lock_events(&[(event.id, 1)]).await.expect("a lock");
    let missed = lock.missed();
    assert_eq!((missed[0].1, missed[0].2.len()), (2, 0), "a version without its changes: read anew");
    drop(lock);
    let lines = "SELECT action FROM audit_log WHERE actor_id IS NOT NULL";
    assert_eq!(kit.db.texts(lines).await, ["event.recomputed"]);
    assert!(!kit.store.recompute(kit.ids.event(), &by).await.expect("recomputed"));
}
