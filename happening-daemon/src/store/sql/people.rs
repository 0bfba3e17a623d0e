//! Who people are: rows of users in a unit of work, and reads of committed ones.

use super::{Db, SqlStore, SqlTx};
use crate::store::fold::fold;
use crate::store::lines::IS_SUSPENDED;
use crate::store::rows::{MembershipRow, UserRow, convert};
use crate::store::{
    Actor, AuditEntry, Contact, ContactUpdate, NewUser, People, Profile, StoreError, UserFilter, UserRows,
    subject_hash,
};
use async_trait::async_trait;
use happening_core::fields::address_key;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{Membership, User, UserStatus};
use sqlx::{AssertSqlSafe, QueryBuilder};
use std::collections::HashSet;
use uuid::Uuid;

pub(super) const USER: &str = "SELECT id, keycloak_id, username, email, first_name, last_name, phone, avatar_url, status, \
     created_at, updated_at FROM users ";

pub(super) const MEMBERSHIPS: &str = "SELECT m.organization_id, m.role, o.name AS organization_name, o.keycloak_org_id \
     FROM organization_users m JOIN organizations o ON o.id = m.organization_id \
     WHERE m.user_id = $1 AND o.deleted_at IS NULL \
     ORDER BY CASE m.role WHEN 'orgAdmin' THEN 0 ELSE 1 END, m.joined_at";

/// Members of the organizations of which the user `viewer` is a member.
const CO_MEMBERS: &str = "SELECT other.user_id FROM organization_users viewer \
     JOIN organizations o ON o.id = viewer.organization_id AND o.deleted_at IS NULL \
     JOIN organization_users other ON other.organization_id = viewer.organization_id ";

