//! The engine: where a booking is decided and committed.
//!
//! ```text
//!  submit ──▶ gather ──▶ decide ──▶ commit ──▶ publish ──▶ project ──▶ reply
//!             (queue)    (core)     (store)    (live)   (counters, outbox relay)
//! ```
//!
//! Each event belongs to one committer of this daemon (by its id), so its commands are decided one after the other
//! without a lock. While a committer's commit runs, what arrives gathers in its queue and is the next batch: a lone
//! request pays one commit, a crowd shares it, and there is no timer. Nothing leaves before the commit.
//!
//! `committer.rs` gathers the batches, `decider.rs` decides and commits one, `batch.rs` turns decisions into rows,
//! `projector.rs` moves the counters and answers the callers,
//! `reconciler.rs` keeps the counters equal to the truth whatever happens to them.

mod attempt;
mod batch;
mod cache;
mod committer;
mod decider;
mod foresight;
mod interval;
mod keyed;
mod large;
mod projector;
mod reconciler;
mod size;
mod stats;
mod task;
mod texts;

#[cfg(test)]
mod tests;

pub use interval::Interval;
pub use keyed::Keyed;
pub use reconciler::Reconciler;
pub use stats::EngineStats;
pub use texts::BookerRole;

use crate::counters::Counters;
use crate::ids::Ids;
use crate::lifecycle::Lifecycle;
use crate::live::Live;
use crate::liveness::Liveness;
use crate::outbox::Handoff;
use crate::store::{Actor, AuditEntry, Details, Store, StoreError};
use chrono::{DateTime, Utc};
use committer::Committer;
use foresight::Foresight;
use happening_core::booking::{Command, EventState, Limits, Outcome, Refusal};
use happening_core::clock::Clock;
use happening_core::id::{EventId, UserId};
use happening_core::wire::{EngineStatus, Event, ReconcilerStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

/// Commands that may wait for one committer. More are turned away with 503: a queue that nobody gets to the end of
/// helps nobody.
const QUEUE: usize = 8_192;

/// How long a command may take before it is answered with 503 instead. Longer than the store's own deadline for a commit,
/// so that there is time to find out what became of one.
const PATIENCE: Duration = Duration::from_secs(4);

/// The actor of a command whose changes are the rules' own, such as a turn of the waitlist: it is written nowhere.
pub const NOBODY: UserId = UserId(uuid::Uuid::nil());

/// Why a command has no outcome.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The rules say no; nothing changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such event.
    #[error("there is no such event")]
    UnknownEvent,
    /// The request was answered before: by another daemon, or in a commit whose fate was not known.
    #[error("this request was answered before")]
    Answered,
    /// The store is away or overloaded.
    #[error("bookings cannot be taken right now")]
    Unavailable,
    /// A defect; the log has the details.
    #[error("the booking could not be stored")]
    Defect,
}

/// What became of a command, and when.
#[derive(Debug, Clone)]
pub struct Decided {
    /// What became of it.
    pub outcome: Outcome,
    /// The time that was written.
    pub at: DateTime<Utc>,
}

/// What goes into the commit of a command beside what the rules make of it.
#[derive(Debug, Default)]
pub struct CommitExtras {
    /// Of the event, what bookings do not depend on.
    pub details: Details,
    /// The notification to everyone who booked or waits.
    pub announcement: Option<String>,
    /// A line of the audit log, and who did it.
    pub audit: Option<Box<(Actor, AuditEntry)>>,
    /// What the commit is to remember as the answer, if the request may come again.
    pub keyed: Option<Keyed>,
    /// If somebody books for somebody else: the role, which the notification says.
    pub on_behalf: Option<BookerRole>,
    /// Whether any number of parties may wait: an operator asks, who has no quota.
    pub any_parties: bool,
}

impl CommitExtras {
    /// The limits of this command's decision, where these are those of all commands.
    fn limits(&self, of_all: Limits) -> Limits {
        if self.any_parties { of_all.with_any_parties() } else { of_all }
    }
}

/// A command on its way.
#[derive(Debug)]
struct Job {
    event: EventId,
    command: Command,
    actor: UserId,
    extras: CommitExtras,
    submitted: Instant,
    /// Of the request: what is logged of the command carries the id that its client was given.
    span: Span,
    reply: oneshot::Sender<Result<Decided, EngineError>>,
}

impl Job {
    /// Serves a waitlist further. Nobody waits for the answer.
    fn serving(event: EventId) -> Self {
        let command = Command::Serve { by_hand: false };
        let (extras, (reply, _)) = (CommitExtras::default(), oneshot::channel());
        Self { event, command, actor: NOBODY, extras, submitted: Instant::now(), span: Span::none(), reply }
    }
}

/// What a committer is asked.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are commands, and an allocation for each costs more"
)]
#[derive(Debug)]
enum Message {
    /// To decide and commit a command.
    Command(Job),
    /// For an event as it is committed, if it is in memory.
    Copy {
        /// Which.
        event: EventId,
        /// Who asks.
        reply: oneshot::Sender<Option<Arc<EventState>>>,
    },
}

