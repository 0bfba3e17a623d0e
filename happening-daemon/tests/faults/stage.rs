//! What every fault test starts from: daemons on the real parts, people, and events to book.

use crate::load::Load;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use crate::support::{Daemon, eventually};
use happening_core::id::EventId;
use happening_core::wire::{Health, Readiness};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

/// One test at a time breaks the stack.
static STACK: Mutex<()> = Mutex::const_new(());

/// The stack is this test's until it is dropped.
pub type Turn = MutexGuard<'static, ()>;

/// The people who book: three, so that the order of a line can be told.
const PEOPLE: [&str; 3] = ["admin", "organizer", "member"];

/// Events that differ in what happens to them.
#[derive(Debug, Clone, Copy)]
pub struct Events {
    /// Never full, and nobody cancels: every seat is given once.
    pub wide: EventId,
    /// Always full: people wait, cancel and are promoted.
    pub tight: EventId,
    /// Full, with a line, and left alone by the load.
    pub quiet: EventId,
}

/// The stage. Fields are dropped in order: daemons end before their parts go, and the stack is free last.
pub struct Stage {
    pub daemons: Vec<Daemon>,
    pub people: Vec<Signed>,
    pub events: Events,
    pub truth: PgPool,
    /// Built once: building a client reads certificates, and the whole test waits for that.
    http: reqwest::Client,
    pub parts: Parts,
    _turn: Turn,
}

impl Stage {
    /// Waits for the stack, then starts one daemon on it.
    pub async fn set() -> Self {
        let (turn, parts) = take_stack().await;
        let daemons = vec![Daemon::start(&parts).await];
        Self::set_with(turn, parts, daemons).await
    }

    /// The same with two daemons on the same parts.
    pub async fn set_for_two() -> Self {
        let (turn, parts) = take_stack().await;
        let daemons = vec![Daemon::start(&parts).await, Daemon::start(&parts).await];
        Self::set_with(turn, parts, daemons).await
    }

    /// The same with one daemon that delivers nothing: messages stay in the queue.
    pub async fn set_without_worker() -> Self {
        let (turn, parts) = take_stack().await;
        let daemons = vec![Daemon::start_without_worker(&parts).await];
        Self::set_with(turn, parts, daemons).await
    }

    async fn set_with(turn: Turn, parts: Parts, daemons: Vec<Daemon>) -> Self {
        let mut people = Vec::new();
        for name in PEOPLE {
            people.push(sign_in(&daemons[0], name).await);
        }
        let organizer = &people[1];
        let events = Events {
            wide: publish(organizer, 100_000).await.id,
            tight: publish(organizer, 12).await.id,
            quiet: publish(organizer, 3).await.id,
        };
        book_a_line(&people, events.quiet, 3, 6).await;
        let truth = parts.postgres().await;
        let http = happening_core::net::http_client(Duration::from_secs(5));
        Self { daemons, people, events, truth, http, parts, _turn: turn }
    }

    /// Clients that book and cancel until told to stop; each daemon has its share of them. Returns once they are served.
    pub async fn load(&self) -> Load {
        self.warm_up().await;
        let load = Load::start(self);
        eventually("the clients are served", Duration::from_secs(10), async || load.successes() >= 100).await;
        load
    }

    /// Has the daemons open all their connections to the database. Each costs the daemon a password's hash, which takes
    /// long in an unoptimized build; that is not what is tested here.
    async fn warm_up(&self) {
        for daemon in &self.daemons {
            let client = daemon.client(self.people[0].token.clone());
            for _ in 0..2 {
                futures::future::join_all((0..40).map(|_| client.event(self.events.wide))).await;
            }
        }
    }

    /// One more daemon, with a worker.
    pub async fn add_daemon(&mut self) {
        self.daemons.push(Daemon::start(&self.parts).await);
    }

    /// The daemon, where there is one.
    pub fn daemon(&self) -> &Daemon {
        &self.daemons[0]
    }

    /// Waits until the first daemon says so of itself, with the status that belongs to it.
    pub async fn is_ready_as(&self, health: Health, by: Instant) {
        let patience = by.saturating_duration_since(Instant::now());
        let expected = if health == Health::Down { 503 } else { 200 };
        let says = async || {
            let (status, readiness) = self.readyz().await;
            readiness.status == health && status == expected
        };
        eventually(&format!("/readyz says {health}"), patience, says).await;
    }

    /// The first daemon's readiness, and the status code that it came with.
    pub async fn readyz(&self) -> (u16, Readiness) {
        let url = self.daemon().url().join("/readyz").expect("a path");
        let answer = self.http.get(url).send().await.expect("the daemon answers");
        (answer.status().as_u16(), answer.json().await.expect("a readiness document"))
    }

    /// All events.
    pub fn all(&self) -> [EventId; 3] {
        [self.events.wide, self.events.tight, self.events.quiet]
    }
}

/// Waits for the stack.
pub async fn take_stack() -> (Turn, Parts) {
    (STACK.lock().await, Parts::real().await)
}

/// Fills an event, and puts so many parties of one seat in line, each behind somebody else.
pub async fn book_a_line(people: &[Signed], event: EventId, seats: u32, parties: usize) {
    book(&people[0], event, seats).await;
    for party in 0..parties {
        book(&people[party % people.len()], event, 1).await;
    }
}

/// Sleeps for so many milliseconds.
pub async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