impl SqlStore {
    /// Commits a change of a user with its line of the audit log, which holds nothing personal. False, and nothing
    /// written, if no row was changed.
    pub(super) async fn seal_change(
        mut transaction: sqlx::Transaction<'_, Db>,
        changed: u64,
        action: &'static str,
        user: UserId,
        by: &Actor,
    ) -> Result<bool, StoreError> {
        if changed == 0 {
            return Ok(false);
        }
        let entry = AuditEntry {
            action,
            organization: None,
            target: ("user", user.to_string()),
            old: None,
            new: None,
        };
        Self::record(&mut transaction, by, &entry).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

#[async_trait]
impl People for SqlStore {
    async fn find_user_by_subject(&self, subject: &str) -> Result<Option<User>, StoreError> {
        // PostgreSQL takes no NUL in a text, so nobody's has one.
        if subject.contains('\0') {
            return Ok(None);
        }
        let sql = AssertSqlSafe(format!("{USER} WHERE keycloak_id = $1 AND kind = 'person'"));
        let row: Option<UserRow> =
            sqlx::query_as(sql).bind(subject.to_owned()).fetch_optional(self.read()).await?;
        row.map(User::try_from).transpose()
    }

    async fn find_user(&self, user: UserId) -> Result<Option<User>, StoreError> {
        let sql = AssertSqlSafe(format!("{USER} WHERE id = $1 AND erased_at IS NULL"));
        let row: Option<UserRow> = sqlx::query_as(sql).bind(user.0).fetch_optional(self.read()).await?;
        row.map(User::try_from).transpose()
    }

    async fn find_person(&self, user: UserId) -> Result<Option<User>, StoreError> {
        let sql = AssertSqlSafe(format!("{USER} WHERE id = $1 AND kind = 'person' AND erased_at IS NULL"));
        let row: Option<UserRow> = sqlx::query_as(sql).bind(user.0).fetch_optional(self.read()).await?;
        row.map(User::try_from).transpose()
    }

    async fn search_users(&self, filter: &UserFilter) -> Result<Vec<User>, StoreError> {
        let texts = [Some(filter.text.as_str()), filter.after.as_deref()];
        if texts.into_iter().flatten().any(|text| text.contains('\0')) {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::<Db>::new(USER);
        query.push("WHERE kind = 'person' AND erased_at IS NULL AND ");
        Self::push_containing(&mut query, "id", &["username_folded", "email_folded"], &filter.text);
        if let Some(status) = filter.status {
            query.push(" AND status = ").push_bind(status.as_str());
        }
        if let Some(username) = &filter.after {
            query.push(" AND username > ").push_bind(username.clone());
        }
        if let Some(viewer) = filter.among {
            query.push(" AND id IN (").push(CO_MEMBERS).push("WHERE viewer.user_id = ");
            query.push_bind(viewer.0).push(")");
        }
        query.push(" ORDER BY username LIMIT ").push_bind(i64::from(filter.limit));
        let rows: Vec<UserRow> = query.build_query_as().fetch_all(self.read()).await?;
        convert(rows)
    }

    async fn list_co_members(&self, user: UserId, of: &[UserId]) -> Result<HashSet<UserId>, StoreError> {
        if of.is_empty() {
            return Ok(HashSet::new());
        }
        let places: Vec<_> = (2..of.len() + 2).map(|place| format!("${place}")).collect();
        let places = places.join(", ");
        let sql =
            AssertSqlSafe(format!("{CO_MEMBERS} WHERE viewer.user_id = $1 AND other.user_id IN ({places})"));
        let query = of.iter().fold(sqlx::query_scalar(sql).bind(user.0), |query, one| query.bind(one.0));
        let ids: Vec<Uuid> = query.fetch_all(self.read()).await?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    async fn find_users_called(&self, names: &[String]) -> Result<Vec<User>, StoreError> {
        let names: Vec<&String> = names.iter().filter(|name| !name.contains('\0')).collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<_> = (1..=names.len()).map(|place| format!("${place}")).collect();
        let places = places.join(", ");
        let sql = AssertSqlSafe(format!(
            "{USER} WHERE (lower(username) IN ({places}) OR lower(email) IN ({places})) \
             AND kind = 'person' AND erased_at IS NULL ORDER BY username"
        ));
        let query = names.into_iter().fold(sqlx::query_as(sql), |query, name| query.bind(address_key(name)));
        let rows: Vec<UserRow> = query.fetch_all(self.read()).await?;
        convert(rows)
    }

    async fn create_user(
        &self,
        user: &NewUser,
        own: Option<(OrganizationId, String, String)>,
        by: &Actor,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let barred: i64 =
            sqlx::query_scalar("SELECT count(*) FROM erased_subjects WHERE subject_hash = $1 AND suspended")
                .bind(subject_hash(&user.subject))
                .fetch_one(&mut *transaction)
                .await?;
        let status = if barred > 0 { UserStatus::Suspended } else { UserStatus::Active };
        sqlx::query(
            "INSERT INTO users (id, keycloak_id, username, email, first_name, last_name, phone, avatar_url, \
             created_at, updated_at, profile_at, status, username_folded, email_folded) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13)",
        )
        .bind(user.id.0)
        .bind(&user.subject)
        .bind(&user.username)
        .bind(&user.email)
        .bind(&user.first_name)
        .bind(&user.last_name)
        .bind(&user.phone)
        .bind(&user.avatar_url)
        .bind(by.now)
        .bind(user.profile_at)
        .bind(status.as_str())
        .bind(fold(&user.username))
        .bind(fold(&user.email))
        .execute(&mut *transaction)
        .await?;
        let entry = AuditEntry {
            action: "user.signed_up",
            organization: None,
            target: ("user", user.id.to_string()),
            old: None,
            new: (status == UserStatus::Suspended).then(|| serde_json::json!({ "status": status })),
        };
        Self::record(&mut transaction, by, &entry).await?;
        if let Some((organization, name, domain)) = own {
            sqlx::query(
                "INSERT INTO organizations (id, name, domain, owner_id, created_at, updated_at, name_folded) \
                 VALUES ($1, $2, $3, $4, $5, $5, $6)",
            )
            .bind(organization.0)
            .bind(&name)
            .bind(domain)
            .bind(user.id.0)
            .bind(by.now)
            .bind(fold(&name))
            .execute(&mut *transaction)
            .await?;
            Self::admit_founder(&mut transaction, organization, user.id, &user.subject, by).await?;
            Self::queue_first(&mut transaction, organization).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn refresh_profile(&self, user: UserId, profile: &Profile, by: &Actor) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let refreshed = sqlx::query(
            "UPDATE users SET email = $2, first_name = coalesce($3, first_name), \
             last_name = coalesce($4, last_name), profile_at = $5, updated_at = $6, email_folded = $7 WHERE id = $1 \
             AND erased_at IS NULL AND kind = 'person' AND (profile_at IS NULL OR profile_at < $5)",
        )
        .bind(user.0)
        .bind(&profile.email)
        .bind(&profile.first_name)
        .bind(&profile.last_name)
        .bind(profile.issued_at)
        .bind(by.now)
        .bind(fold(&profile.email))
        .execute(&mut *transaction)
        .await?;
        Self::seal_change(transaction, refreshed.rows_affected(), "user.profile_refreshed", user, by).await
    }

    async fn update_contact(
        &self,
        user: UserId,
        from: Option<&Contact>,
        update: &ContactUpdate,
        by: &Actor,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let updated = sqlx::query(
            "UPDATE users SET phone = CASE WHEN $2 THEN $3 ELSE phone END, \
             avatar_url = CASE WHEN $4 THEN $5 ELSE avatar_url END, updated_at = $6 \
             WHERE id = $1 AND erased_at IS NULL AND (NOT $7 \
             OR phone IS NOT DISTINCT FROM $8 AND avatar_url IS NOT DISTINCT FROM $9)",
        )
        .bind(user.0)
        .bind(update.phone.is_some())
        .bind(update.phone.clone().flatten())
        .bind(update.avatar_url.is_some())
        .bind(update.avatar_url.clone().flatten())
        .bind(by.now)
        .bind(from.is_some())
        .bind(from.and_then(|from| from.phone.clone()))
        .bind(from.and_then(|from| from.avatar_url.clone()))
        .execute(&mut *transaction)
        .await?;
        Self::seal_change(transaction, updated.rows_affected(), "user.updated", user, by).await
    }

    async fn set_user_status(
        &self,
        user: UserId,
        status: UserStatus,
        by: &Actor,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let before: Option<String> =
            sqlx::query_scalar("SELECT status FROM users WHERE id = $1 AND erased_at IS NULL")
                .bind(user.0)
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(before) = before else { return Ok(false) };
        if before == status.as_str() {
            return Ok(true);
        }
        let set = sqlx::query(
            "UPDATE users SET status = $2, updated_at = $3 WHERE id = $1 AND erased_at IS NULL AND status <> $2",
        )
        .bind(user.0)
        .bind(status.as_str())
        .bind(by.now)
        .execute(&mut *transaction)
        .await?;
        if status == UserStatus::Suspended && set.rows_affected() == 1 {
            Self::leave_lines(&mut transaction, None, user, IS_SUSPENDED, by).await?;
        }
        let action = match status {
            UserStatus::Active => "user.activated",
            UserStatus::Suspended => "user.suspended",
        };
        Self::seal_change(transaction, set.rows_affected(), action, user, by).await
    }

    async fn list_memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError> {
        let rows: Vec<MembershipRow> =
            sqlx::query_as(MEMBERSHIPS).bind(user.0).fetch_all(self.read()).await?;
        convert(rows)
    }
}

#[async_trait]
impl UserRows for SqlTx {
    async fn lock_user(&mut self, user: UserId) -> Result<(), StoreError> {
        sqlx::query(SqlStore::LOCK_USER).bind(user.0).execute(self.connection()).await?;
        Ok(())
    }

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
