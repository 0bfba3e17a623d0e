//! The outbox, for PostgreSQL.

use super::super::outbox::{DeliveryFailure, Outbox, Postponement, Progress};
use super::super::rows::{
    ADVANCE, AnnouncementRow, FINISH, QueuedRow, big, convert, count, counter, progress, states,
};
use super::{PgStore, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::NotificationId;
use happening_core::wire::{NotificationStatus, QueuedNotification};
use std::collections::HashMap;
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
             SELECT n.id, n.user_id, n.event_id, n.booking_id, n.type, n.message, n.seats, n.booked_by \
             FROM notifications n JOIN claimed c ON c.notification_id = n.id ORDER BY n.created_at, n.id",
        )
        .bind(now)
        .bind(lease)
        .bind(big(u64::from(limit)))
        .fetch_all(self.write())
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
            "UPDATE outbox SET due_at = $3 WHERE notification_id = ANY($1) AND NOT waiting \
             AND (released_at IS NULL OR released_at < $2)",
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
        let rows: Vec<(Uuid, String)> =
            sqlx::query_as("SELECT id, status FROM notifications WHERE id = ANY($1)")
                .bind(uuids(ids))
                .fetch_all(self.read())
                .await?;
        states(rows)
    }

    async fn mark_sent(&self, ids: &[NotificationId]) -> Result<(), StoreError> {
        sqlx::query(
            "WITH done AS (DELETE FROM outbox WHERE notification_id = ANY($1)) \
             UPDATE notifications SET status = 'sent' WHERE id = ANY($1) AND status <> 'sent'",
        )
        .bind(uuids(ids))
        .execute(self.write())
        .await?;
        Ok(())
    }

    async fn count_failures(
        &self,
        failures: &[DeliveryFailure],
    ) -> Result<HashMap<NotificationId, u32>, StoreError> {
        let ids: Vec<Uuid> = failures.iter().map(|failure| failure.notification.0).collect();
        let reasons: Vec<&str> = failures.iter().map(|failure| failure.reason.as_str()).collect();
        let counted: Vec<(Uuid, i32)> = sqlx::query_as(
            "UPDATE outbox o SET failures = o.failures + 1, last_error = n.reason \
             FROM UNNEST($1::uuid[], $2::text[]) AS n (id, reason) WHERE o.notification_id = n.id \
             RETURNING o.notification_id, o.failures",
        )
        .bind(ids)
        .bind(reasons)
        .fetch_all(self.write())
        .await?;
        Ok(counted.into_iter().map(|(id, failures)| (NotificationId(id), count(failures))).collect())
    }

    async fn postpone(&self, postponements: &[Postponement]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = postponements.iter().map(|one| one.notification.0).collect();
        let due: Vec<DateTime<Utc>> = postponements.iter().map(|one| one.until).collect();
        let progress: Vec<Option<String>> = postponements.iter().map(|one| one.progress.stored()).collect();
        sqlx::query(
            "UPDATE outbox o SET due_at = n.due, waiting = TRUE, progress = n.progress \
             FROM UNNEST($1::uuid[], $2::timestamptz[], $3::text[]) AS n (id, due, progress) WHERE o.notification_id = n.id",
        )
        .bind(ids)
        .bind(due)
        .bind(progress)
        .execute(self.write())
        .await?;
        Ok(())
    }

    async fn list_progress(
        &self,
        ids: &[NotificationId],
    ) -> Result<HashMap<NotificationId, Progress>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "SELECT notification_id, progress FROM outbox WHERE notification_id = ANY($1) AND progress IS NOT NULL",
        )
        .bind(uuids(ids))
        .fetch_all(self.read())
        .await?;
        progress(rows)
    }

    async fn release_all(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET due_at = LEAST(due_at, $1), released_at = $1 WHERE NOT waiting")
            .bind(now)
            .execute(self.write())
            .await?;
        Ok(())
    }

    async fn notify_holders(&self, now: DateTime<Utc>, limit: u32) -> Result<Option<u32>, StoreError> {
        let mut transaction = self.begin().await?;
        // The one that has told the fewest: a large event does not delay a small one. SKIP LOCKED: daemons share the work.
        let row: Option<AnnouncementRow> = sqlx::query_as(
            "SELECT event_id, version, message, created_at, after_user FROM announcements \
             ORDER BY notified, created_at LIMIT 1 FOR UPDATE SKIP LOCKED",
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (count, last): (i64, Option<Uuid>) = sqlx::query_as(
            "WITH holder AS ( \
                 SELECT DISTINCT b.user_id FROM bookings b JOIN users u ON u.id = b.user_id \
                 WHERE b.event_id = $1 AND b.user_id > $2 AND u.erased_at IS NULL AND b.created_at <= $3 \
                 AND (b.status <> 'cancelled' OR b.updated_at >= $3) ORDER BY b.user_id LIMIT $4 \
             ), told AS ( \
                 INSERT INTO notifications (id, user_id, event_id, type, message, created_at) \
                 SELECT gen_random_uuid(), user_id, $1, 'event_updated', $5, $3 FROM holder RETURNING id \
             ), queued AS ( \
                 INSERT INTO outbox (notification_id, due_at) SELECT id, $6 FROM told \
             ) SELECT count(*), (SELECT user_id FROM holder ORDER BY user_id DESC LIMIT 1) FROM holder",
        )
        .bind(row.event_id)
        .bind(row.after_user)
        .bind(row.created_at)
        .bind(big(u64::from(limit)))
        .bind(&row.message)
        .bind(now)
        .fetch_one(&mut *transaction)
        .await?;
        match last.filter(|_| count >= i64::from(limit)) {
            Some(last) => sqlx::query(ADVANCE).bind(row.event_id).bind(row.version).bind(last).bind(count),
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
