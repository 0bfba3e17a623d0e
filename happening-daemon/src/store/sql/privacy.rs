//! Forgetting people, and what of theirs is still open.

use super::{SqlStore, SqlTx, export};
use crate::store::rows::{OpenBookingRow, convert, within};
use crate::store::{Actor, AuditEntry, ErasureRows, OpenBooking, PastErasure, Privacy, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::PersonalData;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Bookings at events that are still to take place; what follows says whose, and `$2` is now.
const OPEN_BOOKING: &str = "SELECT b.id, b.event_id, b.user_id FROM bookings b JOIN events e ON e.id = b.event_id \
     WHERE b.status IN ('confirmed', 'waiting') AND e.deleted_at IS NULL \
     AND (e.status = 'ongoing' OR e.status = 'upcoming' AND e.event_date > $2) AND ";

#[async_trait]
impl Privacy for SqlStore {
    async fn export_user(
        &self,
        user: UserId,
        email: Option<&str>,
        by: &Actor,
    ) -> Result<Option<PersonalData>, StoreError> {
        let mut transaction = self.snapshot().await?;
        let Some(data) = export::read(&mut transaction, user, email, by.now).await? else { return Ok(None) };
        transaction.commit().await?;
        let mut transaction = self.begin().await?;
        Self::record(&mut transaction, by, &AuditEntry::of_user("user.exported", user)).await?;
        transaction.commit().await?;
        Ok(Some(data))
    }

    async fn find_erasure(&self, subject_hash: &str) -> Result<Option<PastErasure>, StoreError> {
        let found: Option<(DateTime<Utc>, bool)> =
            sqlx::query_as("SELECT erased_at, suspended FROM erased_subjects WHERE subject_hash = $1")
                .bind(subject_hash.to_owned())
                .fetch_optional(self.read())
                .await?;
        Ok(found.map(|(at, suspended)| PastErasure { at, suspended }))
    }

    async fn forget_erasures(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let forget =
            sqlx::query("DELETE FROM erased_subjects WHERE erased_at < $1 AND NOT suspended").bind(before);
        forget.execute(self.write()).await?;
        Ok(())
    }

    async fn list_open_bookings(
        &self,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<Vec<OpenBooking>, StoreError> {
        let sql = AssertSqlSafe(format!("{OPEN_BOOKING} b.user_id = $1 ORDER BY b.id"));
        let rows: Vec<OpenBookingRow> =
            sqlx::query_as(sql).bind(user.0).bind(now).fetch_all(self.read()).await?;
        convert(rows)
    }

    async fn list_abandoned_bookings(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<OpenBooking>, StoreError> {
        let sql = AssertSqlSafe(format!(
            "{OPEN_BOOKING} b.user_id IN (SELECT id FROM users WHERE erased_at >= $1) ORDER BY b.id"
        ));
        let rows: Vec<OpenBookingRow> =
            sqlx::query_as(sql).bind(since).bind(now).fetch_all(self.read()).await?;
        convert(rows)
    }
}

#[async_trait]
impl ErasureRows for SqlTx {
    async fn list_organizations_with_invites(
        &mut self,
        user: UserId,
        email: Option<&str>,
    ) -> Result<Vec<OrganizationId>, StoreError> {
        let organizations: Vec<Uuid> = sqlx::query_scalar(
            "SELECT DISTINCT organization_id FROM organization_invites \
             WHERE user_id = $1 OR answered_by = $1 OR invited_by = $1 OR email = $2",
        )
        .bind(user.0)
        .bind(email.map(str::to_owned))
        .fetch_all(self.connection())
        .await?;
        Ok(organizations.into_iter().map(OrganizationId).collect())
    }

    async fn delete_invites_of_person(
        &mut self,
        user: UserId,
        email: Option<&str>,
    ) -> Result<Vec<(OrganizationId, InviteId)>, StoreError> {
        let ended: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "DELETE FROM organization_invites WHERE (user_id = $2 OR user_id IS NULL AND email = $1) \
             AND status IN ('pending', 'expired') RETURNING organization_id, id",
        )
        .bind(email.map(str::to_owned))
        .bind(user.0)
        .fetch_all(self.connection())
        .await?;
        Ok(ended.into_iter().map(|(organization, id)| (OrganizationId(organization), InviteId(id))).collect())
    }

    async fn anonymize_invites(
        &mut self,
        user: UserId,
        email: Option<&str>,
        anonymous: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE organization_invites SET email = $3, message = NULL \
             WHERE email = $1 OR answered_by = $2 OR user_id = $2",
        )
        .bind(email.map(str::to_owned))
        .bind(user.0)
        .bind(anonymous.to_owned())
        .execute(self.connection())
        .await?;
        sqlx::query("UPDATE organization_invites SET message = NULL WHERE invited_by = $1")
            .bind(user.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn delete_invite_blocks_of(&mut self, user: UserId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM invite_blocks WHERE user_id = $1")
            .bind(user.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn delete_answers_with(&mut self, text: &str) -> Result<(), StoreError> {
        // As it stands in JSON.
        let quoted = serde_json::to_string(text).map_err(|error| StoreError::Defect(error.to_string()))?;
        sqlx::query("DELETE FROM idempotency_keys WHERE is_personal AND body LIKE $1 ESCAPE '\\'")
            .bind(within(quoted.trim_matches('"')))
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn anonymize_user(&mut self, user: UserId, email: &str) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query(
            "UPDATE users SET keycloak_id = $2, username = $3, username_folded = $3, email = $4, email_folded = $4, \
             first_name = NULL, last_name = NULL, phone = NULL, avatar_url = NULL, status = 'suspended', \
             profile_at = NULL, erased_at = $5, updated_at = $5 WHERE id = $1",
        )
        .bind(user.0)
        .bind(format!("erased:{user}"))
        .bind(format!("erased-{user}"))
        .bind(email.to_owned())
        .bind(by.now)
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn put_erased_subject(&mut self, subject_hash: &str, suspended: bool) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query(
            "INSERT INTO erased_subjects (subject_hash, erased_at, suspended) VALUES ($1, $2, $3) \
             ON CONFLICT (subject_hash) DO UPDATE SET erased_at = excluded.erased_at, \
             suspended = excluded.suspended",
        )
        .bind(subject_hash.to_owned())
        .bind(by.now)
        .bind(suspended)
        .execute(connection)
        .await?;
        Ok(())
    }
}
