//! What years of use cost: the same bookings, readings and rest at a database of ten million bookings and at an empty one, in
//! the same minutes.

use crate::generator::{self, Load, Run, Visitor};
use crate::support::Daemon;
use crate::support::full_database::Size;
use crate::support::parts::Parts;
use crate::support::people::{Signed, bookers, publish};
use crate::support::processes::{ProcessorTime, memory_of};
use crate::{HOT, ROUNDS, Round, Row, SPREAD, book, median};
use happening_core::id::EventId;
use happening_core::wire::JobState;
use hyper::StatusCode;
use sqlx::PgPool;
use std::time::{Duration, Instant};

const YEARS: Size = Size { organizations: 1_000, events: 100, bookings: 100 };

/// Without a worker of autovacuum for so long, PostgreSQL is done with what the filling left to it.
const CLEAN: Duration = Duration::from_secs(20);

/// What a daemon does once it has started is over, and then it is watched for a while.
const SETTLED: Duration = Duration::from_secs(15);
const REST: Duration = Duration::from_secs(30);

/// Requests of each kind, one after the other. Each asks for a page of another size, so that none is sent the answer to
/// another (`src/http/shared_reads.rs`).
const PAGES: std::ops::Range<u32> = 20..120;

/// Clients who book beside the reconciler, and what each waits: a thousand bookings a second.
const CLIENTS: usize = 32;
const PAUSE: Duration = Duration::from_millis(30);

/// Between two looks at a job.
const LOOK: Duration = Duration::from_millis(100);

/// What one daemon costs at rest, and how soon it answers one client.
struct Quiet {
    /// Of a core.
    percent: f64,
    kilobytes: u64,
    /// Milliseconds.
    latencies: Vec<f64>,
}

/// By the member of a small organization, but for the search of people, which is an operator's.
const PATHS: [&str; 5] = [
    "/events?",
    "/events?q=concert&",
    "/users?search=user1999&",
    "/bookings/user/{id}?",
    "/notifications/user/{id}?",
];

/// Prints the rows.
pub async fn measure() {
    let (empty, full) = (Parts::real().await, Parts::real().await);
    let began = Instant::now();
    // It makes the tables.
    drop(Daemon::start_without_queue(&full).await);
    YEARS.fill(&full).await;
    settle(&full.postgres().await).await;
    println!(
        "{} organizations, {} people, {} events, {} bookings (filled in {:.0} s), beside an empty database",
        YEARS.organizations,
        YEARS.people(),
        YEARS.all_events(),
        YEARS.all_bookings(),
        began.elapsed().as_secs_f64(),
    );
    print_quiet(&quiet(&empty).await, &quiet(&full).await);
    for row in [HOT, SPREAD] {
        print_rates(&row, &empty, &full).await;
    }
    reconcile(&full).await;
}

