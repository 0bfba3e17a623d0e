//! What people read of bookings.

use super::kit::{Kit, at, terms};
use crate::store::{BookingFilter, NotificationFilter, Part};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::{Amendment, Command};
use happening_core::id::{BookingId, UserId};
use happening_core::wire::{BookingStatus, EventStatus, WaitingPosition};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

on_every_store!(
    the_waitlist_names_who_waits_in_line,
    the_waitlist_comes_in_pages_and_places_are_counted_from_the_head,
    a_place_in_line_is_the_same_everywhere,
    someones_bookings_come_newest_first_with_their_events,
    a_waiting_position_counts_this_persons_seats,
    a_participation_is_a_person_at_an_event_as_it_is,
    notifications_come_newest_first,
    an_unknown_booking_is_nowhere,
    what_is_read_is_of_one_instant,
    the_database_tells_its_time,
);

async fn the_waitlist_names_who_waits_in_line(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(2)).await;
    let (ada, unknown) = (kit.person("ada").await, kit.ids.user());
    event.book(ada, 2);
    let gone = event.book(ada, 1);
    let (second, third) = (event.book(unknown, 2), event.book(ada, 1));
    kit.commit(2, &mut [&mut event]).await;
    event.cancel(gone);
    kit.commit(3, &mut [&mut event]).await;
    let line = kit.store.list_waitlist(event.id, None, None).await.expect("readable");
    assert_eq!(line.len(), 2);
    let numbers: Vec<u64> = line.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [2, 3], "which order the line, and are not what people are told");
    let line: Vec<_> = line.into_iter().map(|(_, party)| party).collect();
    assert_eq!((line[0].position, line[0].waiting_number, line[0].booking_id), (1, 1, second));
    assert_eq!((line[0].user_id, &line[0].username, line[0].seats), (unknown, &None, 2));
    assert_eq!((line[1].position, line[1].waiting_number, line[1].booking_id), (2, 2, third));
    assert_eq!((line[1].username.as_deref(), line[1].created_at), (Some("ada"), at(2)));
}

async fn the_waitlist_comes_in_pages_and_places_are_counted_from_the_head(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(1)).await;
    event.book(kit.organizer, 1);
    let waiting: Vec<_> = (0..5).map(|_| event.book(kit.organizer, 1)).collect();
    event.cancel(waiting[1]);
    kit.commit(2, &mut [&mut event]).await;
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = kit.store.list_waitlist(event.id, after, Some(2)).await.expect("readable");
        let Some(last) = page.last() else { break };
        after = Some(last.0);
        pages.push(page.iter().map(|(_, party)| (party.position, party.booking_id)).collect::<Vec<_>>());
    }
    assert_eq!(pages, [vec![(1, waiting[0]), (2, waiting[2])], vec![(3, waiting[3]), (4, waiting[4])]]);
}

async fn a_place_in_line_is_the_same_everywhere(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    let (mut event, mut other) = (kit.event(terms(1)).await, kit.event(terms(1)).await);
    event.book(bo, 1);
    let gone = event.book(bo, 1);
    let mine = [event.book(ada, 1), event.book(bo, 1), event.book(ada, 1)];
    other.book(bo, 1);
    let others = [other.book(bo, 1), other.book(ada, 1)];
    kit.commit(2, &mut [&mut event, &mut other]).await;
    event.cancel(gone);
    kit.commit(3, &mut [&mut event]).await;
    let expected = [(mine[0], Some(1)), (mine[2], Some(3)), (others[1], Some(2))];
    assert_eq!(places(&kit, ada, &expected).await, expected);

    // Nobody stands in line for what does not take place.
    let cancelled = Amendment { status: Some(EventStatus::Cancelled), ..Amendment::default() };
    event.ask(&Command::Amend(cancelled));
    other.ask(&Command::Amend(Amendment { delete: true, ..Amendment::default() }));
    kit.commit(4, &mut [&mut event, &mut other]).await;
    let expected = expected.map(|(booking, _)| (booking, None));
    assert_eq!(places(&kit, ada, &expected).await, expected);
    let position = kit.store.find_waiting_position(mine[0]).await.expect("readable").expect("a booking");
    assert_eq!(
        (position.status, position.event_status),
        (BookingStatus::Waiting, Some(EventStatus::Cancelled))
    );
    let position = kit.store.find_waiting_position(others[1]).await.expect("readable").expect("a booking");
    assert!(position.event_deleted);
}

