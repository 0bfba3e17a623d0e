//! Notifications: a message to a person about a change.

use crate::id::{BookingId, EventId, NotificationId, OrganizationId, ParkedId, UserId};
use crate::string_enum::string_enum;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

string_enum! {
    /// What a notification is about.
    NotificationType {
        /// Seats are booked.
        BookingConfirmed = "booking_confirmed",
        /// The booking waits.
        BookingWaitlisted = "booking_waitlisted",
        /// The booking, or some of its seats, are cancelled.
        BookingCancelled = "booking_cancelled",
        /// The booking has other seats.
        BookingMoved = "booking_moved",
        /// A waiting booking got seats.
        WaitlistPromoted = "waitlist_promoted",
        /// The event changed or was called off.
        EventUpdated = "event_updated",
    }
}

string_enum! {
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
    /// Whom it is for.
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
    /// Who booked, if it was not the person themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked_by: Option<UserId>,
    /// Their username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked_by_username: Option<String>,
    /// When the change was committed.
    pub created_at: DateTime<Utc>,
    /// When the person marked it as read; null while it is unread.
    #[serde(default)]
    pub read_at: Option<DateTime<Utc>>,
}

/// `GET /notifications/user/:userId`: which of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationsQuery {
    /// A page of so many, 1 to 5,000; default all, up to 5,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before ended, from its `Link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Only those that are unread (`true`), or read (`false`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<bool>,
    /// Only of this type.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<NotificationType>,
}

/// `GET /notifications/user/:userId/unread`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Unread ones among the person's newest 1,000.
    pub unread: u32,
}

/// `POST /notifications/user/:userId/read`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadNotifications {
    /// The newest one that the person has seen: newer ones stay unread. Absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NotificationId>,
}

/// The answer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationsRead {
    /// How many were unread and are read now, at most 1,000.
    pub read: u32,
    /// Whether older ones are still unread: send the request again.
    pub more: bool,
}

/// A notification that did not arrive, `GET /admin/notifications/undelivered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndeliveredNotification {
    /// Its id.
    pub id: NotificationId,
    /// Whom it was for.
    pub user_id: UserId,
    /// Their username.
    pub username: Option<String>,
    /// Of which event.
    pub event_id: Option<EventId>,
    /// Of what.
    #[serde(rename = "type")]
    pub kind: NotificationType,
    /// In words.
    pub message: String,
    /// `pending` while it is still tried, `failed` once it is given up.
    pub status: NotificationStatus,
    /// When the change was committed.
    pub created_at: DateTime<Utc>,
    /// Tries that failed.
    pub tries: u32,
    /// What the last try failed with.
    pub reason: Option<String>,
    /// When it is published again unless it arrives before; absent once it is given up.
    pub next_try: Option<DateTime<Utc>>,
    /// Under which id it is parked.
    pub parked_id: Option<ParkedId>,
}

/// `GET /admin/notifications/undelivered`: which of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndeliveredQuery {
    /// At most so many, 1 to 1,000; default 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// What was written before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<NotificationId>,
}

/// `GET /admin/notifications/preview`: of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewQuery {
    /// Of which type.
    #[serde(rename = "type")]
    pub kind: NotificationType,
    /// For somebody who prefers this language, such as `de`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Of this organization: with its templates, name, time zone, language and color.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_id: Option<OrganizationId>,
}

/// A message of an example, `GET /admin/notifications/preview`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePreview {
    /// Of which type.
    #[serde(rename = "type")]
    pub kind: NotificationType,
    /// In which language it is written.
    pub language: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same as a page of HTML.
    pub html: String,
    /// The calendar entry; null where there is none.
    pub calendar: Option<String>,
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
    /// Whom it is for.
    pub user_id: UserId,
    /// How many seats it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<u32>,
    /// Of which booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking_id: Option<BookingId>,
    /// In words.
    pub message: String,
    /// Who booked, if it was not the person themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked_by: Option<UserId>,
}
