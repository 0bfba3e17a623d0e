//! Long work: a job is noted in the store, and one daemon works at it (`runner.rs`), whichever was asked. The caller can
//! look how far it has come, and find the result for a day.
//!
//! To add a kind: a word of `JobKind` (`core/src/wire/job.rs`), what starts it (a use case that calls
//! [`Services::start_job`]), and its work, an arm in [`Services::work`]: a function that notes its progress in the
//! [`Journal`] and begins where the last note was. What it does must be harmless when it is done twice: a daemon that is
//! killed loses what it did since its last note.

mod closing;
mod journal;
mod runner;

pub(super) use closing::SYNCHRONOUS;
pub(super) use journal::Journal;
pub(super) use runner::Bell;

use super::{Caller, Error, Services};
use crate::store::{Actor, ClaimedJob, Constraint, NewJob, StoreError};
use futures::future::{BoxFuture, FutureExt as _};
use happening_core::id::JobId;
use happening_core::wire::{ErrorCode, Job, JobKind, JobsQuery};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// How often a start is tried while the one before is just ending.
const TRIES: u32 = 3;

impl Services {
    /// Jobs without their results, newest first, and where the next page begins.
    pub async fn jobs(&self, caller: &Caller, query: JobsQuery) -> Result<(Vec<Job>, Option<JobId>), Error> {
        caller.must_be_staff()?;
        self.must_be_up()?;
        let size = super::admin::page_size(query.limit)?;
        let page = self.store.list_jobs(query.cursor, size).await?;
        let next = page.last().filter(|_| page.len() >= size as usize).map(|last| last.id);
        Ok((page, next))
    }

    /// A job: for staff, and for who asked for it.
    pub async fn job(&self, caller: &Caller, id: JobId) -> Result<Job, Error> {
        self.must_be_up()?;
        let found = self.store.find_job(id).await?;
        found.filter(|job| caller.is_staff() || is_of(caller, job)).ok_or_else(|| Error::not_found("job"))
    }

    /// Asks for the end of a job: for operators, and for who asked for it. One that has ended stays as it is.
    pub async fn cancel_job(&self, caller: &Caller, id: JobId) -> Result<Job, Error> {
        let job = self.job(caller, id).await?;
        if !is_of(caller, &job) {
            caller.must_be_operator()?;
        }
        let mut unit = self.begin(caller).await?;
        unit.cancel_job(id).await?;
        let asked = unit.find_job(id).await?.ok_or_else(|| Error::not_found("job"))?;
        unit.commit().await?;
        Ok(asked)
    }

    /// Notes a job to be done. Of a kind and scope one is under way at a time: the error names it.
    pub(super) async fn start_job(
        &self,
        caller: &Caller,
        kind: JobKind,
        scope: Uuid,
        wish: &impl Serialize,
    ) -> Result<Job, Error> {
        let wish = serde_json::to_value(wish).map_err(|error| broken(&error))?;
        let job = NewJob { id: self.ids.job(), kind, scope, wish };
        for _ in 0..TRIES {
            match self.store.create_job(&job, &self.actor(caller)).await {
                Ok(()) => {
                    self.jobs.look();
                    return self.store.find_job(job.id).await?.ok_or_else(Error::internal);
                }
                Err(StoreError::Conflict(Constraint::JobRunning)) => self.must_not_run(kind, scope).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::unavailable())
    }

    /// Refuses while a job of this kind and scope is under way.
    pub(super) async fn must_not_run(&self, kind: JobKind, scope: Uuid) -> Result<(), Error> {
        let Some(job) = self.store.find_open_job(kind, scope).await? else { return Ok(()) };
        let mut error =
            Error::new(ErrorCode::JobRunning, format!("This is under way already, as job {}.", job.id));
        error.members.push(("job_id", job.id.to_string().into()));
        Err(error)
    }

    /// The person who asked for a job, as the audit log names them now.
    pub(super) fn acting(&self, job: &ClaimedJob) -> Actor {
        Actor { now: self.clock.now(), ..job.by.clone() }
    }

    /// Does the work of a job, from where it was left. What it returns is its result.
    fn work<'a>(&'a self, job: &'a ClaimedJob, journal: &'a Journal) -> BoxFuture<'a, Result<Value, Error>> {
        match job.kind {
            JobKind::Reconcile => self.reconcile_all(job, journal).boxed(),
            JobKind::CloseOrganization => self.close_organization(job, journal).boxed(),
        }
    }
}

fn is_of(caller: &Caller, job: &Job) -> bool {
    job.requested_by.is_some_and(|user| caller.is(user))
}

/// A defect: what this daemon writes it can read.
pub(super) fn broken(error: &serde_json::Error) -> Error {
    tracing::error!(%error, "a job is unreadable");
    Error::internal()
}
