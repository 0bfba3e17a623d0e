//! Rows of long work.

use super::super::StoreError;
use super::super::audit::Actor;
use super::super::jobs::ClaimedJob;
use super::{counter, json, word};
use chrono::{DateTime, Utc};
use happening_core::id::{JobId, OrganizationId, UserId};
use happening_core::wire::Job;
use sqlx::FromRow;
use uuid::Uuid;

#[derive(FromRow)]
pub(in crate::store) struct JobRow {
    id: Uuid,
    kind: String,
    scope: Uuid,
    state: String,
    requested_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    done: i64,
    total: Option<i64>,
    cancelling: bool,
    result: Option<String>,
    error: Option<String>,
}

impl TryFrom<JobRow> for Job {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: JobId(row.id),
            kind: word(&row.kind)?,
            state: word(&row.state)?,
            organization_id: (!row.scope.is_nil()).then_some(OrganizationId(row.scope)),
            requested_by: row.requested_by.map(UserId),
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            done: counter(row.done),
            total: row.total.map(counter),
            cancelling: row.cancelling,
            result: row.result.as_deref().map(json).transpose()?,
            error: row.error,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct ClaimedJobRow {
    id: Uuid,
    kind: String,
    scope: Uuid,
    requested_by: Option<Uuid>,
    address: Option<String>,
    request_id: Option<String>,
    wish: String,
    progress: Option<String>,
    done: i64,
    total: Option<i64>,
    cancelling: bool,
    created_at: DateTime<Utc>,
}

impl TryFrom<ClaimedJobRow> for ClaimedJob {
    type Error = StoreError;

    fn try_from(row: ClaimedJobRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: JobId(row.id),
            kind: word(&row.kind)?,
            scope: row.scope,
            by: Actor {
                user: row.requested_by.map(UserId),
                address: row.address.and_then(|address| address.parse().ok()),
                request_id: row.request_id,
                now: row.created_at,
            },
            wish: json(&row.wish)?,
            progress: row.progress.as_deref().map(json).transpose()?,
            done: counter(row.done),
            total: row.total.map(counter),
            cancelling: row.cancelling,
        })
    }
}
