//! Crowds: two hundred at once, each on a connection of their own, at one daemon and at two that share their parts.

use crate::support::books::{Books, all_sent, counters_agree};
use crate::support::parts::Parts;
use crate::support::people::{Signed, bookers, demo_organization, publish, sign_in};
use crate::support::{Daemon, eventually};
use futures::future::join_all;
use happening_core::client::Client;
use happening_core::id::EventId;
use happening_core::wire::{Booking, BookingStatus, CreateBooking};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;

on_both_parts!(of_200_exactly_100_get_seats_and_40_cancels_promote_the_first_40);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_serve_a_crowd_as_one_would() {
    hundred_seats(Parts::real().await, 2).await;
}

async fn of_200_exactly_100_get_seats_and_40_cancels_promote_the_first_40(parts: Parts) {
    hundred_seats(parts, 1).await;
}

/// Somebody at a connection of their own.
pub struct Buyer {
    pub client: Client,
    /// Which of the daemons it leads to.
    pub daemon: usize,
    /// Whose it is.
    pub person: usize,
}

/// Connections that are open already, spread over people and daemons.
pub async fn connect(daemons: &[Daemon], people: &[Signed], count: usize) -> Vec<Buyer> {
    let connecting = (0..count).map(|index| async move {
        let (daemon, person) = (index % daemons.len(), index % people.len());
        let client = daemons[daemon].client(people[person].token.clone());
        client.discovery().await.expect("a connection");
        Buyer { client, daemon, person }
    });
    join_all(connecting).await
}

/// Runs all of them from the same moment on.
pub async fn at_once<T: Send + 'static>(tasks: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let start = Arc::new(Barrier::new(tasks.len()));
    let running: Vec<_> = tasks
        .into_iter()
        .map(|task| {
            let start = start.clone();
            tokio::spawn(async move {
                start.wait().await;
                task.await
            })
        })
        .collect();
    join_all(running).await.into_iter().map(|ended| ended.expect("a task that ends")).collect()
}

async fn hundred_seats(parts: Parts, daemons: usize) {
    let daemons: Vec<Daemon> = join_all((0..daemons).map(|_| Daemon::start(&parts))).await;
    let people = bookers(&daemons[0]).await;
    let event = publish(&people[1], 100).await.id;
    let buyers = connect(&daemons, &people, 200).await;
    let bookings = everyone_books(&buyers, event).await;
    let confirmed: Vec<usize> =
        (0..200).filter(|&index| bookings[index].status == BookingStatus::Confirmed).collect();
    let mut seats: Vec<u32> =
        bookings.iter().filter_map(|booking| booking.assigned_seats.clone()).flatten().collect();
    let mut numbers: Vec<u64> = bookings.iter().filter_map(|booking| booking.waiting_number).collect();
    seats.sort_unstable();
    numbers.sort_unstable();
    assert_eq!(confirmed.len(), 100, "exactly 100 are confirmed");
    assert!(seats.iter().copied().eq(1..=100), "each with a seat of their own: {seats:?}");
    assert!(
        numbers.iter().copied().eq(1..=100),
        "the others wait, each with a number of their own: {numbers:?}"
    );

    // Every second one of them, so that the seats that come free are scattered.
    let leaving: Vec<usize> = confirmed.iter().copied().step_by(2).take(40).collect();
    let cancels = leaving.iter().map(|&index| {
        // Where there are two daemons, at the other one than where it was booked.
        let other = buyers.iter().rev().find(|other| {
            other.person == buyers[index].person
                && (daemons.len() == 1 || other.daemon != buyers[index].daemon)
        });
        let (client, booking) = (other.expect("a connection").client.clone(), bookings[index].id);
        async move { client.cancel_booking(booking).await }
    });
    for answer in at_once(cancels.collect()).await {
        answer.expect("a cancel is never refused");
    }
    exactly_the_first_are_promoted(&parts, event, &bookings, &leaving).await;
    let line = people[1].client.waitlist(event).await.expect("the waitlist");
    assert!(line.iter().map(|party| party.waiting_number).eq(41..=100), "60 still wait, in their order");
    let map = people[1].client.seats(event).await.expect("the seats");
    assert!(map.taken.iter().copied().eq(1..=100), "every seat is taken again");
    all_sent(&parts, Duration::from_secs(30)).await;
}

async fn everyone_books(buyers: &[Buyer], event: EventId) -> Vec<Booking> {
    let booking = buyers.iter().map(|buyer| {
        let client = buyer.client.clone();
        let create =
            CreateBooking { event_id: event, user_id: None, seats: 1, seat_numbers: Some(Vec::new()) };
        async move { client.create_booking(&create).await }
    });
    let answers = at_once(booking.collect()).await;
    answers.into_iter().map(|answer| answer.expect("a booking is never refused")).collect()
}

