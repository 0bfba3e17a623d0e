//! What one commit writes.

use super::kit::{Kit, at, count, terms};
use crate::store::{BookingRow, HistoryRow, Part, SeatRow};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::{Amendment, Command, SeatSelection, Terms};
use happening_core::wire::{BookingSeat, BookingStatus, EventStatus, SeatStatus, WaitlistPolicy};

on_every_store!(
    a_booking_and_a_waiting_party_are_stored,
    a_party_that_joins_and_is_promoted_in_one_commit_holds_its_seats,
    a_part_is_a_booking_of_its_own_and_the_rest_waits,
    what_is_given_back_lessens_what_is_waited_for,
    a_seat_changes_hands_in_one_commit,
    seats_given_back_stay_on_record,
    who_is_moved_may_come_back,
    seats_are_passed_round_in_one_commit,
    a_booking_made_and_cancelled_in_one_commit_is_on_record,
    a_party_that_leaves_waits_no_more,
    passes_are_remembered,
    one_commit_moves_many_events,
    history_keeps_its_order_and_its_reasons,
);

const BOOKED: SeatStatus = SeatStatus::Booked;
const GIVEN_BACK: SeatStatus = SeatStatus::Cancelled;

fn seats(seats: &[(u32, SeatStatus)]) -> Vec<BookingSeat> {
    seats.iter().map(|(seat_no, status)| BookingSeat { seat_no: *seat_no, status: *status }).collect()
}

async fn a_booking_and_a_waiting_party_are_stored(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    let user = kit.person("ada").await;
    let (confirmed, waiting) = (event.book(user, 3), event.book(user, 4));
    kit.commit(2, &mut [&mut event]).await;
    kit.assert_stored(&event).await;

    let booking = kit.store.find_booking(confirmed).await.expect("readable").expect("a booking");
    assert_eq!((booking.id, booking.event_id, booking.user_id), (confirmed, event.id, user));
    assert_eq!((booking.seats, booking.status, booking.waiting_number), (3, BookingStatus::Confirmed, None));
    assert_eq!((booking.created_at, booking.updated_at), (at(2), at(2)));
    assert_eq!(booking.assigned_seats, Some(vec![1, 2, 3]));
    let booking = kit.store.find_booking(waiting).await.expect("readable").expect("a booking");
    assert_eq!((booking.seats, booking.status, booking.waiting_number), (4, BookingStatus::Waiting, Some(1)));
    assert_eq!(booking.assigned_seats, None);

    let view = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!((view.total_slots, view.available_slots, view.waiting, view.version), (5, 2, 1, 1));
    assert_eq!((view.created_at, view.updated_at), (at(1), at(2)));
    let map = kit.store.find_seats(event.id).await.expect("readable").expect("an event");
    assert_eq!((map.total, map.taken), (5, vec![1, 2, 3]));
}

async fn a_party_that_joins_and_is_promoted_in_one_commit_holds_its_seats(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(2)).await;
    let user = kit.person("ada").await;
    let first = event.book(user, 2);
    kit.commit(2, &mut [&mut event]).await;
    let second = event.book(user, 2);
    event.cancel(first);
    kit.commit(3, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let booking = kit.store.find_booking(second).await.expect("readable").expect("a booking");
    assert_eq!((booking.status, booking.assigned_seats), (BookingStatus::Confirmed, Some(vec![1, 2])));
    assert_eq!((booking.waiting_number, booking.created_at), (None, at(3)));
    let booking = kit.store.find_booking(first).await.expect("readable").expect("a booking");
    assert_eq!((booking.status, booking.seats, booking.assigned_seats), (BookingStatus::Cancelled, 2, None));
    assert_eq!((booking.created_at, booking.updated_at), (at(2), at(3)));
}

async fn a_part_is_a_booking_of_its_own_and_the_rest_waits(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(3)).await;
    let user = kit.person("ada").await;
    let (first, waiting) = (event.book(user, 3), event.book(user, 3));
    kit.commit(2, &mut [&mut event]).await;
    event.ask(&Command::CancelSeats { booking: first, seats: vec![2] });
    kit.commit(3, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let rest = kit.store.find_booking(waiting).await.expect("readable").expect("a booking");
    assert_eq!((rest.status, rest.seats, rest.waiting_number), (BookingStatus::Waiting, 2, Some(1)));
    let mine = kit.store.list_bookings_of(user, &Part::default()).await.expect("readable");
    let part = mine.iter().find(|mine| ![first, waiting].contains(&mine.booking_id)).expect("a part");
    let part = kit.store.find_booking(part.booking_id).await.expect("readable").expect("a booking");
    assert_eq!((part.status, part.assigned_seats), (BookingStatus::Confirmed, Some(vec![2])));
}

