//! The way of notifications as operators see it: the outbox, the queue, and what is parked.

use super::NotificationType;
use crate::id::{EventId, NotificationId, ParkedId, UserId};
use crate::string_enum::string_enum;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

string_enum! {
    /// What is parked.
    ParkedKind {
        /// A notification that was given up after its last try.
        Notification = "notification",
        /// A message of the queue that nobody can deliver.
        Message = "message",
    }
}

/// `GET /admin/queue/parked`: something out of the way until somebody looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedMessage {
    /// Under which id.
    pub id: ParkedId,
    /// What it is.
    pub kind: ParkedKind,
    /// Why it is here.
    pub reason: String,
    /// Of a notification: tries; of a message: how often it came.
    pub times: u32,
    /// Since when.
    pub parked_at: DateTime<Utc>,
    /// Which notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_id: Option<NotificationId>,
    /// Whom it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Of which event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Of what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_type: Option<NotificationType>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The message's first bytes, where they are text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// The message's first bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_base64: Option<String>,
    /// Bytes of the whole message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_bytes: Option<u64>,
}

/// How the outbox is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    /// Notifications that are not delivered yet.
    pub pending: u64,
    /// Of these, those that wait for another try.
    pub retrying: u64,
    /// Of these, those that came due and were published by a sweep.
    pub published_again: u64,
    /// Changes of events whose holders are not all notified yet.
    #[serde(default)]
    pub announcements: u64,
    /// Given up, or not to be delivered by anybody.
    pub parked: u64,
    /// Parked messages that were deleted since the first day because newer ones of their kind came: 1,000 of each are kept.
    #[serde(default)]
    pub parked_evicted: u64,
    /// When the oldest one that is pending was written.
    pub oldest: Option<DateTime<Utc>>,
    /// When the next one comes due.
    pub next_due: Option<DateTime<Utc>>,
}

/// Rates of a queue, in messages a second over the last seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct QueueRates {
    /// Published.
    pub publish: f64,
    /// Delivered to consumers.
    pub deliver: f64,
    /// Acknowledged.
    pub acknowledge: f64,
}

/// How the queue is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueFigures {
    /// `rabbitmq` or `in-process`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Messages that wait for a consumer.
    pub ready: u64,
    /// Messages that a consumer has and has not acknowledged; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unacknowledged: Option<u64>,
    /// Consumers.
    pub consumers: u64,
    /// Absent where the broker's management plugin is not known or does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates: Option<QueueRates>,
    /// Why there are no rates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What the worker of the daemon that answers has done since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerStatus {
    /// Whether it runs here at all.
    pub running: bool,
    /// Notifications delivered.
    pub sent: u64,
    /// Deliveries that failed.
    pub failed: u64,
    /// Notifications and messages parked.
    pub parked: u64,
}

/// `GET /admin/queue`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueStatus {
    /// The queue; absent while it does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueFigures>,
    /// The outbox.
    pub outbox: Outbox,
    /// For how long the oldest pending notification has waited, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_seconds: Option<u64>,
    /// The worker.
    pub worker: WorkerStatus,
}

/// `GET /admin/queue/parked`: which of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedQuery {
    /// At most so many, 1 to 1,000; default 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// What was parked before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<ParkedId>,
}
