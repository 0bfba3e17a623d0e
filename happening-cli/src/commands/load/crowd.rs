//! The crowd: buyers that book, each as soon as it has the answer to its last request. They share connections, and keep of an
//! answer only what the books are compared with.

use crate::app::App;
use happening_core::client::{Client, ClientError};
use happening_core::id::EventId;
use happening_core::wire::{Booking, BookingStatus, CreateBooking};
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};

/// After an error a buyer rests: a daemon that is away is not to be hammered at.
const REST: Duration = Duration::from_millis(50);

/// Between two looks at the figures.
const TICK: Duration = Duration::from_millis(200);

/// Whatever took longer counts as this, in microseconds.
const LONGEST: u64 = 3_600_000_000;

/// Significant digits of latencies.
const DIGITS: u8 = 3;

/// How large the crowd is, and when it goes home.
#[derive(Debug, Clone)]
pub struct Limits {
    pub event: EventId,
    pub buyers: u32,
    /// Seats of a booking.
    pub party: u32,
    /// After so many; absent: only after the time.
    pub bookings: Option<u64>,
    pub duration: Duration,
    /// Which part of the bookings is cancelled again, from 0 to 1.
    pub cancel_ratio: f64,
}

/// What the daemon has acknowledged.
#[derive(Debug, Clone)]
pub struct Told {
    pub booking: Booking,
    pub sent: Instant,
    pub answered: Instant,
    /// What became of the cancellation; absent if there was none.
    pub cancelled: Option<Cancelled>,
}

impl Told {
    /// Whether it was answered as waiting.
    pub fn waited(&self) -> bool {
        self.booking.status == BookingStatus::Waiting
    }
}

/// What became of a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    Yes,
    Unknown,
}

/// What the buyers have seen.
#[derive(Debug)]
pub struct Tally {
    /// Of answers, in microseconds.
    pub latency: Histogram<u64>,
    pub confirmed: u64,
    pub waiting: u64,
    pub cancelled: u64,
    /// Requests that may have been done.
    pub unknown: u64,
    /// By code.
    pub errors: BTreeMap<String, u64>,
    pub told: Vec<Told>,
}

impl Tally {
    pub fn new() -> Self {
        let latency = Histogram::new_with_max(LONGEST, DIGITS).expect("so many digits are allowed");
        Self {
            latency,
            confirmed: 0,
            waiting: 0,
            cancelled: 0,
            unknown: 0,
            errors: BTreeMap::new(),
            told: Vec::new(),
        }
    }

    fn answered(&mut self, took: Duration) {
        self.latency.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    fn join(&mut self, other: Self) {
        self.latency.add(&other.latency).expect("all of them have the same bounds");
        self.confirmed += other.confirmed;
        self.waiting += other.waiting;
        self.cancelled += other.cancelled;
        self.unknown += other.unknown;
        for (code, count) in other.errors {
            *self.errors.entry(code).or_default() += count;
        }
        self.told.extend(other.told);
    }
}

/// What all buyers share.
struct Crowd {
    limits: Limits,
    until: Instant,
    begun: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
}

/// Lets them come, and waits until they have gone. Returns how long that took, too.
pub async fn come(app: &App<'_>, client: &Client, limits: &Limits) -> (Tally, Duration) {
    let begun = Instant::now();
    let crowd = Arc::new(Crowd {
        limits: limits.clone(),
        until: begun + limits.duration,
        begun: AtomicU64::new(0),
        answered: AtomicU64::new(0),
        failed: AtomicU64::new(0),
    });
    // Dropped with this future, and then nobody sends any more.
    let mut buyers = JoinSet::new();
    for _ in 0..limits.buyers {
        buyers.spawn(buy(client.clone(), crowd.clone()));
    }
    let (mut tally, spinner, mut ticks) = (Tally::new(), app.console.spinner(), interval(TICK));
    loop {
        tokio::select! {
            gone = buyers.join_next() => match gone {
                Some(Ok(seen)) => tally.join(seen),
                Some(Err(defect)) => std::panic::resume_unwind(defect.into_panic()),
                None => break,
            },
            _ = ticks.tick() => spinner.set_message(crowd.figures(begun.elapsed())),
        }
    }
    spinner.finish_and_clear();
    (tally, begun.elapsed())
}

impl Crowd {
    /// Whether another booking is to be made.
    fn goes_on(&self) -> bool {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        Instant::now() < self.until && self.limits.bookings.is_none_or(|most| number < most)
    }