async fn what_is_given_back_lessens_what_is_waited_for(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    let mut event = kit.event(terms(4)).await;
    let (first, waiting) = (event.book(ada, 4), event.book(bo, 4));
    kit.commit(2, &mut [&mut event]).await;
    event.ask(&Command::CancelSeats { booking: first, seats: vec![1, 2] });
    kit.commit(3, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    // Whoever reads the event knows that the party had a part.
    let read = kit.store.load(event.id).await.expect("readable").expect("an event");
    assert_eq!(read.rests(), [1]);
    let mine = kit.store.list_bookings_of(bo, &Part::default()).await.expect("readable");
    let part = mine.iter().find(|mine| mine.booking_id != waiting).expect("a part").booking_id;
    // Where nobody is served, the rest waits for less; reopened, the event serves it.
    let status = |status| Command::Amend(Amendment { status: Some(status), ..Amendment::default() });
    event.ask(&status(EventStatus::Completed));
    event.ask(&Command::CancelSeats { booking: part, seats: vec![1] });
    event.ask(&status(EventStatus::Upcoming));
    kit.commit(4, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let rest = kit.store.find_booking(waiting).await.expect("readable").expect("a booking");
    assert_eq!((rest.status, rest.seats), (BookingStatus::Confirmed, 1), "the last seat that it waited for");
    assert_eq!(event.state.rests(), [0_u64; 0]);
}

async fn a_seat_changes_hands_in_one_commit(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(2)).await;
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    let from = event.book(ada, 2);
    kit.commit(2, &mut [&mut event]).await;
    event.cancel(from);
    let to = kit.ids.booking();
    event.ask(&Command::Book { booking: to, user: bo, selection: SeatSelection::Named(vec![2]) });
    kit.commit(3, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let given = kit.store.list_booking_seats(from).await.expect("readable");
    assert_eq!(given, seats(&[(1, GIVEN_BACK), (2, GIVEN_BACK)]));
    assert_eq!(kit.store.list_booking_seats(to).await.expect("readable"), seats(&[(2, BOOKED)]));
}

async fn seats_given_back_stay_on_record(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    let booking = event.book(kit.organizer, 4);
    kit.commit(2, &mut [&mut event]).await;
    event.ask(&Command::CancelSeats { booking, seats: vec![1, 3, 5] });
    kit.commit(3, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let record = kit.store.list_booking_seats(booking).await.expect("readable");
    assert_eq!(record, seats(&[(1, GIVEN_BACK), (2, BOOKED), (3, GIVEN_BACK), (4, BOOKED)]));
    let booking = kit.store.find_booking(booking).await.expect("readable").expect("a booking");
    assert_eq!((booking.seats, booking.assigned_seats), (2, Some(vec![2, 4])));
    assert_eq!((booking.status, booking.updated_at), (BookingStatus::Confirmed, at(3)));
}

async fn who_is_moved_may_come_back(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(4)).await;
    let (booking, bystander) = (event.book(kit.organizer, 2), event.book(kit.organizer, 1));
    kit.commit(2, &mut [&mut event]).await;
    for (at, to) in [(3, vec![2, 4]), (4, vec![1, 4]), (5, vec![1, 2])] {
        event.ask(&Command::Move { booking, seats: to });
        kit.commit(at, &mut [&mut event]).await;
        kit.assert_stored(&event).await;
    }
    let record = kit.store.list_booking_seats(booking).await.expect("readable");
    assert_eq!(record, seats(&[(1, BOOKED), (2, BOOKED), (4, GIVEN_BACK)]));
    assert_eq!(kit.store.list_booking_seats(bystander).await.expect("readable"), seats(&[(3, BOOKED)]));
    let booking = kit.store.find_booking(booking).await.expect("readable").expect("a booking");
    assert_eq!((booking.seats, booking.assigned_seats, booking.updated_at), (2, Some(vec![1, 2]), at(5)));
    let view = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!((view.available_slots, view.version), (1, 4));
}

async fn seats_are_passed_round_in_one_commit(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(3)).await;
    let (ada, bo) = (event.book(kit.organizer, 1), event.book(kit.organizer, 1));
    kit.commit(2, &mut [&mut event]).await;
    for round in 0..4 {
        // Over the free seat the two change places.
        for (booking, to) in
            [(ada, 3), (bo, 1), (ada, 2), (bo, 3), (ada, 1), (bo, 2)].into_iter().take(3 + round)
        {
            event.ask(&Command::Move { booking, seats: vec![to] });
        }
        kit.commit(3, &mut [&mut event]).await;
        kit.assert_stored(&event).await;
        event.ask(&Command::Move { booking: bo, seats: vec![3] });
        event.ask(&Command::Move { booking: ada, seats: vec![1] });
        event.ask(&Command::Move { booking: bo, seats: vec![2] });
        kit.commit(4, &mut [&mut event]).await;
        kit.assert_stored(&event).await;
    }
}

async fn a_booking_made_and_cancelled_in_one_commit_is_on_record(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(1)).await;
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    let gone = event.book(ada, 1);
    event.cancel(gone);
    let stays = event.book(bo, 1);
    let mut batch = kit.batch(2);
    event.draft(&mut batch);
    batch.bookings.push(BookingRow {
        id: gone,
        event: event.id,
        user: ada,
        seats: 1,
        status: BookingStatus::Cancelled,
        waiting_number: None,
        is_new: true,
    });
    batch.seats.push(SeatRow {
        booking: gone,
        event: event.id,
        seat: 1,
        status: GIVEN_BACK,
        is_new: true,
        may_exist: false,
    });
    assert_eq!(kit.store.commit(&batch).await.expect("a commit"), [event.id]);
    event.settle();
    kit.assert_stored(&event).await;
    assert_eq!(kit.store.list_booking_seats(gone).await.expect("readable"), seats(&[(1, GIVEN_BACK)]));
    assert_eq!(kit.store.list_booking_seats(stays).await.expect("readable"), seats(&[(1, BOOKED)]));
}

