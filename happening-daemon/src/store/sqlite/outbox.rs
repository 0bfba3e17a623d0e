//! The outbox, for SQLite.

use super::super::outbox::{DeliveryFailure, Outbox, Postponement, Progress};
use super::super::rows::{
    ADVANCE, AnnouncementRow, FINISH, QueuedRow, big, convert, count, counter, progress, states,
};
use super::{SqliteStore, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::NotificationId;
use happening_core::wire::{NotificationStatus, QueuedNotification};
use serde_json::Value;
use std::collections::HashMap;
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
            "SELECT id, user_id, event_id, booking_id, type, message, seats, booked_by FROM notifications \
             WHERE id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY created_at, id",
        )
        .bind(hex_list(ids))
        .fetch_all(self.read())
        .await?;
        convert(rows)
    }

    async fn mark_published(
        &self,
        ids: &[NotificationId],
        published: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET due_at = $3 WHERE notification_id IN (SELECT unhex(value) FROM json_each($1)) \
             AND NOT waiting AND (released_at IS NULL OR released_at < $2)",
        )
        .bind(uuids(ids))
        .bind(published)
        .bind(due)
        .execute(self.write())
        .await?;
        Ok(())
    }

    async fn delivery_states(
        &self,
        ids: &[NotificationId],
    ) -> Result<HashMap<NotificationId, NotificationStatus>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "SELECT id, status FROM notifications WHERE id IN (SELECT unhex(value) FROM json_each($1))",
        )
        .bind(uuids(ids))
        .fetch_all(self.read())
        .await?;
        states(rows)
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

    async fn count_failures(
        &self,
        failures: &[DeliveryFailure],
    ) -> Result<HashMap<NotificationId, u32>, StoreError> {
        let mut transaction = self.begin().await?;
        let mut counted = HashMap::with_capacity(failures.len());
        for failure in failures {
            let failures: Option<i32> = sqlx::query_scalar(
                "UPDATE outbox SET failures = failures + 1, last_error = $2 WHERE notification_id = $1 \
                 RETURNING failures",
            )
            .bind(failure.notification.0)
            .bind(failure.reason.as_str())
            .fetch_optional(&mut *transaction)
            .await?;
            counted.extend(failures.map(|failures| (failure.notification, count(failures))));
        }
        transaction.commit().await?;
        Ok(counted)
    }

    async fn postpone(&self, postponements: &[Postponement]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for Postponement { notification, until, progress } in postponements {
            sqlx::query(
                "UPDATE outbox SET due_at = $2, waiting = TRUE, progress = $3 WHERE notification_id = $1",
            )
            .bind(notification.0)
            .bind(until)
            .bind(progress.stored())
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn list_progress(
        &self,
        ids: &[NotificationId],
    ) -> Result<HashMap<NotificationId, Progress>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "SELECT notification_id, progress FROM outbox \
             WHERE notification_id IN (SELECT unhex(value) FROM json_each($1)) AND progress IS NOT NULL",
        )
        .bind(uuids(ids))
        .fetch_all(self.read())
        .await?;
        progress(rows)
    }

    async fn release_all(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET due_at = min(due_at, $1), released_at = $1 WHERE NOT waiting")
            .bind(now)
            .execute(self.write())
            .await?;
        Ok(())
    }

    async fn notify_holders(&self, now: DateTime<Utc>, limit: u32) -> Result<Option<u32>, StoreError> {
        // The one that has told the fewest: a large event does not delay a small one.
        let next = "SELECT event_id, version, message, created_at, after_user FROM announcements \
             ORDER BY notified, created_at LIMIT 1";
        // Looked for without the lock, which others need: only this daemon takes any away.
        let waiting: Option<AnnouncementRow> = sqlx::query_as(next).fetch_optional(self.read()).await?;
        if waiting.is_none() {
            return Ok(None);
        }
        let mut transaction = self.begin().await?;
        let row: Option<AnnouncementRow> = sqlx::query_as(next).fetch_optional(&mut *transaction).await?;
        let Some(row) = row else { return Ok(None) };
        let holders: Vec<Uuid> = sqlx::query_scalar(
            "SELECT DISTINCT b.user_id FROM bookings b JOIN users u ON u.id = b.user_id \
             WHERE b.event_id = $1 AND b.user_id > $2 AND u.erased_at IS NULL AND b.created_at <= $3 \
             AND (b.status <> 'cancelled' OR b.updated_at >= $3) ORDER BY b.user_id LIMIT $4",
        )
        .bind(row.event_id)
        .bind(row.after_user)
        .bind(row.created_at)
        .bind(big(u64::from(limit)))
        .fetch_all(&mut *transaction)
        .await?;
        let told: Vec<Uuid> = sqlx::query_scalar(
            "INSERT INTO notifications (id, user_id, event_id, type, message, created_at) \
             SELECT randomblob(16), unhex(value), $2, 'event_updated', $3, $4 FROM json_each($1) RETURNING id",
        )
        .bind(hex_list(holders.iter().copied()))
        .bind(row.event_id)
        .bind(&row.message)
        .bind(row.created_at)
        .fetch_all(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO outbox (notification_id, due_at) SELECT unhex(value), $2 FROM json_each($1)",
        )
        .bind(hex_list(told))
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        let count = holders.len() as u64;
        match holders.last().filter(|_| count >= u64::from(limit)) {
            Some(last) => {
                sqlx::query(ADVANCE).bind(row.event_id).bind(row.version).bind(last).bind(big(count))
            }
            None => sqlx::query(FINISH).bind(row.event_id).bind(row.version),
        }
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Some(self::count(count)))
    }

    async fn backlog(&self) -> Result<u64, StoreError> {
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(self.read()).await?;
        Ok(counter(rows))
    }
}
