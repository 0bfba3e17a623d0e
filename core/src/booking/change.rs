//! What a decision changed: the facts that are committed, projected to Redis and rooms, notified to people, reverted when a
//! commit fails, and applied by a daemon that learns of them later. They are stored: who alters them or [`Terms`]
//! raises the number of the stored format, and a daemon that reads a record of another format reads the event instead.

use super::{Seats, Terms};
use crate::id::{BookingId, UserId};
use serde::{Deserialize, Serialize};

/// A smaller party went before the head of a `whole` waitlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// The booking at the head.
    pub head: BookingId,
    /// Seats the head waits for.
    pub head_seats: u32,
    /// How often the head has been passed, this time included.
    pub count: u32,
    /// The event's limit.
    pub limit: u32,
    /// Everyone with a lower waiting number was passed.
    pub before: u64,
}

/// One fact about one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// A new booking got its seats at once.
    Booked {
        /// The booking.
        booking: BookingId,
        /// Whose.
        user: UserId,
        /// Seats taken.
        seats: Seats,
        /// Set if somebody waits for more seats than were free.
        pass: Option<Pass>,
    },
    /// A new booking waits.
    Waitlisted {
        /// The booking.
        booking: BookingId,
        /// Whose.
        user: UserId,
        /// The number it drew.
        number: u64,
        /// How many were ahead of it.
        ahead: u32,
        /// Seats it waits for.
        seats: u32,
    },
    /// A waiting party got seats.
    Promoted {
        /// The waiting booking.
        waiting: BookingId,
        /// The booking that holds the seats: the waiting one itself, or, if it got only a part, a new one.
        booking: BookingId,
        /// Whose.
        user: UserId,
        /// Its waiting number.
        number: u64,
        /// How many were ahead of it.
        ahead: u32,
        /// Seats taken.
        seats: Seats,
        /// Seats it still waits for; 0 if it got all.
        rest: u32,
        /// Set if the policy let it go before the head; not where people did.
        pass: Option<Pass>,
    },
    /// A confirmed booking was cancelled.
    Cancelled {
        /// The booking.
        booking: BookingId,
        /// Whose.
        user: UserId,
        /// All its seats, free again.
        seats: Seats,
    },
    /// A confirmed booking gave some of its seats back and keeps others.
    SeatsCancelled {
        /// The booking.
        booking: BookingId,
        /// Whose.
        user: UserId,
        /// Seats free again.
        seats: Seats,
        /// Seats it keeps.
        kept: u32,
    },
    /// A waiting booking was cancelled.
    LeftWaitlist {
        /// The booking.
        booking: BookingId,
        /// Whose.
        user: UserId,
        /// Its waiting number.
        number: u64,
        /// How many were ahead of it.
        ahead: u32,
        /// Seats it waited for.
        seats: u32,
    },
    /// The event's terms changed.
    Amended {
        /// Before.
        from: Terms,
        /// After.
        to: Terms,
    },
    /// A confirmed booking has other seats than before, as many.
    Moved {
        /// The booking.
        booking: BookingId,
        /// Whose.
        user: UserId,
        /// All its seats before.
        from: Seats,
        /// All its seats after. A seat may be among both.
        to: Seats,
    },
    /// A waiting party that had got a part wants fewer seats, because its person gave seats back.
    Lessened {
        /// The waiting booking.
        booking: BookingId,
        /// Whose.
        user: UserId,
        /// Its waiting number.
        number: u64,
        /// How many were ahead of it.
        ahead: u32,
        /// Seats that it no longer waits for.
        by: u32,
        /// Seats that it still waits for; 0 takes it off the waitlist.
        rest: u32,
    },
}

/// Of the seats `all`, those that are not among `others`. Both ascending.
pub fn without(all: &Seats, others: &Seats) -> Seats {
    all.iter().copied().filter(|seat| others.binary_search(seat).is_err()).collect()
}
