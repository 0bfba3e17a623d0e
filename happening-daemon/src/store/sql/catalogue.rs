//! What people read. Each answer is one statement: of one instant, whatever is committed meanwhile.

use super::{Db, SqlStore, SqlTx};
use crate::store::catalogue::MAX_ROWS;
use crate::store::rows::{
    BookingSeatRow, BookingWithEventRow, EventViewRow, NotificationViewRow, ParticipationRow, PositionRow,
    SeatMapRow, SeatedBookingRow, WaitingRow, big, convert, participation,
};
use crate::store::{
    Catalogue, EventFilter, NotificationFilter, NotificationRows, Part, Participation, StoreError,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{BookingId, EventId, NotificationId, OrganizationId, UserId};
use happening_core::wire::{
    Booking, BookingSeat, BookingWithEvent, Event, Notification, NotificationType, SeatMap, WaitingParty,
    WaitingPosition,
};
use sqlx::{AssertSqlSafe, QueryBuilder};
use uuid::Uuid;

pub(super) const EVENT: &str = "SELECT e.id, e.org_id, e.created_by, e.name, e.description, e.category, e.event_date, e.event_end, e.bookings_close_at, \
     e.total_slots, e.available_slots, e.status, e.waitlist_policy, e.bypass_limit, e.waitlist_limit, \
     e.max_seats_per_booking, e.sales_paused, e.waiting, e.version, e.created_at, e.updated_at, u.username AS organizer_username, \
     u.first_name AS organizer_first_name, u.last_name AS organizer_last_name, u.email AS organizer_email \
     FROM events e JOIN users u ON u.id = e.created_by ";

/// The place in line of a booking, which it has only at an event that is still to take place or takes place.
const PLACE: &str = "CASE WHEN b.status = 'waiting' AND e.deleted_at IS NULL \
     AND e.status IN ('upcoming', 'ongoing') THEN (SELECT count(*) FROM bookings a \
     WHERE a.event_id = b.event_id AND a.status = 'waiting' AND a.waiting_number <= b.waiting_number) END";

/// Each line that somebody waits in is numbered once, however many of its places are asked for.
pub(super) const BOOKINGS_OF: &str = "WITH page AS (SELECT b.id AS booking_id, b.event_id, b.user_id, b.seats, b.status, \
     b.created_at, b.updated_at, e.name AS event_name, e.description AS event_description, e.category, \
     e.event_date, e.total_slots, e.available_slots, e.org_id, e.status AS event_status, \
     e.deleted_at AS event_deleted_at FROM bookings b JOIN events e ON e.id = b.event_id \
     WHERE b.user_id = $1 AND ($3 IS NULL OR (b.created_at, b.id) < ($3, $4)) \
     ORDER BY b.created_at DESC, b.id DESC LIMIT $2), \
     line AS (SELECT w.id, row_number() OVER (PARTITION BY w.event_id ORDER BY w.waiting_number) AS place \
     FROM bookings w WHERE w.status = 'waiting' AND w.event_id IN (SELECT p.event_id FROM page p \
     WHERE p.status = 'waiting' AND p.event_deleted_at IS NULL AND p.event_status IN ('upcoming', 'ongoing'))) \
     SELECT page.*, line.place FROM page LEFT JOIN line ON line.id = page.booking_id \
     ORDER BY page.created_at DESC, page.booking_id DESC";

pub(super) const NOTIFICATIONS_OF: &str = "SELECT n.id, n.user_id, n.event_id, n.booking_id, n.type, n.message, n.status, \
     n.booked_by, u.username AS booked_by_username, n.created_at, n.read_at \
     FROM notifications n LEFT JOIN users u ON u.id = n.booked_by \
     WHERE n.user_id = $1 AND ($3 IS NULL OR (n.created_at, n.id) < ($3, $4)) \
     AND ($5 IS NULL OR n.type = $5) AND ($6 IS NULL OR (n.read_at IS NULL) = $6) \
     ORDER BY n.created_at DESC, n.id DESC LIMIT $2";

#[async_trait]
impl Catalogue for SqlStore {
    async fn find_event(&self, event: EventId) -> Result<Option<Event>, StoreError> {
        let sql = AssertSqlSafe(format!("{EVENT} WHERE e.id = $1 AND e.deleted_at IS NULL"));
        let row: Option<EventViewRow> = sqlx::query_as(sql).bind(event.0).fetch_optional(self.read()).await?;
        row.map(Event::try_from).transpose()
    }

    async fn organization_of_event(&self, event: EventId) -> Result<Option<OrganizationId>, StoreError> {
        let id: Option<Uuid> = sqlx::query_scalar("SELECT org_id FROM events WHERE id = $1")
            .bind(event.0)
            .fetch_optional(self.read())
            .await?;
        Ok(id.map(OrganizationId))
    }

    async fn list_events(
        &self,
        organizations: Option<&[OrganizationId]>,
        filter: &EventFilter,
    ) -> Result<Vec<Event>, StoreError> {
        if filter.text.as_deref().is_some_and(|text| text.contains('\0'))
            || organizations.is_some_and(<[_]>::is_empty)
        {
            return Ok(Vec::new());
        }
        // Only what is asked for is in the statement: so each filter finds its index.
        let mut query = QueryBuilder::<Db>::new(EVENT);
        query.push("WHERE e.deleted_at IS NULL");
        if let Some(organizations) = organizations {
            query.push(
                " AND e.org_id IN (SELECT o.id FROM organizations o WHERE o.deleted_at IS NULL AND o.id IN (",
            );
            let mut ids = query.separated(", ");
            for organization in organizations {
                ids.push_bind(organization.0);
            }
            query.push("))");
        }
        if let Some(organization) = filter.organization {
            query.push(" AND e.org_id = ").push_bind(organization.0);
        }
        if let Some(organizer) = filter.created_by {
            query.push(" AND e.created_by = ").push_bind(organizer.0);
        }
        if let Some(status) = filter.status {
            query.push(" AND e.status = ").push_bind(status.as_str());
        }
        if let Some((date, id)) = filter.after {
            query.push(" AND (e.event_date, e.id) < (").push_bind(date).push(", ").push_bind(id.0).push(")");
        }
        if let Some(text) = &filter.text {
            query.push(" AND ");
            Self::push_containing(&mut query, "e.id", &["e.name_folded"], text);
        }
        query.push(" ORDER BY e.event_date DESC, e.id DESC LIMIT ");
        query.push_bind(filter.limit.map_or(MAX_ROWS, i64::from));
        let rows: Vec<EventViewRow> = query.build_query_as().fetch_all(self.read()).await?;
        convert(rows)
    }

    async fn list_due_events(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Event>, StoreError> {
        // Two statements in one, each along the index of a status.
        let sql = AssertSqlSafe(format!(
            "{EVENT} WHERE e.id IN (SELECT id FROM events WHERE deleted_at IS NULL AND status = 'upcoming' \
             AND event_date <= $1 UNION ALL SELECT id FROM events WHERE deleted_at IS NULL \
             AND status = 'ongoing' AND event_end <= $1 LIMIT $2)"
        ));
        let rows: Vec<EventViewRow> =
            sqlx::query_as(sql).bind(now).bind(i64::from(limit)).fetch_all(self.read()).await?;
        convert(rows)
    }

    async fn find_seats(&self, event: EventId) -> Result<Option<SeatMap>, StoreError> {
        let columns = EVENT.replacen(" FROM ", &format!(", {} AS taken FROM ", Self::TAKEN_SEATS), 1);
        let sql = AssertSqlSafe(format!("{columns} WHERE e.id = $1"));
        let row: Option<SeatMapRow> = sqlx::query_as(sql).bind(event.0).fetch_optional(self.read()).await?;
        row.map(SeatMap::try_from).transpose()
    }

    async fn list_waitlist(
        &self,
        event: EventId,
        after: Option<u64>,
        limit: Option<u32>,
    ) -> Result<Vec<(u64, WaitingParty)>, StoreError> {
        // One statement, one instant: a place is counted from the head, wherever the page begins.
        let rows: Vec<WaitingRow> = sqlx::query_as(
            "SELECT b.id, b.user_id, u.username, b.seats, b.waiting_number, b.created_at, \
             (SELECT count(*) FROM bookings a WHERE a.event_id = $1 AND a.status = 'waiting' \
             AND a.waiting_number <= $3) AS ahead \
             FROM bookings b LEFT JOIN users u ON u.id = b.user_id \
             WHERE b.event_id = $1 AND b.status = 'waiting' AND b.waiting_number > $3 \
             ORDER BY b.waiting_number LIMIT $2",
        )
        .bind(event.0)
        .bind(limit.map_or(MAX_ROWS, i64::from))
        .bind(after.map_or(0, big))
        .fetch_all(self.read())
        .await?;
        Ok(rows.into_iter().zip(1..).map(|(row, place)| row.at(place)).collect())
    }

    async fn find_booking(&self, booking: BookingId) -> Result<Option<Booking>, StoreError> {
        let sql = AssertSqlSafe(format!(
            "SELECT b.id, b.event_id, b.user_id, b.seats, b.status, {PLACE} AS place, b.created_at, b.updated_at, \
             CASE b.status WHEN 'confirmed' THEN {} END AS assigned_seats FROM bookings b \
             JOIN events e ON e.id = b.event_id WHERE b.id = $1",
            Self::SEATS_OF_BOOKING
        ));
        let row: Option<SeatedBookingRow> =
            sqlx::query_as(sql).bind(booking.0).fetch_optional(self.read()).await?;
        row.map(Booking::try_from).transpose()
    }

    async fn list_bookings_of(&self, user: UserId, part: &Part) -> Result<Vec<BookingWithEvent>, StoreError> {
        let rows: Vec<BookingWithEventRow> = sqlx::query_as(BOOKINGS_OF)
            .bind(user.0)
            .bind(part.limit.map_or(MAX_ROWS, i64::from))
            .bind(part.before.map(|(at, _)| at))
            .bind(part.before.map(|(_, id)| id))
            .fetch_all(self.read())
            .await?;
        convert(rows)
    }

    async fn list_booking_seats(&self, booking: BookingId) -> Result<Vec<BookingSeat>, StoreError> {
        let rows: Vec<BookingSeatRow> = sqlx::query_as(
            "SELECT seat_no, status FROM booking_seats WHERE booking_id = $1 ORDER BY seat_no",
        )
        .bind(booking.0)
        .fetch_all(self.read())
        .await?;
        convert(rows)
    }

    async fn find_waiting_position(&self, booking: BookingId) -> Result<Option<WaitingPosition>, StoreError> {
        let row: Option<PositionRow> = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT b.status, \
             (SELECT COALESCE(SUM(o.seats), 0) FROM bookings o WHERE o.event_id = b.event_id \
             AND o.user_id = b.user_id AND o.status = 'confirmed') AS confirmed, \
             (SELECT COALESCE(SUM(o.seats), 0) FROM bookings o WHERE o.event_id = b.event_id \
             AND o.user_id = b.user_id AND o.status = 'waiting') AS pending, \
             {PLACE} AS place, e.status AS event_status, e.deleted_at AS event_deleted_at \
             FROM bookings b JOIN events e ON e.id = b.event_id WHERE b.id = $1",
        )))
        .bind(booking.0)
        .fetch_optional(self.read())
        .await?;
        row.map(WaitingPosition::try_from).transpose()
    }

    async fn find_participation(
        &self,
        user: UserId,
        event: EventId,
    ) -> Result<Option<Participation>, StoreError> {
        let sql = AssertSqlSafe(format!(
            "SELECT u.email, u.first_name, u.username, e.name AS event_name, e.event_date, e.event_end, e.total_slots, \
             e.status AS event_status, e.deleted_at, e.version, e.updated_at, o.id AS organization_id, \
             o.name AS organization_name, o.settings, b.id AS booking_id, b.status, b.seats, {PLACE} AS place, \
             CASE b.status WHEN 'confirmed' THEN {} END AS assigned_seats, \
             EXISTS (SELECT 1 FROM booking_seats s WHERE s.booking_id = b.id) AS had_seats \
             FROM users u JOIN events e ON e.id = $2 JOIN organizations o ON o.id = e.org_id \
             LEFT JOIN bookings b ON b.event_id = e.id AND b.user_id = u.id \
             WHERE u.id = $1 AND u.kind = 'person' AND u.erased_at IS NULL ORDER BY b.created_at, b.id",
            Self::SEATS_OF_BOOKING
        ));
        let rows: Vec<ParticipationRow> =
            sqlx::query_as(sql).bind(user.0).bind(event.0).fetch_all(self.read()).await?;
        participation(rows)
    }

    async fn list_notifications_of(
        &self,
        user: UserId,
        filter: &NotificationFilter,
    ) -> Result<Vec<Notification>, StoreError> {
        let NotificationFilter { part, unread, kind } = filter;
        let rows: Vec<NotificationViewRow> = sqlx::query_as(NOTIFICATIONS_OF)
            .bind(user.0)
            .bind(part.limit.map_or(MAX_ROWS, i64::from))
            .bind(part.before.map(|(at, _)| at))
            .bind(part.before.map(|(_, id)| id))
            .bind(kind.map(NotificationType::as_str))
            .bind(*unread)
            .fetch_all(self.read())
            .await?;
        convert(rows)
    }

    async fn count_unread(&self, user: UserId, newest: u32) -> Result<u32, StoreError> {
        let unread: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT read_at FROM notifications WHERE user_id = $1 \
             ORDER BY created_at DESC, id DESC LIMIT $2) AS newest WHERE read_at IS NULL",
        )
        .bind(user.0)
        .bind(i64::from(newest))
        .fetch_one(self.read())
        .await?;
        Ok(u32::try_from(unread).unwrap_or(newest))
    }
}