async fn exactly_the_first_are_promoted(
    parts: &Parts,
    event: EventId,
    bookings: &[Booking],
    leaving: &[usize],
) {
    let books = Books::of(parts).await;
    books.audit();
    assert_eq!(books.bookings.len(), bookings.len());
    for (index, booking) in bookings.iter().enumerate() {
        let row =
            books.bookings.iter().find(|row| row.id == booking.id.0).expect("what was answered is there");
        let expected = match booking.waiting_number {
            None if leaving.contains(&index) => "cancelled",
            None | Some(..=40) => "confirmed",
            Some(_) => "waiting",
        };
        assert_eq!(row.status, expected, "waiting number {:?}", booking.waiting_number);
    }
    if parts.stack().is_some() {
        let daemons_agree = || async { counters_agree(parts, &Books::of(parts).await).await };
        eventually("Redis equals the truth", Duration::from_secs(5), daemons_agree).await;
    } else {
        assert_eq!(books.event(event.0).available_slots, 0);
    }
}

mod mixture {
    //! Everything at once: any seats and named ones, cancels of whole bookings and of seats, capacities that change.

    use super::*;
    use crate::support::dice::Dice;
    use happening_core::client::ClientError;
    use happening_core::wire::{CreateEvent, ErrorCode, UpdateEvent, WaitlistPolicy};

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
        let people = bookers(&daemons[0]).await;
        let mut events = Vec::new();
        for _ in 0..5 {
            events.push(publish_with(&people[1], 30, policy).await);
        }
        let mut acts = Vec::new();
        for (index, buyer) in connect(&daemons, &people, 200).await.into_iter().enumerate() {
            acts.push(futures::future::Either::Left(act(buyer.client, events.clone(), index as u64)));
        }
        for daemon in &daemons {
            let organizer = sign_in(daemon, "organizer").await.client;
            acts.push(futures::future::Either::Right(resize(organizer, events.clone(), daemon.pid().into())));
        }
        at_once(acts).await;
        let books = Books::of(&parts).await;
        books.audit();
        let promoted = books.history.iter().filter(|row| row.action == "promoted").count();
        assert!(promoted > 0, "the mixture is no test without promotions");
        if parts.stack().is_some() {
            let agree = || counters_agree(&parts, &books);
            eventually("Redis equals the truth", Duration::from_secs(5), agree).await;
        }
        all_sent(&parts, Duration::from_secs(30)).await;
    }

    async fn publish_with(organizer: &Signed, seats: u32, policy: WaitlistPolicy) -> EventId {
        let create = CreateEvent {
            org_id: demo_organization(organizer).await,
            created_by: None,
            name: format!("A {policy} event"),
            description: None,
            category: None,
            event_date: "2099-12-01T19:00".to_owned(),
            total_slots: seats,
            waitlist_policy: Some(policy),
            bypass_limit: Some(2),
            waitlist_limit: None,
        };
        organizer.client.create_event(&create).await.expect("an event").id
    }

    /// Books twice; gives a part of it back.
    async fn act(client: Client, events: Vec<EventId>, seed: u64) {
        let mut dice = Dice::new(seed);
        for _ in 0..2 {
            let event = events[dice.roll(0..=4) as usize];
            let seats = dice.roll(1..=3);
            let first = dice.roll(1..=20);
            let seat_numbers = dice.once_in(3).then(|| (first..first + seats).collect());
            let create = CreateBooking { event_id: event, user_id: None, seats, seat_numbers };
            let booking = match client.create_booking(&create).await {
                Ok(booking) => booking,
                Err(refused) => {
                    only(&refused, ErrorCode::SeatsConflict);
                    continue;
                }
            };
            if dice.once_in(3) {
                client.cancel_booking(booking.id).await.expect("a cancel is never refused");
            } else if dice.once_in(3) {
                let last = booking.assigned_seats.as_deref().and_then(<[u32]>::last).copied().unwrap_or(1);
                client.cancel_seats(booking.id, vec![last]).await.expect("neither is one of seats");
            }
        }
    }

    async fn resize(organizer: Client, events: Vec<EventId>, seed: u64) {
        let mut dice = Dice::new(seed);
        for _ in 0..15 {
            let event = events[dice.roll(0..=4) as usize];
            let update = UpdateEvent { total_slots: Some(dice.roll(26..=40)), ..UpdateEvent::default() };
            if let Err(refused) = organizer.update_event(event, &update).await {
                only(&refused, ErrorCode::CapacityBelowBooked);
            }
            tokio::time::sleep(Duration::from_millis(dice.roll(1..=40).into())).await;
        }
    }

    fn only(refused: &ClientError, code: ErrorCode) {
        assert_eq!(refused.code(), Some(code), "{refused}");
    }
}
