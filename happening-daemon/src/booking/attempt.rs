//! One attempt at a batch: what was decided, on which events, and how to finish or undo it.

use super::batch::Rows;
use super::cache::Cache;
use super::projector::{Projected, Reply};
use super::size::deadline;
use super::task::Task;
use super::{Decided, EngineError, EngineParts};
use crate::counters::{LineStep, Projection};
use crate::live::{self, Live};
use crate::store::{AnswerRow, Batch, Details, EventCounts, EventRow, Ledger, StoreError};
use chrono::{DateTime, Duration, Utc};
use happening_core::booking::{Change, Context, EventState, Outcome, Refusal};
use happening_core::id::EventId;
use happening_core::wire::QueuedNotification;
use std::collections::{BTreeMap, HashSet};

/// How long the relay of this daemon has to publish a notification before any relay takes it from the outbox.
const HANDOFF_SECONDS: i64 = 5;

/// Why an attempt came to nothing.
pub(super) enum Failure {
    /// The store is away; nothing was done.
    Unavailable,
    /// Whether it was done is not known: find out in turn.
    Unsure,
    /// Somebody else has one of the events; nothing was done.
    Contended,
    /// The store refuses it.
    Refused(StoreError),
}

/// A task with what the rules made of it.
struct DecidedTask {
    task: Task,
    result: Result<Outcome, Refusal>,
    /// Whether the commit remembers the answer.
    remembered: bool,
}

/// What the batch does to one event.
#[derive(Default)]
struct Effect {
    expected: u64,
    changes: Vec<Change>,
    details: Details,
    announcement: Option<String>,
}

pub(super) struct Attempt {
    pub batch: Batch,
    /// Rows that the batch writes.
    pub rows: usize,
    decided_tasks: Vec<DecidedTask>,
    effects: BTreeMap<EventId, Effect>,
}

impl Attempt {
    /// Decides every task on the states in memory, which are changed by it.
    pub(super) fn decide(cache: &mut Cache, parts: &EngineParts, tasks: Vec<Task>) -> Self {
        let now = parts.clock.now();
        let mut rows = Rows::default();
        let mut effects: BTreeMap<EventId, Effect> = BTreeMap::new();
        let mut decided_tasks = Vec::with_capacity(tasks.len());
        let mut answers = Vec::new();
        for task in tasks {
            let event = task.event();
            // Loaded by the committer, and nothing is dropped while a batch runs.
            let Some(state) = cache.state(event) else { continue };
            let effect = effects
                .entry(event)
                .or_insert_with(|| Effect { expected: state.version(), ..Effect::default() });
            let before = effect.changes.len();
            let context = Context { now, limits: task.job.extras.limits(parts.limits) };
            let result =
                state.decide(&task.job.command, &context, &mut effect.changes, &mut || parts.ids.booking());
            for change in &effect.changes[before..] {
                rows.add(&task.job, change, &parts.ids);
                rows.outgrown(event, task.job.actor, change, state, &parts.ids);
            }
            let mut remembered = false;
            if let Ok(outcome) = &result {
                effect.take_details(&task);
                rows.note(event, task.job.extras.audit.as_deref());
                if effect.changes.len() > before {
                    let row = task.answer_row(|| Decided { outcome: outcome.clone(), at: now });
                    remembered = row.is_some();
                    answers.extend(row);
                }
            }
            decided_tasks.push(DecidedTask { task, result, remembered });
        }
        let batch = Self::batch(cache, parts, now, rows, answers, &effects);
        let rows = batch.rows();
        Self { batch: Batch { deadline: deadline(rows), ..batch }, rows, decided_tasks, effects }
    }

    fn batch(
        cache: &Cache,
        parts: &EngineParts,
        now: DateTime<Utc>,
        rows: Rows,
        answers: Vec<AnswerRow>,
        effects: &BTreeMap<EventId, Effect>,
    ) -> Batch {
        let (bookings, seats, history, notifications, audit) = rows.into_parts();
        let changed = effects.iter().filter(|(_, effect)| !effect.changes.is_empty());
        let events =
            changed.filter_map(|(event, effect)| Some(effect.row(*event, cache.peek(*event)?))).collect();
        Batch {
            commit: parts.ids.uuid(),
            now,
            outbox_due: now + Duration::seconds(HANDOFF_SECONDS),
            events,
            bookings,
            seats,
            history,
            notifications,
            answers,
            audit,
            deadline: deadline(0),
        }
    }

    /// Commits without having locked anything. Returns the events whose version was the expected one, those that nothing
    /// was written to included: a refusal is only as good as the state that it rests on.
    pub(super) async fn commit_optimistically(
        &self,
        store: &(impl Ledger + ?Sized),
    ) -> Result<Vec<EventId>, StoreError> {
        let untouched = self.effects.iter().filter(|(_, effect)| effect.changes.is_empty());
        let read: Vec<EventId> = untouched.map(|(event, _)| *event).collect();
        let mut current = Vec::new();
        if !read.is_empty() {
            let versions = store.versions(&read).await?;
            let is_current = |(event, version): &(EventId, u64)| {
                self.effects.get(event).is_some_and(|effect| effect.expected == *version)
            };
            current.extend(versions.iter().filter(|version| is_current(version)).map(|(event, _)| *event));
        }
        if !self.batch.events.is_empty() {
            current.extend(store.commit(&self.batch).await?);
        }
        Ok(current)
    }

