//! Who people are: rows of users in a unit of work, and reads of committed ones.

use super::{Db, SqlStore, SqlTx};
use crate::store::fold::fold;
use crate::store::rows::{MembershipRow, UserRow, convert};
use crate::store::{Contact, NewUser, People, Profile, StoreError, UserFilter, UserRows};
use async_trait::async_trait;
use happening_core::fields::address_key;
use happening_core::id::UserId;
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

    async fn is_barred(&mut self, subject_hash: &str) -> Result<bool, StoreError> {
        let barred: i64 =
            sqlx::query_scalar("SELECT count(*) FROM erased_subjects WHERE subject_hash = $1 AND suspended")
                .bind(subject_hash.to_owned())
                .fetch_one(self.connection())
                .await?;
        Ok(barred > 0)
    }

    async fn insert_user(&mut self, user: &NewUser, status: UserStatus) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
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
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn update_profile(&mut self, user: UserId, profile: &Profile) -> Result<bool, StoreError> {
        let (connection, by) = self.parts();
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
        .execute(connection)
        .await?;
        Ok(refreshed.rows_affected() > 0)
    }

    async fn set_contact(&mut self, user: UserId, contact: &Contact) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query("UPDATE users SET phone = $2, avatar_url = $3, updated_at = $4 WHERE id = $1")
            .bind(user.0)
            .bind(contact.phone.clone())
            .bind(contact.avatar_url.clone())
            .bind(by.now)
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn set_user_status(&mut self, user: UserId, status: UserStatus) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query("UPDATE users SET status = $2, updated_at = $3 WHERE id = $1")
            .bind(user.0)
            .bind(status.as_str())
            .bind(by.now)
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn list_memberships(&mut self, user: UserId) -> Result<Vec<Membership>, StoreError> {
        let rows: Vec<MembershipRow> =
            sqlx::query_as(MEMBERSHIPS).bind(user.0).fetch_all(self.connection()).await?;
        convert(rows)
    }
}
