//! The tellers' side, for PostgreSQL.

use super::super::outbox::Outbox;
use super::super::rows::{QueuedRow, big, convert, counter};
use super::{PgStore, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::NotificationId;
use happening_core::wire::QueuedNotification;
use uuid::Uuid;

fn uuids(ids: &[NotificationId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}

#[async_trait]
impl Outbox for PgStore {
    async fn claim_due(
        &self,
        now: DateTime<Utc>,
        lease: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<QueuedNotification>, StoreError> {
        // SKIP LOCKED: relays of several daemons share the work instead of waiting for each other.
        let rows: Vec<QueuedRow> = sqlx::query_as(
            "WITH due AS ( \
                 SELECT notification_id FROM outbox WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED \
             ), claimed AS ( \
                 UPDATE outbox o SET due_at = $2, attempts = attempts + 1, waiting = FALSE FROM due \
                 WHERE o.notification_id = due.notification_id RETURNING o.notification_id \
             ) \
             SELECT n.id, n.user_id, n.event_id, n.booking_id, n.type, n.message, n.seats \
             FROM notifications n JOIN claimed c ON c.notification_id = n.id ORDER BY n.created_at, n.id",
        )
        .bind(now)
        .bind(lease)
        .bind(big(u64::from(limit)))
        .fetch_all(self.read())
        .await?;
        convert(rows)
    }

    async fn mark_published(&self, ids: &[NotificationId], due: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET due_at = $2 WHERE notification_id = ANY($1) AND NOT waiting")
            .bind(uuids(ids))
            .bind(due)
            .execute(self.read())
            .await?;
        Ok(())
    }

    async fn undelivered(&self, ids: &[NotificationId]) -> Result<Vec<NotificationId>, StoreError> {
        let pending: Vec<Uuid> =
            sqlx::query_scalar("SELECT id FROM notifications WHERE id = ANY($1) AND status = 'pending'")
                .bind(uuids(ids))
                .fetch_all(self.read())
                .await?;
        Ok(pending.into_iter().map(NotificationId).collect())
    }

    async fn mark_sent(&self, ids: &[NotificationId]) -> Result<(), StoreError> {
        sqlx::query(
            "WITH done AS (DELETE FROM outbox WHERE notification_id = ANY($1)) \
             UPDATE notifications SET status = 'sent' WHERE id = ANY($1) AND status <> 'sent'",
        )
        .bind(uuids(ids))
        .execute(self.read())
        .await?;
        Ok(())
    }

    async fn release_all(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET due_at = $1 WHERE due_at > $1 AND NOT waiting")
            .bind(now)
            .execute(self.read())
            .await?;
        Ok(())
    }

    async fn backlog(&self) -> Result<u64, StoreError> {
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(self.read()).await?;
        Ok(counter(rows))
    }
}
