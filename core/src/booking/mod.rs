//! The booking rules: the one thing this project exists for, without clock and without I/O.
//!
//! An [`EventState`] is an event as the rules see it: capacity, seats taken, who holds them, who waits.
//! [`EventState::decide`] takes a [`Command`] and answers with an [`Outcome`] and the [`Change`]s that lead to it,
//! already applied. A change can be reverted (the commit failed) and applied to another copy of the state (another
//! daemon committed it), so nobody ever reads 100,000 seats anew to learn of one.
//!
//! What a decision costs depends on the seats it touches, never on the seats that exist or on how many wait.
//!
//! To add a command: a variant in [`Command`], its decision in `decide.rs`, and, if it alters the state in a new way,
//! a [`Change`] with its apply and revert in `state.rs`. The property tests in `tests.rs` then run it against the
//! slow model.

mod change;
mod command;
mod decide;
mod enums;
mod explain;
mod line;
mod pick;
mod runs;
mod seat_bitmap;
mod state;
mod waitlist;

#[cfg(test)]
mod tests;

pub use change::{Change, Pass, without};
pub use command::{Amendment, Command, Context, Lessened, Limits, Outcome, Refusal, SeatSelection, Served};
pub use enums::{Adjacent, EventStatus, WaitReason, WaitlistPolicy};
pub use explain::{Foreseen, Standing};
pub use pick::{AnySeats, Avoid};
pub use seat_bitmap::SeatBitmap;
pub use state::{EventState, Terms};
pub use waitlist::{Party, Waitlist};

use smallvec::SmallVec;

/// A seat's number: 1 to the event's capacity.
pub type SeatNo = u32;

/// Seat numbers, ascending. Most bookings hold four or fewer: no allocation for those.
pub type Seats = SmallVec<[SeatNo; 4]>;

/// The largest capacity of an event. Keeps seat numbers well inside PostgreSQL's `integer`.
pub const MAX_CAPACITY: u32 = 1_000_000;

/// How often a smaller party may pass the head of a `whole` waitlist where the event does not say otherwise.
pub const DEFAULT_BYPASS_LIMIT: u32 = 3;
