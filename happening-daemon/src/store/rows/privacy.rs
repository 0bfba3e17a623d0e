//! Rows of all that is stored about a person.

use super::super::{OpenBooking, StoreError};
use super::{BookingWithEventRow, count, word};
use chrono::{DateTime, Utc};
use happening_core::id::{BookingId, EventId, UserId};
use happening_core::wire::{BookingSeat, BookingStep, BookingWithEvent, ExportedBooking};
use sqlx::FromRow;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(FromRow)]
pub(in crate::store) struct SeatOfBookingRow {
    booking_id: Uuid,
    seat_no: i32,
    status: String,
}

#[derive(FromRow)]
pub(in crate::store) struct StepOfBookingRow {
    booking_id: Uuid,
    actor_id: Option<Uuid>,
    action: String,
    seats: i32,
    reason: Option<String>,
    created_at: DateTime<Utc>,
}

/// Puts bookings together with their seats and steps, whose order stays.
pub(in crate::store) fn exported_bookings(
    bookings: Vec<BookingWithEventRow>,
    seats: Vec<SeatOfBookingRow>,
    steps: Vec<StepOfBookingRow>,
) -> Result<Vec<ExportedBooking>, StoreError> {
    let mut seats_of: HashMap<Uuid, Vec<BookingSeat>> = HashMap::new();
    for row in seats {
        let seat = BookingSeat { seat_no: count(row.seat_no), status: word(&row.status)? };
        seats_of.entry(row.booking_id).or_default().push(seat);
    }
    let mut steps_of: HashMap<Uuid, Vec<BookingStep>> = HashMap::new();
    for row in steps {
        steps_of.entry(row.booking_id).or_default().push(BookingStep {
            action: row.action,
            seats: count(row.seats),
            reason: row.reason,
            actor_id: row.actor_id.map(UserId),
            created_at: row.created_at,
        });
    }
    let exported = bookings.into_iter().map(|row| {
        let booking = BookingWithEvent::try_from(row)?;
        let id = booking.booking_id.0;
        Ok(ExportedBooking {
            booking,
            seat_numbers: seats_of.remove(&id).unwrap_or_default(),
            history: steps_of.remove(&id).unwrap_or_default(),
        })
    });
    exported.collect()
}

#[derive(FromRow)]
pub(in crate::store) struct OpenBookingRow {
    id: Uuid,
    event_id: Uuid,
    user_id: Uuid,
}

impl TryFrom<OpenBookingRow> for OpenBooking {
    type Error = StoreError;

    fn try_from(row: OpenBookingRow) -> Result<Self, StoreError> {
        Ok(Self { booking: BookingId(row.id), event: EventId(row.event_id), user: UserId(row.user_id) })
    }
}