    fn figures(&self, elapsed: Duration) -> String {
        let (answered, failed) = (self.answered.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed));
        let of = self.limits.bookings.map_or_else(String::new, |most| format!(" of {most} bookings"));
        let rate = super::per_second(answered, elapsed);
        let left = self.until.saturating_duration_since(Instant::now()).as_secs();
        let left = if self.limits.bookings.is_none() { format!(", {left} s to go") } else { String::new() };
        format!("{answered} answers{of}, {rate:.0}/s, {failed} errors{left}")
    }
}

/// One buyer's day.
async fn buy(client: Client, crowd: Arc<Crowd>) -> Tally {
    let mut tally = Tally::new();
    let create = CreateBooking::any(crowd.limits.event, crowd.limits.party);
    // Cancellations that are due, and where the next one is looked for.
    let (mut due, mut next) = (0.0, 0);
    while crowd.goes_on() {
        let sent = Instant::now();
        match client.create_booking(&create).await {
            Ok(booking) => {
                crowd.answered.fetch_add(1, Ordering::Relaxed);
                tally.answered(sent.elapsed());
                match booking.status {
                    BookingStatus::Confirmed => tally.confirmed += 1,
                    BookingStatus::Waiting | BookingStatus::Cancelled => tally.waiting += 1,
                }
                tally.told.push(Told { booking, sent, answered: Instant::now(), cancelled: None });
                due += crowd.limits.cancel_ratio;
            }
            Err(error) => failed(&mut tally, &crowd, &error, sent).await,
        }
        if due >= 1.0 && next < tally.told.len() {
            due -= 1.0;
            cancel(&client, &crowd, &mut tally, next).await;
            next += 1;
        }
    }
    tally
}

/// Gives a booking back. The oldest go first, so that some have been promoted by then.
async fn cancel(client: &Client, crowd: &Crowd, tally: &mut Tally, index: usize) {
    let sent = Instant::now();
    match client.cancel_booking(tally.told[index].booking.id).await {
        Ok(_) => {
            crowd.answered.fetch_add(1, Ordering::Relaxed);
            tally.answered(sent.elapsed());
            tally.cancelled += 1;
            tally.told[index].cancelled = Some(Cancelled::Yes);
        }
        Err(error) => {
            if is_unknown(&error) {
                tally.told[index].cancelled = Some(Cancelled::Unknown);
            }
            failed(tally, crowd, &error, sent).await;
        }
    }
}

async fn failed(tally: &mut Tally, crowd: &Crowd, error: &ClientError, sent: Instant) {
    crowd.failed.fetch_add(1, Ordering::Relaxed);
    if error.problem().is_some() {
        tally.answered(sent.elapsed());
    }
    if is_unknown(error) {
        tally.unknown += 1;
    }
    *tally.errors.entry(code(error)).or_default() += 1;
    sleep(REST).await;
}

/// Whether it may have been done all the same.
fn is_unknown(error: &ClientError) -> bool {
    match error {
        ClientError::Refused { problem, .. } => problem.status >= 500 && problem.status != 503,
        // Of what did not reach the daemon nothing was done.
        ClientError::NotSignedIn(_)
        | ClientError::Address(_)
        | ClientError::Path { .. }
        | ClientError::Tried(_)
        | ClientError::NoDryRuns
        | ClientError::Unreachable { .. }
        | ClientError::Proxy(_) => false,
        ClientError::Lost { .. }
        | ClientError::TimedOut { .. }
        | ClientError::Broken(_)
        | ClientError::NotHappening(_) => true,
    }
}

fn code(error: &ClientError) -> String {
    match error {
        ClientError::Refused { problem, .. } => problem.code.clone(),
        ClientError::NotSignedIn(_) => "not_signed_in".to_owned(),
        ClientError::Unreachable { .. } => "unreachable".to_owned(),
        ClientError::Lost { .. } => "lost_answer".to_owned(),
        ClientError::TimedOut { .. } => "timed_out".to_owned(),
        ClientError::Proxy(_) => "proxy".to_owned(),
        ClientError::Broken(_) | ClientError::NotHappening(_) => "broken_answer".to_owned(),
        ClientError::Address(_) | ClientError::Path { .. } => "address".to_owned(),
        ClientError::Tried(_) | ClientError::NoDryRuns => "dry_run".to_owned(),
    }
}
