//! What quotas count.

use super::{SqlTx, events};
use crate::store::rows::count;
use crate::store::{QuotaRows, StoreError};
use async_trait::async_trait;
use happening_core::id::{OrganizationId, UserId};

#[async_trait]
impl QuotaRows for SqlTx {
    async fn count_open_invites_of(&mut self, organization: OrganizationId) -> Result<u32, StoreError> {
        let (connection, by) = self.parts();
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM organization_invites WHERE organization_id = $1 AND status = 'pending' \
             AND expires_at > $2",
        )
        .bind(organization.0)
        .bind(by.now)
        .fetch_one(connection)
        .await?;
        Ok(count(open))
    }

    async fn count_open_invites_to(&mut self, email: &str) -> Result<u32, StoreError> {
        let (connection, by) = self.parts();
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM organization_invites i JOIN organizations o ON o.id = i.organization_id \
             WHERE i.email = $1 AND i.status = 'pending' AND i.expires_at > $2 AND o.deleted_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM users u JOIN invite_blocks b ON b.user_id = u.id \
             WHERE lower(u.email) = $1 AND b.organization_id = i.organization_id)",
        )
        .bind(email.to_owned())
        .bind(by.now)
        .fetch_one(connection)
        .await?;
        Ok(count(open))
    }

    async fn count_owned(&mut self, owner: UserId) -> Result<u32, StoreError> {
        let organizations: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM organizations WHERE owner_id = $1 AND deleted_at IS NULL",
        )
        .bind(owner.0)
        .fetch_one(self.connection())
        .await?;
        Ok(count(organizations))
    }

    async fn count_open_events(&mut self, organization: OrganizationId) -> Result<u32, StoreError> {
        events::count_open(self.connection(), organization).await
    }
}
