//! Organizations, and who belongs to them: their rows in a unit of work, and reads of committed ones.

use super::{Db, SqlStore, SqlTx};
use crate::store::catalogue::MAX_ROWS;
use crate::store::fold::fold;
use crate::store::rows::{
    MemberRow, OrganizationOfUserRow, OrganizationRow, containing, convert, count, json, word,
};
use crate::store::{
    MemberFilter, NewOrganization, OrganizationFilter, OrganizationRows, Organizations, StoreError, Wording,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::{
    Member, Organization, OrganizationOfUser, OrganizationSettings, OrganizationStatus, Role,
};
use sqlx::{AssertSqlSafe, QueryBuilder};
use uuid::Uuid;

pub(super) const ORGANIZATION: &str = "SELECT o.id, o.name, o.keycloak_org_id, o.created_at, o.settings, o.owner_id, o.status, \
     o.deleted_at, u.username AS owner_username, \
     (SELECT count(*) FROM organization_users m WHERE m.organization_id = o.id) AS member_count \
     FROM organizations o LEFT JOIN users u ON u.id = o.owner_id ";

/// Events that are going on or still to begin, of the organization $1 at the time $2.
const UPCOMING: &str = "org_id = $1 AND deleted_at IS NULL \
     AND (status = 'ongoing' OR status = 'upcoming' AND event_date > $2)";

#[async_trait]
impl Organizations for SqlStore {
    async fn find_role(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Option<Role>, StoreError> {
        let role: Option<String> = sqlx::query_scalar(
            "SELECT m.role FROM organization_users m JOIN organizations o ON o.id = m.organization_id \
             WHERE m.organization_id = $1 AND m.user_id = $2 AND o.deleted_at IS NULL",
        )
        .bind(organization.0)
        .bind(user.0)
        .fetch_optional(self.read())
        .await?;
        role.as_deref().map(word).transpose()
    }

    async fn find_organization(
        &self,
        organization: OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        let sql = AssertSqlSafe(format!("{ORGANIZATION} WHERE o.id = $1"));
        let row: Option<OrganizationRow> =
            sqlx::query_as(sql).bind(organization.0).fetch_optional(self.read()).await?;
        row.map(Organization::try_from).transpose()
    }

    async fn find_organization_status(
        &self,
        organization: OrganizationId,
    ) -> Result<Option<OrganizationStatus>, StoreError> {
        let status: Option<String> =
            sqlx::query_scalar("SELECT status FROM organizations WHERE id = $1 AND deleted_at IS NULL")
                .bind(organization.0)
                .fetch_optional(self.read())
                .await?;
        status.as_deref().map(word).transpose()
    }

    async fn list_organizations(
        &self,
        viewer: Option<UserId>,
        filter: &OrganizationFilter,
    ) -> Result<Vec<Organization>, StoreError> {
        if filter.text.as_deref().is_some_and(|text| text.contains('\0')) {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::<Db>::new(ORGANIZATION);
        query.push(" WHERE o.deleted_at IS NULL");
        if let Some(viewer) = viewer {
            query.push(" AND o.id IN (SELECT organization_id FROM organization_users WHERE user_id = ");
            query.push_bind(viewer.0).push(")");
        }
        if let Some((at, id)) = filter.after {
            query.push(" AND (o.created_at, o.id) > (").push_bind(at).push(", ").push_bind(id.0).push(")");
        }
        if let Some(text) = &filter.text {
            query.push(" AND ");
            Self::push_containing(&mut query, "o.id", &["o.name_folded"], text);
        }
        query.push(" ORDER BY o.created_at, o.id LIMIT ");
        query.push_bind(filter.limit.map_or(MAX_ROWS, i64::from));
        let rows: Vec<OrganizationRow> = query.build_query_as().fetch_all(self.read()).await?;
        convert(rows)
    }

    async fn list_upcoming_events(
        &self,
        organization: OrganizationId,
        now: DateTime<Utc>,
    ) -> Result<Vec<EventId>, StoreError> {
        let sql = AssertSqlSafe(format!("SELECT id FROM events WHERE {UPCOMING} ORDER BY id"));
        let ids: Vec<Uuid> =
            sqlx::query_scalar(sql).bind(organization.0).bind(now).fetch_all(self.read()).await?;
        Ok(ids.into_iter().map(EventId).collect())
    }

    async fn list_organizations_of(&self, user: UserId) -> Result<Vec<OrganizationOfUser>, StoreError> {
        let rows: Vec<OrganizationOfUserRow> = sqlx::query_as(
            "SELECT o.id, o.name, o.keycloak_org_id, o.created_at, m.role, m.joined_at, w.username AS owner_username, \
             (SELECT count(*) FROM organization_users c WHERE c.organization_id = o.id) AS member_count \
             FROM organization_users m JOIN organizations o ON o.id = m.organization_id \
             LEFT JOIN users w ON w.id = o.owner_id WHERE m.user_id = $1 AND o.deleted_at IS NULL \
             ORDER BY CASE m.role WHEN 'orgAdmin' THEN 0 ELSE 1 END, m.joined_at",
        )
        .bind(user.0)
        .fetch_all(self.read())
        .await?;
        convert(rows)
    }

    async fn list_members(
        &self,
        organization: OrganizationId,
        filter: &MemberFilter,
    ) -> Result<Vec<Member>, StoreError> {
        let mark = filter.after.as_ref();
        let texts = [filter.text.as_deref(), mark.map(|mark| mark.username.as_str())];
        // PostgreSQL takes no NUL in a text, so nobody's has one.
        if texts.into_iter().flatten().any(|text| text.contains('\0')) {
            return Ok(Vec::new());
        }
        let rows: Vec<MemberRow> = sqlx::query_as(
            "SELECT u.id, u.username, u.email, m.role, m.joined_at, u.created_at AS user_created_at, u.kind \
             FROM organization_users m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 \
             AND ($2 IS NULL OR m.role = $2) \
             AND ($3 IS NULL OR u.username_folded LIKE $3 ESCAPE '\\' \
             OR u.email_folded LIKE $3 ESCAPE '\\') \
             AND ($4 IS NULL OR (CASE m.role WHEN 'orgAdmin' THEN 0 ELSE 1 END, u.username) > ($5, $4)) \
             ORDER BY CASE m.role WHEN 'orgAdmin' THEN 0 ELSE 1 END, u.username LIMIT $6",
        )
        .bind(organization.0)
        .bind(filter.role.map(Role::as_str))
        .bind(filter.text.as_deref().map(containing))
        .bind(mark.map(|mark| mark.username.clone()))
        .bind(i32::from(mark.is_some_and(|mark| !mark.is_admin)))
        .bind(filter.limit.map_or(MAX_ROWS, i64::from))
        .fetch_all(self.read())
        .await?;
        convert(rows)
    }
}

#[async_trait]
impl OrganizationRows for SqlTx {
    async fn lock_organization(&mut self, organization: OrganizationId) -> Result<(), StoreError> {
        sqlx::query(SqlStore::LOCK_ORGANIZATION).bind(organization.0).execute(self.connection()).await?;
        Ok(())
    }

    async fn keep_organization(
        &mut self,
        organization: OrganizationId,
        alone: bool,
    ) -> Result<bool, StoreError> {
        let keep = if alone { SqlStore::KEEP_ORGANIZATION_ALONE } else { SqlStore::KEEP_ORGANIZATION };
        let found = sqlx::query(keep).bind(organization.0).fetch_optional(self.connection()).await?;
        Ok(found.is_some())
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

    async fn find_organization(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        let sql = AssertSqlSafe(format!("{ORGANIZATION} WHERE o.id = $1"));
        let row: Option<OrganizationRow> =
            sqlx::query_as(sql).bind(organization.0).fetch_optional(self.connection()).await?;
        row.map(Organization::try_from).transpose()
    }

    async fn find_wording(&mut self, organization: OrganizationId) -> Result<Option<Wording>, StoreError> {
        let found: Option<(String, String)> =
            sqlx::query_as("SELECT name, settings FROM organizations WHERE id = $1 AND deleted_at IS NULL")
                .bind(organization.0)
                .fetch_optional(self.connection())
                .await?;
        found.map(|(name, settings)| Ok(Wording { name, settings: json(&settings)? })).transpose()
    }

    async fn find_status(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Option<OrganizationStatus>, StoreError> {
        let status: Option<String> =
            sqlx::query_scalar("SELECT status FROM organizations WHERE id = $1 AND deleted_at IS NULL")
                .bind(organization.0)
                .fetch_optional(self.connection())
                .await?;
        status.as_deref().map(word).transpose()
    }

    async fn insert_organization(&mut self, organization: &NewOrganization) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query(
            "INSERT INTO organizations (id, name, name_folded, domain, owner_id, settings, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        )
        .bind(organization.id.0)
        .bind(organization.name.clone())
        .bind(fold(&organization.name))
        .bind(organization.domain.clone())
        .bind(organization.owner.0)
        .bind(as_text(&organization.settings)?)
        .bind(by.now)
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn set_wording(
        &mut self,
        organization: OrganizationId,
        wording: &Wording,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query(
            "UPDATE organizations SET name = $2, name_folded = $3, settings = $4, updated_at = $5 WHERE id = $1",
        )
        .bind(organization.0)
        .bind(wording.name.clone())
        .bind(fold(&wording.name))
        .bind(as_text(&wording.settings)?)
        .bind(by.now)
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn set_status(
        &mut self,
        organization: OrganizationId,
        status: OrganizationStatus,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query("UPDATE organizations SET status = $2, updated_at = $3 WHERE id = $1")
            .bind(organization.0)
            .bind(status.as_str())
            .bind(by.now)
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn list_accepted_ownerships(&mut self, owner: UserId) -> Result<Vec<OrganizationId>, StoreError> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "SELECT id FROM organizations WHERE owner_id = $1 AND owner_accepted AND deleted_at IS NULL ORDER BY id",
        )
        .bind(owner.0)
        .fetch_all(self.connection())
        .await?;
        Ok(ids.into_iter().map(OrganizationId).collect())
    }

    async fn count_upcoming_events(&mut self, organization: OrganizationId) -> Result<u32, StoreError> {
        let (connection, by) = self.parts();
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM events WHERE {UPCOMING}"));
        let upcoming: i64 =
            sqlx::query_scalar(sql).bind(organization.0).bind(by.now).fetch_one(connection).await?;
        Ok(count(upcoming))
    }

    async fn set_owner(
        &mut self,
        organization: OrganizationId,
        owner: Option<UserId>,
        accepted: bool,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query(
            "UPDATE organizations SET owner_id = $2, owner_accepted = $3, updated_at = $4 WHERE id = $1",
        )
        .bind(organization.0)
        .bind(owner.map(|owner| owner.0))
        .bind(accepted)
        .bind(by.now)
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn blank_organization(
        &mut self,
        organization: OrganizationId,
        name: &str,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query(
            "UPDATE organizations SET name = $2, name_folded = $2, domain = NULL, settings = '{}', updated_at = $3 \
             WHERE id = $1",
        )
        .bind(organization.0)
        .bind(name.to_owned())
        .bind(by.now)
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn delete_organization(&mut self, organization: OrganizationId) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query("UPDATE organizations SET deleted_at = $2, updated_at = $2 WHERE id = $1")
            .bind(organization.0)
            .bind(by.now)
            .execute(connection)
            .await?;
        Ok(())
    }
}

fn as_text(settings: &OrganizationSettings) -> Result<String, StoreError> {
    serde_json::to_string(settings).map_err(|error| StoreError::Defect(error.to_string()))
}