async fn a_party_that_leaves_waits_no_more(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(1)).await;
    event.book(kit.organizer, 1);
    let (leaves, stays) = (event.book(kit.organizer, 1), event.book(kit.organizer, 1));
    kit.commit(2, &mut [&mut event]).await;
    event.cancel(leaves);
    kit.commit(3, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let left = kit.store.find_booking(leaves).await.expect("readable").expect("a booking");
    assert_eq!((left.status, left.waiting_number, left.seats), (BookingStatus::Cancelled, None, 1));
    let line = kit.store.list_waitlist(event.id, None, None).await.expect("readable");
    assert_eq!(
        line.iter().map(|(_, party)| (party.position, party.booking_id)).collect::<Vec<_>>(),
        [(1, stays)]
    );
}

async fn passes_are_remembered(db: TestStore) {
    let kit = Kit::new(db).await;
    let terms = Terms { policy: WaitlistPolicy::Whole, ..terms(4) };
    let mut event = kit.event(terms).await;
    event.book(kit.organizer, 1);
    event.book(kit.organizer, 4);
    kit.commit(2, &mut [&mut event]).await;
    for passed in 1..=3 {
        event.book(kit.organizer, 1);
        kit.commit(2 + passed, &mut [&mut event]).await;
        let stored = kit.store.load(event.id).await.expect("readable").expect("an event");
        assert_eq!(i64::from(stored.head_passed()), passed);
    }
    kit.assert_stored(&event).await;
}

async fn one_commit_moves_many_events(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut events = Vec::new();
    for capacity in 1..=40 {
        let mut event = kit.event(terms(capacity)).await;
        event.book(kit.organizer, capacity);
        event.book(kit.organizer, 1);
        events.push(event);
    }
    kit.commit(2, &mut events.iter_mut().collect::<Vec<_>>()).await;
    for event in &mut events {
        kit.assert_stored(event).await;
        let first = event.bookings()[0];
        event.cancel(first);
    }
    kit.commit(3, &mut events.iter_mut().collect::<Vec<_>>()).await;
    for event in &events {
        kit.assert_stored(event).await;
    }
}

async fn history_keeps_its_order_and_its_reasons(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut events = Vec::new();
    for _ in 0..3 {
        events.push(kit.event(terms(5)).await);
    }
    let mut batch = kit.batch(2);
    let mut expected = Vec::new();
    for event in &mut events {
        event.book(kit.organizer, 1);
        event.draft(&mut batch);
    }
    // As many as a large commit has, of all events in turns.
    for number in 0..900 {
        let row = &batch.bookings[number % 3];
        let (actor, reason) = match number / 3 % 3 {
            0 => (Some(kit.organizer), None),
            1 => (None, Some("it's “so”, \\ and \"so\"".to_owned())),
            _ => (None, Some(String::new())),
        };
        let someone = if actor.is_some() { "someone" } else { "the rules" };
        expected.push(format!("{} by {someone}: {}", number / 3, reason.as_deref().unwrap_or("NULL")));
        batch.history.push(HistoryRow {
            booking: row.id,
            event: row.event,
            actor,
            action: "booked",
            seats: count(number / 3),
            reason,
        });
    }
    // What the database knows of its tables must not change it.
    kit.db.execute("ANALYZE").await.expect("statistics");
    kit.store.commit(&batch).await.expect("a commit");
    let lines = "SELECT CAST(seats AS text) || CASE WHEN actor_id IS NULL THEN ' by the rules: ' \
                 ELSE ' by someone: ' END || COALESCE(reason, 'NULL') FROM booking_history ORDER BY booking_id, id";
    let by_booking: Vec<String> =
        (0..3).flat_map(|booking| expected.iter().skip(booking).step_by(3).cloned()).collect();
    assert_eq!(kit.db.texts(lines).await, by_booking);
    let hour = "SELECT 'x' FROM booking_history h JOIN bookings b ON b.id = h.booking_id \
                AND b.event_id = h.event_id WHERE h.created_at = b.created_at";
    assert_eq!(kit.db.texts(hour).await.len(), 900);
}
