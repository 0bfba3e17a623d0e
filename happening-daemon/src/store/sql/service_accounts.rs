//! Service accounts.

use super::SqlStore;
use super::people::USER;
use crate::store::catalogue::MAX_ROWS;
use crate::store::fold::fold;
use crate::store::rows::{ServiceAccountRow, UserRow, convert};
use crate::store::{Actor, AuditEntry, NewServiceAccount, ServiceAccounts, StoreError};
use async_trait::async_trait;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{ServiceAccount, User};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

#[async_trait]
impl ServiceAccounts for SqlStore {
    async fn find_service_account(&self, client_id: &str) -> Result<Option<User>, StoreError> {
        // PostgreSQL takes no NUL in a text, so no client's has one.
        if client_id.contains('\0') {
            return Ok(None);
        }
        let sql = AssertSqlSafe(format!(
            "{USER} WHERE id = (SELECT user_id FROM service_accounts WHERE client_id = $1)"
        ));
        let row: Option<UserRow> =
            sqlx::query_as(sql).bind(client_id.to_owned()).fetch_optional(self.read()).await?;
        row.map(User::try_from).transpose()
    }

    async fn recognize_service_account(
        &self,
        user: UserId,
        client_id: &str,
        subject: &str,
        by: &Actor,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let done = sqlx::query(
            "UPDATE users SET keycloak_id = $2, updated_at = $3 \
             WHERE id = $1 AND kind = 'service' AND keycloak_id <> $2",
        )
        .bind(user.0)
        .bind(subject.to_owned())
        .bind(by.now)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(());
        }
        let entry = AuditEntry {
            action: "service_account.recognized",
            organization: None,
            target: ("service_account", client_id.to_owned()),
            old: None,
            new: Some(serde_json::json!({ "keycloak_id": subject })),
        };
        Self::record(&mut transaction, by, &entry).await?;
        Ok(transaction.commit().await?)
    }

    async fn list_service_accounts(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<ServiceAccount>, StoreError> {
        let rows: Vec<ServiceAccountRow> = sqlx::query_as(
            "SELECT s.client_id, s.user_id, u.username, m.role, m.joined_at, FALSE AS pending \
             FROM organization_users m JOIN service_accounts s ON s.user_id = m.user_id \
             JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 \
             UNION ALL SELECT s.client_id, s.user_id, u.username, i.role, i.created_at, TRUE \
             FROM organization_invites i JOIN service_accounts s ON s.user_id = i.user_id \
             JOIN users u ON u.id = i.user_id WHERE i.organization_id = $1 AND i.status = 'pending' \
             ORDER BY 1 LIMIT $2",
        )
        .bind(organization.0)
        .bind(MAX_ROWS)
        .fetch_all(self.read())
        .await?;
        convert(rows)
    }

    async fn ensure_service_account(
        &self,
        organization: OrganizationId,
        account: NewServiceAccount<'_>,
        by: &Actor,
    ) -> Result<UserId, StoreError> {
        let mut transaction = self.begin().await?;
        let known: Option<Uuid> =
            sqlx::query_scalar("SELECT user_id FROM service_accounts WHERE client_id = $1")
                .bind(account.client_id.to_owned())
                .fetch_optional(&mut *transaction)
                .await?;
        if let Some(known) = known {
            return Ok(UserId(known));
        }
        let user = account.user;
        // Its `sub` is not known yet, and nobody is found by what stands in for it: people are found among
        // people, and service accounts by their client.
        sqlx::query(
            "INSERT INTO users (id, keycloak_id, username, email, kind, created_at, updated_at, username_folded, \
             email_folded) VALUES ($1, $2, $3, '', 'service', $4, $4, $5, '')",
        )
        .bind(user.0)
        .bind(format!("client:{user}"))
        .bind(account.username.to_owned())
        .bind(by.now)
        .bind(fold(account.username))
        .execute(&mut *transaction)
        .await?;
        sqlx::query("INSERT INTO service_accounts (client_id, user_id, created_at) VALUES ($1, $2, $3)")
            .bind(account.client_id.to_owned())
            .bind(user.0)
            .bind(by.now)
            .execute(&mut *transaction)
            .await?;
        let entry = AuditEntry {
            action: "service_account.created",
            organization: Some(organization),
            target: ("service_account", account.client_id.to_owned()),
            old: None,
            new: Some(serde_json::json!({ "user": user })),
        };
        Self::record(&mut transaction, by, &entry).await?;
        transaction.commit().await?;
        Ok(user)
    }
}
