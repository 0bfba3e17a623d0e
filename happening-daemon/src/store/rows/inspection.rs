//! Rows that support and operators look at.

use super::super::StoreError;
use super::super::inspection::{EventTotals, SeatMismatch};
use super::{count, counter, word};
use chrono::{DateTime, Utc};
use happening_core::id::{BookingId, EventId, UserId};
use happening_core::wire::{Booking, BookingStatus, EventBooking, HistoryEntry};
use sqlx::FromRow;
use uuid::Uuid;

#[derive(FromRow)]
pub(in crate::store) struct HistoryViewRow {
    created_at: DateTime<Utc>,
    action: String,
    seats: i32,
    reason: Option<String>,
    actor_id: Option<Uuid>,
    username: Option<String>,
}

impl From<HistoryViewRow> for HistoryEntry {
    fn from(row: HistoryViewRow) -> Self {
        Self {
            at: row.created_at,
            action: row.action,
            seats: count(row.seats),
            reason: row.reason,
            actor_id: row.actor_id.map(UserId),
            actor_username: row.username,
        }
    }
}

#[derive(FromRow)]
pub(in crate::store) struct EventBookingRow {
    id: Uuid,
    event_id: Uuid,
    user_id: Uuid,
    seats: i32,
    status: String,
    place: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    username: Option<String>,
    email: Option<String>,
    seat_numbers: Option<String>,
}

impl TryFrom<EventBookingRow> for EventBooking {
    type Error = StoreError;

    fn try_from(row: EventBookingRow) -> Result<Self, StoreError> {
        let status: BookingStatus = word(&row.status)?;
        let mut seats: Vec<u32> = row
            .seat_numbers
            .iter()
            .flat_map(|list| list.split(','))
            .filter_map(|seat| seat.parse().ok())
            .collect();
        seats.sort_unstable();
        Ok(Self {
            booking: Booking {
                id: BookingId(row.id),
                event_id: EventId(row.event_id),
                user_id: UserId(row.user_id),
                seats: count(row.seats),
                status,
                waiting_number: row.place.map(counter),
                created_at: row.created_at,
                updated_at: row.updated_at,
                assigned_seats: (status == BookingStatus::Confirmed).then_some(seats),
            },
            username: row.username,
            email: row.email,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct EventTotalsRow {
    id: Uuid,
    name: String,
    status: String,
    version: i64,
    total_slots: i32,
    available_slots: i32,
    waiting: i32,
    next_waiting_number: i64,
    booked: i64,
    distinct_seats: i64,
    beyond: i64,
    orphaned: i64,
    in_line: i64,
    last_number: i64,
}

impl TryFrom<EventTotalsRow> for EventTotals {
    type Error = StoreError;

    fn try_from(row: EventTotalsRow) -> Result<Self, StoreError> {
        Ok(Self {
            event: EventId(row.id),
            name: row.name,
            status: word(&row.status)?,
            version: counter(row.version),
            total: count(row.total_slots),
            available: count(row.available_slots),
            waiting: count(row.waiting),
            next_number: counter(row.next_waiting_number),
            booked: count(row.booked),
            distinct: count(row.distinct_seats),
            beyond: count(row.beyond),
            orphaned: count(row.orphaned),
            in_line: count(row.in_line),
            last_number: counter(row.last_number),
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct SeatMismatchRow {
    id: Uuid,
    event_id: Uuid,
    status: String,
    seats: i32,
    held: i64,
}

impl TryFrom<SeatMismatchRow> for SeatMismatch {
    type Error = StoreError;

    fn try_from(row: SeatMismatchRow) -> Result<Self, StoreError> {
        Ok(Self {
            booking: BookingId(row.id),
            event: EventId(row.event_id),
            status: word(&row.status)?,
            seats: count(row.seats),
            held: count(row.held),
        })
    }
}
