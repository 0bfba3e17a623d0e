//! What accompanies a change of the directory in its own transaction: its line in the audit log, and what Keycloak is to be
//! sent.

use super::{Connection, SqlStore, SqlTx};
use crate::store::{Actor, AuditEntry, AuditRows, KeycloakTask, StoreError, TaskRows, storable};
use async_trait::async_trait;
use happening_core::id::OrganizationId;

#[async_trait]
impl AuditRows for SqlTx {
    async fn record(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        SqlStore::record(connection, by, entry).await
    }
}

#[async_trait]
impl TaskRows for SqlTx {
    async fn queue_task(&mut self, task: &KeycloakTask) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        SqlStore::queue(connection, task, by).await
    }

    async fn queue_first(&mut self, organization: OrganizationId) -> Result<(), StoreError> {
        sqlx::query("UPDATE keycloak_tasks SET turn = 0 WHERE organization_id = $1")
            .bind(organization.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

impl SqlStore {
    /// Writes a line of the audit log.
    pub(super) async fn record(
        connection: &mut Connection,
        by: &Actor,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO audit_log (at, actor_id, action, organization_id, target_kind, target_id, address, \
             request_id, old_value, new_value) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(by.now)
        .bind(by.user.map(|user| user.0))
        .bind(entry.action)
        .bind(entry.organization.map(|organization| organization.0))
        .bind(entry.target.0)
        .bind(storable(&entry.target.1).into_owned())
        .bind(by.address.map(|address| address.to_string()))
        .bind(by.request_id.as_deref().map(|id| storable(id).into_owned()))
        .bind(entry.old.as_ref().map(ToString::to_string))
        .bind(entry.new.as_ref().map(ToString::to_string))
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Queues what Keycloak is to be sent, for the turn of the actor who caused it.
    pub(super) async fn queue(
        connection: &mut Connection,
        task: &KeycloakTask,
        by: &Actor,
    ) -> Result<(), StoreError> {
        let (organization, user, subject) = match task {
            KeycloakTask::Organization(organization) => (Some(*organization), None, None),
            KeycloakTask::Member { organization, user, subject } => {
                (Some(*organization), Some(*user), Some(subject))
            }
            KeycloakTask::Account { user, subject } => (None, Some(*user), Some(subject)),
        };
        let of_daemon = organization.map(|organization| organization.0).or(user.map(|user| user.0));
        let cause = by.user.map(|user| user.0).or(of_daemon);
        // One that keeps failing holds its turn, and is no measure for others.
        sqlx::query(
            "INSERT INTO keycloak_tasks (key, kind, organization_id, user_id, subject, due_at, created_at, cause, \
             turn) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, 1 + coalesce( \
             (SELECT max(t.turn) FROM keycloak_tasks t WHERE t.cause = $7 AND t.turn > 0), \
             (SELECT min(t.turn) FROM keycloak_tasks t WHERE t.turn > 0 AND t.attempts = 0), 0)) \
             ON CONFLICT (key) DO UPDATE SET \
             generation = keycloak_tasks.generation + 1, due_at = excluded.due_at, attempts = 0, \
             user_id = excluded.user_id, \
             turn = CASE WHEN excluded.turn < keycloak_tasks.turn THEN excluded.turn ELSE keycloak_tasks.turn END",
        )
        .bind(task.key())
        .bind(task.kind())
        .bind(organization.map(|organization| organization.0))
        .bind(user.map(|user| user.0))
        .bind(subject.cloned())
        .bind(by.now)
        .bind(cause)
        .execute(connection)
        .await?;
        Ok(())
    }
}
