//! Bookings.

use super::{Category, words};
use crate::id::{BookingId, EventId, OrganizationId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// Where a booking is in its life.
    BookingStatus {
        /// Holds seats.
        Confirmed = "confirmed",
        /// Waits for seats.
        Waiting = "waiting",
        /// Given up.
        Cancelled = "cancelled",
    }
}

words! {
    /// Where a seat of a booking is in its life.
    SeatStatus {
        /// The booking has it.
        Booked = "booked",
        /// The booking gave it back.
        Cancelled = "cancelled",
    }
}

/// `POST /bookings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateBooking {
    /// The event.
    pub event_id: EventId,
    /// The caller's own id; absent is the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// How many seats, at least 1.
    pub seats: u32,
    /// Which ones; empty or absent is any: the lowest that are free.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient_seat_numbers")]
    pub seat_numbers: Option<Vec<u32>>,
}

/// Whatever cannot be a seat's number becomes 0, which no seat has: so a bad number is answered with
/// `invalid_seat_numbers`, which the web client understands, and not as a malformed body.
fn lenient_seat_numbers<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<u32>>, D::Error> {
    let values = Option::<Vec<serde_json::Value>>::deserialize(deserializer)?;
    let number =
        |value: serde_json::Value| value.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
    Ok(values.map(|values| values.into_iter().map(number).collect()))
}

/// A booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// The event.
    pub event_id: EventId,
    /// Whose it is.
    pub user_id: UserId,
    /// Seats it holds, or waits for; of a cancelled one, what it held last.
    pub seats: u32,
    /// Where it is in its life.
    pub status: BookingStatus,
    /// Drawn when it joined the waitlist; only while it waits.
    pub waiting_number: Option<u64>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Its seats, ascending, when it is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_seats: Option<Vec<u32>>,
}

/// A booking with its event, `GET /bookings/user/:userId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingWithEvent {
    /// The booking's id.
    pub booking_id: BookingId,
    /// The event's id.
    pub event_id: EventId,
    /// Whose it is.
    pub user_id: UserId,
    /// Seats it holds, or waits for.
    pub seats: u32,
    /// Where it is in its life.
    pub status: BookingStatus,
    /// Only while it waits.
    pub waiting_number: Option<u64>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The event's name.
    pub event_name: String,
    /// What the event is about.
    pub event_description: Option<String>,
    /// The event's kind.
    pub category: Option<Category>,
    /// When the event starts.
    pub event_date: DateTime<Utc>,
    /// Seats of the event.
    pub total_slots: u32,
    /// Free seats of the event.
    pub available_slots: u32,
    /// The event's organization.
    pub org_id: OrganizationId,
}

/// A seat of a booking, `GET /bookings/:id/seats`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingSeat {
    /// The seat's number.
    pub seat_no: u32,
    /// Whether the booking still has it.
    pub status: SeatStatus,
}

/// `GET /bookings/:id/waiting-position`: this person's seats at this event. (`camelCase`, as the web client reads it.)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitingPosition {
    /// Where the booking is in its life.
    pub status: BookingStatus,
    /// Place in line, 1 for the head; absent if it does not wait.
    pub position: Option<u32>,
    /// Seats confirmed, over all of this person's bookings at the event.
    pub confirmed_seats: u32,
    /// Seats waited for.
    pub pending_seats: u32,
    /// Both together.
    pub requested_seats: u32,
}

/// `POST /bookings/:id/cancel-seats`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelSeats {
    /// Seats to give back, at least one.
    pub seat_numbers: Vec<u32>,
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatsCancelled {
    /// True.
    pub ok: bool,
    /// How many of the named seats were the booking's.
    pub cancelled: u32,
}

/// The answer to a change that has nothing else to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// True.
    pub ok: bool,
}

/// `POST /bookings/:id/cancel`: done, or, if it was cancelled before, the booking as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CancelAnswer {
    /// It was cancelled before.
    Already(Booking),
    /// It is cancelled now.
    Done(Done),
}
