//! Questions about a waitlist: why somebody waits, and what would happen if.

use super::{BookingStatus, WaitReason, WaitlistPolicy};
use crate::id::{BookingId, EventId, UserId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `GET /events/:id/waitlist`: which part of the line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitlistQuery {
    /// At most so many, 1 to 5,000; absent is 5,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before ended, from its `Link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<u64>,
}

/// A party ahead of another: how many seats it wants, and not who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyAhead {
    /// Place in line, 1 for the head.
    pub position: u32,
    /// Seats it wants.
    pub seats: u32,
    /// Whether the event has fewer: then it stands in nobody's way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub too_large: bool,
}

/// `GET /bookings/:id/why`: why it is not this booking's turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyWaiting {
    /// The booking.
    pub booking_id: BookingId,
    /// The event.
    pub event_id: EventId,
    /// Where the booking is in its life.
    pub status: BookingStatus,
    /// In a word.
    pub reason: WaitReason,
    /// In sentences.
    pub explanation: String,
    /// Seats it holds, or waits for.
    pub seats: u32,
    /// The same as `position`.
    pub waiting_number: Option<u64>,
    /// Place in line, 1 for the first.
    pub position: Option<u32>,
    /// Parties ahead.
    pub parties_ahead: u32,
    /// Seats that those want together whom the event can hold.
    pub seats_ahead: u64,
    /// The first of them, at most 100.
    pub ahead: Vec<PartyAhead>,
    /// Free seats of the event.
    pub available_slots: u32,
    /// How the waitlist is served.
    pub waitlist_policy: WaitlistPolicy,
    /// How often a smaller party may pass the head.
    pub bypass_limit: u32,
    /// How often the head has been passed.
    pub head_passed: u32,
    /// So many seats coming free at once serve everyone ahead, and then this booking whole.
    pub must_come_free: Option<u64>,
    /// The fewest seats coming free at once that give it any.
    pub first_seats_after: Option<u64>,
}

/// `GET /events/:id/waitlist/why`: of whom; one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyQuery {
    /// Of a booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking_id: Option<BookingId>,
    /// Of everything that somebody waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}

/// `POST /events/:id/waitlist/simulate`: either `free` or `cancel`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulate {
    /// So many booked seats come free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free: Option<u32>,
    /// These bookings are cancelled, one after the other: an id, or a list of at most 1,000.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "one_or_many",
        deserialize_with = "one_many_or_none"
    )]
    pub cancel: Vec<BookingId>,
    /// Only these seats of the one booking in `cancel` are given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_numbers: Option<Vec<u32>>,
}

impl Simulate {
    /// So many booked seats come free.
    pub fn free(seats: u32) -> Self {
        Self { free: Some(seats), ..Self::default() }
    }

    /// Bookings are cancelled.
    pub fn cancel(bookings: impl Into<Vec<BookingId>>) -> Self {
        Self { cancel: bookings.into(), ..Self::default() }
    }

    /// Some seats of a booking are given back.
    pub fn cancel_seats(booking: BookingId, seats: impl Into<Vec<u32>>) -> Self {
        Self { cancel: vec![booking], seat_numbers: Some(seats.into()), free: None }
    }
}

/// One id is written as itself, which daemons read that know no list.
fn one_or_many<S: Serializer>(ids: &[BookingId], serializer: S) -> Result<S::Ok, S::Error> {
    match ids {
        [one] => one.serialize(serializer),
        many => many.serialize(serializer),
    }
}

fn one_many_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<BookingId>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a booking's id, or a list of them")]
    enum Ids {
        One(BookingId),
        Many(Vec<BookingId>),
    }
    Ok(match Option::deserialize(deserializer)? {
        None => Vec::new(),
        Some(Ids::One(id)) => vec![id],
        Some(Ids::Many(ids)) => ids,
    })
}

/// Somebody who would be served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WouldBePromoted {
    /// The waiting booking.
    pub booking_id: BookingId,
    /// Whose it is.
    pub user_id: UserId,
    /// Its place in line now, 1 for the first.
    pub waiting_number: u64,
    /// Seats it would get.
    pub seats: u32,
    /// Which ones, ascending. Empty where that is not known: `free` does not say which seats come free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assigned_seats: Vec<u32>,
    /// Seats it would still wait for.
    pub rest: u32,
    /// Whether it would go before the head.
    pub passes_head: bool,
}

/// What would happen; nothing did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// The event.
    pub event_id: EventId,
    /// Its version that was looked at.
    pub version: u64,
    /// Seats that would come free.
    pub freed: u32,
    /// Who would be served, in this order.
    pub promoted: Vec<WouldBePromoted>,
    /// Free seats now, and then.
    pub available_slots: Before<u32>,
    /// Parties waiting now, and then.
    pub waiting: Before<u32>,
}

/// A figure now, and then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before<T> {
    /// Now.
    pub from: T,
    /// Then.
    pub to: T,
}

/// `POST /events/:id/resize/plan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanResize {
    /// Seats that there should be.
    pub total_slots: u32,
}

/// What a resize would do; nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResizePlan {
    /// The event.
    pub event_id: EventId,
    /// Its version that was looked at.
    pub version: u64,
    /// Seats now, and then.
    pub total_slots: Before<u32>,
    /// Whether it may be done.
    pub allowed: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The highest booked seat, below which capacity cannot go.
    pub highest_booked_seat: u32,
    /// Who would be served, in this order.
    pub promoted: Vec<WouldBePromoted>,
    /// Who would wait for more seats than the event has, in line order: nobody serves them, and they stand in nobody's
    /// way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub too_large: Vec<TooLarge>,
    /// Free seats now, and then.
    pub available_slots: Before<u32>,
    /// Parties waiting now, and then.
    pub waiting: Before<u32>,
}

/// A waiting party that wants more seats than there would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TooLarge {
    /// The waiting booking.
    pub booking_id: BookingId,
    /// Whose it is.
    pub user_id: UserId,
    /// Seats that it waits for.
    pub seats: u32,
}

/// `POST /events/:id/waitlist/promote`: who is served. Nobody named: the line, by the event's policy, with what is free.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promote {
    /// This waiting booking, out of turn and whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking_id: Option<BookingId>,
}

/// A waiting party that got seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promoted {
    /// The booking that waited.
    pub booking_id: BookingId,
    /// The booking that has the seats: the same, or, if it got only a part, a new one.
    pub confirmed_booking_id: BookingId,
    /// Whose it is.
    pub user_id: UserId,
    /// The place in line that it had, 1 for the first.
    pub waiting_number: u64,
    /// The seats, ascending.
    pub seats: Vec<u32>,
    /// Seats that it still waits for.
    pub rest: u32,
}

/// Who was served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotions {
    /// The event.
    pub event_id: EventId,
    /// In this order; nobody, if nothing that is free fits.
    pub promoted: Vec<Promoted>,
}