    /// After the commit: publishes it to those who watch. Returns what else is to be done, the tasks of events that somebody
    /// else had moved on, to decide again, and the events whose waitlist is to be served further.
    pub(super) fn settle(
        mut self,
        cache: &mut Cache,
        committed: &[EventId],
        in_turn: bool,
        live: &Live,
    ) -> (Projected, Vec<Task>, Vec<EventId>) {
        let mut owed = Vec::new();
        let mut committed: HashSet<EventId> = committed.iter().copied().collect();
        if in_turn {
            // Nobody else could write: what was only read is current.
            committed.extend(
                self.effects.iter().filter(|(_, effect)| effect.changes.is_empty()).map(|(id, _)| *id),
            );
        }
        let mut projected = Projected::default();
        for (event, effect) in &self.effects {
            let Some(state) = cache.state(*event) else {
                continue;
            };
            if !committed.contains(event) {
                effect.changes.iter().rev().for_each(|change| state.revert(change));
                cache.mark_shared(*event);
                continue;
            }
            if !effect.changes.is_empty() {
                state.settle(effect.expected + 1);
                live.publish(*event, state.version(), || effect.commit(*event, state));
                projected.projections.push(effect.projection(*event, state));
                projected.promoted += effect.promoted();
            }
            if state.owes_service(self.batch.now) {
                owed.push(*event);
            }
        }
        let notifications = std::mem::take(&mut self.batch.notifications);
        let told = notifications.into_iter().filter(|row| committed.contains(&row.event));
        projected.notifications = told
            .map(|row| QueuedNotification {
                id: row.id,
                kind: row.kind,
                event_id: Some(row.event),
                user_id: row.user,
                seats: Some(row.seats),
                booking_id: Some(row.booking),
                message: row.message,
                booked_by: row.booked_by,
            })
            .collect();
        let at = self.batch.now;
        let mut again = Vec::new();
        for DecidedTask { task, result, remembered } in self.decided_tasks {
            if committed.contains(&task.event()) {
                if let (Some(keyed), true) = (&task.job.extras.keyed, remembered) {
                    keyed.key_guard.commit();
                }
                let result = result.map(|outcome| Decided { outcome, at }).map_err(EngineError::from);
                let (submitted, event) = (task.job.submitted, task.job.event);
                projected.answers.push(Reply { sender: task.job.reply, result, submitted, event });
            } else {
                again.push(task);
            }
        }
        (projected, again, owed)
    }

    /// After a failed commit: takes the decisions back. If its fate is unknown, each task remembers what it would be.
    pub(super) fn revert(self, cache: &mut Cache, unsure: bool) -> Vec<Task> {
        for (event, effect) in &self.effects {
            if let Some(state) = cache.state(*event) {
                effect.changes.iter().rev().for_each(|change| state.revert(change));
            }
            if unsure {
                cache.mark_shared(*event);
            }
        }
        let (commit, at) = (self.batch.commit, self.batch.now);
        let remember = |DecidedTask { mut task, result, .. }: DecidedTask| {
            if let (true, Ok(outcome)) = (unsure, result) {
                task.prior.push((commit, Decided { outcome, at }));
            }
            task
        };
        self.decided_tasks.into_iter().map(remember).collect()
    }
}

impl Effect {
    /// The last one to set a detail wins, as if each had its own commit.
    fn take_details(&mut self, task: &Task) {
        self.details.overlay(task.job.extras.details.clone());
        self.announcement = task.job.extras.announcement.clone().or_else(|| self.announcement.take());
    }

    fn row(&self, event: EventId, state: &EventState) -> EventRow {
        EventRow {
            id: event,
            expected: self.expected,
            available: state.seats().free(),
            waiting: waiting(state),
            next_number: state.next_number(),
            passes: state.passes().to_vec(),
            rests: state.rests(),
            terms: state.terms().clone(),
            details: self.details.clone(),
            announcement: self.announcement.clone(),
            changes: self.changes.clone(),
        }
    }

    /// Parties that got seats from the waitlist.
    fn promoted(&self) -> u64 {
        self.changes.iter().filter(|change| matches!(change, Change::Promoted { .. })).count() as u64
    }

    /// What is published to those who watch the event.
    fn commit(&self, event: EventId, state: &EventState) -> live::Commit {
        live::Commit {
            event,
            version: state.version(),
            steps: live::steps(&self.changes),
            total: state.seats().capacity(),
            available: state.seats().free(),
            waiting: waiting(state),
            sales_paused: state.terms().sales_paused,
        }
    }

    fn projection(&self, event: EventId, state: &EventState) -> Projection {
        let line = self.changes.iter().filter_map(|change| match change {
            Change::Waitlisted { user, .. } => Some(LineStep::Join(*user)),
            Change::Promoted { ahead, rest: 0, .. }
            | Change::Lessened { ahead, rest: 0, .. }
            | Change::LeftWaitlist { ahead, .. } => Some(LineStep::Leave { ahead: *ahead }),
            _ => None,
        });
        Projection {
            from: self.expected,
            mark: EventCounts {
                event,
                version: state.version(),
                available: state.seats().free(),
                waiting: waiting(state),
            },
            line: line.collect(),
            gone: state.terms().deleted,
        }
    }
}

pub(super) fn waiting(state: &EventState) -> u32 {
    u32::try_from(state.waitlist().len()).unwrap_or(u32::MAX)
}
