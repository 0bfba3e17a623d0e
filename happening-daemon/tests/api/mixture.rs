//! Everything at once: any seats and named ones, cancels of whole bookings and of seats, capacities that change.

use crate::crowd::at_once;
use crate::support::books::{Books, all_sent, counters_agree};
use crate::support::dice::Dice;
use crate::support::parts::Parts;
use crate::support::people::{Signed, bookers, demo_organization, event_of};
use crate::support::{Daemon, eventually};
use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use happening_core::client::{Client, ClientError};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{CreateBooking, CreateEvent, ErrorCode, UpdateEvent, WaitlistPolicy};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_keep_the_rules_in_any_mixture() {
    mixture(Parts::real().await, 2, WaitlistPolicy::Split).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_keep_the_rules_where_parties_are_served_whole() {
    mixture(Parts::real().await, 2, WaitlistPolicy::Whole).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_daemon_keeps_the_rules_where_parties_are_served_whole() {
    mixture(Parts::embedded(), 1, WaitlistPolicy::Whole).await;
}

async fn mixture(parts: Parts, daemons: usize, policy: WaitlistPolicy) {
    let daemons: Vec<Daemon> = join_all((0..daemons).map(|_| Daemon::start(&parts))).await;
    let people = bookers(&daemons).await;
    let mut events = Vec::new();
    for _ in 0..5 {
        events.push(publish_with(&people[0][1], 30, policy).await);
    }
    // In the others hardly anybody finds a free seat to move to.
    events.push(publish_with(&people[0][1], 300, policy).await);
    let mut acts: Vec<BoxFuture<'static, ()>> = Vec::new();
    for index in 0..200 {
        let at = &people[index % daemons.len()];
        acts.push(act(at[index % at.len()].client.clone(), events.clone(), index as u64).boxed());
    }
    for (index, at) in people.iter().enumerate() {
        acts.push(resize(at[1].client.clone(), events.clone(), index as u64).boxed());
    }
    at_once(acts).await;
    let books = Books::of(&parts).await;
    books.audit();
    let promoted = books.history.iter().filter(|row| row.action == "promoted").count();
    assert!(promoted > 0, "the mixture is no test without promotions");
    let moved = books.history.iter().filter(|row| row.action == "moved").count();
    assert!(moved > 0, "nor without moves");
    if parts.stack().is_some() {
        let agree = || counters_agree(&parts, &books);
        eventually("Redis equals the truth", Duration::from_secs(5), agree).await;
    }
    all_sent(&parts, Duration::from_secs(30)).await;
}

async fn publish_with(organizer: &Signed, seats: u32, policy: WaitlistPolicy) -> EventId {
    let event = event_of(demo_organization(organizer).await, format!("A {policy} event"), seats);
    let create = CreateEvent { waitlist_policy: Some(policy), bypass_limit: Some(2), ..event };
    organizer.client.create_event(&create).await.expect("an event").id
}

/// Books twice; gives a part of it back.
async fn act(client: Client, events: Vec<EventId>, seed: u64) {
    let mut dice = Dice::new(seed);
    for _ in 0..2 {
        let event = events[dice.roll(0..=5) as usize];
        let seats = dice.roll(1..=3);
        let first = dice.roll(1..=20);
        let seat_numbers = dice.once_in(3).then(|| (first..first + seats).collect());
        let create = CreateBooking { seat_numbers, ..CreateBooking::any(event, seats) };
        let booking = match patiently(|| client.create_booking(&create)).await {
            Ok(booking) => booking,
            Err(refused) => {
                only(&refused, ErrorCode::SeatsConflict);
                continue;
            }
        };
        let whim = dice.roll(1..=9);
        if whim <= 3 {
            patiently(|| client.cancel_booking(booking.id)).await.expect("a cancel is never refused");
        } else if whim <= 5 {
            let last = booking.assigned_seats.as_deref().and_then(<[u32]>::last).copied().unwrap_or(1);
            let cancel = || client.cancel_seats(booking.id, vec![last]);
            patiently(cancel).await.expect("neither is one of seats");
        } else {
            move_about(&client, booking.id, seats, &mut dice).await;
        }
    }
}

/// Tries other seats, and goes back to the first ones if it can.
async fn move_about(client: &Client, booking: BookingId, seats: u32, dice: &mut Dice) {
    for first in [dice.roll(1..=24), dice.roll(1..=290), 1] {
        let to: Vec<u32> = (first..first + seats).collect();
        match patiently(|| client.move_booking(booking, to.clone())).await {
            Ok(moved) => assert_eq!(moved.assigned_seats, Some(to)),
            // It waits; it waited and got a part; somebody sits there; the event has become smaller.
            Err(refused) => {
                let code = refused.code().unwrap_or_else(|| panic!("{refused}"));
                let expected =
                    [ErrorCode::SeatsConflict, ErrorCode::NotConfirmed, ErrorCode::InvalidSeatNumbers];
                assert!(expected.contains(&code), "{refused}");
            }
        }
    }
}

async fn resize(organizer: Client, events: Vec<EventId>, seed: u64) {
    let mut dice = Dice::new(seed);
    for _ in 0..15 {
        let event = events[dice.roll(0..=4) as usize];
        let update = UpdateEvent { total_slots: Some(dice.roll(26..=40)), ..UpdateEvent::default() };
        if let Err(refused) = patiently(|| organizer.update_event(event, &update)).await {
            only(&refused, ErrorCode::CapacityBelowBooked);
        }
        tokio::time::sleep(Duration::from_millis(dice.roll(1..=40).into())).await;
    }
}

/// Asks again where a starved machine says 503: this is about what is decided, not about how soon.
async fn patiently<T, F>(ask: impl Fn() -> F) -> Result<T, ClientError>
where
    F: Future<Output = Result<T, ClientError>>,
{
    for _ in 0..100 {
        match ask().await {
            Err(error) if error.code() == Some(ErrorCode::Unavailable) => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            answer => return answer,
        }
    }
    panic!("503 a hundred times");
}

fn only(refused: &ClientError, code: ErrorCode) {
    assert_eq!(refused.code(), Some(code), "{refused}");
}
