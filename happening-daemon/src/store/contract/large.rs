//! Large events are ordinary.

use super::kit::{Kit, terms};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::Command;
use std::time::{Duration, Instant};

on_every_store!(an_event_of_a_hundred_thousand_seats_is_ordinary);

const SEATS: u32 = 100_000;
const EACH: u32 = 50;
/// Bookings in one commit, as many as the engine gathers.
const BATCH: u32 = 500;
const WAITING: usize = 2_000;

async fn an_event_of_a_hundred_thousand_seats_is_ordinary(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(SEATS)).await;
    let mut seconds = 2;
    for _ in 0..SEATS / EACH / BATCH {
        for _ in 0..BATCH {
            event.book(kit.organizer, EACH);
        }
        kit.commit(seconds, &mut [&mut event]).await;
        seconds += 1;
    }
    for _ in 0..WAITING {
        event.book(kit.organizer, 1);
    }
    kit.commit(seconds, &mut [&mut event]).await;

    let started = Instant::now();
    kit.assert_stored(&event).await;
    let loaded = started.elapsed();
    let seats = kit.store.find_seats(event.id).await.expect("readable").expect("an event");
    assert_eq!(seats.taken.len(), SEATS as usize);
    let first = event.bookings()[0];
    event.ask(&Command::Cancel { booking: first });
    let started = Instant::now();
    kit.commit(seconds + 1, &mut [&mut event]).await;
    let committed = started.elapsed();
    kit.assert_stored(&event).await;
    assert!(loaded < Duration::from_secs(10), "loading took {loaded:?}");
    assert!(committed < Duration::from_secs(2), "promoting fifty took {committed:?}");
}
