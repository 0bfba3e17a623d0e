//! Events: their rows in a unit of work, and what the engine and the counters read of them.

use super::{Connection, EVENT, SqlStore, SqlTx};
use crate::store::events::STILL_ACTIVE;
use crate::store::fold::fold;
use crate::store::rows::{EventViewRow, HeldRow, MarkRow, PartyRow, StateRow, count, small, state};
use crate::store::{EventCounts, EventRows, Events, NewEvent, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::booking::EventState;
use happening_core::id::{EventId, OrganizationId};
use happening_core::wire::{Category, Event};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

#[async_trait]
impl Events for SqlStore {
    async fn count_open_events(&self, organization: OrganizationId) -> Result<u32, StoreError> {
        count_open(&mut *self.read().acquire().await?, organization).await
    }

    async fn load(&self, event: EventId) -> Result<Option<EventState>, StoreError> {
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

    async fn active_event_counts(
        &self,
        now: DateTime<Utc>,
        since: DateTime<Utc>,
    ) -> Result<Vec<EventCounts>, StoreError> {
        // Each part by its index.
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

    async fn open_event_counts(
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

    async fn forget_changes(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM event_changes WHERE created_at < $1")
            .bind(before)
            .execute(self.write())
            .await?;
        Ok(done.rows_affected())
    }
}

/// Upcoming and ongoing events of an organization, whatever their date.
pub(super) async fn count_open(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<u32, StoreError> {
    let open: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM events WHERE org_id = $1 AND deleted_at IS NULL \
         AND status IN ('upcoming', 'ongoing')",
    )
    .bind(organization.0)
    .fetch_one(connection)
    .await?;
    Ok(count(open))
}

#[async_trait]
impl EventRows for SqlTx {
    async fn insert_event(&mut self, event: &NewEvent) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        let terms = &event.terms;
        sqlx::query(
            "INSERT INTO events (id, org_id, created_by, name, description, category, event_date, total_slots, \
             available_slots, status, waitlist_policy, bypass_limit, waitlist_limit, max_seats_per_booking, sales_paused, \
             created_at, updated_at, name_folded, event_end, bookings_close_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $14, $15, $13, $13, $16, $17, $18)",
        )
        .bind(event.id.0)
        .bind(event.organization.0)
        .bind(event.created_by.0)
        .bind(&event.name)
        .bind(&event.description)
        .bind(event.category.map(Category::as_str))
        .bind(terms.starts_at)
        .bind(small(terms.capacity))
        .bind(terms.status.as_str())
        .bind(terms.policy.as_str())
        .bind(small(terms.bypass_limit))
        .bind(terms.waitlist_limit.map(small))
        .bind(by.now)
        .bind(terms.max_seats.map(small))
        .bind(terms.sales_paused)
        .bind(fold(&event.name))
        .bind(event.ends_at)
        .bind(terms.bookings_close_at)
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn find_event(&mut self, event: EventId) -> Result<Option<Event>, StoreError> {
        let sql = AssertSqlSafe(format!("{EVENT} WHERE e.id = $1 AND e.deleted_at IS NULL"));
        let row: Option<EventViewRow> =
            sqlx::query_as(sql).bind(event.0).fetch_optional(self.connection()).await?;
        row.map(Event::try_from).transpose()
    }
}
