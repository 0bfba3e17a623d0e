//! Events: their rows in a unit of work.

use super::{EVENT, SqlTx};
use crate::store::fold::fold;
use crate::store::rows::{EventViewRow, small};
use crate::store::{EventRows, NewEvent, StoreError};
use async_trait::async_trait;
use happening_core::id::EventId;
use happening_core::wire::{Category, Event};
use sqlx::AssertSqlSafe;

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
