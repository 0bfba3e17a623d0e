//! What is parked: its rows in a unit of work, and what workers and operators read and write of it.

use super::{Connection, Db, SqlStore, SqlTx};
use crate::store::parked::KEPT_OF_A_CLASS;
use crate::store::rows::{OutboxRow, ParkedRow, UndeliveredRow, big, convert, counter, small};
use crate::store::{
    GivenUpNotification, NewParkedMessage, ParkedMessages, ParkedRows, StoreError, UndeliverableClass,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{NotificationId, ParkedId};
use happening_core::wire::{Outbox as OutboxFigures, ParkedMessage, UndeliveredNotification};
use sqlx::{AssertSqlSafe, QueryBuilder};
use std::collections::BTreeSet;
use uuid::Uuid;

const PARKED: &str = "SELECT p.id, p.notification_id, p.payload, p.payload_bytes, p.reason, p.times, p.parked_at, \
     n.user_id, n.event_id, n.type, n.message FROM parked_messages p \
     LEFT JOIN notifications n ON n.id = p.notification_id ";

impl SqlStore {
    /// Waits for whoever parks messages of this class: two at once would not see what the other adds, and both leave
    /// too many.
    async fn take_turn_of_class(
        connection: &mut Connection,
        class: UndeliverableClass,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO parked_evictions (class, messages, last_at) VALUES ($1, 0, $2) \
             ON CONFLICT (class) DO UPDATE SET messages = parked_evictions.messages",
        )
        .bind(class.as_str())
        .bind(now)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Deletes the oldest parked messages of a class beyond its bound, and counts them.
    async fn evict(
        connection: &mut Connection,
        class: UndeliverableClass,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let evicted = sqlx::query(
            "DELETE FROM parked_messages WHERE class = $1 AND (parked_at, id) <= \
             (SELECT parked_at, id FROM parked_messages WHERE class = $1 \
             ORDER BY parked_at DESC, id DESC LIMIT 1 OFFSET $2)",
        )
        .bind(class.as_str())
        .bind(small(KEPT_OF_A_CLASS))
        .execute(&mut *connection)
        .await?
        .rows_affected();
        if evicted > 0 {
            sqlx::query(
                "UPDATE parked_evictions SET messages = messages + $2, last_at = $3 WHERE class = $1",
            )
            .bind(class.as_str())
            .bind(big(evicted))
            .bind(now)
            .execute(&mut *connection)
            .await?;
        }
        Ok(())
    }
}

#[async_trait]
impl ParkedMessages for SqlStore {
    async fn park_notifications(
        &self,
        given_up: &[GivenUpNotification],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let mut parked = 0;
        for one in given_up {
            let failed = sqlx::query(
                "UPDATE notifications SET status = 'failed' WHERE id = $1 AND status = 'pending'",
            )
            .bind(one.notification.0)
            .execute(&mut *transaction)
            .await?;
            if failed.rows_affected() == 0 {
                continue;
            }
            sqlx::query("DELETE FROM outbox WHERE notification_id = $1")
                .bind(one.notification.0)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(
                "INSERT INTO parked_messages (id, notification_id, reason, times, parked_at) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (notification_id) DO UPDATE SET \
                 reason = excluded.reason, times = excluded.times, parked_at = excluded.parked_at",
            )
            .bind(one.id.0)
            .bind(one.notification.0)
            .bind(one.reason.as_str())
            .bind(small(one.tries))
            .bind(now)
            .execute(&mut *transaction)
            .await?;
            parked += 1;
        }
        transaction.commit().await?;
        Ok(parked)
    }

    async fn park_messages(
        &self,
        messages: &[NewParkedMessage],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if messages.is_empty() {
            return Ok(());
        }
        // In one order everywhere: two workers that park the same messages wait for each other, and not in a circle.
        let mut rows: Vec<&NewParkedMessage> = messages.iter().collect();
        rows.sort_by_key(|row| row.digest);
        let mut insert = QueryBuilder::<Db>::new(
            "INSERT INTO parked_messages \
             (id, class, digest, payload, payload_bytes, reason, times, parked_at) ",
        );
        insert.push_values(&rows, |mut values, row| {
            values
                .push_bind(row.id.0)
                .push_bind(row.class.as_str())
                .push_bind(row.digest.as_slice())
                .push_bind(&row.payload)
                .push_bind(big(row.bytes))
                .push_bind(row.reason.as_str())
                .push_bind(small(row.times))
                .push_bind(now);
        });
        insert.push(
            " ON CONFLICT (digest) DO UPDATE SET reason = excluded.reason, class = excluded.class, \
             times = parked_messages.times + excluded.times, parked_at = excluded.parked_at",
        );
        let mut transaction = self.begin().await?;
        let classes: BTreeSet<UndeliverableClass> = rows.iter().map(|row| row.class).collect();
        for class in &classes {
            Self::take_turn_of_class(&mut transaction, *class, now).await?;
        }
        // Its text differs with the number of rows: not one to be kept prepared.
        insert.build().persistent(false).execute(&mut *transaction).await?;
        for class in classes {
            Self::evict(&mut transaction, class, now).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn list_parked(
        &self,
        before: Option<ParkedId>,
        limit: u32,
    ) -> Result<Vec<ParkedMessage>, StoreError> {
        let sql = format!("{PARKED} WHERE $1 IS NULL OR p.id < $1 ORDER BY p.id DESC LIMIT $2");
        let rows: Vec<ParkedRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(before.map(|id| id.0))
            .bind(big(u64::from(limit)))
            .fetch_all(self.read())
            .await?;
        convert(rows)
    }

    async fn find_parked(&self, id: ParkedId) -> Result<Option<ParkedMessage>, StoreError> {
        let row: Option<ParkedRow> = sqlx::query_as(AssertSqlSafe(format!("{PARKED} WHERE p.id = $1")))
            .bind(id.0)
            .fetch_optional(self.read())
            .await?;
        row.map(ParkedMessage::try_from).transpose()
    }

    async fn find_payload(&self, id: ParkedId) -> Result<Option<Vec<u8>>, StoreError> {
        let payload: Option<Option<Vec<u8>>> =
            sqlx::query_scalar("SELECT payload FROM parked_messages WHERE id = $1")
                .bind(id.0)
                .fetch_optional(self.read())
                .await?;
        Ok(payload.flatten())
    }

    async fn list_undelivered(
        &self,
        before: Option<NotificationId>,
        limit: u32,
    ) -> Result<Vec<UndeliveredNotification>, StoreError> {
        // From the outbox and what is parked, which are short: notifications are many.
        let rows: Vec<UndeliveredRow> = sqlx::query_as(
            "SELECT n.id, n.user_id, u.username, n.event_id, n.type, n.message, n.status, n.created_at, \
             COALESCE(o.failures, p.times, 0) AS tries, COALESCE(o.last_error, p.reason) AS reason, \
             o.due_at, p.id AS parked_id \
             FROM (SELECT notification_id FROM outbox UNION SELECT notification_id FROM parked_messages \
             WHERE notification_id IS NOT NULL) AS open \
             JOIN notifications n ON n.id = open.notification_id \
             LEFT JOIN outbox o ON o.notification_id = n.id \
             LEFT JOIN parked_messages p ON p.notification_id = n.id \
             LEFT JOIN users u ON u.id = n.user_id \
             WHERE n.status <> 'sent' AND ($1 IS NULL OR n.id < $1) ORDER BY n.id DESC LIMIT $2",
        )
        .bind(before.map(|id| id.0))
        .bind(big(u64::from(limit)))
        .fetch_all(self.read())
        .await?;
        convert(rows)
    }

    async fn outbox_figures(&self) -> Result<OutboxFigures, StoreError> {
        let row: OutboxRow = sqlx::query_as(
            "SELECT count(*) AS pending, \
             CAST(COALESCE(SUM(CASE WHEN o.waiting THEN 1 ELSE 0 END), 0) AS bigint) AS retrying, \
             CAST(COALESCE(SUM(CASE WHEN o.attempts > 0 THEN 1 ELSE 0 END), 0) AS bigint) AS overdue, \
             MIN(n.created_at) AS oldest, MIN(o.due_at) AS next_due \
             FROM outbox o JOIN notifications n ON n.id = o.notification_id",
        )
        .fetch_one(self.read())
        .await?;
        let parked: i64 =
            sqlx::query_scalar("SELECT count(*) FROM parked_messages").fetch_one(self.read()).await?;
        let evicted: i64 =
            sqlx::query_scalar("SELECT CAST(COALESCE(SUM(messages), 0) AS bigint) FROM parked_evictions")
                .fetch_one(self.read())
                .await?;
        let announcements: i64 =
            sqlx::query_scalar("SELECT count(*) FROM announcements").fetch_one(self.read()).await?;
        Ok(OutboxFigures {
            pending: counter(row.pending),
            retrying: counter(row.retrying),
            published_again: counter(row.overdue),
            announcements: counter(announcements),
            parked: counter(parked),
            parked_evicted: counter(evicted),
            oldest: row.oldest,
            next_due: row.next_due,
        })
    }
}

#[async_trait]
impl ParkedRows for SqlTx {
    async fn delete_parked(&mut self, id: ParkedId, times: u32) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM parked_messages WHERE id = $1 AND times = $2")
            .bind(id.0)
            .bind(small(times))
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn take_parked_notification(&mut self, id: ParkedId) -> Result<Option<NotificationId>, StoreError> {
        let notification: Option<Uuid> = sqlx::query_scalar(
            "DELETE FROM parked_messages WHERE id = $1 AND notification_id IS NOT NULL RETURNING notification_id",
        )
        .bind(id.0)
        .fetch_optional(self.connection())
        .await?;
        Ok(notification.map(NotificationId))
    }

    async fn set_pending(&mut self, notification: NotificationId) -> Result<bool, StoreError> {
        let known = sqlx::query("UPDATE notifications SET status = 'pending' WHERE id = $1")
            .bind(notification.0)
            .execute(self.connection())
            .await?;
        Ok(known.rows_affected() > 0)
    }

    async fn delete_parked_of(&mut self, notification: NotificationId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM parked_messages WHERE notification_id = $1")
            .bind(notification.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn put_in_outbox(&mut self, notification: NotificationId) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        // Waiting, so that a relay's late note of the last try does not put it off.
        sqlx::query(
            "INSERT INTO outbox (notification_id, due_at, waiting) VALUES ($1, $2, TRUE) \
             ON CONFLICT (notification_id) DO UPDATE SET due_at = excluded.due_at, waiting = TRUE, \
             failures = 0, last_error = NULL, progress = NULL",
        )
        .bind(notification.0)
        .bind(by.now)
        .execute(connection)
        .await?;
        Ok(())
    }
}
