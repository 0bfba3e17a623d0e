//! How soon a thousand sockets know of bookings, and what they cost in memory: `make bench-sockets`.
//!
//! Sockets sit in rooms of equal size; bookings of named seats are made at a steady rate over all rooms. The time of an
//! update is from the sending of the request to its arrival at a socket, so it holds the whole booking too. Figures are for
//! one machine that carries daemon, parts, sockets and buyers.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

#[path = "../../tests/support/mod.rs"]
mod support;

mod socket;

use happening_core::id::EventId;
use happening_core::wire::CreateBooking;
use socket::Socket;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::Daemon;
use support::parts::Parts;
use support::people::{Signed, publish, sign_in};
use support::processes::memory_of;
use tokio::sync::mpsc;

const SOCKETS: usize = 1_000;
const ROOMS: usize = 20;
const RATE: u32 = 1_000;
const ROUND: Duration = Duration::from_secs(10);
const SEATS: u32 = 2_000;

/// When each seat of each room was asked for, in microseconds since the beginning.
struct Asked {
    begun: Instant,
    seats: Vec<Vec<AtomicU64>>,
}

impl Asked {
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).expect("fits")
    }
}

#[tokio::main]
async fn main() {
    let parts = Parts::real().await;
    // All of them come from one address, at once.
    let unhurried = [("SOCKET_HANDSHAKES_PER_SECOND", "0")];
    let daemon = Daemon::start_without_queue_with(&parts, &unhurried).await;
    let organizer = sign_in(&daemon, "organizer").await;
    let mut events = Vec::new();
    for _ in 0..ROOMS {
        events.push(publish(&organizer, SEATS).await.id);
    }
    let seats = || (0..=SEATS).map(|_| AtomicU64::new(0)).collect();
    let asked = Arc::new(Asked { begun: Instant::now(), seats: (0..ROOMS).map(|_| seats()).collect() });
    let idle = memory_of(daemon.pid());
    let (heard, mut times) = mpsc::unbounded_channel();
    let mut listening = Vec::new();
    for number in 0..SOCKETS {
        let room = number % ROOMS;
        let socket = Socket::connect(daemon.url(), events[room]).await;
        listening.push(tokio::spawn(listen(room, socket, asked.clone(), heard.clone())));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let full = memory_of(daemon.pid());
    let (booked, took) = buy(&organizer, &events, &asked).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let loaded = memory_of(daemon.pid());
    for socket in &listening {
        socket.abort();
    }
    let mut told = Vec::new();
    while let Ok(time) = times.try_recv() {
        told.push(time);
    }
    told.sort_unstable();
    let expected = booked * SOCKETS / ROOMS;
    let rate = f64::from(u32::try_from(booked).expect("fits")) / took.as_secs_f64();
    println!(
        "{SOCKETS} sockets in {ROOMS} rooms, {rate:.0} bookings/s: {} of {expected} updates",
        told.len()
    );
    let percentile =
        |percent: usize| told.get(told.len().saturating_sub(1) * percent / 100).map_or(0, |us| us / 1_000);
    println!("update: p50 {} ms, p99 {} ms (goal 250 ms)", percentile(50), percentile(99));
    println!("memory: {idle} kB idle, {full} kB with sockets, {loaded} kB under load");
    assert_eq!(told.len(), expected, "each booking is told once to each socket of its room");
}

/// Notes when each update arrives.
async fn listen(room: usize, mut socket: Socket, asked: Arc<Asked>, heard: mpsc::UnboundedSender<u64>) {
    const UPDATE: &str = "42[\"event:bookings:update\"";
    loop {
        let message = socket.read().await;
        let Some(rest) = message.strip_prefix(UPDATE) else { continue };
        let seat = rest.rsplit('[').next().and_then(|tail| tail.split(']').next()?.parse::<usize>().ok());
        let seat = seat.expect("one seat");
        let since = asked.seats[room][seat].load(Ordering::Acquire);
        let _ = heard.send(asked.now() - since);
    }
}

/// Books seat after seat at a steady rate, room after room. Returns how many, and how long it took.
async fn buy(organizer: &Signed, events: &[EventId], asked: &Arc<Asked>) -> (usize, Duration) {
    let started = Instant::now();
    let wanted = RATE * u32::try_from(ROUND.as_secs()).expect("short");
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut buying = tokio::task::JoinSet::new();
    let mut next = 0;
    while next < wanted {
        ticks.tick().await;
        for _ in 0..RATE / 100 {
            let room = next as usize % events.len();
            let seat = next / u32::try_from(events.len()).expect("few") + 1;
            let (client, event, asked) = (organizer.client.clone(), events[room], asked.clone());
            buying.spawn(async move {
                asked.seats[room][seat as usize].store(asked.now(), Ordering::Release);
                let create = CreateBooking { seat_numbers: Some(vec![seat]), ..CreateBooking::any(event, 1) };
                client.create_booking(&create).await.is_ok()
            });
            next += 1;
        }
    }
    let mut booked = 0;
    while let Some(done) = buying.join_next().await {
        booked += usize::from(done.expect("a buyer"));
    }
    (booked, started.elapsed())
}
