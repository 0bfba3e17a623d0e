//! Decides tasks in memory and commits them in one statement, however often it takes.
//!
//! Optimistic as long as nobody else writes the events: the commit checks each version, and an event that another daemon
//! moved on is decided again, *in turn*: its row locked first, the changes since read in the same round trip. A commit
//! of unknown fate is looked up the same way before anything is decided again. A batch that the store refuses is split
//! until the command that spoils it is alone.

use super::attempt::{Attempt, Failure};
use super::cache::{Cache, Cached};
use super::projector::Projected;
use super::size::ROWS;
use super::task::{MissedCommits, Task, answer_all, resolve_prior};
use super::{EngineError, EngineParts};
use crate::store::{Constraint, EventLock, StoreError};
use happening_core::id::EventId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Between two looks for a commit whose fate is unknown.
const RETRY: Duration = Duration::from_millis(150);

pub(super) struct Decider {
    pub(super) parts: EngineParts,
    pub(super) cache: Cache,
    projections: mpsc::Sender<Projected>,
    /// Events whose waitlist is to be served further: one decision gives only so many seats.
    owed: BTreeSet<EventId>,
}

impl Decider {
    pub(super) fn new(parts: EngineParts, projections: mpsc::Sender<Projected>) -> Self {
        Self { parts, cache: Cache::default(), projections, owed: BTreeSet::new() }
    }

    /// Another one that has one of the events, which this one has no longer.
    pub(super) fn with_event(&mut self, event: EventId) -> Self {
        let mut other = Self::new(self.parts.clone(), self.projections.clone());
        if let Some(cached) = self.cache.take(event) {
            other.cache.put_back(event, cached);
        }
        other
    }

    /// Takes the events whose waitlist is to be served further.
    pub(super) fn take_owed(&mut self) -> BTreeSet<EventId> {
        std::mem::take(&mut self.owed)
    }

    /// The waitlist of this event may be to be served further.
    pub(super) fn note_owed(&mut self, event: EventId) {
        let now = self.parts.clock.now();
        if self.cache.peek(event).is_some_and(|state| state.owes_service(now)) {
            self.owed.insert(event);
        }
    }

    /// The event that [`Decider::with_event`] gave it, if it is still of use.
    pub(super) fn into_event(mut self, event: EventId) -> Option<Cached> {
        self.cache.take(event)
    }

    /// Answers every task, however often it takes.
    pub(super) async fn work(&mut self, tasks: Vec<Task>, in_turn: bool) {
        let mut rounds = VecDeque::from([(tasks, in_turn)]);
        while let Some((tasks, in_turn)) = rounds.pop_front() {
            let tasks = Self::dismiss_late(tasks);
            let tasks = self.load(tasks).await;
            if tasks.is_empty() {
                continue;
            }
            let in_turn = in_turn || tasks.iter().any(|task| self.cache.is_shared(task.event()));
            match self.attempt(tasks, in_turn).await {
                Ok(again) => rounds.push_front((again, true)),
                Err((tasks, Failure::Unavailable)) => answer_all(tasks, || EngineError::Unavailable),
                Err((tasks, Failure::Unsure)) => {
                    tokio::time::sleep(RETRY).await;
                    rounds.push_front((tasks, true));
                }
                Err((tasks, Failure::Contended)) => {
                    let events = by_event(tasks);
                    if events.len() == 1 {
                        tokio::time::sleep(RETRY).await;
                    }
                    // Somebody else has one of the events: the others do not wait for it.
                    rounds.extend(events.into_values().map(|tasks| (tasks, true)));
                }
                Err((tasks, Failure::Refused(error))) => self.isolate(tasks, &error, &mut rounds),
            }
        }
    }

    /// Splits a batch that the store refuses; one that cannot be split is read again once, then given up.
    fn isolate(
        &mut self,
        mut tasks: Vec<Task>,
        error: &StoreError,
        rounds: &mut VecDeque<(Vec<Task>, bool)>,
    ) {
        if tasks.len() > 1 {
            let second = tasks.split_off(tasks.len() / 2);
            // The first half runs first: an event's commands stay in order.
            rounds.push_front((second, false));
            rounds.push_front((tasks, false));
            return;
        }
        for mut task in tasks {
            if matches!(error, StoreError::Conflict(Constraint::IdempotencyKey)) {
                task.answer(Err(EngineError::Answered));
                continue;
            }
            if task.reread {
                let event = task.event();
                tracing::error!(parent: &task.job.span, %event, %error, "the store refuses a command");
                self.cache.remove(task.event());
                // With an earlier commit of unknown fate, whether it was done is not known either.
                let unsure = !task.prior.is_empty();
                task.answer(Err(if unsure { EngineError::Unavailable } else { EngineError::Defect }));
                continue;
            }
            let event = task.event();
            tracing::warn!(parent: &task.job.span, %event, %error, "the store refuses a command: trying once more");
            task.reread = true;
            if task.prior.is_empty() {
                self.cache.remove(task.event());
                rounds.push_front((vec![task], false));
            } else {
                // The version in memory is what the earlier commit is looked for from.
                rounds.push_front((vec![task], true));
            }
        }
    }

    fn dismiss_late(tasks: Vec<Task>) -> Vec<Task> {
        let (late, tasks): (Vec<_>, Vec<_>) = tasks.into_iter().partition(Task::is_late);
        answer_all(late, || EngineError::Unavailable);
        tasks
    }

