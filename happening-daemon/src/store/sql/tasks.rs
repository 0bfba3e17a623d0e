//! What Keycloak is to be sent, queued in the transaction of the change.

use super::{Connection, SqlStore, SqlTx};
use crate::store::{Actor, KeycloakTask, StoreError, TaskRows};
use async_trait::async_trait;
use happening_core::id::OrganizationId;

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
