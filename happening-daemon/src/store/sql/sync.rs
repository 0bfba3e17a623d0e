//! What Keycloak is still to be told, and what of the truth it is told.

use super::SqlStore;
use crate::store::rows::{FailedTaskRow, TaskRow, TruthRow, big, convert, counter, word};
use crate::store::{
    Actor, AuditEntry, ClaimedTask, FailedTask, IssuerState, KeycloakBacklog, KeycloakTask, KeycloakTasks,
    OrganizationTruth, StoreError, TaskFailure, storable,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::Role;
use uuid::Uuid;

#[async_trait]
impl KeycloakTasks for SqlStore {
    async fn claim_keycloak_tasks(
        &self,
        now: DateTime<Utc>,
        lease: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<ClaimedTask>, StoreError> {
        let rows: Vec<TaskRow> = sqlx::query_as(Self::CLAIM_TASKS)
            .bind(now)
            .bind(lease)
            .bind(big(u64::from(limit)))
            .fetch_all(self.write())
            .await?;
        let mut claimed: Vec<ClaimedTask> = convert(rows)?;
        claimed.sort_by(|one, other| one.task.cmp(&other.task));
        Ok(claimed)
    }

    async fn finish_keycloak_task(
        &self,
        claimed: &ClaimedTask,
        look_again: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "DELETE FROM keycloak_tasks WHERE key = $1 AND leased_until = $2 AND generation = $3 AND NOT unsettled",
        )
        .bind(claimed.key.clone())
        .bind(claimed.lease)
        .bind(big(claimed.generation))
        .execute(self.write())
        .await?;
        if done.rows_affected() > 0 {
            return Ok(());
        }
        sqlx::query(
            "UPDATE keycloak_tasks SET leased_until = NULL, attempts = 0, last_error = NULL, \
             unsettled = CASE WHEN generation = $3 THEN FALSE ELSE unsettled END, \
             due_at = CASE WHEN generation = $3 THEN $4 ELSE due_at END WHERE key = $1 AND leased_until = $2",
        )
        .bind(claimed.key.clone())
        .bind(claimed.lease)
        .bind(big(claimed.generation))
        .bind(look_again)
        .execute(self.write())
        .await?;
        Ok(())
    }

    async fn fail_keycloak_task(
        &self,
        claimed: &ClaimedTask,
        failure: &TaskFailure,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE keycloak_tasks SET leased_until = NULL, attempts = attempts + 1, last_error = $3, \
             unsettled = unsettled OR $4, due_at = CASE WHEN generation = $5 THEN $6 ELSE due_at END \
             WHERE key = $1 AND leased_until = $2",
        )
        .bind(claimed.key.clone())
        .bind(claimed.lease)
        .bind(failure.error.as_str())
        .bind(failure.unsettled)
        .bind(big(claimed.generation))
        .bind(failure.due)
        .execute(self.write())
        .await?;
        Ok(())
    }

    async fn release_keycloak_tasks(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("UPDATE keycloak_tasks SET due_at = $1 WHERE due_at > $1")
            .bind(now)
            .execute(self.write())
            .await?;
        Ok(())
    }

    async fn find_keycloak_backlog(&self) -> Result<KeycloakBacklog, StoreError> {
        let kinds: Vec<(String, i64)> =
            sqlx::query_as("SELECT kind, count(*) FROM keycloak_tasks GROUP BY kind")
                .fetch_all(self.read())
                .await?;
        let oldest: Option<DateTime<Utc>> =
            sqlx::query_scalar("SELECT created_at FROM keycloak_tasks ORDER BY created_at LIMIT 1")
                .fetch_optional(self.read())
                .await?;
        let failures: Vec<FailedTaskRow> = sqlx::query_as(
            "SELECT kind, organization_id, attempts, last_error FROM keycloak_tasks \
             WHERE last_error IS NOT NULL ORDER BY attempts DESC, key LIMIT 10",
        )
        .fetch_all(self.read())
        .await?;
        Ok(KeycloakBacklog {
            pending: kinds.into_iter().map(|(kind, tasks)| (kind, counter(tasks))).collect(),
            oldest,
            failures: failures.into_iter().map(FailedTask::from).collect(),
        })
    }

    async fn queue_unsent_organizations(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let unsent: Vec<Uuid> = sqlx::query_scalar(
            "SELECT o.id FROM organizations o WHERE o.keycloak_org_id IS NULL AND o.deleted_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM keycloak_tasks t WHERE t.organization_id = o.id \
             AND t.kind = 'organization')",
        )
        .fetch_all(&mut *transaction)
        .await?;
        for organization in &unsent {
            let task = KeycloakTask::Organization(OrganizationId(*organization));
            Self::queue(&mut transaction, &task, &Actor::daemon(now)).await?;
        }
        transaction.commit().await?;
        Ok(unsent.len() as u64)
    }

    async fn find_organization_truth(
        &self,
        organization: OrganizationId,
    ) -> Result<Option<OrganizationTruth>, StoreError> {
        let mut transaction = self.snapshot().await?;
        let row: Option<TruthRow> = sqlx::query_as(
            "SELECT name, keycloak_org_id, status, deleted_at FROM organizations WHERE id = $1",
        )
        .bind(organization.0)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let runners: Vec<(String, String)> = sqlx::query_as(
            "SELECT m.role, u.keycloak_id FROM organization_users m JOIN users u ON u.id = m.user_id \
             WHERE m.organization_id = $1 AND m.role IN ('orgAdmin', 'organizer') AND u.kind = 'person' \
             ORDER BY u.keycloak_id",
        )
        .bind(organization.0)
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let with = |role: Role| {
            let named = runners.iter().filter(|(word, _)| word == role.as_str());
            named.map(|(_, subject)| subject.clone()).collect()
        };
        Ok(Some(OrganizationTruth {
            org_admins: with(Role::OrgAdmin),
            organizers: with(Role::Organizer),
            name: row.name,
            keycloak_org_id: row.keycloak_org_id,
            suspended: row.status == "suspended",
            deleted: row.deleted_at.is_some(),
        }))
    }

    async fn is_keycloak_member(
        &self,
        organization: OrganizationId,
        subject: &str,
    ) -> Result<bool, StoreError> {
        let found: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM organization_users m JOIN users u ON u.id = m.user_id \
             WHERE m.organization_id = $1 AND u.keycloak_id = $2 AND u.kind = 'person'",
        )
        .bind(organization.0)
        .bind(subject.to_owned())
        .fetch_one(self.read())
        .await?;
        Ok(found > 0)
    }

    async fn set_keycloak_org_id(
        &self,
        organization: OrganizationId,
        keycloak_org_id: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE organizations SET keycloak_org_id = $2 WHERE id = $1 AND keycloak_org_id IS DISTINCT FROM $2",
        )
        .bind(organization.0)
        .bind(storable(keycloak_org_id).into_owned())
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(());
        }
        let members: Vec<(Uuid, String)> = sqlx::query_as(
            "SELECT u.id, u.keycloak_id FROM organization_users m JOIN users u ON u.id = m.user_id \
             WHERE m.organization_id = $1 AND u.kind = 'person' ORDER BY u.id",
        )
        .bind(organization.0)
        .fetch_all(&mut *transaction)
        .await?;
        for (user, subject) in members {
            let member = KeycloakTask::Member { organization, user: UserId(user), subject };
            Self::queue(&mut transaction, &member, &Actor::daemon(now)).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn find_issuer_state(&self, user: UserId) -> Result<Option<IssuerState>, StoreError> {
        let state: Option<String> =
            sqlx::query_scalar("SELECT issuer_state FROM users WHERE id = $1 AND kind = 'person'")
                .bind(user.0)
                .fetch_optional(self.read())
                .await?;
        state.as_deref().map(word).transpose()
    }

    async fn set_issuer_state(
        &self,
        user: UserId,
        state: IssuerState,
        by: &Actor,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE users SET issuer_state = $2 WHERE id = $1 AND kind = 'person' AND issuer_state <> $2",
        )
        .bind(user.0)
        .bind(state.as_str())
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some(reason) = state.lost() {
            Self::leave_lines(&mut transaction, None, user, reason, by).await?;
        }
        let entry = AuditEntry {
            action: "user.issuer_state_changed",
            organization: None,
            target: ("user", user.to_string()),
            old: None,
            new: Some(serde_json::json!({ "issuer_state": state.as_str() })),
        };
        Self::record(&mut transaction, by, &entry).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
