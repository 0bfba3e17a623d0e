//! Redis, or its stand-in, as operators see it, beside what the truth says.

use crate::id::{BookingId, EventId, UserId};
use crate::string_enum::string_enum;
use serde::{Deserialize, Serialize};

/// What the counters hold of an event. As text, since somebody may have put anything there; absent is *unknown*.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountersSay {
    /// Free seats.
    pub slots: Option<String>,
    /// The commit that the figures belong to.
    pub version: Option<String>,
    /// Length of the line.
    pub waiting: Option<u64>,
    /// User ids in line, the head first; at most 100.
    pub waitlist: Vec<String>,
}

/// What the store holds of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreSays {
    /// Seats that exist.
    pub total_slots: u32,
    /// Booked seats.
    pub booked: u32,
    /// Free seats.
    pub slots: u32,
    /// The last commit.
    pub version: u64,
    /// Parties waiting.
    pub waiting: u64,
    /// User ids in line, the head first; at most 100.
    pub waitlist: Vec<UserId>,
}

/// A seat that somebody is picking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldSeat {
    /// The seat.
    pub seat: u32,
    /// Who, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// When it ends unless it is extended, in milliseconds.
    pub ttl_ms: u64,
    /// Whether the seat is booked already, so that the hold means nothing.
    pub booked: bool,
}

/// `GET /admin/redis/events/:id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectedEvent {
    /// The event.
    pub event_id: EventId,
    /// Its name.
    pub name: String,
    /// `redis` or `in-process`.
    pub kind: String,
    /// What the counters say.
    pub counters: CountersSay,
    /// What the truth is.
    pub store: StoreSays,
    /// Seats that somebody is picking right now, ascending.
    pub holds: Vec<HeldSeat>,
    /// Whether counters and truth agree.
    pub agrees: bool,
    /// Where they do not.
    pub drifts: Vec<Drift>,
}

/// `GET /admin/redis/keys`: which of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysQuery {
    /// A pattern as Redis knows them: `*`, `?`, `[ab]`; default `event:*`.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Where to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<u64>,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterKey {
    /// Its name.
    pub key: String,
    /// What is there, such as `string` or `list`.
    pub kind: String,
    /// When it expires, in milliseconds; absent if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
}

/// `GET /admin/redis/keys`: some of the keys. A page may be empty and not the last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysPage {
    /// In no order. A key may come twice while others change, as with SCAN.
    pub keys: Vec<CounterKey>,
    /// Where the next page begins; absent after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<u64>,
}

string_enum! {
    /// What does not agree with what.
    DriftKind {
        /// The event's row does not have the free seats that the booked ones leave.
        AvailableSlots = "available_slots",
        /// The event's row does not count those who wait.
        Waiting = "waiting",
        /// The next number in line was drawn already.
        NextWaitingNumber = "next_waiting_number",
        /// The counters do not know the event.
        CountersMissing = "counters_missing",
        /// The counters are at an earlier commit.
        CountersBehind = "counters_behind",
        /// The counters are at a commit that was never made.
        CountersAhead = "counters_ahead",
        /// The counters have another number of free seats.
        CountersSlots = "counters_slots",
        /// The counters have another line.
        CountersWaitlist = "counters_waitlist",
        /// A seat is booked twice.
        SeatTwice = "seat_twice",
        /// A booked seat does not exist.
        SeatBeyondCapacity = "seat_beyond_capacity",
        /// A booked seat belongs to no booking.
        SeatWithoutBooking = "seat_without_booking",
        /// A confirmed booking has no seats.
        BookingWithoutSeats = "booking_without_seats",
        /// A booking has another number of seats than its row says.
        BookingSeatCount = "booking_seat_count",
        /// A booking that is not confirmed has seats.
        SeatsOfUnconfirmed = "seats_of_unconfirmed",
    }
}

impl DriftKind {
    /// Whether it is derived from the bookings, and so can be made right from them.
    pub const fn is_derived(self) -> bool {
        matches!(
            self,
            Self::AvailableSlots
                | Self::Waiting
                | Self::NextWaitingNumber
                | Self::CountersMissing
                | Self::CountersBehind
                | Self::CountersAhead
                | Self::CountersSlots
                | Self::CountersWaitlist
        )
    }
}

/// Something that does not agree with something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// What.
    pub kind: DriftKind,
    /// Of which event.
    pub event_id: EventId,
    /// Its name.
    pub event_name: String,
    /// Of which booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking_id: Option<BookingId>,
    /// What should be there.
    pub expected: String,
    /// What is.
    pub found: String,
    /// How it most likely came about.
    pub cause: String,
    /// Whether it can be made right from the bookings.
    pub fixable: bool,
    /// Whether it was.
    pub fixed: bool,
}

/// `GET` and `POST /admin/reconcile`: of one event, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconcileQuery {
    /// Only this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Of all, at most so many events, 1 to 5,000, the default; and no more than are compared within two seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Of all, those after this one: the `cursor` of the report before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<EventId>,
}

/// What was found, and what was made right.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// Events looked at.
    pub events: u64,
    /// What does not agree, at most 1,000.
    pub drifts: Vec<Drift>,
    /// Whether there is more: differences that are not among these, or events that were not looked at.
    pub truncated: bool,
    /// Differences in all, also those that are not among these.
    #[serde(default)]
    pub found: u64,
    /// How many of them were made right.
    #[serde(default)]
    pub fixed: u64,
    /// Where the next report begins; absent after the last event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<EventId>,
    /// What could not be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Reconciled {
    /// Differences that were not made right, as far as this report goes.
    pub fn left(&self) -> u64 {
        self.found.saturating_sub(self.fixed)
    }
}
