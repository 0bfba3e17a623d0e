//! What may be asked of an event, and what the rules answer.

use super::{AnySeats, EventStatus, SeatNo, Seats, Terms, WaitlistPolicy};
use crate::id::{BookingId, UserId};
use chrono::{DateTime, Utc};
use thiserror::Error;

/// Which seats a booking wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeatSelection {
    /// So many seats, whichever.
    Any(AnySeats),
    /// Exactly these.
    Named(Vec<SeatNo>),
}

/// What a decision rests on besides the state and the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// When it is decided: an event that has begun takes no bookings and serves no waitlist.
    pub now: DateTime<Utc>,
    /// How much one decision may do.
    pub limits: Limits,
}

/// How much one decision may do, so that nobody holds up the others, and how many parties may wait at one event, so that
/// nobody keeps the others out of its waitlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most seats that one booking may have, at least 1. An event may set a lower number.
    pub seats_per_booking: u32,
    /// The seats after which one decision stops serving the waitlist, at least 1. A party is never cut short because
    /// of it, so one decision gives at most these and one party more.
    pub seats_at_once: u32,
    /// The most parties that may wait; absent is any number. An event may set a lower number. Parties that wait already
    /// stay.
    pub parties: Option<u32>,
    /// The most parties of one person that may wait; absent is any number. Those that wait already stay.
    pub parties_of_one: Option<u32>,
}

impl Limits {
    /// The same for those who are not limited in how many parties wait.
    #[must_use]
    pub fn with_any_parties(self) -> Self {
        Self { parties: None, parties_of_one: None, ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { seats_per_booking: 1_000, seats_at_once: 10_000, parties: None, parties_of_one: None }
    }
}

/// Something asked of one event. The ids of what it may create are drawn by the caller: the rules know no randomness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Book seats, or wait for them.
    Book {
        /// Id of the booking to make.
        booking: BookingId,
        /// Whose booking it is.
        user: UserId,
        /// Which seats.
        selection: SeatSelection,
    },
    /// Cancel a whole booking, or leave the waitlist.
    Cancel {
        /// The booking.
        booking: BookingId,
    },
    /// Leave the waitlist. A booking that has its seats keeps them: the caller may not know of a promotion yet.
    Leave {
        /// The booking.
        booking: BookingId,
    },
    /// Serve the waitlist by the event's policy with the seats that are free now.
    Serve {
        /// Whether people decided it: then also at an event that has begun.
        by_hand: bool,
    },
    /// Give a waiting party all its seats out of turn. This is no pass: people decided it, not the policy.
    Promote {
        /// The waiting booking.
        booking: BookingId,
    },
    /// Give back some seats of a confirmed booking.
    CancelSeats {
        /// The booking.
        booking: BookingId,
        /// Seats to give back; those that are not this booking's count for nothing.
        seats: Vec<SeatNo>,
    },
    /// Give a confirmed booking other seats, all or none of them.
    Move {
        /// The booking.
        booking: BookingId,
        /// Its seats from now on, as many as it has; it may keep some.
        seats: Vec<SeatNo>,
    },
    /// Change the event's terms: its capacity, whether it takes bookings, how its waitlist is served.
    Amend(Amendment),
}

/// New terms of an event; `None` keeps what is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amendment {
    /// Seats that exist.
    pub capacity: Option<u32>,
    /// Everything else, whole: the caller starts from the current terms.
    pub status: Option<EventStatus>,
    /// When the event starts.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when bookings are taken; `Some(None)` is until the event starts.
    pub bookings_close_at: Option<Option<DateTime<Utc>>>,
    /// How the waitlist is served.
    pub policy: Option<WaitlistPolicy>,
    /// How often a smaller party may pass the head under `whole`.
    pub bypass_limit: Option<u32>,
    /// How many parties may wait; `Some(None)` lifts the limit.
    pub waitlist_limit: Option<Option<u32>>,
    /// The most seats that one booking may have; `Some(None)` leaves only the limit of the installation.
    pub max_seats: Option<Option<u32>>,
    /// Whether new bookings are refused for the time being.
    pub sales_paused: Option<bool>,
    /// Takes the event out of every list for good.
    pub delete: bool,
    /// Only if nobody amended the event after this version of it, bookings aside. `None`: in any case.
    pub as_of: Option<u64>,
}

/// A waiting party that got seats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The waiting booking.
    pub waiting: BookingId,
    /// The booking that holds the seats: the waiting one itself, or, if it got only a part, a new one.
    pub booking: BookingId,
    /// Whose.
    pub user: UserId,
    /// Its place in line before the command, 1 for the first.
    pub place: u32,
    /// The seats, ascending.
    pub seats: Seats,
    /// Seats it still waits for; 0 if it got all.
    pub rest: u32,
    /// Whether the policy let it go before the head.
    pub passes_head: bool,
}

