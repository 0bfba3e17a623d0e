//! Notifications: what a person is told of a change.

use super::words;
use crate::id::{BookingId, EventId, NotificationId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// What a notification tells of.
    NotificationType {
        /// Seats are booked.
        BookingConfirmed = "booking_confirmed",
        /// The booking waits.
        BookingWaitlisted = "booking_waitlisted",
        /// The booking, or some of its seats, are cancelled.
        BookingCancelled = "booking_cancelled",
        /// A waiting booking got seats.
        WaitlistPromoted = "waitlist_promoted",
        /// The event changed or was called off.
        EventUpdated = "event_updated",
    }
}

words! {
    /// Whether a notification reached its channels.
    NotificationStatus {
        /// Not yet.
        Pending = "pending",
        /// Yes.
        Sent = "sent",
        /// Given up after the last try.
        Failed = "failed",
    }
}

/// A notification, `GET /notifications/user/:userId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Who is told.
    pub user_id: UserId,
    /// Of which event.
    pub event_id: Option<EventId>,
    /// Of which booking.
    pub booking_id: Option<BookingId>,
    /// Of what.
    #[serde(rename = "type")]
    pub kind: NotificationType,
    /// In words.
    pub message: String,
    /// Whether it arrived.
    pub status: NotificationStatus,
    /// When the change was committed.
    pub created_at: DateTime<Utc>,
}

/// A message in the queue `notifications`. (`camelCase`, as existing consumers read it.)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuedNotification {
    /// The notification, by which consumers de-duplicate.
    pub id: NotificationId,
    /// Of what.
    #[serde(rename = "type")]
    pub kind: NotificationType,
    /// Of which event.
    pub event_id: Option<EventId>,
    /// Who is told.
    pub user_id: UserId,
    /// How many seats it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<u32>,
    /// Of which booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking_id: Option<BookingId>,
    /// In words.
    pub message: String,
}
