//! Bookings.

use super::{Adjacent, Category, EventStatus};
use crate::id::{BookingId, EventId, OrganizationId, UserId};
use crate::string_enum::string_enum;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

string_enum! {
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

string_enum! {
    /// Where a seat of a booking is in its life.
    SeatStatus {
        /// The booking has it.
        Booked = "booked",
        /// The booking gave it back.
        Cancelled = "cancelled",
    }
}

/// `POST /bookings/:id/cancel?only_waiting=`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelQuery {
    /// Refused if the booking has its seats by now.
    #[serde(default)]
    pub only_waiting: bool,
}

/// `POST /bookings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateBooking {
    /// The event.
    pub event_id: EventId,
    /// Whose booking it will be; absent is the caller. Who runs the event and staff book for members of its organization,
    /// everybody else names their own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// How many seats, at least 1.
    pub seats: u32,
    /// Which ones; empty or absent is any: the lowest that are free.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient_seat_numbers")]
    pub seat_numbers: Option<Vec<u32>>,
    /// Where no numbers are given: whether they are to be consecutive.
    #[serde(default, skip_serializing_if = "Adjacent::is_no")]
    pub adjacent: Adjacent,
    /// The token of a hold of the caller's: books its seats, or those of them that are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_token: Option<Uuid>,
}

impl CreateBooking {
    /// Any seats for the caller.
    pub fn any(event_id: EventId, seats: u32) -> Self {
        Self { event_id, user_id: None, seats, seat_numbers: None, adjacent: Adjacent::No, hold_token: None }
    }
}

/// Whatever cannot be a seat's number becomes 0, which no seat has: so a bad number is answered with
/// `invalid_seat_numbers`, which the web client understands, and not as a malformed body.
fn lenient_seat_numbers<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<u32>>, D::Error> {
    let values = Option::<Vec<serde_json::Value>>::deserialize(deserializer)?;
    Ok(values.map(|values| values.iter().map(seat_number).collect()))
}

fn seat_number(value: &serde_json::Value) -> u32 {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}

/// Whole numbers, of which those that no seat has count for nothing, like seats that are not the booking's.
fn any_seat_numbers<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    let numbers = Vec::<AnySeatNumber>::deserialize(deserializer)?;
    Ok(numbers.into_iter().map(|AnySeatNumber(number)| number).collect())
}

/// A whole number; 0 for one that no seat has.
struct AnySeatNumber(u32);

impl<'de> Deserialize<'de> for AnySeatNumber {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeNumber).map(Self)
    }
}

struct WholeNumber;

impl serde::de::Visitor<'_> for WholeNumber {
    type Value = u32;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<u32, E> {
        Ok(u32::try_from(number).unwrap_or(0))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<u32, E> {
        Ok(u32::try_from(number).unwrap_or(0))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<u32, E> {
        // Whole numbers beyond 64 bits come as these.
        if number.fract() == 0.0 && number.abs() >= 9e18 {
            return Ok(0);
        }
        Err(E::invalid_type(serde::de::Unexpected::Float(number), &self))
    }
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
    /// Its place in line at this moment, 1 is next; only while it waits for an event that is still to take place or
    /// takes place.
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
    /// Its place in line, as in [`Booking`].
    pub waiting_number: Option<u64>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The event's name.
    pub event_name: String,
    /// What the event is about; absent for who may no longer see the event.
    pub event_description: Option<String>,
    /// The event's kind.
    pub category: Option<Category>,
    /// When the event starts.
    pub event_date: DateTime<Utc>,
    /// Seats of the event.
    pub total_slots: u32,
    /// Free seats of the event; 0 for who may no longer see the event.
    pub available_slots: u32,
    /// The event's organization.
    pub org_id: OrganizationId,
    /// Where the event is in its life; absent from a daemon that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_status: Option<EventStatus>,
    /// Whether the event was deleted: nobody waits for it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub event_deleted: bool,
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
    /// Place in line, 1 for the first; absent if it does not wait, or if the event was cancelled, deleted or is over.
    pub position: Option<u32>,
    /// Seats confirmed, over all of this person's bookings at the event.
    pub confirmed_seats: u32,
    /// Seats waited for.
    pub pending_seats: u32,
    /// Both together.
    pub requested_seats: u32,
    /// Where the event is in its life; absent from a daemon that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_status: Option<EventStatus>,
    /// Whether the event was deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub event_deleted: bool,
}

/// `POST /bookings/:id/cancel-seats`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelSeats {
    /// Seats to give back, at least one.
    #[serde(deserialize_with = "any_seat_numbers")]
    pub seat_numbers: Vec<u32>,
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatsCancelled {
    /// True.
    pub ok: bool,
    /// How many of the named seats were the booking's.
    pub cancelled: u32,
    /// What the same person waits for less now, because seats were given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lessened: Vec<WaitsForLess>,
}

/// A waiting booking that had got a part of its seats, and waits for fewer because its person gave seats back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitsForLess {
    /// The waiting booking.
    pub booking_id: BookingId,
    /// Seats that it no longer waits for.
    pub by: u32,
    /// Seats that it still waits for; 0 if it left the waitlist.
    pub rest: u32,
}

/// `POST /bookings/:id/move`; the answer is the booking with its new seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveBooking {
    /// The seats that the booking is to have, as many as it has; it may keep some.
    pub seat_numbers: Vec<u32>,
}

/// The answer to a change that has nothing else to say.
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
    Done(Cancelled),
}

/// A booking is cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// True.
    pub ok: bool,
    /// What the same person waits for less now, because seats were given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lessened: Vec<WaitsForLess>,
}

/// Something that happened to a booking, `GET /bookings/:id/history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// What, such as `promoted`.
    pub action: String,
    /// How many seats it was about.
    pub seats: u32,
    /// Why.
    pub reason: Option<String>,
    /// Who did it; absent is the rules.
    pub actor_id: Option<UserId>,
    /// Their username.
    pub actor_username: Option<String>,
}

/// `GET /events/:id/bookings`: which of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingsQuery {
    /// Only those in this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<BookingStatus>,
    /// Only of people whose username or e-mail contains this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<BookingId>,
}

/// A booking with whose it is, `GET /events/:id/bookings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventBooking {
    /// The booking.
    #[serde(flatten)]
    pub booking: Booking,
    /// The person's username.
    pub username: Option<String>,
    /// The person's e-mail.
    pub email: Option<String>,
}
