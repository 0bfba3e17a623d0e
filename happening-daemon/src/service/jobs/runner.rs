//! Works at jobs for as long as the daemon lives. A job that a killed daemon left is taken once its lease is over; a daemon
//! that ends softly gives its jobs back at once.
//!
//! All jobs of a daemon run in one task, so that they take one processor at most from those who book.

use super::Journal;
use crate::service::{Error, Services};
use crate::store::{ClaimedJob, JobEnd};
use chrono::TimeDelta;
use futures::stream::{FuturesUnordered, StreamExt as _};
use happening_core::wire::{ErrorCode, JobState};
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How often a daemon looks for jobs that others have left. Those that it starts itself it begins at once.
const LOOK: Duration = Duration::from_secs(2);

/// How often progress is written, and the lease extended.
const BEAT: Duration = Duration::from_secs(1);

/// Beats between two notes of where a job is: these may be long.
const BEATS: u32 = 5;

/// For how long a job is a daemon's: a database that is busy, or a clock that is slightly off, loses none.
const LEASE: TimeDelta = TimeDelta::seconds(15);

/// Jobs of one daemon at a time.
const AT_ONCE: usize = 4;

/// Steps in a row that may fail because a part is away or busy, each after a pause.
const FAILURES: u32 = 120;
const PAUSE: Duration = Duration::from_secs(1);

/// A job, and its place among those of this daemon.
type Taken = (ClaimedJob, OwnedSemaphorePermit);

/// Wakes the runner.
#[derive(Default)]
pub struct Bell(Notify);

impl Bell {
    /// There is something to do.
    pub fn look(&self) {
        self.0.notify_one();
    }
}

/// Why a daemon stops to work at a job.
enum Stopped {
    /// Somebody has asked for its end.
    Cancelled,
    /// Another daemon has it.
    Lost,
}

impl Services {
    /// Works at jobs until `soft` is cancelled.
    pub async fn run_jobs(self: Arc<Self>, soft: CancellationToken) {
        let daemon = self.ids.uuid();
        soft.run_until_cancelled(self.take_jobs(daemon)).await;
        if let Err(error) = self.store.release_jobs(daemon).await {
            tracing::warn!(%error, "jobs could not be given back: they go on when their lease is over");
        }
    }

    /// Taking jobs and working at them run side by side: one that waits must not keep a connection from which
    /// the other one waits.
    async fn take_jobs(&self, daemon: Uuid) {
        let (taken, to_do) = mpsc::channel(AT_ONCE);
        tokio::join!(self.look_for_jobs(daemon, taken), self.work_at_all(daemon, to_do));
    }

    async fn look_for_jobs(&self, daemon: Uuid, taken: mpsc::Sender<Taken>) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let places = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.jobs.0.notified() => {}
            }
            while let Ok(place) = places.clone().try_acquire_owned()
                && let Some(job) = self.claim(daemon).await
            {
                // As many as there are places.
                let _ = taken.send((job, place)).await;
            }
        }
    }

    async fn work_at_all(&self, daemon: Uuid, mut to_do: mpsc::Receiver<Taken>) {
        let mut running = FuturesUnordered::new();
        loop {
            tokio::select! {
                Some((job, place)) = to_do.recv() => running.push(async move {
                    self.work_at(daemon, job).await;
                    drop(place);
                    self.jobs.look();
                }),
                Some(()) = running.next(), if !running.is_empty() => {}
            }
        }
    }

    async fn claim(&self, daemon: Uuid) -> Option<ClaimedJob> {
        if self.store_liveness.is_down() {
            return None;
        }
        let now = self.clock.now();
        match self.store.claim_job(daemon, now, now + LEASE).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::warn!(%error, "no job could be taken");
                None
            }
        }
    }

    async fn work_at(&self, daemon: Uuid, job: ClaimedJob) {
        tracing::info!(job = %job.id, kind = %job.kind, done = job.done, "a job begins, or goes on");
        let journal = Journal::of(&job);
        let ended = if job.cancelling {
            Err(Stopped::Cancelled)
        } else {
            let working = AssertUnwindSafe(self.work(&job, &journal));
            tokio::select! {
                ended = futures::FutureExt::catch_unwind(working) => Ok(ended.unwrap_or_else(|_| {
                    tracing::error!(job = %job.id, "a job panicked");
                    Err(Error::internal())
                })),
                stopped = self.keep(daemon, &job, &journal) => Err(stopped),
            }
        };
        let end = match ended {
            Ok(ended) => end_of(ended),
            Err(Stopped::Cancelled) => JobEnd { state: JobState::Cancelled, result: None, error: None },
            Err(Stopped::Lost) => return tracing::warn!(job = %job.id, "another daemon goes on with a job"),
        };
        tracing::info!(job = %job.id, kind = %job.kind, state = %end.state, "a job has ended");
        self.end_job(daemon, &job, &journal, &end).await;
    }

    /// Keeps a job this daemon's, and its progress known, until that is no longer wanted.
    async fn keep(&self, daemon: Uuid, job: &ClaimedJob, journal: &Journal) -> Stopped {
        let mut beat: u32 = 0;
        loop {
            sleep(BEAT).await;
            beat = beat.wrapping_add(1);
            let lease = self.clock.now() + LEASE;
            let mut progress = journal.progress();
            progress.at = progress.at.filter(|_| beat.is_multiple_of(BEATS));
            match self.store.note_job(job.id, daemon, &progress, lease).await {
                Ok(Some(false)) => {}
                Ok(Some(true)) => return Stopped::Cancelled,
                Ok(None) => return Stopped::Lost,
                Err(error) => {
                    tracing::warn!(job = %job.id, %error, "the progress of a job could not be noted");
                }
            }
        }
    }

    async fn end_job(&self, daemon: Uuid, job: &ClaimedJob, journal: &Journal, end: &JobEnd) {
        loop {
            let (progress, now) = (journal.progress(), self.clock.now());
            match self.store.finish_job(job.id, daemon, &progress, end, now).await {
                Ok(true) => return,
                Ok(false) => return tracing::warn!(job = %job.id, "another daemon ends a job"),
                Err(error) => tracing::warn!(job = %job.id, %error, "the end of a job could not be noted"),
            }
            sleep(PAUSE).await;
        }
    }

    /// Does a step of a job; one that fails because a part is away or busy is done again. `step` is given how often it has
    /// failed.
    pub(in crate::service) async fn persist<T, Step>(&self, step: impl Fn(u32) -> Step) -> Result<T, Error>
    where
        Step: Future<Output = Result<T, Error>>,
    {
        let mut failures = 0;
        loop {
            // An outage of the store may last.
            while self.store_liveness.is_down() {
                sleep(PAUSE).await;
            }
            match step(failures).await {
                Err(error) if error.code == ErrorCode::Unavailable && failures < FAILURES => {
                    failures += 1;
                    sleep(PAUSE).await;
                }
                done => return done,
            }
        }
    }
}

fn end_of(ended: Result<Value, Error>) -> JobEnd {
    match ended {
        Ok(result) => JobEnd { state: JobState::Done, result: Some(result), error: None },
        Err(error) => JobEnd { state: JobState::Failed, result: None, error: Some(error.detail) },
    }
}
