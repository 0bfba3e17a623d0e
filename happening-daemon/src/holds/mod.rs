//! Seats that somebody is picking right now: held for seconds, by a token or a socket.
//!
//! A hold is a courtesy, never the truth: it keeps two people from picking the same seat, and the store alone says whose
//! it is. It ends by itself, with its holder's word, or when the seat is booked. Where holds do not answer, bookings go
//! on as if there were none.
//!
//! Two implementations, one contract suite (`contract.rs`): [`redis::RedisHolds`] and [`memory::MemoryHolds`]. What a
//! daemon knows of holds without asking is its [`HoldMirror`].

#[cfg(test)]
mod contract;
mod holder;
pub mod memory;
mod mirror;
pub mod redis;

pub use holder::{Holder, Peer};
pub use mirror::{Held, HoldMirror, ORDERED};

use async_trait::async_trait;
use happening_core::id::EventId;
use std::time::Duration;
use thiserror::Error;

/// Why holds have no answer.
#[derive(Debug, Error)]
pub enum HoldsError {
    /// They cannot be reached, or did not answer in time.
    #[error("the holds do not answer: {0}")]
    Away(String),
    /// They answered that they cannot do it, for want of memory perhaps.
    #[error("the holds refuse: {0}")]
    Refused(String),
}

/// How long, and how many.
#[derive(Debug, Clone, Copy)]
pub struct HoldRules {
    /// How long a hold lasts unless it is extended.
    pub ttl: Duration,
    /// Seats that one person may hold at one event, over all of their tokens and sockets.
    pub seats_per_person: u32,
    /// Seats that the anonymous sockets of one network address may hold at one event together; 0 is any number.
    pub seats_per_address: u32,
}

impl HoldRules {
    /// Seats that the holder and the others of its group may hold at one event together.
    pub fn limit_of(&self, holder: &Holder) -> u32 {
        match holder.user() {
            Some(_) => self.seats_per_person,
            None if self.seats_per_address == 0 => u32::MAX,
            None => self.seats_per_address,
        }
    }
}

/// A seat that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The seat.
    pub seat: u32,
    /// Who holds it.
    pub holder: Holder,
    /// When it ends, unless it is extended.
    pub expires_in: Duration,
}

/// What somebody wants to hold.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The seats.
    pub seats: &'a [u32],
    /// How long the holds last.
    pub ttl: Duration,
    /// Seats that the holder's group may hold at the event: see [`Holder::is_grouped_with`].
    pub limit: u32,
}

/// What became of the wish to hold seats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetHolds {
    /// Seats that are the holder's now, ascending.
    pub allowed: Vec<u32>,
    /// Seats that others hold, ascending.
    pub conflicts: Vec<u32>,
    /// Whether the holder's seats are others than before: an unchanged wish only lasts longer.
    pub changed: bool,
    /// The holder's group would hold more than the limit: nothing was changed.
    pub exceeds: bool,
}

/// All holds of an event at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HoldList {
    /// Microseconds of the holds' own clock: of two lists the one with the higher number is newer, whichever daemon read
    /// it and in whatever order the answers arrive.
    pub order: u64,
    /// Ascending by seat.
    pub holds: Vec<Hold>,
}

/// The answer to a change, and the holds that it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<T> {
    /// The answer.
    pub answer: T,
    /// All holds of the event right after the change, so that nobody has to read them again.
    pub list: HoldList,
}

/// Redis, or its stand-in. Each call is one step: no other call sees half of it or comes in between, its limit included.
#[async_trait]
pub trait Holds: Send + Sync {
    /// The holder's holds become exactly these seats, less what others hold, and last `ttl` from now. A signed-in person
    /// takes over what anonymous sockets hold.
    async fn set(
        &self,
        event: EventId,
        holder: &Holder,
        wish: Wish<'_>,
    ) -> Result<Changed<SetHolds>, HoldsError>;

    /// The same all or nothing, for a holder that still holds a seat of the event: where others hold one of these, nothing
    /// is changed and only `conflicts` are returned; a holder that holds nothing any more gets nothing.
    async fn exchange(
        &self,
        event: EventId,
        holder: &Holder,
        wish: Wish<'_>,
    ) -> Result<Changed<SetHolds>, HoldsError>;

    /// Whatever the holder still holds lasts `ttl` from now. Returns those seats, ascending.
    async fn extend(
        &self,
        event: EventId,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<Changed<Vec<u32>>, HoldsError>;

    /// The holder holds nothing any more. Returns the seats that came free, ascending.
    async fn release(&self, event: EventId, holder: &Holder) -> Result<Changed<Vec<u32>>, HoldsError>;

    /// All holds of an event.
    async fn list(&self, event: EventId) -> Result<HoldList, HoldsError>;

    /// Nobody holds these seats any more: they were booked. Returns what is left.
    async fn drop_seats(&self, event: EventId, seats: &[u32]) -> Result<HoldList, HoldsError>;
}
