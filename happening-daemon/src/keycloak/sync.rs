//! Takes tasks, applies them to Keycloak, and stores the result.
//!
//! Several daemons share the tasks: each has one owner at a time. While Keycloak is away nobody takes any; when it answers
//! again all are due at once.

use super::KeycloakSync;
use super::apply::SyncError;
use crate::identity::directory::{Directory, DirectoryError};
use crate::ids::Ids;
use crate::liveness::Liveness;
use crate::store::{ClaimedTask, Reason, Store, StoreError, TaskFailure};
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use happening_core::backoff;
use happening_core::clock::Clock;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the tasks are looked at when nothing wakes the task: for what other daemons queued, and what comes due again.
const PERIOD: Duration = Duration::from_millis(500);

/// How often Keycloak is asked whether it answers while it does, and while it does not.
const CHECK: Duration = Duration::from_secs(10);
const CHECK_AWAY: Duration = Duration::from_secs(1);

/// Tasks applied at once. Each is taken only when it is begun, so that the first in the order by then is taken.
const AT_ONCE: u32 = 6;

/// A task has so long: it is through well before its lease ends.
const TASK_TIMEOUT: Duration = Duration::from_secs(12);
const LEASE: TimeDelta = TimeDelta::seconds(55);

/// After a task whose earlier request had no answer is done: by then that request was carried out, or never will be.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(5);

/// Pauses after failures: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LAST_PAUSE: Duration = Duration::from_secs(20);

/// Applies tasks to Keycloak.
pub struct SyncTask {
    pub(super) store: Arc<dyn Store>,
    store_liveness: Liveness,
    pub(super) directory: Arc<dyn Directory>,
    sync: KeycloakSync,
    pub(super) clock: Clock,
    ids: Ids,
    checked: Option<Instant>,
}

impl SyncTask {
    /// A task between a store and a directory.
    pub fn new(
        store: Arc<dyn Store>,
        store_liveness: Liveness,
        directory: Arc<dyn Directory>,
        sync: KeycloakSync,
        clock: Clock,
        ids: Ids,
    ) -> Self {
        Self { store, store_liveness, directory, sync, clock, ids, checked: None }
    }

    /// Runs until it is dropped.
    pub async fn run(mut self) {
        let mut period = tokio::time::interval(PERIOD);
        period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let sync = self.sync.clone();
        loop {
            tokio::select! {
                _ = period.tick() => {}
                () = sync.0.queued.notified() => {}
            }
            if self.store_liveness.is_down() || !self.is_up().await {
                continue;
            }
            if let Err(error) = self.apply_all().await {
                tracing::warn!(%error, "the tasks for Keycloak could not be read");
            }
        }
    }

    /// Whether Keycloak answers; asks it now and then. When it is back, everything is due.
    async fn is_up(&mut self) -> bool {
        let was_down = self.sync.liveness().is_down();
        let pause = if was_down { CHECK_AWAY } else { CHECK };
        if self.checked.is_some_and(|checked| checked.elapsed() < pause) {
            return !was_down;
        }
        let started = Instant::now();
        let checked = self.directory.check().await;
        self.checked = Some(Instant::now());
        match checked {
            Err(error) if error.is_outage() => {
                self.sync.note(&error);
                return false;
            }
            Ok(()) => self.sync.set_trouble(None),
            Err(error) => self.sync.set_trouble(Some(error.to_string())),
        }
        if was_down && let Err(error) = self.store.release_keycloak_tasks(self.clock.now()).await {
            tracing::warn!(%error, "the tasks for Keycloak could not be made due");
            return false;
        }
        self.sync.liveness().beat(started.elapsed());
        true
    }

    /// Until nothing is due, or Keycloak is away.
    async fn apply_all(&self) -> Result<(), StoreError> {
        let mut under_way = FuturesUnordered::new();
        loop {
            let room = AT_ONCE.saturating_sub(u32::try_from(under_way.len()).unwrap_or(AT_ONCE));
            let claimed = self.claim(room).await;
            // What is under way is brought to its end, whatever the store says.
            under_way.extend(claimed.as_deref().unwrap_or_default().iter().cloned().map(
                |claimed| async move {
                    self.settle(&claimed).await;
                },
            ));
            if under_way.next().await.is_none() {
                return claimed.map(drop);
            }
        }
    }

    async fn claim(&self, room: u32) -> Result<Vec<ClaimedTask>, StoreError> {
        if room == 0 || self.sync.liveness().is_down() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        self.store.claim_keycloak_tasks(now, now + LEASE, room).await
    }

    /// Applies one task, and stores the result.
    async fn settle(&self, claimed: &ClaimedTask) {
        let outcome = if self.sync.liveness().is_down() {
            Err(SyncError::Directory(away("it did not a moment ago", false)))
        } else {
            let outcome = tokio::time::timeout(TASK_TIMEOUT, self.apply(&claimed.task)).await;
            outcome.unwrap_or_else(|_| Err(SyncError::Directory(away("a task took too long", true))))
        };
        let noted = match outcome {
            Ok(()) => self.store.finish_keycloak_task(claimed, self.clock.now() + LOOK_AGAIN).await,
            Err(SyncError::Directory(error)) => self.fail(claimed, &error).await,
            // The lease ends, and somebody does it.
            Err(SyncError::Store(error)) => Err(error),
        };
        if let Err(error) = noted {
            tracing::warn!(%error, task = claimed.key, "the result of a task for Keycloak could not be stored");
        }
    }

    async fn fail(&self, claimed: &ClaimedTask, error: &DirectoryError) -> Result<(), StoreError> {
        self.sync.note(error);
        // What is known to be wrong with the whole is said once, not for each task.
        if !error.is_outage() && self.sync.trouble().is_none() {
            tracing::warn!(%error, task = claimed.key, attempts = claimed.attempts, "a task for Keycloak failed");
        }
        let failure = TaskFailure {
            error: Reason::new(&error.to_string()),
            unsettled: error.is_unsettled(),
            due: self.due_after(claimed.attempts),
        };
        self.store.fail_keycloak_task(claimed, &failure).await
    }

    fn due_after(&self, attempts: u32) -> DateTime<Utc> {
        let (_, seed) = self.ids.uuid().as_u64_pair();
        self.clock.now() + backoff::pause(FIRST_PAUSE, LAST_PAUSE, attempts.saturating_add(1), seed)
    }
}

fn away(reason: &str, unsettled: bool) -> DirectoryError {
    DirectoryError::Unreachable { reason: reason.to_owned(), unsettled }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_through_before_its_lease_ends() {
        let longest = TimeDelta::from_std(TASK_TIMEOUT).expect("a span");
        assert!(longest * 2 < LEASE, "{longest} is not well within {LEASE}");
    }
}
