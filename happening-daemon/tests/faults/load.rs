//! A light load: clients that book and cancel, one call after the other, and write down what they see.

use crate::history::{Asked, Call, History, Seen};
use crate::stage::{Events, Stage};
use happening_core::client::{Client, ClientError, FixedToken};
use happening_core::id::{BookingId, UserId};
use happening_core::wire::CreateBooking;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const CLIENTS: usize = 20;

/// Between two calls of a client.
const PAUSE: Duration = Duration::from_millis(40);

/// When a client gives up waiting; the daemon answers well before, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(15);

/// Clients at work.
pub struct Load {
    clients: Vec<JoinHandle<()>>,
    record: Arc<Record>,
}

#[derive(Default)]
struct Record {
    calls: Mutex<Vec<Call>>,
    successes: AtomicUsize,
    stop: CancellationToken,
}

struct Buyer {
    number: usize,
    daemon: usize,
    client: Client,
    user: Option<UserId>,
    events: Events,
    record: Arc<Record>,
    /// Bookings at the tight event that are to be cancelled.
    held: VecDeque<BookingId>,
}

impl Load {
    pub fn start(stage: &Stage) -> Self {
        let record = Arc::new(Record::default());
        let clients = (0..CLIENTS)
            .map(|number| {
                let person = &stage.people[number % stage.people.len()];
                let daemon = number % stage.daemons.len();
                let url = stage.daemons[daemon].url().clone();
                let buyer = Buyer {
                    number,
                    daemon,
                    client: Client::with_timeout(url, FixedToken(Some(person.token.clone())), PATIENCE),
                    user: person.user,
                    events: stage.events,
                    record: record.clone(),
                    held: VecDeque::new(),
                };
                tokio::spawn(buyer.run())
            })
            .collect();
        Self { clients, record }
    }

    /// Calls that went well so far.
    pub fn successes(&self) -> usize {
        self.record.successes.load(Ordering::Relaxed)
    }

    /// No new calls; those under way are waited for.
    pub async fn stop(self) -> History {
        self.record.stop.cancel();
        for client in self.clients {
            client.await.expect("a client");
        }
        History(std::mem::take(&mut *self.record.calls.lock().expect("no client panicked")))
    }
}

impl Buyer {
    async fn run(mut self) {
        let mut turn = self.number;
        while !self.record.stop.is_cancelled() {
            let asked = self.next(turn);
            turn += 1;
            let begun = Instant::now();
            let seen = self.ask(asked, turn).await;
            let (client, daemon, took) = (self.number, self.daemon, begun.elapsed());
            if let (Asked::Book(event), Seen::Booked(booking)) = (asked, &seen)
                && event == self.events.tight
            {
                self.held.push_back(booking.id);
            }
            let call = Call { client, daemon, begun, took, asked, seen };
            if !call.is_failure() {
                self.record.successes.fetch_add(1, Ordering::Relaxed);
            }
            self.record.calls.lock().expect("no client panicked").push(call);
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn next(&mut self, turn: usize) -> Asked {
        match turn % 10 {
            0..=5 => Asked::Book(self.events.wide),
            6 | 7 => Asked::Book(self.events.tight),
            _ => self.held.pop_front().map_or(Asked::Book(self.events.tight), Asked::Cancel),
        }
    }

    async fn ask(&self, asked: Asked, turn: usize) -> Seen {
        let answer = match asked {
            Asked::Book(event_id) => {
                let seats = if event_id == self.events.wide && turn.is_multiple_of(2) { 2 } else { 1 };
                let create = CreateBooking { user_id: self.user, ..CreateBooking::any(event_id, seats) };
                self.client.create_booking(&create).await.map(Seen::Booked)
            }
            Asked::Cancel(booking) => self.client.cancel_booking(booking).await.map(|_| Seen::Cancelled),
        };
        answer.unwrap_or_else(|error| match error {
            ClientError::Refused { problem, retry_after } => {
                Seen::Refused { status: problem.status, retry_after: retry_after.is_some() }
            }
            other => Seen::Unknown(other.to_string()),
        })
    }
}