async fn a_participation_is_a_person_at_an_event_as_it_is(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    let mut event = kit.event(terms(4)).await;
    let (has, gone) = (event.book(ada, 2), event.book(ada, 1));
    event.book(bo, 1);
    kit.commit(2, &mut [&mut event]).await;
    event.cancel(gone);
    event.book(bo, 1);
    let (ahead, waits) = (event.book(bo, 2), event.book(ada, 3));
    kit.commit(3, &mut [&mut event]).await;
    let id = event.id;
    let find = async |user| kit.store.find_participation(user, id).await.expect("readable");
    let found = find(ada).await.expect("a person");
    assert_eq!((found.email.as_str(), found.username.as_str()), ("ada@example.org", "ada"));
    assert_eq!((found.event_name.as_str(), found.starts_at, found.capacity), ("Evening", at(86_400), 4));
    assert_eq!(found.ends_at, at(86_400 + 7_200));
    assert_eq!((found.is_off, found.version, found.updated_at), (false, 2, at(3)));
    assert_eq!((found.organization, found.organization_name.as_str()), (kit.organization, "org-of-olga"));
    let of = |id: BookingId| found.bookings.iter().find(|one| one.id == id).expect("listed").clone();
    assert_eq!(found.bookings.len(), 3);
    assert_eq!(
        (of(has).status, of(has).seats, of(has).had_seats),
        (BookingStatus::Confirmed, vec![1, 2], true)
    );
    assert_eq!(
        (of(gone).status, of(gone).seats, of(gone).had_seats),
        (BookingStatus::Cancelled, vec![], true)
    );
    assert_eq!((of(waits).size, of(waits).place, of(waits).had_seats), (3, Some(2), false));
    assert_eq!(
        find(bo).await.expect("a person").bookings.iter().find(|one| one.id == ahead).expect("listed").place,
        Some(1)
    );
    // Without bookings, and where it does not take place.
    assert_eq!(find(kit.organizer).await.expect("a person").bookings, []);
    event.ask(&Command::Amend(Amendment { delete: true, ..Amendment::default() }));
    kit.commit(4, &mut [&mut event]).await;
    let found = find(ada).await.expect("a person");
    assert!(found.is_off && found.bookings.iter().all(|booking| booking.place.is_none()));
    assert_eq!(find(kit.ids.user()).await, None);
}

/// Where somebody's bookings stand, which every list and look says alike.
async fn places(
    kit: &Kit,
    user: UserId,
    bookings: &[(BookingId, Option<u64>)],
) -> Vec<(BookingId, Option<u64>)> {
    let listed = kit.store.list_bookings_of(user, &Part::default()).await.expect("readable");
    let mut places = Vec::new();
    for (id, _) in bookings {
        let booking = kit.store.find_booking(*id).await.expect("readable").expect("a booking");
        let position = kit.store.find_waiting_position(*id).await.expect("readable").expect("a booking");
        let filter = BookingFilter { limit: 10, ..BookingFilter::default() };
        let at_event = kit.store.list_bookings_at(booking.event_id, &filter).await.expect("readable");
        let at_event = at_event.iter().find(|other| other.booking.id == *id).expect("listed");
        let listed = listed.iter().find(|other| other.booking_id == *id).expect("listed");
        let place = booking.waiting_number;
        assert_eq!(place, position.position.map(u64::from));
        assert_eq!((place, place), (at_event.booking.waiting_number, listed.waiting_number));
        assert_eq!(
            (listed.event_status, listed.event_deleted),
            (position.event_status, position.event_deleted)
        );
        places.push((*id, place));
    }
    places
}

async fn someones_bookings_come_newest_first_with_their_events(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut event, mut other) = (kit.event(terms(5)).await, kit.event(terms(1)).await);
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    let first = event.book(ada, 2);
    kit.commit(2, &mut [&mut event]).await;
    other.book(bo, 1);
    let waits = other.book(ada, 1);
    kit.commit(3, &mut [&mut other]).await;
    let (fourth, fifth) = (event.book(ada, 1), event.book(ada, 1));
    kit.commit(4, &mut [&mut event]).await;
    event.cancel(first);
    event.ask(&Command::Amend(Amendment { delete: true, ..Amendment::default() }));
    kit.commit(5, &mut [&mut event]).await;

    let mine = kit.store.list_bookings_of(ada, &Part::default()).await.expect("readable");
    let ids: Vec<_> = mine.iter().map(|mine| mine.booking_id).collect();
    assert_eq!(ids, [fifth, fourth, waits, first], "of a deleted event too");
    let (waiting, cancelled) = (&mine[2], &mine[3]);
    assert_eq!((waiting.status, waiting.waiting_number, waiting.seats), (BookingStatus::Waiting, Some(1), 1));
    assert_eq!((waiting.event_id, waiting.org_id, waiting.user_id), (other.id, kit.organization, ada));
    assert_eq!(
        (waiting.event_name.as_str(), waiting.total_slots, waiting.available_slots),
        ("Evening", 1, 0)
    );
    assert_eq!((waiting.event_date, waiting.created_at, waiting.updated_at), (at(86_400), at(3), at(3)));
    assert_eq!(waiting.event_description.as_deref(), Some("About Evening."));
    assert_eq!((cancelled.status, cancelled.seats), (BookingStatus::Cancelled, 2));
    assert_eq!((cancelled.created_at, cancelled.updated_at), (at(2), at(5)));
    assert_eq!(kit.store.list_bookings_of(kit.ids.user(), &Part::default()).await.expect("readable"), []);
}

