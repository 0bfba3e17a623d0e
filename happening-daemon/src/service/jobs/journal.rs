//! What a job says of itself while it works. It is written to the store now and then, by whoever extends the lease.

use super::broken;
use crate::service::Error;
use crate::store::{ClaimedJob, JobProgress};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::{Mutex, PoisonError};

/// How far a job has come.
pub struct Journal(Mutex<JobProgress>);

impl Journal {
    pub(super) fn of(job: &ClaimedJob) -> Self {
        Self(Mutex::new(JobProgress { done: job.done, total: job.total, at: job.progress.clone() }))
    }

    /// So much is done of so much.
    pub fn begin(&self, done: u64, total: u64) {
        self.with(|progress| {
            progress.done = done;
            progress.total = Some(total);
        });
    }

    /// What there is to do, if that was said.
    pub fn expected(&self) -> Option<u64> {
        self.with(|progress| progress.total)
    }

    /// One more is done.
    pub fn advance(&self) {
        self.with(|progress| progress.done += 1);
    }

    /// What is done.
    pub fn done(&self) -> u64 {
        self.with(|progress| progress.done)
    }

    /// So much is done, and here is where to go on.
    pub fn note(&self, done: u64, at: &impl Serialize) -> Result<(), Error> {
        let at = serde_json::to_value(at).map_err(|error| broken(&error))?;
        self.with(|progress| {
            progress.done = done;
            progress.at = Some(at);
        });
        Ok(())
    }

    /// Where the job was left; the default at its beginning.
    pub fn place<T: DeserializeOwned + Default>(&self) -> Result<T, Error> {
        let at = self.with(|progress| progress.at.clone());
        at.map_or_else(|| Ok(T::default()), |at| serde_json::from_value(at).map_err(|error| broken(&error)))
    }

    pub(super) fn progress(&self) -> JobProgress {
        self.with(|progress| progress.clone())
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut JobProgress) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
