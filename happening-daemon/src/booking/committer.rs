//! Takes the commands of the events that are this committer's, and decides which of them share a commit.
//!
//! What arrives while a commit runs is the next batch. Two things would make everybody wait for somebody, so they happen
//! beside the batches: an event that is not in memory is read, a few at a time; and a command that writes many rows is
//! committed alone. While an event is read or has a large command, its commands wait, and those of all other events go on.

use super::cache::Cached;
use super::decider::Decider;
use super::large::LargeCommands;
use super::projector::Projected;
use super::size::{LARGE, ROWS, expected};
use super::task::{Task, answer_all};
use super::{EngineError, EngineParts, Job, Message, QUEUE};
use crate::store::StoreError;
use happening_core::booking::EventState;
use happening_core::id::EventId;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// Commands in one commit. Larger batches share the commit among more, and hold their first command up for longer.
const BATCH: usize = 512;

/// Events that are read at once. Each may be large, and is a connection.
const READS: usize = 8;

pub(super) struct Committer {
    decider: Decider,
    /// Events that are not here: with the commands that wait for them.
    away: HashMap<EventId, Vec<Task>>,
    /// Commands that wait there.
    parked: usize,
    /// Those of them that are still to be read.
    unread: VecDeque<EventId>,
    reading: usize,
    large: LargeCommands,
    is_large_running: bool,
    /// What runs beside the batches.
    beside: JoinSet<Returned>,
}

/// An event that comes back.
#[expect(clippy::large_enum_variant, reason = "a few at a time")]
enum Returned {
    /// It was read.
    Read(EventId, Result<Option<EventState>, StoreError>),
    /// Its large command is answered.
    Large(EventId, Option<Cached>),
}

/// Commands that are to share a commit.
#[derive(Default)]
struct Batch {
    tasks: Vec<Task>,
    rows: usize,
    /// The events of the commands, and whether one of them announces something.
    events: HashMap<EventId, bool>,
}

impl Batch {
    /// Whether a command may join. A commit has one announcement for each event, and it is for those who booked before.
    fn admits(&self, task: &Task, size: usize) -> bool {
        let announced = self.events.get(&task.event());
        let is_apart = announced.is_some_and(|announced| *announced || task.announces());
        !is_apart && (self.tasks.is_empty() || self.rows + size <= ROWS)
    }

    fn push(&mut self, task: Task, size: usize) {
        self.rows += size;
        *self.events.entry(task.event()).or_default() |= task.announces();
        self.tasks.push(task);
    }
}

impl Committer {
    pub(super) fn new(parts: EngineParts, projections: mpsc::Sender<Projected>) -> Self {
        Self {
            decider: Decider::new(parts, projections),
            away: HashMap::new(),
            parked: 0,
            unread: VecDeque::new(),
            reading: 0,
            large: LargeCommands::default(),
            is_large_running: false,
            beside: JoinSet::new(),
        }
    }

