//! Retries and parking.

/// Implements [`super::super::Parking`].
macro_rules! impl_parking {
    ($store:ty, $connection:ty) => {
        const PARKED: &str = "SELECT p.id, p.notification_id, p.payload, p.payload_bytes, p.reason, p.times, p.parked_at, \
             n.user_id, n.event_id, n.type, n.message FROM parked_messages p \
             LEFT JOIN notifications n ON n.id = p.notification_id ";

        impl $store {
            /// Has a notification delivered anew, with all its tries. False if there is none.
            async fn deliver_anew(
                connection: &mut $connection,
                notification: Uuid,
                action: &'static str,
                by: &Actor,
            ) -> Result<bool, StoreError> {
                let known = sqlx::query("UPDATE notifications SET status = 'pending' WHERE id = $1")
                    .bind(notification)
                    .execute(&mut *connection)
                    .await?;
                if known.rows_affected() == 0 {
                    return Ok(false);
                }
                sqlx::query("DELETE FROM parked_messages WHERE notification_id = $1")
                    .bind(notification)
                    .execute(&mut *connection)
                    .await?;
                // Waiting, so that a relay's late note of the last try does not put it off.
                sqlx::query(
                    "INSERT INTO outbox (notification_id, due_at, waiting) VALUES ($1, $2, TRUE) \
                     ON CONFLICT (notification_id) DO UPDATE SET due_at = excluded.due_at, waiting = TRUE, \
                     failures = 0, last_error = NULL",
                )
                .bind(notification)
                .bind(by.now)
                .execute(&mut *connection)
                .await?;
                let target = ("notification", notification.to_string());
                let entry = AuditEntry { action, organization: None, target, old: None, new: None };
                Self::record(connection, by, &entry).await?;
                Ok(true)
            }
        }

        #[async_trait]
        impl Parking for $store {
            async fn count_failure(
                &self,
                id: NotificationId,
                reason: &str,
            ) -> Result<Option<u32>, StoreError> {
                let failures: Option<i32> = sqlx::query_scalar(
                    "UPDATE outbox SET failures = failures + 1, last_error = $2 WHERE notification_id = $1 \
                     RETURNING failures",
                )
                .bind(id.0)
                .bind(reason)
                .fetch_optional(self.write())
                .await?;
                Ok(failures.map(count))
            }

            async fn postpone(&self, id: NotificationId, until: DateTime<Utc>) -> Result<(), StoreError> {
                sqlx::query("UPDATE outbox SET due_at = $2, waiting = TRUE WHERE notification_id = $1")
                    .bind(id.0)
                    .bind(until)
                    .execute(self.write())
                    .await?;
                Ok(())
            }

            async fn park_notification(
                &self,
                given_up: &Undeliverable,
                now: DateTime<Utc>,
            ) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let failed = sqlx::query(
                    "UPDATE notifications SET status = 'failed' WHERE id = $1 AND status = 'pending'",
                )
                .bind(given_up.notification.0)
                .execute(&mut *transaction)
                .await?;
                if failed.rows_affected() == 0 {
                    return Ok(false);
                }
                sqlx::query("DELETE FROM outbox WHERE notification_id = $1")
                    .bind(given_up.notification.0)
                    .execute(&mut *transaction)
                    .await?;
                sqlx::query(
                    "INSERT INTO parked_messages (id, notification_id, reason, times, parked_at) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (notification_id) DO UPDATE SET \
                     reason = excluded.reason, times = excluded.times, parked_at = excluded.parked_at",
                )
                .bind(given_up.id.0)
                .bind(given_up.notification.0)
                .bind(&given_up.reason)
                .bind(small(given_up.tries))
                .bind(now)
                .execute(&mut *transaction)
                .await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn park_poison(&self, poison: &Poison, now: DateTime<Utc>) -> Result<(), StoreError> {
                sqlx::query(
                    "INSERT INTO parked_messages (id, digest, payload, payload_bytes, reason, times, parked_at) \
                     VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (digest) DO UPDATE SET \
                     reason = excluded.reason, times = parked_messages.times + 1, parked_at = excluded.parked_at",
                )
                .bind(poison.id.0)
                .bind(poison.digest.as_slice())
                .bind(&poison.payload)
                .bind(big(poison.bytes))
                .bind(&poison.reason)
                .bind(now)
                .execute(self.write())
                .await?;
                Ok(())
            }

            async fn known_notifications(
                &self,
                ids: &[NotificationId],
            ) -> Result<Vec<NotificationId>, StoreError> {
                let mut known = Vec::with_capacity(ids.len());
                for id in ids {
                    let found: Option<Uuid> = sqlx::query_scalar("SELECT id FROM notifications WHERE id = $1")
                        .bind(id.0)
                        .fetch_optional(self.read())
                        .await?;
                    known.extend(found.map(NotificationId));
                }
                Ok(known)
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

            async fn requeue_notification(&self, id: ParkedId, by: &Actor) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let notification: Option<Uuid> = sqlx::query_scalar(
                    "DELETE FROM parked_messages WHERE id = $1 AND notification_id IS NOT NULL RETURNING notification_id",
                )
                .bind(id.0)
                .fetch_optional(&mut *transaction)
                .await?;
                let Some(notification) = notification else {
                    return Ok(false);
                };
                let again =
                    Self::deliver_anew(&mut transaction, notification, "notification.requeued", by).await?;
                if again {
                    transaction.commit().await?;
                }
                Ok(again)
            }

            async fn resend_notification(&self, id: NotificationId, by: &Actor) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let again = Self::deliver_anew(&mut transaction, id.0, "notification.resent", by).await?;
                if again {
                    transaction.commit().await?;
                }
                Ok(again)
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

            async fn unpark(
                &self,
                id: ParkedId,
                times: u32,
                action: &'static str,
                by: &Actor,
            ) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let done = sqlx::query("DELETE FROM parked_messages WHERE id = $1 AND times = $2")
                    .bind(id.0)
                    .bind(small(times))
                    .execute(&mut *transaction)
                    .await?;
                if done.rows_affected() == 0 {
                    return Ok(false);
                }
                let target = ("parked_message", id.to_string());
                let entry = AuditEntry { action, organization: None, target, old: None, new: None };
                Self::record(&mut transaction, by, &entry).await?;
                transaction.commit().await?;
                Ok(true)
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
                let parked: i64 = sqlx::query_scalar("SELECT count(*) FROM parked_messages")
                    .fetch_one(self.read())
                    .await?;
                Ok(OutboxFigures {
                    pending: counter(row.pending),
                    retrying: counter(row.retrying),
                    published_again: counter(row.overdue),
                    parked: counter(parked),
                    oldest: row.oldest,
                    next_due: row.next_due,
                })
            }
        }
    };
}
pub(crate) use impl_parking;
