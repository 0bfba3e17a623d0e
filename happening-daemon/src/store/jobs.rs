//! Long work: which is to be done, by which daemon, and how far it has come. A daemon has a job for as long as it extends
//! its lease; once that is over another one goes on where the last note of progress was.

use super::{Actor, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::JobId;
use happening_core::wire::{Job, JobKind, JobState};
use serde_json::Value;
use uuid::Uuid;

/// A job to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// What it is about: of each kind and scope one is under way at a time.
    pub scope: Uuid,
    /// What was asked for, as its kind has it.
    pub wish: Value,
}

/// A job that a daemon works at.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedJob {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// What it is about.
    pub scope: Uuid,
    /// Who asked for it, from where and when.
    pub by: Actor,
    /// What was asked for.
    pub wish: Value,
    /// Where it is; `None` at its beginning.
    pub progress: Option<Value>,
    /// What it is through with.
    pub done: u64,
    /// What there is to do, once known.
    pub total: Option<u64>,
    /// Whether somebody has asked for its end.
    pub cancelling: bool,
}

/// How far a job has come.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JobProgress {
    /// What it is through with.
    pub done: u64,
    /// What there is to do, once known.
    pub total: Option<u64>,
    /// Where it is, as its kind has it; `None` if it is where it was noted last.
    pub at: Option<Value>,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub struct JobEnd {
    /// One that is final.
    pub state: JobState,
    /// What came of it.
    pub result: Option<Value>,
    /// Why it gave up.
    pub error: Option<String>,
}

/// The store's side of long work.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Notes a job to be done. A conflict if one of its kind and scope is under way.
    async fn create_job(&self, job: &NewJob, by: &Actor) -> Result<(), StoreError>;

    /// A job, with its result.
    async fn find_job(&self, id: JobId) -> Result<Option<Job>, StoreError>;

    /// The one of a kind and scope that has not ended.
    async fn find_open_job(&self, kind: JobKind, scope: Uuid) -> Result<Option<Job>, StoreError>;

    /// Jobs without their results, newest first, older than `before`.
    async fn list_jobs(&self, before: Option<JobId>, limit: u32) -> Result<Vec<Job>, StoreError>;

    /// Takes the oldest job that nobody has for this daemon, until `lease`.
    async fn claim_job(
        &self,
        daemon: Uuid,
        now: DateTime<Utc>,
        lease: DateTime<Utc>,
    ) -> Result<Option<ClaimedJob>, StoreError>;

    /// Notes how far a job has come, and keeps it until `lease`. Returns whether somebody has asked for its end; `None` if
    /// the daemon no longer has it.
    async fn note_job(
        &self,
        id: JobId,
        daemon: Uuid,
        progress: &JobProgress,
        lease: DateTime<Utc>,
    ) -> Result<Option<bool>, StoreError>;

    /// Ends a job with its last progress. False if the daemon no longer has it.
    async fn finish_job(
        &self,
        id: JobId,
        daemon: Uuid,
        progress: &JobProgress,
        end: &JobEnd,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Gives back all jobs of a daemon that ends.
    async fn release_jobs(&self, daemon: Uuid) -> Result<(), StoreError>;

    /// Forgets jobs that ended before `before`.
    async fn forget_jobs(&self, before: DateTime<Utc>) -> Result<(), StoreError>;
}

/// Rows of jobs in a unit of work.
#[async_trait]
pub trait JobRows: Send {
    /// A job, with its result.
    async fn find_job(&mut self, id: JobId) -> Result<Option<Job>, StoreError>;

    /// Asks for the end of a job. One that has ended stays as it is.
    async fn cancel_job(&mut self, id: JobId) -> Result<(), StoreError>;
}
