//! Rows of the engine and of those who tell.

use super::super::{EventCounts, StoreError};
use super::{count, counter, json, word};
use chrono::{DateTime, Utc};
use happening_core::booking::{EventState, Party, Terms};
use happening_core::id::{BookingId, EventId, NotificationId, UserId};
use happening_core::wire::QueuedNotification;
use sqlx::FromRow;
use uuid::Uuid;

#[derive(FromRow)]
pub(in crate::store) struct StateRow {
    total_slots: i32,
    status: String,
    event_date: DateTime<Utc>,
    waitlist_policy: String,
    bypass_limit: i32,
    waitlist_limit: Option<i32>,
    deleted_at: Option<DateTime<Utc>>,
    version: i64,
    next_waiting_number: i64,
    waitlist_passes: String,
    max_seats_per_booking: Option<i32>,
    sales_paused: bool,
    waitlist_rests: String,
    bookings_close_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
pub(in crate::store) struct HeldRow {
    booking_id: Uuid,
    user_id: Uuid,
    seat_no: i32,
}

#[derive(FromRow)]
pub(in crate::store) struct PartyRow {
    id: Uuid,
    user_id: Uuid,
    seats: i32,
    waiting_number: i64,
}

/// The rows of one event, read as of one instant.
pub(in crate::store) fn state(
    row: &StateRow,
    held: Vec<HeldRow>,
    waiting: Vec<PartyRow>,
) -> Result<EventState, StoreError> {
    let terms = Terms {
        capacity: count(row.total_slots),
        status: word(&row.status)?,
        starts_at: row.event_date,
        bookings_close_at: row.bookings_close_at,
        policy: word(&row.waitlist_policy)?,
        bypass_limit: count(row.bypass_limit),
        waitlist_limit: row.waitlist_limit.map(count),
        max_seats: row.max_seats_per_booking.map(count),
        sales_paused: row.sales_paused,
        deleted: row.deleted_at.is_some(),
    };
    EventState::restore(
        terms,
        counter(row.version),
        counter(row.next_waiting_number),
        json(&row.waitlist_passes)?,
        json(&row.waitlist_rests)?,
        held.into_iter().map(|row| (BookingId(row.booking_id), UserId(row.user_id), count(row.seat_no))),
        waiting.into_iter().map(|row| Party {
            number: counter(row.waiting_number),
            booking: BookingId(row.id),
            user: UserId(row.user_id),
            seats: count(row.seats),
        }),
    )
    .map_err(|seat| StoreError::Defect(format!("seat {seat} is booked twice or beyond the capacity")))
}

#[derive(FromRow)]
pub(in crate::store) struct MarkRow {
    id: Uuid,
    version: i64,
    available_slots: i32,
    waiting: i32,
}

impl From<MarkRow> for EventCounts {
    fn from(row: MarkRow) -> Self {
        Self {
            event: EventId(row.id),
            version: counter(row.version),
            available: count(row.available_slots),
            waiting: count(row.waiting),
        }
    }
}

#[derive(FromRow)]
pub(in crate::store) struct QueuedRow {
    id: Uuid,
    user_id: Uuid,
    event_id: Option<Uuid>,
    booking_id: Option<Uuid>,
    #[sqlx(rename = "type")]
    kind: String,
    message: String,
    seats: Option<i32>,
    booked_by: Option<Uuid>,
}

impl TryFrom<QueuedRow> for QueuedNotification {
    type Error = StoreError;

    fn try_from(row: QueuedRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: NotificationId(row.id),
            kind: word(&row.kind)?,
            event_id: row.event_id.map(EventId),
            user_id: UserId(row.user_id),
            seats: row.seats.map(count),
            booking_id: row.booking_id.map(BookingId),
            message: row.message,
            booked_by: row.booked_by.map(UserId),
        })
    }
}