    /// Runs until the queue is closed and everything in it is answered.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Message>, hard: CancellationToken) {
        let mut messages = Vec::with_capacity(BATCH);
        let mut is_open = true;
        while !hard.is_cancelled() && (is_open || !self.beside.is_empty()) {
            let ready = tokio::select! {
                Some(returned) = self.beside.join_next() => self.take_back(returned),
                received = queue.recv_many(&mut messages, BATCH), if is_open => {
                    is_open = received > 0;
                    self.admit(messages.drain(..))
                }
            };
            self.read_more();
            self.decide(ready).await;
            self.serve_further().await;
            self.begin_large();
        }
    }

    /// Sorts what arrived: returns the commands of events that are in memory.
    fn admit(&mut self, messages: impl Iterator<Item = Message>) -> Vec<Task> {
        let mut ready = Vec::new();
        for message in messages {
            match message {
                Message::Command(job) => ready.extend(self.admit_job(job)),
                // Between two batches everything in memory is committed. Who asks may have gone.
                Message::Copy { event, reply } => {
                    let _ = reply.send(self.decider.cache.peek(event).map(Arc::clone));
                }
            }
        }
        ready
    }

    fn admit_job(&mut self, job: Job) -> Option<Task> {
        let task = Task { job, prior: Vec::new(), reread: false };
        let event = task.event();
        if self.decider.cache.contains(event) {
            return Some(task);
        }
        if self.parked >= QUEUE {
            task.answer(Err(EngineError::Unavailable));
            return None;
        }
        self.parked += 1;
        let parked = self.away.entry(event).or_insert_with(|| {
            self.unread.push_back(event);
            Vec::new()
        });
        parked.push(task);
        None
    }

    /// Begins to read events, [`READS`] at a time.
    fn read_more(&mut self) {
        while self.reading < READS
            && let Some(event) = self.unread.pop_front()
        {
            self.reading += 1;
            let store = self.decider.parts.store.clone();
            self.beside.spawn(async move { Returned::Read(event, store.load(event).await) });
        }
    }

    /// Takes back one event, and all others that are back by now: returns the commands that waited for them.
    fn take_back(&mut self, first: Result<Returned, JoinError>) -> Vec<Task> {
        let mut ready = Vec::new();
        let mut next = Some(first);
        while let Some(returned) = next {
            match returned {
                Ok(Returned::Read(event, read)) => {
                    self.reading -= 1;
                    let tasks = self.unpark(event);
                    ready.extend(self.take_read(event, read, tasks));
                }
                Ok(Returned::Large(event, cached)) => {
                    self.is_large_running = false;
                    if let Some(cached) = cached {
                        self.decider.cache.put_back(event, cached);
                        self.decider.note_owed(event);
                    }
                    ready.extend(self.unpark(event));
                }
                // A panic there is one of the committer.
                Err(error) => {
                    if let Ok(panic) = error.try_into_panic() {
                        std::panic::resume_unwind(panic);
                    }
                }
            }
            next = self.beside.try_join_next();
        }
        ready
    }

    fn unpark(&mut self, event: EventId) -> Vec<Task> {
        let tasks = self.away.remove(&event).unwrap_or_default();
        self.parked -= tasks.len();
        tasks
    }

    fn take_read(
        &mut self,
        event: EventId,
        read: Result<Option<EventState>, StoreError>,
        tasks: Vec<Task>,
    ) -> Vec<Task> {
        match read {
            Ok(Some(state)) => {
                self.decider.cache.insert(event, state);
                return tasks;
            }
            Ok(None) => answer_all(tasks, || EngineError::UnknownEvent),
            Err(error) => {
                self.decider.log_read(event, &error);
                answer_all(tasks, || EngineError::Unavailable);
            }
        }
        Vec::new()
    }

    /// Decides in batches, bounded by commands and by rows. Large commands are put off.
    async fn decide(&mut self, tasks: Vec<Task>) {
        if tasks.is_empty() {
            return;
        }
        let events: BTreeSet<EventId> = tasks.iter().map(Task::event).collect();
        self.decider.cache.trim_except(&events);
        let mut batch = Batch::default();
        for task in tasks {
            let size = expected(&task.job, self.decider.cache.peek(task.event()).map(Arc::as_ref));
            if size > LARGE {
                if let Some(task) = self.large.push(task) {
                    task.answer(Err(EngineError::Unavailable));
                }
                continue;
            }
            if !batch.admits(&task, size) {
                self.decider.work(std::mem::take(&mut batch).tasks, false).await;
            }
            batch.push(task, size);
        }
        self.decider.work(batch.tasks, false).await;
    }

    /// Gives each waitlist that one decision did not serve to its end a turn of its own, which is a command like any other:
    /// a large one is committed beside the batches.
    async fn serve_further(&mut self) {
        loop {
            let owed = self.decider.take_owed().into_iter().filter(|event| !self.large.has_turn_of(*event));
            let turns: Vec<Job> = owed.map(Job::serving).collect();
            if turns.is_empty() {
                return;
            }
            let ready = turns.into_iter().filter_map(|job| self.admit_job(job)).collect();
            self.decide(ready).await;
        }
    }

    /// Begins the next large command. One at a time: what it writes is a load for the store.
    fn begin_large(&mut self) {
        if self.is_large_running || self.large.is_empty() {
            return;
        }
        let Some(task) = self.large.take(|event| !self.away.contains_key(&event)) else { return };
        let event = task.event();
        self.is_large_running = true;
        self.away.insert(event, Vec::new());
        let mut decider = self.decider.with_event(event);
        self.beside.spawn(async move {
            decider.work(vec![task], false).await;
            Returned::Large(event, decider.into_event(event))
        });
    }
}