#[async_trait]
impl NotificationRows for SqlTx {
    async fn mark_read(
        &mut self,
        user: UserId,
        notification: NotificationId,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let marked = sqlx::query(
            "UPDATE notifications SET read_at = COALESCE(read_at, $3) WHERE id = $1 AND user_id = $2",
        )
        .bind(notification.0)
        .bind(user.0)
        .bind(at)
        .execute(self.connection())
        .await?;
        Ok(marked.rows_affected() > 0)
    }

    async fn notification_date(
        &mut self,
        user: UserId,
        notification: NotificationId,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let date = sqlx::query_scalar("SELECT created_at FROM notifications WHERE id = $1 AND user_id = $2")
            .bind(notification.0)
            .bind(user.0)
            .fetch_optional(self.connection())
            .await?;
        Ok(date)
    }

    async fn mark_read_until(
        &mut self,
        user: UserId,
        (until, last): (DateTime<Utc>, NotificationId),
        limit: u32,
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        // Two requests of the same person at once mark different rows, and neither waits for the other.
        let sql = AssertSqlSafe(format!(
            "UPDATE notifications SET read_at = $5 WHERE id IN (SELECT id FROM notifications \
             WHERE user_id = $1 AND read_at IS NULL AND (created_at, id) <= ($2, $3) \
             ORDER BY created_at DESC, id DESC LIMIT $4 {})",
            SqlStore::SKIP_LOCKED,
        ));
        let query = sqlx::query(sql).bind(user.0).bind(until).bind(last.0).bind(i64::from(limit)).bind(at);
        let marked = query.execute(self.connection()).await?;
        Ok(marked.rows_affected())
    }
}