/// What the engine works with.
#[derive(Clone)]
pub struct EngineParts {
    /// The truth.
    pub store: Arc<dyn Store>,
    /// Whether the store answers.
    pub store_liveness: Liveness,
    /// Redis, or its stand-in.
    pub counters: Arc<dyn Counters>,
    /// Whether the counters answer.
    pub counters_liveness: Liveness,
    /// To the outbox relay.
    pub handoff: Handoff,
    /// To those who watch.
    pub live: Live,
    /// Time.
    pub clock: Clock,
    /// Fresh ids.
    pub ids: Ids,
    /// How much one decision may do.
    pub limits: Limits,
    /// What was done so far.
    pub stats: EngineStats,
}

/// The engine's door.
#[derive(Clone)]
pub struct Engine {
    queues: Arc<Vec<mpsc::Sender<Message>>>,
    store_liveness: Liveness,
    stats: EngineStats,
    /// There in a dry run: decides in place of the committers.
    foresight: Option<Arc<Foresight>>,
}

impl Engine {
    /// Starts `committers` committers. They end, their queues drained, when the last clone of the engine is gone or the
    /// lifecycle's hard end comes.
    pub fn start(parts: &EngineParts, committers: usize, lifecycle: &Lifecycle) -> Self {
        let queues = (0..committers.max(1))
            .map(|_| {
                let (sender, receiver) = mpsc::channel(QUEUE);
                let projections = projector::start(parts, lifecycle);
                let committer = Committer::new(parts.clone(), projections).run(receiver, lifecycle.hard());
                lifecycle.spawn(lifecycle.essential("committer", committer));
                sender
            })
            .collect();
        let (store_liveness, stats) = (parts.store_liveness.clone(), parts.stats.clone());
        Self { queues: Arc::new(queues), store_liveness, stats, foresight: None }
    }

    /// The engine of one dry run: decides on copies of the committed states and writes nothing.
    #[must_use]
    pub fn foreseeing(&self, parts: &EngineParts) -> Self {
        let foresight = Foresight::new(self.clone(), parts);
        Self { foresight: Some(Arc::new(foresight)), ..self.clone() }
    }

    /// Whether nothing of what it decides is written.
    pub fn is_foreseeing(&self) -> bool {
        self.foresight.is_some()
    }

    /// An event that was read, as it is after what was decided: in a dry run that is written nowhere.
    pub async fn after_dry_run(&self, event: Event) -> Result<Event, StoreError> {
        match &self.foresight {
            Some(foresight) => foresight.after_dry_run(event).await,
            None => Ok(event),
        }
    }

    /// How it is.
    pub fn status(&self) -> EngineStatus {
        let queued = self.queued();
        let (batches, commands, bookings, last_minute) = self.stats.so_far(Instant::now());
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let bookings_per_second = last_minute as f64 / 60.0;
        EngineStatus { queued, batches, commands, bookings, bookings_per_second }
    }

    /// Commands that wait to be decided.
    pub fn queued(&self) -> u64 {
        self.queues.iter().map(|queue| (queue.max_capacity() - queue.capacity()) as u64).sum()
    }

    /// What it did since this was last asked. It begins to gather with the first question, and ceases with
    /// [`Self::forget_interval`].
    pub fn take_interval(&self) -> Interval {
        self.stats.take_interval()
    }

    /// Nobody asks any more.
    pub fn forget_interval(&self) {
        self.stats.forget_interval();
    }

    /// What keeps the counters equal to the truth.
    pub fn reconciler(&self) -> ReconcilerStatus {
        self.stats.reconciler()
    }

    /// Decides and commits a command. Runs to its end even if the caller stops waiting.
    pub async fn submit(
        &self,
        event: EventId,
        command: Command,
        actor: UserId,
    ) -> Result<Decided, EngineError> {
        self.submit_with(event, command, actor, CommitExtras::default()).await
    }

    /// The same, with what the rules do not know.
    pub async fn submit_with(
        &self,
        event: EventId,
        command: Command,
        actor: UserId,
        extras: CommitExtras,
    ) -> Result<Decided, EngineError> {
        if self.store_liveness.is_down() {
            return Err(EngineError::Unavailable);
        }
        if let Some(foresight) = &self.foresight {
            return foresight.decide(event, &command, extras).await;
        }
        let (reply, answer) = oneshot::channel();
        let (submitted, span) = (Instant::now(), Span::current());
        let job = Job { event, command, actor, extras, submitted, span, reply };
        let answer = match self.queue_of(event).try_send(Message::Command(job)) {
            Ok(()) => answer.await.unwrap_or(Err(EngineError::Unavailable)),
            Err(_) => Err(EngineError::Unavailable),
        };
        if matches!(answer, Err(EngineError::Unavailable)) {
            self.stats.failed();
        }
        answer
    }

    /// An event as it was committed last, if the committer has it in memory. Costs no look into the store.
    pub async fn copy(&self, event: EventId) -> Option<Arc<EventState>> {
        let (reply, answer) = oneshot::channel();
        self.queue_of(event).try_send(Message::Copy { event, reply }).ok()?;
        answer.await.ok().flatten()
    }

    fn queue_of(&self, event: EventId) -> &mpsc::Sender<Message> {
        // The last bytes of an id are its random ones.
        let bytes = event.0.as_bytes();
        let index = usize::from(bytes[15]) | usize::from(bytes[14]) << 8;
        &self.queues[index % self.queues.len()]
    }
}
