//! Seats that somebody is picking right now: held for seconds, by whoever holds a token or a socket.
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

pub use holder::Holder;
pub use mirror::{Held, HoldMirror};

use async_trait::async_trait;
use happening_core::id::{EventId, UserId};
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

/// What became of the wish to hold seats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetHolds {
    /// Seats that are the holder's now, ascending.
    pub allowed: Vec<u32>,
    /// Seats that others hold, ascending.
    pub conflicts: Vec<u32>,
    /// Whether the holder's seats are others than before: an unchanged wish only lasts longer.
    pub changed: bool,
}

/// Redis, or its stand-in. Each call is one step: nobody sees half of it, and nobody comes in between.
#[async_trait]
pub trait Holds: Send + Sync {
    /// The holder's holds become exactly these seats, less what others hold, and last `ttl` from now.
    async fn set(
        &self,
        event: EventId,
        holder: &Holder,
        seats: &[u32],
        ttl: Duration,
    ) -> Result<SetHolds, HoldsError>;

    /// The same all or nothing, for who still holds a seat of the event: where others hold one of these, nothing is changed
    /// and only `conflicts` are returned; who holds nothing any more gets nothing.
    async fn exchange(
        &self,
        event: EventId,
        holder: &Holder,
        seats: &[u32],
        ttl: Duration,
    ) -> Result<SetHolds, HoldsError>;

    /// Whatever the holder still holds lasts `ttl` from now. Returns those seats, ascending.
    async fn extend(&self, event: EventId, holder: &Holder, ttl: Duration) -> Result<Vec<u32>, HoldsError>;

    /// The holder holds nothing any more. Returns the seats that came free, ascending.
    async fn release(&self, event: EventId, holder: &Holder) -> Result<Vec<u32>, HoldsError>;

    /// All holds of an event, ascending by seat.
    async fn list(&self, event: EventId) -> Result<Vec<Hold>, HoldsError>;

    /// Nobody holds these seats any more: they were booked.
    async fn drop_seats(&self, event: EventId, seats: &[u32]) -> Result<(), HoldsError>;

    /// Seats that a person holds at an event, over all of their tokens and sockets.
    async fn count_of(&self, event: EventId, user: UserId) -> Result<u32, HoldsError> {
        let holds = self.list(event).await?;
        let own = holds.iter().filter(|hold| hold.holder.user() == Some(user));
        Ok(u32::try_from(own.count()).unwrap_or(u32::MAX))
    }
}
