//! Service accounts.

use super::people::USER;
use super::{SqlStore, SqlTx};
use crate::store::catalogue::MAX_ROWS;
use crate::store::fold::fold;
use crate::store::rows::{ServiceAccountRow, UserRow, convert};
use crate::store::{NewServiceAccount, ServiceAccountRows, ServiceAccounts, StoreError};
use async_trait::async_trait;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{ServiceAccount, User};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

const OF_ORGANIZATION: &str = "SELECT s.client_id, s.user_id, u.username, m.role, m.joined_at, FALSE AS pending \
     FROM organization_users m JOIN service_accounts s ON s.user_id = m.user_id \
     JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 \
     UNION ALL SELECT s.client_id, s.user_id, u.username, i.role, i.created_at, TRUE \
     FROM organization_invites i JOIN service_accounts s ON s.user_id = i.user_id \
     JOIN users u ON u.id = i.user_id WHERE i.organization_id = $1 AND i.status = 'pending' \
     ORDER BY 1 LIMIT $2";

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

    async fn list_service_accounts(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<ServiceAccount>, StoreError> {
        let rows: Vec<ServiceAccountRow> = sqlx::query_as(OF_ORGANIZATION)
            .bind(organization.0)
            .bind(MAX_ROWS)
            .fetch_all(self.read())
            .await?;
        convert(rows)
    }
}

#[async_trait]
impl ServiceAccountRows for SqlTx {
    async fn find_client(&mut self, client_id: &str) -> Result<Option<UserId>, StoreError> {
        let known: Option<Uuid> =
            sqlx::query_scalar("SELECT user_id FROM service_accounts WHERE client_id = $1")
                .bind(client_id.to_owned())
                .fetch_optional(self.connection())
                .await?;
        Ok(known.map(UserId))
    }

    async fn insert_client(&mut self, account: &NewServiceAccount<'_>) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        let user = account.user;
        // Its `sub` is not known yet, and nobody is found by what stands in for it: people are found among people, and
        // service accounts by their client.
        sqlx::query(
            "INSERT INTO users (id, keycloak_id, username, email, kind, created_at, updated_at, username_folded, \
             email_folded) VALUES ($1, $2, $3, '', 'service', $4, $4, $5, '')",
        )
        .bind(user.0)
        .bind(format!("client:{user}"))
        .bind(account.username.to_owned())
        .bind(by.now)
        .bind(fold(account.username))
        .execute(&mut *connection)
        .await?;
        sqlx::query("INSERT INTO service_accounts (client_id, user_id, created_at) VALUES ($1, $2, $3)")
            .bind(account.client_id.to_owned())
            .bind(user.0)
            .bind(by.now)
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn set_client_subject(&mut self, user: UserId, subject: &str) -> Result<bool, StoreError> {
        let (connection, by) = self.parts();
        let set = sqlx::query(
            "UPDATE users SET keycloak_id = $2, updated_at = $3 \
             WHERE id = $1 AND kind = 'service' AND keycloak_id <> $2",
        )
        .bind(user.0)
        .bind(subject.to_owned())
        .bind(by.now)
        .execute(connection)
        .await?;
        Ok(set.rows_affected() > 0)
    }

    async fn list_clients(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<ServiceAccount>, StoreError> {
        let rows: Vec<ServiceAccountRow> = sqlx::query_as(OF_ORGANIZATION)
            .bind(organization.0)
            .bind(MAX_ROWS)
            .fetch_all(self.connection())
            .await?;
        convert(rows)
    }
}
