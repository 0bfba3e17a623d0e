//! Rows of what Keycloak is still to be told.

use super::super::StoreError;
use super::super::sync::{ClaimedTask, FailedTask, KeycloakTask};
use super::{count, counter};
use chrono::{DateTime, Utc};
use happening_core::id::{OrganizationId, UserId};
use sqlx::FromRow;
use uuid::Uuid;

#[derive(FromRow)]
pub(in crate::store) struct TaskRow {
    key: String,
    kind: String,
    organization_id: Option<Uuid>,
    user_id: Option<Uuid>,
    subject: Option<String>,
    generation: i64,
    attempts: i32,
    leased_until: DateTime<Utc>,
}

impl TryFrom<TaskRow> for ClaimedTask {
    type Error = StoreError;

    fn try_from(row: TaskRow) -> Result<Self, StoreError> {
        let (organization, user) = (row.organization_id.map(OrganizationId), row.user_id.map(UserId));
        let task = match (row.kind.as_str(), organization, user, row.subject) {
            ("organization", Some(organization), ..) => KeycloakTask::Organization(organization),
            ("member", Some(organization), Some(user), Some(subject)) => {
                KeycloakTask::Member { organization, user, subject }
            }
            ("account", _, Some(user), Some(subject)) => KeycloakTask::Account { user, subject },
            (kind, ..) => return Err(StoreError::Defect(format!("a task of kind {kind} lacks its target"))),
        };
        let (generation, attempts) = (counter(row.generation), count(row.attempts));
        Ok(Self { task, key: row.key, generation, attempts, lease: row.leased_until })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct FailedTaskRow {
    kind: String,
    organization_id: Option<Uuid>,
    attempts: i32,
    last_error: String,
}

impl From<FailedTaskRow> for FailedTask {
    fn from(row: FailedTaskRow) -> Self {
        Self {
            kind: row.kind,
            organization: row.organization_id.map(OrganizationId),
            attempts: count(row.attempts),
            error: row.last_error,
        }
    }
}

#[derive(FromRow)]
pub(in crate::store) struct TruthRow {
    pub name: String,
    pub keycloak_org_id: Option<String>,
    pub status: String,
    pub deleted_at: Option<DateTime<Utc>>,
}
