//! The booking engine and what runs beside it, as operators see them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The booking engine of the daemon that answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EngineStatus {
    /// Commands that wait to be decided.
    pub queued: u64,
    /// Commits since the start.
    pub batches: u64,
    /// Commands answered since the start.
    pub commands: u64,
    /// Bookings made since the start, waiting ones included.
    pub bookings: u64,
    /// Bookings a second, over the last minute.
    pub bookings_per_second: f64,
}

/// What keeps the counters equal to the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconcilerStatus {
    /// When it last compared them; absent before the first time.
    pub last_pass: Option<DateTime<Utc>>,
    /// Passes since the start.
    pub passes: u64,
    /// Events that it set right, since the start.
    pub corrections: u64,
    /// Those of the last pass.
    pub last_corrections: u64,
}
