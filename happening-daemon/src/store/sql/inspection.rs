//! What support and operators look at.

use super::SqlStore;
use crate::store::catalogue::MAX_ROWS;
use crate::store::rows::{
    EventBookingRow, EventTotalsRow, HistoryViewRow, SeatMismatchRow, big, containing, convert, counter,
};
use crate::store::{Actor, AuditEntry, BookingFilter, EventTotals, Inspection, SeatMismatch, StoreError};
use async_trait::async_trait;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{BookingStatus, EventBooking, HistoryEntry};
use uuid::Uuid;

#[async_trait]
impl Inspection for SqlStore {
    async fn list_history(&self, booking: BookingId) -> Result<Vec<HistoryEntry>, StoreError> {
        let rows: Vec<HistoryViewRow> = sqlx::query_as(
            "SELECT h.created_at, h.action, h.seats, h.reason, h.actor_id, u.username FROM booking_history h \
             LEFT JOIN users u ON u.id = h.actor_id WHERE h.booking_id = $1 ORDER BY h.id LIMIT $2",
        )
        .bind(booking.0)
        .bind(MAX_ROWS)
        .fetch_all(self.read())
        .await?;
        Ok(rows.into_iter().map(HistoryEntry::from).collect())
    }

    async fn list_bookings_at(
        &self,
        event: EventId,
        filter: &BookingFilter,
    ) -> Result<Vec<EventBooking>, StoreError> {
        let text = filter.text.as_deref().map(containing);
        let rows: Vec<EventBookingRow> = sqlx::query_as(
            "SELECT b.id, b.event_id, b.user_id, b.seats, b.status, line.place, b.created_at, b.updated_at, \
             u.username, u.email, (SELECT string_agg(CAST(s.seat_no AS text), ',') FROM booking_seats s \
             WHERE s.booking_id = b.id AND s.status = 'booked') AS seat_numbers \
             FROM bookings b LEFT JOIN users u ON u.id = b.user_id LEFT JOIN (SELECT w.id, \
             row_number() OVER (ORDER BY w.waiting_number) AS place FROM bookings w JOIN events e \
             ON e.id = w.event_id WHERE w.event_id = $1 AND w.status = 'waiting' AND e.deleted_at IS NULL \
             AND e.status IN ('upcoming', 'ongoing')) line ON line.id = b.id WHERE b.event_id = $1 \
             AND ($2 IS NULL OR b.status = $2) AND ($3 IS NULL OR b.id < $3) \
             AND ($4 IS NULL OR u.username_folded LIKE $4 ESCAPE '\\' \
             OR u.email_folded LIKE $4 ESCAPE '\\') ORDER BY b.id DESC LIMIT $5",
        )
        .bind(event.0)
        .bind(filter.status.map(BookingStatus::as_str))
        .bind(filter.before.map(|booking| booking.0))
        .bind(text)
        .bind(big(u64::from(filter.limit)))
        .fetch_all(self.read())
        .await?;
        convert(rows)
    }

    async fn list_event_totals(
        &self,
        only: Option<EventId>,
        after: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<EventTotals>, StoreError> {
        // A range of ids, also for one: so both databases go by the primary key.
        let before_it = only.map(|event| Uuid::from_u128(event.0.as_u128().saturating_sub(1)));
        let after = before_it.max(after.map(|event| event.0)).unwrap_or(Uuid::nil());
        // One statement, one instant. It is planned for the range that it is asked for: for any range PostgreSQL would scan.
        let rows: Vec<EventTotalsRow> = sqlx::query_as(Self::EVENT_TOTALS)
            .persistent(false)
            .bind(after)
            .bind(only.map_or(Uuid::max(), |event| event.0))
            .bind(big(u64::from(limit)))
            .fetch_all(self.read())
            .await?;
        convert(rows)
    }

    async fn list_seat_mismatches(
        &self,
        first: EventId,
        last: EventId,
        limit: u32,
    ) -> Result<Vec<SeatMismatch>, StoreError> {
        let rows: Vec<SeatMismatchRow> = sqlx::query_as(Self::SEAT_MISMATCHES)
            .persistent(false)
            .bind(first.0)
            .bind(last.0)
            .bind(big(u64::from(limit)))
            .fetch_all(self.read())
            .await?;
        convert(rows)
    }

    async fn count_events(&self) -> Result<u64, StoreError> {
        let events: i64 = sqlx::query_scalar("SELECT count(*) FROM events WHERE deleted_at IS NULL")
            .fetch_one(self.read())
            .await?;
        Ok(counter(events))
    }

    async fn recompute(&self, event: EventId, by: &Actor) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        // The lock first: what is counted after it is what the last commit left.
        sqlx::query(Self::LOCK_EVENT).bind(event.0).execute(&mut *transaction).await?;
        let done = sqlx::query(
            "UPDATE events SET available_slots = CASE WHEN total_slots > counted.booked \
             THEN total_slots - counted.booked ELSE 0 END, waiting = counted.in_line, \
             next_waiting_number = CASE WHEN next_waiting_number > counted.last_number \
             THEN next_waiting_number ELSE counted.last_number + 1 END, version = version + 1, updated_at = $2 \
             FROM (SELECT \
             (SELECT count(*) FROM booking_seats WHERE event_id = $1 AND status = 'booked') AS booked, \
             (SELECT count(*) FROM bookings WHERE event_id = $1 AND status = 'waiting') AS in_line, \
             (SELECT COALESCE(MAX(waiting_number), 0) FROM bookings \
             WHERE event_id = $1 AND status = 'waiting') AS last_number) AS counted \
             WHERE id = $1 AND deleted_at IS NULL",
        )
        .bind(event.0)
        .bind(by.now)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let entry = AuditEntry {
            action: "event.recomputed",
            organization: None,
            target: ("event", event.to_string()),
            old: None,
            new: None,
        };
        Self::record(&mut transaction, by, &entry).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
