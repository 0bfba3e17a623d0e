//! Organizations, members and users in a unit of work.

use super::{SqlStore, SqlTx, USER};
use crate::store::rows::UserRow;
use crate::store::{MemberRows, MembershipChanges, OrganizationRows, StoreError, UserRows};
use async_trait::async_trait;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{Role, User};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

#[async_trait]
impl OrganizationRows for SqlTx {
    async fn lock_organization(&mut self, organization: OrganizationId) -> Result<(), StoreError> {
        sqlx::query(SqlStore::LOCK_ORGANIZATION).bind(organization.0).execute(self.connection()).await?;
        Ok(())
    }

    async fn find_owner(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Option<Option<UserId>>, StoreError> {
        let owner: Option<Option<Uuid>> =
            sqlx::query_scalar("SELECT owner_id FROM organizations WHERE id = $1 AND deleted_at IS NULL")
                .bind(organization.0)
                .fetch_optional(self.connection())
                .await?;
        Ok(owner.map(|owner| owner.map(UserId)))
    }
}

#[async_trait]
impl UserRows for SqlTx {
    async fn find_user(&mut self, user: UserId) -> Result<Option<User>, StoreError> {
        let sql = AssertSqlSafe(format!("{USER} WHERE id = $1 AND erased_at IS NULL"));
        let row: Option<UserRow> = sqlx::query_as(sql).bind(user.0).fetch_optional(self.connection()).await?;
        row.map(User::try_from).transpose()
    }

    async fn is_person(&mut self, user: UserId) -> Result<bool, StoreError> {
        let people: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM users WHERE id = $1 AND erased_at IS NULL AND kind = 'person'",
        )
        .bind(user.0)
        .fetch_one(self.connection())
        .await?;
        Ok(people > 0)
    }
}

#[async_trait]
impl MemberRows for SqlTx {
    async fn find_role(
        &mut self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<Role>, StoreError> {
        SqlStore::role_of(self.connection(), organization, user).await
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
}

#[async_trait]
impl MembershipChanges for SqlTx {
    async fn put_member(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        before: Option<Role>,
        role: Role,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        SqlStore::put_member(connection, organization, user, before, role, true, by).await
    }

    async fn give_role(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
    ) -> Result<bool, StoreError> {
        let (connection, by) = self.parts();
        SqlStore::give_role(connection, organization, user, role, false, by).await
    }

    async fn set_owner(
        &mut self,
        organization: OrganizationId,
        owner: UserId,
        accepted: bool,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        SqlStore::set_owner(connection, organization, Some(owner), accepted, by).await
    }

    async fn record_transfer(
        &mut self,
        organization: OrganizationId,
        before: Option<UserId>,
        after: UserId,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        SqlStore::record_transfer(connection, organization, before, Some(after), by).await
    }

    async fn end_invites_to(&mut self, organization: OrganizationId, user: UserId) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        SqlStore::end_invite_to(connection, organization, user, by).await
    }

    async fn end_offers(&mut self, organization: OrganizationId) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        SqlStore::end_offers(connection, organization, by).await
    }
}
