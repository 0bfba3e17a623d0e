//! Runs the batches of the events that are this committer's: decide in memory, commit in one statement, hand on.
//!
//! Optimistic as long as nobody else writes the events: the commit checks each version, and an event that another daemon
//! moved on is decided again, *in turn*: its row locked first, the changes since read in the same round trip. A commit
//! of unknown fate is looked up the same way before anything is decided again. A batch that the store refuses is split
//! until the command that spoils it is alone.

use super::attempt::{Attempt, Failure};
use super::cache::Cache;
use super::projector::Projected;
use super::task::{MissedCommits, Task, answer_all, resolve_prior};
use super::{EngineError, Job, Parts};
use crate::store::{Constraint, StoreError, Turn};
use happening_core::id::EventId;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Commands in one commit. Larger batches share the commit among more, and hold their first command up for longer.
const BATCH: usize = 512;

/// Between two looks for a commit whose fate is unknown.
const RETRY: Duration = Duration::from_millis(150);

pub(super) struct Committer {
    pub(super) parts: Parts,
    pub(super) cache: Cache,
    projections: mpsc::Sender<Projected>,
}

impl Committer {
    pub(super) fn new(parts: Parts, projections: mpsc::Sender<Projected>) -> Self {
        Self { parts, cache: Cache::default(), projections }
    }

    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Job>, hard: CancellationToken) {
        let mut jobs = Vec::with_capacity(BATCH);
        while !hard.is_cancelled() && queue.recv_many(&mut jobs, BATCH).await > 0 {
            let mut batch = Vec::with_capacity(jobs.len());
            for job in jobs.drain(..) {
                let announces = job.enclosure.announcement.is_some();
                if announces {
                    // Whoever books in the same breath is told too: their booking is committed first.
                    self.work(std::mem::take(&mut batch), false).await;
                }
                batch.push(Task { job, prior: Vec::new(), reread: false });
                if announces {
                    self.work(std::mem::take(&mut batch), false).await;
                }
            }
            self.work(batch, false).await;
        }
    }

    /// Answers every task, however often it takes.
    async fn work(&mut self, tasks: Vec<Task>, in_turn: bool) {
        let mut rounds = vec![(tasks, in_turn)];
        while let Some((tasks, in_turn)) = rounds.pop() {
            let tasks = Self::dismiss_late(tasks);
            let tasks = self.load(tasks).await;
            if tasks.is_empty() {
                continue;
            }
            let in_turn = in_turn || tasks.iter().any(|task| self.cache.is_shared(task.event()));
            match self.attempt(tasks, in_turn).await {
                Ok(again) => rounds.push((again, true)),
                Err((tasks, Failure::Unavailable)) => answer_all(tasks, || EngineError::Unavailable),
                Err((tasks, Failure::Unsure)) => {
                    tokio::time::sleep(RETRY).await;
                    rounds.push((tasks, true));
                }
                Err((tasks, Failure::Refused(error))) => self.isolate(tasks, &error, &mut rounds),
            }
        }
    }

    /// Splits a batch that the store refuses; one that cannot be split is read anew once, then given up.
    fn isolate(&mut self, mut tasks: Vec<Task>, error: &StoreError, rounds: &mut Vec<(Vec<Task>, bool)>) {
        if tasks.len() > 1 {
            let second = tasks.split_off(tasks.len() / 2);
            // The last one pushed runs first: an event's commands stay in order.
            rounds.push((second, false));
            rounds.push((tasks, false));
            return;
        }
        for mut task in tasks {
            if matches!(error, StoreError::Conflict(Constraint::IdempotencyKey)) {
                task.answer(Err(EngineError::Answered));
                continue;
            }
            if task.reread {
                tracing::error!(event = %task.event(), %error, "the store refuses a command");
                self.cache.remove(task.event());
                // With an earlier commit of unknown fate, whether it was done is not known either.
                let unsure = !task.prior.is_empty();
                task.answer(Err(if unsure { EngineError::Unavailable } else { EngineError::Defect }));
                continue;
            }
            tracing::warn!(event = %task.event(), %error, "the store refuses a command: trying once more");
            task.reread = true;
            if task.prior.is_empty() {
                self.cache.remove(task.event());
                rounds.push((vec![task], false));
            } else {
                // The version in memory is what the earlier commit is looked for from.
                rounds.push((vec![task], true));
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
        let loads = missing.iter().map(|event| self.parts.store.load(*event));
        let mut away = BTreeSet::new();
        for (event, loaded) in missing.iter().zip(futures::future::join_all(loads).await) {
            match loaded {
                Ok(Some(state)) => self.cache.insert(*event, state),
                Ok(None) => {}
                Err(error) => {
                    away.insert(*event);
                    self.log_load(*event, &error);
                }
            }
        }
        self.cache.trim_except(&missing);
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

    fn log_load(&self, event: EventId, error: &StoreError) {
        match error {
            StoreError::Defect(_) => tracing::error!(%event, %error, "cannot read an event"),
            error => self.parts.store_vital.miss(error),
        }
    }

    /// One attempt: decide, commit, hand on. Returns the tasks to decide again, in turn.
    async fn attempt(&mut self, tasks: Vec<Task>, in_turn: bool) -> Result<Vec<Task>, (Vec<Task>, Failure)> {
        let turn = if in_turn {
            match self.take_turn(&tasks).await {
                Ok(turn) => Some(turn),
                Err(error) => return Err(self.failed(tasks, error)),
            }
        } else {
            None
        };
        let (tasks, turn) = match turn {
            None => (tasks, None),
            Some((turn, missed)) => match self.catch_up(&missed).await {
                Ok(()) => (resolve_prior(tasks, &missed), Some(turn)),
                Err(error) => return Err(self.failed(tasks, error)),
            },
        };
        let attempt = Attempt::decide(&mut self.cache, &self.parts, tasks);
        let written = match turn {
            Some(turn) => turn.commit(&attempt.batch).await,
            None => attempt.commit_optimistically(&*self.parts.store).await,
        };
        match written {
            Ok(committed) => {
                let (projected, again) =
                    attempt.settle(&mut self.cache, &committed, in_turn, &self.parts.live);
                self.parts.figures.committed(&projected.answers, Instant::now());
                // Bounded: a projector that falls behind holds the committer back, not memory up.
                let _ = self.projections.send(projected).await;
                Ok(again)
            }
            Err(error) => {
                let tasks = attempt.revert(&mut self.cache, matches!(error, StoreError::Unknown(_)));
                Err(self.failed(tasks, error))
            }
        }
    }

    fn failed(&mut self, tasks: Vec<Task>, error: StoreError) -> (Vec<Task>, Failure) {
        let unsure = tasks.iter().any(|task| !task.prior.is_empty());
        let failure = match error {
            StoreError::Unknown(_) => {
                self.parts.store_vital.miss(&error);
                Failure::Unsure
            }
            StoreError::Unavailable(_) => {
                self.parts.store_vital.miss(&error);
                if unsure { Failure::Unsure } else { Failure::Unavailable }
            }
            StoreError::Contended => Failure::Unsure,
            error => Failure::Refused(error),
        };
        (tasks, failure)
    }

    async fn take_turn(&mut self, tasks: &[Task]) -> Result<(Box<dyn Turn>, MissedCommits), StoreError> {
        let events: BTreeSet<EventId> = tasks.iter().map(Task::event).collect();
        let known: Vec<(EventId, u64)> = events
            .into_iter()
            .filter_map(|event| self.cache.state(event).map(|state| (event, state.version())))
            .collect();
        let mut turn = self.parts.store.take_turn(&known).await?;
        let missed = turn.missed();
        Ok((turn, missed))
    }

    /// Applies what others committed; reads an event anew where a commit is missing.
    async fn catch_up(&mut self, missed: &MissedCommits) -> Result<(), StoreError> {
        for (event, now, commits) in missed {
            let Some(state) = self.cache.state(*event) else {
                continue;
            };
            if state.version() == *now {
                continue;
            }
            for commit in commits {
                if commit.version == state.version() + 1 {
                    commit.changes.iter().for_each(|change| state.apply(change));
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
