//! The tellers' side, for SQLite.

use super::super::outbox::Outbox;
use super::super::rows::{QueuedRow, big, convert, counter};
use super::{SqliteStore, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::NotificationId;
use happening_core::wire::QueuedNotification;
use serde_json::Value;
use uuid::Uuid;

/// Ids as a JSON list of hexadecimal texts: SQLite binds no arrays.
fn hex_list(ids: impl IntoIterator<Item = Uuid>) -> String {
    ids.into_iter().map(|id| Value::from(id.simple().to_string())).collect::<Value>().to_string()
}

fn uuids(ids: &[NotificationId]) -> String {
    hex_list(ids.iter().map(|id| id.0))
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn claim_due(
        &self,
        now: DateTime<Utc>,
        lease: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<QueuedNotification>, StoreError> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "UPDATE outbox SET due_at = $2, attempts = attempts + 1, waiting = FALSE WHERE notification_id IN \
             (SELECT notification_id FROM outbox WHERE due_at <= $1 ORDER BY due_at LIMIT $3) RETURNING notification_id",
        )
        .bind(now)
        .bind(lease)
        .bind(big(u64::from(limit)))
        .fetch_all(self.write())
        .await?;
        let rows: Vec<QueuedRow> = sqlx::query_as(
            "SELECT id, user_id, event_id, booking_id, type, message, seats FROM notifications \
             WHERE id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY created_at, id",
        )
        .bind(hex_list(ids))
        .fetch_all(self.read())
        .await?;
        convert(rows)
    }

    async fn mark_published(&self, ids: &[NotificationId], due: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET due_at = $2 \
             WHERE notification_id IN (SELECT unhex(value) FROM json_each($1)) AND NOT waiting",
        )
        .bind(uuids(ids))
        .bind(due)
        .execute(self.write())
        .await?;
        Ok(())
    }

    async fn undelivered(&self, ids: &[NotificationId]) -> Result<Vec<NotificationId>, StoreError> {
        let pending: Vec<Uuid> = sqlx::query_scalar(
            "SELECT id FROM notifications WHERE id IN (SELECT unhex(value) FROM json_each($1)) AND status = 'pending'",
        )
        .bind(uuids(ids))
        .fetch_all(self.read())
        .await?;
        Ok(pending.into_iter().map(NotificationId).collect())
    }

    async fn mark_sent(&self, ids: &[NotificationId]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let ids = uuids(ids);
        for statement in [
            "UPDATE notifications SET status = 'sent' \
             WHERE id IN (SELECT unhex(value) FROM json_each($1)) AND status <> 'sent'",
            "DELETE FROM outbox WHERE notification_id IN (SELECT unhex(value) FROM json_each($1))",
        ] {
            sqlx::query(statement).bind(ids.clone()).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn release_all(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET due_at = $1 WHERE due_at > $1 AND NOT waiting")
            .bind(now)
            .execute(self.write())
            .await?;
        Ok(())
    }

    async fn backlog(&self) -> Result<u64, StoreError> {
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(self.read()).await?;
        Ok(counter(rows))
    }
}
