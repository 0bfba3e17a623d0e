//! SIGKILL in the middle of a crowd, again and again: what a client was told stays true.

#![expect(clippy::print_stdout, reason = "what was measured, shown with --nocapture and when it fails")]

use crate::support::books::{BookingRow, Books, all_sent, counters_agree};
use crate::support::dice::Dice;
use crate::support::parts::Parts;
use crate::support::people::{bookers, publish};
use crate::support::{Daemon, eventually};
use happening_core::client::{Client, ClientError};
use happening_core::id::EventId;
use happening_core::wire::{Booking, CreateBooking, ErrorCode};
use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// Clients that book all the time.
const CLIENTS: usize = 64;

/// Bookings that the crowd has made when a kill comes, at least; then it comes at once or a little later.
const UNDER_WAY: RangeInclusive<u32> = 40..=250;

/// Seats of the event: the crowd fills it soon, so that most of the time somebody waits.
const SEATS: u32 = 400;

/// A restarted daemon answers within this. A busy machine makes it slower and nothing makes it faster, so the quickest of
/// its restarts is what it needs itself; the others are printed.
const BACK_WITHIN: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_kills_in_a_crowd_lose_nothing_on_embedded_parts() {
    killed(Parts::embedded(), 4, 20_261_201).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_kills_in_a_crowd_lose_nothing_on_real_parts() {
    killed(Parts::real().await, 8, 20_261_202).await;
}

/// What all clients share.
struct Crowd {
    event: EventId,
    answered: AtomicU32,
    over: AtomicBool,
}

impl Crowd {
    /// Waits until so many more bookings were answered.
    async fn is_under_way(&self, more: u32) {
        let goal = self.answered.load(Ordering::Relaxed) + more;
        let reached = || async { self.answered.load(Ordering::Relaxed) >= goal };
        eventually("the crowd books", Duration::from_secs(20), reached).await;
    }
}

/// What one client saw.
#[derive(Default)]
struct Saw {
    bookings: Vec<Booking>,
    /// Cancels asked for, and whether they were answered.
    cancels: HashMap<Uuid, bool>,
    /// Bookings asked for of which nobody knows whether they were made.
    unknown: usize,
}

async fn killed(parts: Parts, times: usize, seed: u64) {
    let mut daemons = [Daemon::start(&parts).await];
    let people = bookers(&daemons).await.swap_remove(0);
    let event = publish(&people[1], SEATS).await.id;
    let crowd_state = Arc::new(Crowd { event, answered: AtomicU32::new(0), over: AtomicBool::new(false) });
    let mut crowd = Vec::new();
    for index in 0..CLIENTS {
        let client = people[index % people.len()].client.clone();
        crowd.push(tokio::spawn(book_all_the_time(client, crowd_state.clone(), seed + index as u64)));
    }
    let mut dice = Dice::new(seed);
    let mut restarts = Vec::new();
    for _ in 0..times {
        crowd_state.is_under_way(dice.roll(UNDER_WAY)).await;
        tokio::time::sleep(Duration::from_millis(dice.roll(0..=60).into())).await;
        daemons[0].kill().await;
        restarts.push(daemons[0].restart().await);
    }
    crowd_state.is_under_way(dice.roll(UNDER_WAY)).await;
    crowd_state.over.store(true, Ordering::Relaxed);
    let mut saw = Vec::new();
    for client in crowd {
        saw.push(client.await.expect("a client that ends"));
    }
    println!("answered again after {restarts:?}");
    if parts.stack().is_some() {
        let agree = || async { counters_agree(&parts, &Books::of(&parts).await).await };
        eventually("Redis equals the truth", Duration::from_secs(5), agree).await;
    }
    all_sent(&parts, Duration::from_secs(30)).await;
    let books = Books::of(&parts).await;
    books.audit();
    nothing_is_lost(&books, &saw);
    nothing_is_made_up(&books, &saw);
    let quickest = restarts.iter().min().expect("restarts");
    assert!(*quickest <= BACK_WITHIN, "{restarts:?}");
}

/// Every 201 is in the database, with the seats that it named, unless the client gave them back.
fn nothing_is_lost(books: &Books, saw: &[Saw]) {
    let rows: HashMap<Uuid, &BookingRow> = books.bookings.iter().map(|row| (row.id, row)).collect();
    let mut seats: HashMap<Uuid, Vec<u32>> = HashMap::new();
    for seat in books.seats.iter().filter(|seat| seat.status == "booked") {
        seats.entry(seat.booking_id).or_default().push(u32::try_from(seat.seat_no).expect("from 1 on"));
    }
    let left = books.left_by_giving_back();
    let mut count = 0;
    for client in saw {
        for booking in &client.bookings {
            let row = rows
                .get(&booking.id.0)
                .unwrap_or_else(|| panic!("{} was answered 201 and is lost", booking.id));
            assert_eq!(row.user_id, booking.user_id.0);
            count += 1;
            match client.cancels.get(&row.id) {
                Some(true) => assert_eq!(row.status, "cancelled", "{} was cancelled", row.id),
                Some(false) => {}
                None => {
                    let has_left = left.contains(&row.id);
                    assert!(row.status != "cancelled" || has_left, "nobody cancelled {}", row.id);
                    if let Some(assigned) = &booking.assigned_seats {
                        assert_eq!(seats.get(&row.id), Some(assigned), "the seats of {}", row.id);
                    }
                }
            }
        }
    }
    println!("{count} bookings were answered, {} are there", rows.len());
    assert!(count > CLIENTS, "the crowd is no crowd: {count} bookings");
}

/// No request was carried out twice: what no client saw is no more than what no client knows of.
fn nothing_is_made_up(books: &Books, saw: &[Saw]) {
    let seen: HashSet<Uuid> =
        saw.iter().flat_map(|client| &client.bookings).map(|booking| booking.id.0).collect();
    let asked_for = books.history.iter().filter(|row| matches!(row.action.as_str(), "booked" | "waitlisted"));
    let unseen = asked_for.filter(|row| !seen.contains(&row.booking_id)).count();
    let unknown: usize = saw.iter().map(|client| client.unknown).sum();
    println!("{unknown} requests of unknown fate, {unseen} of them carried out");
    assert!(
        unseen <= unknown,
        "{unseen} bookings that nobody was told of, {unknown} requests of unknown fate"
    );
}

async fn book_all_the_time(client: Client, crowd: Arc<Crowd>, seed: u64) -> Saw {
    let mut dice = Dice::new(seed);
    let mut saw = Saw::default();
    while !crowd.over.load(Ordering::Relaxed) {
        let create = CreateBooking::any(crowd.event, dice.roll(1..=2));
        match client.create_booking(&create).await {
            Ok(booking) => {
                saw.bookings.push(booking);
                crowd.answered.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                saw.unknown += usize::from(!matches!(error, ClientError::Refused { .. }));
                bear(&error).await;
            }
        }
        if dice.once_in(3) && !saw.bookings.is_empty() {
            let last = u32::try_from(saw.bookings.len() - 1).expect("few");
            let id = saw.bookings[dice.roll(0..=last) as usize].id;
            match client.cancel_booking(id).await {
                Ok(_) => drop(saw.cancels.insert(id.0, true)),
                Err(error) => {
                    saw.cancels.entry(id.0).or_insert(false);
                    bear(&error).await;
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(dice.roll(5..=40).into())).await;
    }
    saw
}

/// A daemon that is killed does not answer; one that answers does not fail.
async fn bear(error: &ClientError) {
    assert!(
        !matches!(error, ClientError::Refused { .. }) || error.code() == Some(ErrorCode::Unavailable),
        "{error}"
    );
    tokio::time::sleep(Duration::from_millis(20)).await;
}