/// A party that waits for fewer seats because its person gave seats of the same event back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lessened {
    /// The waiting booking.
    pub booking: BookingId,
    /// Seats that it no longer waits for.
    pub by: u32,
    /// Seats that it still waits for; 0 if it left the waitlist.
    pub rest: u32,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Seats are booked.
    Confirmed {
        /// The seats, ascending.
        seats: Seats,
    },
    /// The booking waits.
    Waiting {
        /// The number it drew, which orders the waitlist.
        number: u64,
        /// Its place in line, 1 for the first.
        place: u32,
        /// Seats it waits for.
        seats: u32,
    },
    /// The booking is cancelled now.
    Cancelled {
        /// Seats that came free; empty for a booking that waited.
        freed: Seats,
        /// Parties of the same person that wait for fewer seats now, in line order.
        lessened: Vec<Lessened>,
    },
    /// The booking held no seats and did not wait: nothing to do, nothing changed.
    AlreadyCancelled,
    /// These seats were given back. Empty: none of those named were the booking's.
    SeatsCancelled {
        /// Seats that came free.
        freed: Seats,
        /// Parties of the same person that wait for fewer seats now, in line order.
        lessened: Vec<Lessened>,
    },
    /// These parties were served, in this order. Nobody: nothing changed.
    Served {
        /// Who got what.
        parties: Vec<Served>,
    },
    /// The booking has these seats now.
    Moved {
        /// Its seats before, ascending.
        from: Seats,
        /// Its seats now, ascending; the same if that is what it had, and then nothing changed.
        to: Seats,
    },
    /// The event has new terms.
    Amended {
        /// The terms now.
        terms: Terms,
    },
}

/// Why a command was refused. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Fewer than one seat, or more than the event has.
    #[error("between 1 and {capacity} seats can be booked at this event")]
    SeatCount {
        /// Seats that exist.
        capacity: u32,
    },
    /// More seats than one booking may have.
    #[error("one booking may have at most {limit} seats here")]
    TooManySeats {
        /// The most seats of one booking.
        limit: u32,
    },
    /// Named seats that do not exist, or one twice.
    #[error("seat numbers must be distinct and between 1 and {capacity}")]
    SeatNumbers {
        /// Seats that exist.
        capacity: u32,
    },
    /// Named seats that somebody else has.
    #[error("some of these seats are taken")]
    SeatsConflict {
        /// Which of the named ones, ascending.
        unavailable: Seats,
    },
    /// Fewer consecutive seats are free than must be.
    #[error("there are no {count} free seats with consecutive numbers")]
    NotAdjacent {
        /// Seats asked for.
        count: u32,
    },
    /// The booking waits or was cancelled: it has no seats that could be others.
    #[error("only a confirmed booking can be moved to other seats")]
    NotConfirmed,
    /// Another number of seats than the booking has.
    #[error("this booking has {held} seats: name as many, not {named}")]
    MovedCount {
        /// Seats that it has.
        held: u32,
        /// Seats that were named.
        named: u32,
    },
    /// The event was cancelled, has begun or is over.
    #[error("this event takes no bookings any more")]
    Closed,
    /// The organizer paused the sale.
    #[error("this event takes no new bookings at the moment: its sale is paused")]
    SalesPaused,
    /// No seats, and no room on the waitlist.
    #[error("this event is sold out and its waitlist is full")]
    SoldOut,
    /// No seats, and as many parties wait as may wait at any event.
    #[error("this event is sold out, and at most {limit} bookings may wait for it")]
    WaitlistFull {
        /// Parties that wait.
        waiting: u32,
        /// The most that may.
        limit: u32,
    },
    /// No seats, and as many parties of this person wait as of one person may.
    #[error("at most {limit} bookings of one person may wait for an event, and {waiting} do")]
    TooManyParties {
        /// Parties of this person that wait.
        waiting: u32,
        /// The most that may.
        limit: u32,
    },
    /// The booking is not on the waitlist (any more).
    #[error("this booking does not wait")]
    NotWaiting,
    /// Somebody may have amended the event after the version that the amendment starts from.
    #[error("this event was changed meanwhile")]
    Amended,
    /// Out of turn a party is served whole or not at all.
    #[error("{wanted} seats are wanted and {free} are free")]
    NotEnoughSeats {
        /// Seats that the party wants.
        wanted: u32,
        /// Seats that are free.
        free: u32,
    },
    /// Somebody sits beyond the wanted capacity.
    #[error("seat {highest} is booked: capacity cannot go below it")]
    CapacityBelowBooked {
        /// The highest booked seat.
        highest: SeatNo,
    },
    /// More seats than any event may have.
    #[error("an event has between 1 and {max} seats")]
    Capacity {
        /// The largest capacity.
        max: u32,
    },
    /// The event was deleted.
    #[error("there is no such event")]
    Deleted,
}
