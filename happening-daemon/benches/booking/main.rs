//! How fast bookings are, each row beside its yardstick of the same minute: `make bench`.
//!
//! The yardstick is what PostgreSQL itself does with one small transaction a booking (`pgbench`); the daemon writes the
//! seat, the history, the notification and the outbox besides, and verifies a token a request. Machines are shared and
//! noisy: the ratio is what counts. Bookings are counted in PostgreSQL, not by the generator.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../sockets/socket.rs"]
mod socket;

mod beside;
mod crowds;
mod generator;
mod growth;
mod page;
mod yardstick;

use generator::{Load, Run};
use happening_core::id::EventId;
use sqlx::PgPool;
use std::time::Duration;
use support::Daemon;
use support::parts::Parts;
use support::people::{Signed, publish, sign_in};
use support::processes::ProcessorTime;
use uuid::Uuid;
use yardstick::Yardstick;

const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(8);
const CLIENTS: usize = 128;

struct Row {
    name: &'static str,
    goal: f64,
    events: usize,
    seats: u32,
    yardstick: &'static str,
    yardstick_clients: &'static [u32],
}

const HOT: Row = Row {
    name: "one hot event, 128 clients",
    goal: 20.0,
    events: 1,
    seats: 1_000_000,
    yardstick: "hot-row.sql",
    yardstick_clients: &[1, 8, 32],
};

const SPREAD: Row = Row {
    name: "200 events, 128 clients",
    goal: 4.0,
    events: 200,
    seats: 20_000,
    yardstick: "spread.sql",
    yardstick_clients: &[32],
};

/// All of it, or the parts that are named: `rates`, `page`, `beside`, `growth`.
#[tokio::main]
async fn main() {
    // Cargo adds flags of its own.
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    if is_wanted("rates") {
        rates().await;
    }
    if is_wanted("page") {
        page::measure().await;
    }
    if is_wanted("beside") {
        beside::measure().await;
    }
    if is_wanted("growth") {
        growth::measure().await;
    }
}

async fn rates() {
    let yardstick = Yardstick::prepare().await;
    println!(
        "{:<28} {:>10} {:>10} {:>7} {:>6} {:>9} {:>9}   µs a booking: daemon, PostgreSQL, Redis, RabbitMQ",
        "", "yardstick", "bookings", "ratio", "goal", "p50", "p99"
    );
    {
        println!("notifications stay in the outbox");
        let parts = Parts::real().await;
        let daemon = Daemon::start_without_queue(&parts).await;
        measure(&[HOT, SPREAD], &parts, &daemon, &yardstick).await;
    }
    {
        println!("notifications delivered, through RabbitMQ");
        let parts = Parts::real().await;
        let daemon = Daemon::start(&parts).await;
        measure(&[HOT, SPREAD], &parts, &daemon, &yardstick).await;
    }
    yardstick.drop().await;
}

async fn measure(rows: &[Row], parts: &Parts, daemon: &Daemon, yardstick: &Yardstick) {
    let organizer = sign_in(daemon, "organizer").await;
    let truth = parts.postgres().await;
    for row in rows {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push(round(row, daemon, &organizer, &truth, yardstick).await);
        }
        print(row, &rounds);
    }
}

/// One measurement.
struct Round {
    bookings: f64,
    run: Run,
    used: ProcessorTime,
}

impl Round {
    /// Bookings a second.
    fn rate(&self) -> f64 {
        self.bookings / self.run.elapsed.as_secs_f64()
    }

    /// Processor time a booking, in microseconds, of one of those who used it.
    fn micros(&self, of: fn(&ProcessorTime) -> Duration) -> f64 {
        of(&self.used).as_secs_f64() * 1e6 / self.bookings
    }
}

/// The yardstick's transactions a second, and the bookings of the same minute.
async fn round(
    row: &Row,
    daemon: &Daemon,
    organizer: &Signed,
    truth: &PgPool,
    yardstick: &Yardstick,
) -> (f64, Round) {
    let mut best: f64 = 0.0;
    for &clients in row.yardstick_clients {
        let share = ROUND / u32::try_from(row.yardstick_clients.len()).expect("few");
        best = best.max(yardstick.run(row.yardstick, clients, share));
    }
    (best, book(row, daemon, organizer, truth).await)
}

/// Books at events of its own for a while.
async fn book(row: &Row, daemon: &Daemon, organizer: &Signed, truth: &PgPool) -> Round {
    let mut events: Vec<EventId> = Vec::new();
    for _ in 0..row.events {
        events.push(publish(organizer, row.seats).await.id);
    }
    let used_before = ProcessorTime::now(daemon.pid());
    let load = Load {
        url: daemon.url().clone(),
        token: organizer.token.clone(),
        events: events.clone(),
        clients: CLIENTS,
        pause: Duration::ZERO,
    };
    let run = generator::run(load, ROUND).await;
    assert_eq!(run.failed, 0, "every request is answered 201");
    let used = ProcessorTime::now(daemon.pid()).since(used_before);
    Round { bookings: confirmed(truth, &events).await, run, used }
}

async fn confirmed(truth: &PgPool, events: &[EventId]) -> f64 {
    let events: Vec<Uuid> = events.iter().map(|event| event.0).collect();
    let count = "SELECT count(*) FROM bookings WHERE status = 'confirmed' AND event_id = ANY($1)";
    let count: i64 = sqlx::query_scalar(count).bind(events).fetch_one(truth).await.expect("a count");
    f64::from(u32::try_from(count).expect("fits"))
}

fn print(row: &Row, rounds: &[(f64, Round)]) {
    let of = |figure: &dyn Fn(&Round) -> f64| median(rounds.iter().map(|(_, round)| figure(round)).collect());
    println!(
        "{:<28} {:>8.0}/s {:>8.0}/s {:>6.1}x {:>5.0}x {:>6.1} ms {:>6.1} ms   {:.0}, {:.0}, {:.0}, {:.0}",
        row.name,
        median(rounds.iter().map(|(yardstick, _)| *yardstick).collect()),
        of(&Round::rate),
        median(rounds.iter().map(|(yardstick, round)| round.rate() / yardstick).collect()),
        row.goal,
        of(&|round| round.run.percentile(50.0)),
        of(&|round| round.run.percentile(99.0)),
        of(&|round| round.micros(|used| used.daemon)),
        of(&|round| round.micros(|used| used.postgresql)),
        of(&|round| round.micros(|used| used.redis)),
        of(&|round| round.micros(|used| used.rabbitmq)),
    );
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
