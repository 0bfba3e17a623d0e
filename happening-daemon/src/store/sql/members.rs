//! Members of organizations in a unit of work.

use super::SqlTx;
use crate::store::rows::{count, word};
use crate::store::{Governor, MemberRows, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::Role;
use uuid::Uuid;

#[async_trait]
impl MemberRows for SqlTx {
    async fn find_role(
        &mut self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<Role>, StoreError> {
        let role: Option<String> = sqlx::query_scalar(
            "SELECT role FROM organization_users WHERE organization_id = $1 AND user_id = $2",
        )
        .bind(organization.0)
        .bind(user.0)
        .fetch_optional(self.connection())
        .await?;
        role.as_deref().map(word).transpose()
    }

    async fn list_roles_of(&mut self, user: UserId) -> Result<Vec<(OrganizationId, Role)>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "SELECT organization_id, role FROM organization_users WHERE user_id = $1 ORDER BY organization_id",
        )
        .bind(user.0)
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|(organization, role)| Ok((OrganizationId(organization), word(&role)?)))
            .collect()
    }

    async fn list_governors(&mut self, organization: OrganizationId) -> Result<Vec<Governor>, StoreError> {
        let rows: Vec<(Uuid, DateTime<Utc>, bool, bool)> = sqlx::query_as(
            "SELECT m.user_id, m.joined_at, m.accepted_at IS NOT NULL, \
             u.status = 'active' AND u.issuer_state = 'active' \
             FROM organization_users m JOIN users u ON u.id = m.user_id \
             WHERE m.organization_id = $1 AND m.role = 'orgAdmin' AND u.kind = 'person'",
        )
        .bind(organization.0)
        .fetch_all(self.connection())
        .await?;
        let governor =
            |(user, since, agreed, may_act)| Governor { user: UserId(user), since, agreed, may_act };
        Ok(rows.into_iter().map(governor).collect())
    }

    async fn count_other_people(
        &mut self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<u32, StoreError> {
        let others: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM organization_users m JOIN users u ON u.id = m.user_id AND u.kind = 'person' \
             WHERE m.organization_id = $1 AND m.user_id <> $2",
        )
        .bind(organization.0)
        .bind(user.0)
        .fetch_one(self.connection())
        .await?;
        Ok(count(others))
    }

    async fn has_member_with(
        &mut self,
        organization: OrganizationId,
        email: &str,
        user: Option<UserId>,
    ) -> Result<bool, StoreError> {
        let members: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM organization_users m JOIN users u ON u.id = m.user_id \
             WHERE m.organization_id = $1 AND ($3 IS NULL AND lower(u.email) = $2 OR u.id = $3)",
        )
        .bind(organization.0)
        .bind(email.to_owned())
        .bind(user.map(|user| user.0))
        .fetch_one(self.connection())
        .await?;
        Ok(members > 0)
    }

    async fn mark_accepted(&mut self, organization: OrganizationId, user: UserId) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query(
            "UPDATE organization_users SET accepted_at = coalesce(accepted_at, $3) \
             WHERE organization_id = $1 AND user_id = $2",
        )
        .bind(organization.0)
        .bind(user.0)
        .bind(by.now)
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn put_member(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        agreed: bool,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query(
            "INSERT INTO organization_users (organization_id, user_id, role, joined_at, accepted_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, user_id) DO UPDATE SET \
             role = excluded.role, accepted_at = coalesce(organization_users.accepted_at, excluded.accepted_at)",
        )
        .bind(organization.0)
        .bind(user.0)
        .bind(role.as_str())
        .bind(by.now)
        .bind(agreed.then_some(by.now))
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn delete_member(&mut self, organization: OrganizationId, user: UserId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM organization_users WHERE organization_id = $1 AND user_id = $2")
            .bind(organization.0)
            .bind(user.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
