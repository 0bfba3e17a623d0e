//! What the engine reads and writes, as far as both dialects say it alike.

/// Implements the parts of [`super::super::Ledger`] that read the same.
macro_rules! impl_ledger {
    ($store:ty) => {
        impl $store {
            /// The whole of an event, as of one instant.
            async fn read_state(&self, event: EventId) -> Result<Option<EventState>, StoreError> {
                let mut transaction = self.engine.begin_with(Self::BEGIN_SNAPSHOT).await?;
                let row: Option<StateRow> = sqlx::query_as(
                    "SELECT total_slots, status, event_date, waitlist_policy, bypass_limit, waitlist_limit, deleted_at, version, \
                     next_waiting_number, waitlist_passes, max_seats_per_booking, sales_paused, waitlist_rests, bookings_close_at \
                     FROM events WHERE id = $1",
                )
                .bind(event.0)
                .fetch_optional(&mut *transaction)
                .await?;
                let Some(row) = row else { return Ok(None) };
                let held: Vec<HeldRow> = sqlx::query_as(
                    "SELECT s.booking_id, b.user_id, s.seat_no FROM booking_seats s JOIN bookings b ON b.id = s.booking_id \
                     WHERE s.event_id = $1 AND s.status = 'booked'",
                )
                .bind(event.0)
                .fetch_all(&mut *transaction)
                .await?;
                let waiting: Vec<PartyRow> = sqlx::query_as(
                    "SELECT id, user_id, seats, waiting_number FROM bookings WHERE event_id = $1 AND status = 'waiting' \
                     ORDER BY waiting_number",
                )
                .bind(event.0)
                .fetch_all(&mut *transaction)
                .await?;
                transaction.commit().await?;
                state(&row, held, waiting).map(Some)
            }

            /// What may change at any time, each part by its index.
            async fn read_active_counts(
                &self,
                now: DateTime<Utc>,
                since: DateTime<Utc>,
            ) -> Result<Vec<EventCounts>, StoreError> {
                let rows: Vec<MarkRow> = sqlx::query_as(
                    "SELECT id, version, available_slots, waiting FROM events \
                     WHERE deleted_at IS NULL AND status = 'upcoming' AND event_date >= $1 \
                     UNION SELECT id, version, available_slots, waiting FROM events \
                     WHERE deleted_at IS NULL AND status = 'ongoing' \
                     UNION SELECT id, version, available_slots, waiting FROM events \
                     WHERE deleted_at IS NULL AND status = 'upcoming' AND event_date < $1 \
                     AND id IN (SELECT event_id FROM event_changes WHERE created_at >= $2)",
                )
                .bind(now - STILL_ACTIVE)
                .bind(since)
                .fetch_all(&self.engine)
                .await?;
                Ok(rows.into_iter().map(EventCounts::from).collect())
            }

            async fn read_open_counts(
                &self,
                after: Option<EventId>,
                limit: u32,
            ) -> Result<Vec<EventCounts>, StoreError> {
                let rows: Vec<MarkRow> = sqlx::query_as(
                    "SELECT id, version, available_slots, waiting FROM events \
                     WHERE deleted_at IS NULL AND status IN ('upcoming', 'ongoing') AND id > $1 ORDER BY id LIMIT $2",
                )
                .bind(after.map_or(Uuid::nil(), |event| event.0))
                .bind(i64::from(limit))
                .fetch_all(&self.engine)
                .await?;
                Ok(rows.into_iter().map(EventCounts::from).collect())
            }

            /// Forgets old changes.
            async fn delete_changes(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
                let done = sqlx::query("DELETE FROM event_changes WHERE created_at < $1")
                    .bind(before)
                    .execute(self.write())
                    .await?;
                Ok(done.rows_affected())
            }
        }
    };
}
pub(crate) use impl_ledger;