    /// Brings the events of the tasks into memory; answers the tasks of those that do not exist or cannot be read.
    async fn load(&mut self, tasks: Vec<Task>) -> Vec<Task> {
        let missing: BTreeSet<EventId> =
            tasks.iter().map(Task::event).filter(|event| !self.cache.contains(*event)).collect();
        if missing.is_empty() {
            return tasks;
        }
        let mut away = BTreeSet::new();
        for event in missing {
            match self.parts.store.load(event).await {
                Ok(Some(state)) => self.cache.insert(event, state),
                Ok(None) => {}
                Err(error) => {
                    away.insert(event);
                    self.log_read(event, &error);
                }
            }
        }
        self.cache.trim_except(&tasks.iter().map(Task::event).collect());
        let mut loaded = Vec::with_capacity(tasks.len());
        for task in tasks {
            if self.cache.contains(task.event()) {
                loaded.push(task);
            } else if away.contains(&task.event()) {
                task.answer(Err(EngineError::Unavailable));
            } else {
                task.answer(Err(EngineError::UnknownEvent));
            }
        }
        loaded
    }

    pub(super) fn log_read(&self, event: EventId, error: &StoreError) {
        match error {
            StoreError::Defect(_) => tracing::error!(%event, %error, "cannot read an event"),
            // The event may be large, or many are read: other events are decided all the same.
            StoreError::Busy(_) => tracing::warn!(%event, %error, "cannot read an event"),
            error => self.parts.store_liveness.miss(error),
        }
    }

    /// One attempt: decide, commit, hand on. Returns the tasks to decide again, in turn.
    async fn attempt(&mut self, tasks: Vec<Task>, in_turn: bool) -> Result<Vec<Task>, (Vec<Task>, Failure)> {
        let lock = if in_turn {
            match self.lock_events(&tasks).await {
                Ok(lock) => Some(lock),
                Err(error) => return Err(self.failed(tasks, error, false)),
            }
        } else {
            None
        };
        let (tasks, lock) = match lock {
            None => (tasks, None),
            Some((lock, missed)) => match self.catch_up(&missed).await {
                Ok(()) => (resolve_prior(tasks, &missed), Some(lock)),
                Err(error) => return Err(self.failed(tasks, error, false)),
            },
        };
        let attempt = Attempt::decide(&mut self.cache, &self.parts, tasks);
        let is_large = attempt.rows > ROWS;
        let written = match lock {
            Some(lock) => lock.commit(&attempt.batch).await,
            None => attempt.commit_optimistically(&*self.parts.store).await,
        };
        match written {
            Ok(committed) => {
                let (projected, again, owed) =
                    attempt.settle(&mut self.cache, &committed, in_turn, &self.parts.live);
                self.parts.stats.committed(&projected.answers, projected.promoted, Instant::now());
                self.owed.extend(owed);
                // Bounded: a projector that falls behind holds the committer back, not memory up.
                let _ = self.projections.send(projected).await;
                Ok(again)
            }
            Err(error) => {
                let tasks = attempt.revert(&mut self.cache, matches!(error, StoreError::Unknown(_)));
                Err(self.failed(tasks, error, is_large))
            }
        }
    }

    fn failed(&self, tasks: Vec<Task>, error: StoreError, is_large: bool) -> (Vec<Task>, Failure) {
        let unsure = tasks.iter().any(|task| !task.prior.is_empty());
        let failure = match error {
            StoreError::Unknown(_) => {
                // How long a large commit takes says nothing of the store: the pulse watches that.
                if is_large {
                    tracing::warn!(%error, "a large commit did not end in time");
                } else {
                    self.parts.store_liveness.miss(&error);
                }
                Failure::Unsure
            }
            StoreError::Unavailable(_) => {
                self.parts.store_liveness.miss(&error);
                if unsure { Failure::Unsure } else { Failure::Unavailable }
            }
            StoreError::Busy(_) => {
                tracing::warn!(%error, "a batch was not committed");
                if unsure { Failure::Unsure } else { Failure::Unavailable }
            }
            StoreError::Contended => Failure::Contended,
            error => Failure::Refused(error),
        };
        (tasks, failure)
    }

    async fn lock_events(
        &mut self,
        tasks: &[Task],
    ) -> Result<(Box<dyn EventLock>, MissedCommits), StoreError> {
        let events: BTreeSet<EventId> = tasks.iter().map(Task::event).collect();
        let known: Vec<(EventId, u64)> = events
            .into_iter()
            .filter_map(|event| self.cache.peek(event).map(|state| (event, state.version())))
            .collect();
        let mut lock = self.parts.store.lock_events(&known).await?;
        let missed = lock.missed();
        Ok((lock, missed))
    }

    /// Applies what others committed; reads an event anew where a commit is missing.
    async fn catch_up(&mut self, missed: &MissedCommits) -> Result<(), StoreError> {
        for (event, now, commits) in missed {
            if self.cache.peek(*event).is_none_or(|state| state.version() == *now) {
                continue;
            }
            let Some(state) = self.cache.state(*event) else { continue };
            for commit in commits {
                if let Some(changes) = &commit.changes
                    && commit.version == state.version() + 1
                {
                    for change in changes {
                        state.apply(change);
                    }
                    state.settle(commit.version);
                }
            }
            if state.version() != *now {
                // The row is locked, so what is read is the version of the turn.
                match self.parts.store.load(*event).await? {
                    Some(state) => self.cache.insert(*event, state),
                    None => self.cache.remove(*event),
                }
            }
            self.cache.mark_shared(*event);
        }
        Ok(())
    }
}

fn by_event(tasks: Vec<Task>) -> BTreeMap<EventId, Vec<Task>> {
    let mut events = BTreeMap::<EventId, Vec<Task>>::new();
    for task in tasks {
        events.entry(task.event()).or_default().push(task);
    }
    events
}
