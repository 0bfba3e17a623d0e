//! Long work: its rows in a unit of work, and what daemons read and write of it.

use super::{SqlStore, SqlTx};
use crate::store::rows::{ClaimedJobRow, JobRow, big, convert};
use crate::store::{Actor, ClaimedJob, JobEnd, JobProgress, JobRows, Jobs, NewJob, StoreError, storable};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::JobId;
use happening_core::wire::{Job, JobKind};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// With `result`, and for lists in its place nothing.
const JOBS: &str = "SELECT id, kind, scope, state, requested_by, created_at, started_at, finished_at, done, total, \
     cancelling, error, ";

/// Kinds that this daemon knows, as a list of SQL.
fn known_kinds() -> String {
    let words: Vec<String> = JobKind::ALL.iter().map(|kind| format!("'{kind}'")).collect();
    words.join(", ")
}

#[async_trait]
impl Jobs for SqlStore {
    async fn create_job(&self, job: &NewJob, by: &Actor) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO jobs (id, kind, scope, wish, requested_by, address, request_id, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(job.id.0)
        .bind(job.kind.as_str())
        .bind(job.scope)
        .bind(job.wish.to_string())
        .bind(by.user.map(|user| user.0))
        .bind(by.address.map(|address| address.to_string()))
        .bind(by.request_id.as_deref().map(|id| storable(id).into_owned()))
        .bind(by.now)
        .execute(self.write())
        .await?;
        Ok(())
    }

    async fn find_job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let sql = AssertSqlSafe(format!("{JOBS} result FROM jobs WHERE id = $1"));
        let row: Option<JobRow> = sqlx::query_as(sql).bind(id.0).fetch_optional(self.read()).await?;
        row.map(Job::try_from).transpose()
    }

    async fn find_open_job(&self, kind: JobKind, scope: Uuid) -> Result<Option<Job>, StoreError> {
        let sql = format!("{JOBS} result FROM jobs WHERE kind = $1 AND scope = $2 AND finished_at IS NULL");
        let row: Option<JobRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(kind.as_str())
            .bind(scope)
            .fetch_optional(self.read())
            .await?;
        row.map(Job::try_from).transpose()
    }

    async fn list_jobs(&self, before: Option<JobId>, limit: u32) -> Result<Vec<Job>, StoreError> {
        let sql = format!(
            "{JOBS} NULL AS result FROM jobs WHERE id < $1 AND kind IN ({}) ORDER BY id DESC LIMIT $2",
            known_kinds()
        );
        let rows: Vec<JobRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(before.map_or(Uuid::max(), |id| id.0))
            .bind(big(u64::from(limit)))
            .fetch_all(self.read())
            .await?;
        convert(rows)
    }

    async fn claim_job(
        &self,
        daemon: Uuid,
        now: DateTime<Utc>,
        lease: DateTime<Utc>,
    ) -> Result<Option<ClaimedJob>, StoreError> {
        let sql = format!(
            "UPDATE jobs SET leased_by = $1, leased_until = $3, state = 'running', \
             started_at = COALESCE(started_at, $2) WHERE id = (SELECT id FROM jobs WHERE finished_at IS NULL \
             AND (leased_until IS NULL OR leased_until <= $2) AND kind IN ({}) ORDER BY id LIMIT 1 {}) \
             RETURNING id, kind, scope, requested_by, address, request_id, wish, progress, done, total, \
             cancelling, created_at",
            known_kinds(),
            Self::SKIP_LOCKED
        );
        let row: Option<ClaimedJobRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(daemon)
            .bind(now)
            .bind(lease)
            .fetch_optional(self.write())
            .await?;
        row.map(ClaimedJob::try_from).transpose()
    }

    async fn note_job(
        &self,
        id: JobId,
        daemon: Uuid,
        progress: &JobProgress,
        lease: DateTime<Utc>,
    ) -> Result<Option<bool>, StoreError> {
        let cancelling = sqlx::query_scalar(
            "UPDATE jobs SET leased_until = $3, done = $4, total = $5, \
             progress = COALESCE($6, progress) \
             WHERE id = $1 AND leased_by = $2 AND finished_at IS NULL RETURNING cancelling",
        )
        .bind(id.0)
        .bind(daemon)
        .bind(lease)
        .bind(big(progress.done))
        .bind(progress.total.map(big))
        .bind(progress.at.as_ref().map(ToString::to_string))
        .fetch_optional(self.write())
        .await?;
        Ok(cancelling)
    }

    async fn finish_job(
        &self,
        id: JobId,
        daemon: Uuid,
        progress: &JobProgress,
        end: &JobEnd,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE jobs SET state = $3, result = $4, error = $5, done = $6, total = $7, finished_at = $8, \
             wish = '', progress = NULL, address = NULL, request_id = NULL, leased_by = NULL, \
             leased_until = NULL WHERE id = $1 AND leased_by = $2 AND finished_at IS NULL",
        )
        .bind(id.0)
        .bind(daemon)
        .bind(end.state.as_str())
        .bind(end.result.as_ref().map(ToString::to_string))
        .bind(end.error.as_deref().map(|error| storable(error).into_owned()))
        .bind(big(progress.done))
        .bind(progress.total.map(big))
        .bind(now)
        .execute(self.write())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn release_jobs(&self, daemon: Uuid) -> Result<(), StoreError> {
        sqlx::query("UPDATE jobs SET leased_by = NULL, leased_until = NULL WHERE leased_by = $1")
            .bind(daemon)
            .execute(self.write())
            .await?;
        Ok(())
    }

    async fn forget_jobs(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM jobs WHERE finished_at < $1").bind(before).execute(self.write()).await?;
        Ok(())
    }
}

#[async_trait]
impl JobRows for SqlTx {
    async fn find_job(&mut self, id: JobId) -> Result<Option<Job>, StoreError> {
        let sql = AssertSqlSafe(format!("{JOBS} result FROM jobs WHERE id = $1"));
        let row: Option<JobRow> = sqlx::query_as(sql).bind(id.0).fetch_optional(self.connection()).await?;
        row.map(Job::try_from).transpose()
    }

    async fn cancel_job(&mut self, id: JobId) -> Result<(), StoreError> {
        sqlx::query("UPDATE jobs SET cancelling = TRUE WHERE id = $1 AND finished_at IS NULL")
            .bind(id.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
