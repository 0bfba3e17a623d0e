//! What a daemon measures of itself: sent once a second on the operators' stream, as [`LiveMessage::Metrics`].
//!
//! Counts and latencies are of the daemon that serves the stream; the outbox, the queue, the jobs and the holds are shared by all
//! daemons of an installation. A rate is `count * 1000 / interval_ms`.
//!
//! To add a figure: a field here with `#[serde(default)]`, so that a client reads an older daemon, and its source in
//! `happening-daemon/src/service/metrics.rs`.
//!
//! [`LiveMessage::Metrics`]: super::LiveMessage::Metrics

use super::{Health, Job};
use crate::id::EventId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The figures of one interval.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    /// The end of the interval.
    pub at: DateTime<Utc>,
    /// Its length in milliseconds, about 1,000. Longer after the daemon was held up.
    pub interval_ms: u64,
    /// What the engine decided in the interval.
    pub bookings: BookingCounts,
    /// From a command's arrival at the engine to its committed decision.
    pub commit: Latency,
    /// From a command's arrival at the engine to its answer: the commit, and the counters after it.
    pub answer: Latency,
    /// Commands that wait to be decided.
    pub engine_queue: u64,
    /// The events with the most commands in the interval, at most ten, the busiest first.
    #[serde(default)]
    pub hottest: Vec<HotEvent>,
    /// Notifications on their way to the queue; absent while the database does not answer. Read every five seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbox: Option<OutboxDepth>,
    /// The queue; absent while it does not answer. Read every five seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueDepth>,
    /// Jobs that have not ended, of all daemons, without results; absent while the database does not answer. Read every
    /// second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<Vec<Job>>,
    /// What this daemon's worker did in the interval.
    #[serde(default)]
    pub worker: WorkerCounts,
    /// Seats that somebody is picking, as far as this daemon knows.
    #[serde(default)]
    pub holds: HeldCounts,
    /// Who is connected to this daemon.
    #[serde(default)]
    pub connections: ConnectionCounts,
    /// The parts of the daemon, by name: `store`, `counters`, `queue`.
    #[serde(default)]
    pub parts: BTreeMap<String, PartPulse>,
}

/// Decisions of an interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingCounts {
    /// Bookings that were confirmed at once.
    pub confirmed: u64,
    /// Bookings that joined a waitlist.
    pub waiting: u64,
    /// Parties that got seats from a waitlist, by whatever commit.
    pub promoted: u64,
    /// Bookings that were cancelled, wholly or in part, and parties that left a waitlist.
    pub cancelled: u64,
    /// Commands that the rules refused: seats taken, event closed.
    pub refused: u64,
    /// Commands that could not be decided: the store was away, or the daemon overloaded.
    pub failed: u64,
}

/// The distribution of a latency within an interval, in microseconds, to two significant digits. All are 0 while nothing
/// was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// How often it was measured.
    pub count: u64,
    /// The median.
    pub p50_us: u64,
    /// 99 of 100 were not slower.
    pub p99_us: u64,
    /// The slowest.
    pub max_us: u64,
}

/// An event of which much is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotEvent {
    /// The event.
    pub event_id: EventId,
    /// Commands that were decided.
    pub commands: u64,
    /// Of these, the ones that the rules refused.
    pub refused: u64,
}

/// Notifications on their way to the queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxDepth {
    /// Not delivered yet.
    pub pending: u64,
    /// Of these, the ones that wait for another try.
    pub retrying: u64,
    /// Given up, or not deliverable.
    pub parked: u64,
    /// Age of the oldest pending notification in seconds; absent if none is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_seconds: Option<u64>,
}

/// The queue of notifications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueDepth {
    /// Messages that wait for a consumer.
    pub ready: u64,
    /// Messages that a consumer has and has not acknowledged; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unacknowledged: Option<u64>,
    /// Consumers.
    pub consumers: u64,
}

/// Deliveries of an interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerCounts {
    /// Notifications delivered.
    pub sent: u64,
    /// Deliveries that failed.
    pub failed: u64,
    /// Notifications and messages parked.
    pub parked: u64,
}

/// Seats that somebody is picking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldCounts {
    /// Held seats.
    pub seats: u64,
    /// Events with a held seat.
    pub events: u64,
}

/// Who is connected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionCounts {
    /// TCP connections.
    pub open: u64,
    /// Connected sockets (Socket.IO).
    pub sockets: u64,
    /// Of these, the ones of signed-in people.
    pub signed_in_sockets: u64,
    /// Streams (Server-Sent Events) of events and of operators.
    pub streams: u64,
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartPulse {
    /// Whether it answers.
    pub state: Health,
    /// How long its last answer took, in microseconds; absent while it does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_us: Option<u64>,
}