async fn a_waiting_position_counts_this_persons_seats(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut event, mut other) = (kit.event(terms(5)).await, kit.event(terms(9)).await);
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    let confirmed = event.book(ada, 3);
    event.book(bo, 2);
    event.book(bo, 1);
    let waits = event.book(ada, 4);
    let leaves = event.book(ada, 5);
    let last = event.book(ada, 2);
    other.book(ada, 9);
    kit.commit(2, &mut [&mut event, &mut other]).await;
    event.cancel(leaves);
    kit.commit(3, &mut [&mut event]).await;
    let find =
        async |booking| kit.store.find_waiting_position(booking).await.expect("readable").expect("a booking");
    let expected = |status, position| WaitingPosition {
        status,
        position,
        confirmed_seats: 3,
        pending_seats: 6,
        requested_seats: 9,
        event_status: Some(EventStatus::Upcoming),
        event_deleted: false,
    };
    assert_eq!(find(waits).await, expected(BookingStatus::Waiting, Some(2)));
    assert_eq!(find(last).await, expected(BookingStatus::Waiting, Some(3)));
    assert_eq!(find(confirmed).await, expected(BookingStatus::Confirmed, None));
    assert_eq!(find(leaves).await, expected(BookingStatus::Cancelled, None));
}

async fn notifications_come_newest_first(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    let mut told = Vec::new();
    for seconds in [2, 2, 4, 3] {
        let mut batch = kit.batch(seconds);
        batch.events.push(event.row());
        let row = kit.notification(event.id, kit.organizer, kit.ids.booking());
        told.push((at(seconds), row.id));
        batch.notifications.push(row);
        batch.notifications.push(kit.notification(event.id, kit.ids.user(), kit.ids.booking()));
        kit.store.commit(&batch).await.expect("a commit");
        event.settle();
    }
    told.sort_unstable();
    told.reverse();
    let listed = kit
        .store
        .list_notifications_of(kit.organizer, &NotificationFilter::default())
        .await
        .expect("readable");
    assert_eq!(listed.iter().map(|row| (row.created_at, row.id)).collect::<Vec<_>>(), told);
}

async fn an_unknown_booking_is_nowhere(db: TestStore) {
    let kit = Kit::new(db).await;
    let unknown = kit.ids.booking();
    assert!(kit.store.find_booking(unknown).await.expect("readable").is_none());
    assert!(kit.store.find_waiting_position(unknown).await.expect("readable").is_none());
    assert_eq!(kit.store.list_booking_seats(unknown).await.expect("readable"), []);
}

async fn the_database_tells_its_time(db: TestStore) {
    let now = db.store.ping().await.expect("an answer");
    assert!(chrono::DateTime::parse_from_rfc3339(&now).is_ok(), "{now}");
    assert_eq!(db.store.is_shared(), db.store.kind() == "postgresql");
    let installation = db.store.installation().await.expect("readable");
    assert_eq!(installation.is_some(), db.store.is_shared());
    db.store.migrate().await.expect("a schema that is there already");
    assert_eq!(db.store.installation().await.expect("readable"), installation, "for good");
}

async fn what_is_read_is_of_one_instant(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(30)).await;
    let shrinking = event.book(kit.organizer, 20);
    let waiting = event.book(kit.organizer, 25);
    kit.commit(2, &mut [&mut event]).await;
    let (store, id) = (kit.store.clone(), event.id);
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let reading = tokio::spawn(async move {
        let mut reads = 0;
        while !stopped.load(Ordering::Relaxed) {
            let map = store.find_seats(id).await.expect("readable").expect("an event");
            let free = map.event.expect("it comes along").available_slots;
            assert_eq!(map.taken.len(), (map.total - free) as usize, "seats and figures");
            let booking = store.find_booking(shrinking).await.expect("readable").expect("a booking");
            let seats = booking.assigned_seats.map(|seats| seats.len());
            let confirmed = booking.status == BookingStatus::Confirmed;
            assert_eq!(seats, confirmed.then_some(booking.seats as usize), "a booking and its seats");
            let place = store.find_waiting_position(waiting).await.expect("readable").expect("a booking");
            assert_eq!(place.position.is_some(), place.status == BookingStatus::Waiting, "a place in line");
            reads += 1;
        }
        reads
    });
    for (seconds, seat) in (3..).zip((2..=20).rev()) {
        event.ask(&Command::CancelSeats { booking: shrinking, seats: vec![seat] });
        kit.commit(seconds, &mut [&mut event]).await;
    }
    event.cancel(shrinking);
    kit.commit(40, &mut [&mut event]).await;
    stop.store(true, Ordering::Relaxed);
    assert!(reading.await.expect("nothing torn") > 0);
}
