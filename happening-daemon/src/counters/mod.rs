//! Counters: what operators read by hand and what answers fast, derived from the truth and never trusted.
//!
//! Truth flows one way. After a commit the counters are moved from one version to the next; a version that is missing,
//! or a step that does not fit, is answered with *unknown*, and the event is restored whole. An older version never
//! overwrites a newer one, so lost, repeated and reordered updates heal with the next.
//!
//! Two implementations, one contract suite (`contract.rs`): [`redis::RedisCounters`] and [`memory::MemoryCounters`].

#[cfg(test)]
mod contract;
mod glob;
pub mod memory;
pub mod redis;

use crate::store::{CounterSnapshot, EventCounts};
use async_trait::async_trait;
use happening_core::id::{EventId, UserId};
use happening_core::wire::{CountersSay, KeysPage};
use std::fmt::Write as _;
use thiserror::Error;

/// People in line that are shown.
pub const SHOWN: usize = 100;

/// The counters do not answer.
#[derive(Debug, Error)]
#[error("the counters do not answer: {0}")]
pub struct CountersError(pub String);

/// A step in the line of those who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineStep {
    /// Somebody joins at the end.
    Join(UserId),
    /// A party with so many ahead leaves.
    Leave {
        /// 0 is the head.
        ahead: u32,
    },
}

/// One event's way from one version to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// The version before.
    pub from: u64,
    /// The figures after.
    pub mark: EventCounts,
    /// What happened to the line in between, in order.
    pub line: Vec<LineStep>,
    /// The event was deleted: forget it.
    pub gone: bool,
}

/// What the counters say of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    /// Absent or unreadable is `None`, which is *unknown*, not zero.
    pub version: Option<u64>,
    /// Free seats.
    pub available: Option<i64>,
    /// Length of the line.
    pub waiting: Option<u64>,
}

/// Redis, or its stand-in.
#[async_trait]
pub trait Counters: Send + Sync {
    /// `redis` or `in-process`.
    fn kind(&self) -> &'static str;

    /// Moves events on. Returns those of which the counters do not know the version before: restore them.
    async fn project(&self, projections: &[Projection]) -> Result<Vec<EventId>, CountersError>;

    /// Sets events whole. `force` also overwrites a newer version, which then is known to be a lie.
    async fn restore(&self, snapshots: &[CounterSnapshot], force: bool) -> Result<(), CountersError>;

    /// Forgets what these events' versions are: the next projection finds them unknown, and they are restored whole. For
    /// events that change too fast to be compared. Nobody tampers with what is in this process.
    async fn distrust(&self, _events: &[EventId]) -> Result<(), CountersError> {
        Ok(())
    }

    /// What is there, in the order asked.
    async fn observe(&self, events: &[EventId]) -> Result<Vec<Observed>, CountersError>;

    /// SHA-1, in hexadecimal, of the user ids in line, one after the other, in the order asked.
    async fn line_digests(&self, events: &[EventId]) -> Result<Vec<String>, CountersError>;

    /// What is there of an event, whatever it is.
    async fn inspect(&self, event: EventId) -> Result<CountersSay, CountersError>;

    /// Keys that match a pattern, from where `cursor` says; a bounded piece of work, never all of them at once.
    async fn keys(&self, pattern: &str, cursor: u64) -> Result<KeysPage, CountersError>;

    /// Whether they answer.
    async fn ping(&self) -> Result<(), CountersError>;
}

/// What [`Counters::line_digests`] should say of a line.
pub fn line_digest<'a>(line: impl IntoIterator<Item = &'a UserId>) -> String {
    // The only hash that a script inside Redis can compute; it guards against accidents, not attackers.
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY);
    for user in line {
        context.update(user.to_string().as_bytes());
    }
    context.finish().as_ref().iter().fold(String::with_capacity(40), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