/// Waits until what was written is on the disk, and vacuumed: years of use write no ten million rows in a few minutes.
async fn settle(truth: &PgPool) {
    sqlx::raw_sql("CHECKPOINT").execute(truth).await.expect("a checkpoint");
    let mut clean = Instant::now();
    while clean.elapsed() < CLEAN {
        let workers = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'";
        let workers: i64 = sqlx::query_scalar(workers).fetch_one(truth).await.expect("a count");
        if workers > 0 {
            clean = Instant::now();
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// One daemon at a time: it would hear of every commit of another.
async fn quiet(parts: &Parts) -> Quiet {
    let daemon = Daemon::start_without_queue(parts).await;
    let people = bookers(std::slice::from_ref(&daemon)).await.remove(0);
    let (member, operator) = (&people[0], &people[4]);
    tokio::time::sleep(SETTLED).await;
    let before = ProcessorTime::now(daemon.pid());
    tokio::time::sleep(REST).await;
    let used = ProcessorTime::now(daemon.pid()).since(before);
    let percent = 100.0 * (used.daemon + used.postgresql).as_secs_f64() / REST.as_secs_f64();
    let mut latencies = Vec::new();
    for path in PATHS {
        let person = if path.starts_with("/users?") { operator } else { member };
        let path = path.replace("{id}", &person.user.expect("a user").to_string());
        let mut visitor = Visitor::open(daemon.url(), &person.token).await;
        let mut times = Vec::new();
        for limit in PAGES {
            let path = format!("{path}limit={limit}");
            let asked = Instant::now();
            assert_eq!(visitor.get(&path).await, StatusCode::OK, "{path}");
            times.push(asked.elapsed().as_secs_f64() * 1_000.0);
        }
        latencies.push(median(times));
    }
    Quiet { percent, kilobytes: memory_of(daemon.pid()), latencies }
}

fn print_quiet(empty: &Quiet, full: &Quiet) {
    println!("{:<34} {:>10} {:>10}", "", "empty", "full");
    println!("{:<34} {:>8.1} % {:>8.1} %", "daemon and PostgreSQL at rest", empty.percent, full.percent);
    let megabytes = |quiet: &Quiet| quiet.kilobytes / 1_024;
    println!("{:<34} {:>7} MB {:>7} MB", "memory of the daemon", megabytes(empty), megabytes(full));
    for (path, (empty, full)) in PATHS.iter().zip(empty.latencies.iter().zip(&full.latencies)) {
        println!("GET {path:<30} {empty:>7.2} ms {full:>7.2} ms", path = path.trim_end_matches(['?', '&']));
    }
}

async fn print_rates(row: &Row, empty: &Parts, full: &Parts) {
    let (mut small, mut large) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (parts, rounds) in [(empty, &mut small), (full, &mut large)] {
            let daemon = Daemon::start_without_queue(parts).await;
            let people = bookers(std::slice::from_ref(&daemon)).await.remove(0);
            rounds.push(book(row, &daemon, &people[1], &parts.postgres().await).await);
        }
    }
    let of = |rounds: &[Round], figure: fn(&Round) -> f64| median(rounds.iter().map(figure).collect());
    let ratios = small.iter().zip(&large).map(|(small, large)| large.rate() / small.rate()).collect();
    let p99: fn(&Round) -> f64 = |round| round.run.percentile(99.0);
    let daemon: fn(&Round) -> f64 = |round| round.micros(|used| used.daemon);
    let postgresql: fn(&Round) -> f64 = |round| round.micros(|used| used.postgresql);
    println!(
        "{:<34} {:>8.0}/s {:>8.0}/s = {:.2} (goal 0.9); p99 {:.1} ms, {:.1} ms; daemon + PostgreSQL {:.0} + {:.0}, {:.0} + {:.0} µs",
        row.name,
        of(&small, Round::rate),
        of(&large, Round::rate),
        median(ratios),
        of(&small, p99),
        of(&large, p99),
        of(&small, daemon),
        of(&small, postgresql),
        of(&large, daemon),
        of(&large, postgresql),
    );
}

/// A pass over everything, beside a thousand bookings a second.
async fn reconcile(parts: &Parts) {
    let daemon = Daemon::start_without_queue(parts).await;
    let people = bookers(std::slice::from_ref(&daemon)).await.remove(0);
    let (organizer, operator) = (&people[1], &people[4]);
    let alone = for_seconds(&daemon, organizer, Duration::from_secs(5)).await;
    let job = operator.client.start_reconcile(true).await.expect("a job");
    let began = Instant::now();
    let mut beside = Vec::new();
    let mut steps = 0;
    let ended = async {
        loop {
            let seen = operator.client.job(job.id).await.expect("a job");
            steps += usize::from(seen.state == JobState::Running && seen.done > 0);
            if seen.state.is_final() {
                break seen;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let booking = async {
        loop {
            beside.push(for_seconds(&daemon, organizer, Duration::from_secs(2)).await);
        }
    };
    let ended = tokio::select! {
        ended = ended => ended,
        () = booking => unreachable!("it goes on"),
    };
    assert_eq!((ended.state, ended.error), (JobState::Done, None));
    println!(
        "reconciling {} events: {:.1} s (goal 60 s), its progress seen {steps} times; bookings beside it: p99 {:.1} ms, alone {:.1} ms",
        ended.done,
        began.elapsed().as_secs_f64(),
        median(beside.iter().map(|run| run.percentile(99.0)).collect()),
        alone.percentile(99.0),
    );
}

async fn for_seconds(daemon: &Daemon, organizer: &Signed, duration: Duration) -> Run {
    let mut events: Vec<EventId> = Vec::new();
    for _ in 0..50 {
        events.push(publish(organizer, 20_000).await.id);
    }
    let (url, token) = (daemon.url().clone(), organizer.token.clone());
    let run = generator::run(Load { url, token, events, clients: CLIENTS, pause: PAUSE }, duration).await;
    assert_eq!(run.failed, 0, "every request is answered 201");
    run
}
