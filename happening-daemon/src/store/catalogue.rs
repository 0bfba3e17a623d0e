//! What people read: events, bookings, waitlists, notifications.

use super::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{BookingId, EventId, NotificationId, OrganizationId, UserId};
use happening_core::wire::{
    Booking, BookingSeat, BookingStatus, BookingWithEvent, Event, EventStatus, Notification,
    NotificationType, OrganizationSettings, SeatMap, WaitingParty, WaitingPosition,
};
use uuid::Uuid;

/// Longest list that is answered whole.
pub const MAX_ROWS: i64 = 5_000;

/// Which events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this organization.
    pub organization: Option<OrganizationId>,
    /// Of this organizer.
    pub created_by: Option<UserId>,
    /// Where they are in their life.
    pub status: Option<EventStatus>,
    /// Whose name contains this.
    pub text: Option<String>,
    /// After the one that begins at this time and has this id.
    pub after: Option<(DateTime<Utc>, EventId)>,
    /// At most so many; absent: [`MAX_ROWS`].
    pub limit: Option<u32>,
}

/// Which part of a list that begins with the newest; by default the first, as long as it may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// What is older than the one of this time and id.
    pub before: Option<(DateTime<Utc>, Uuid)>,
    /// At most so many; absent: [`MAX_ROWS`].
    pub limit: Option<u32>,
}

/// Which of someone's notifications; by default all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NotificationFilter {
    /// Which part.
    pub part: Part,
    /// Those that are unread, or read.
    pub unread: Option<bool>,
    /// Those of this type.
    pub kind: Option<NotificationType>,
}

/// A person at an event: what messages to them say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participation {
    /// The e-mail address.
    pub email: String,
    /// First name.
    pub first_name: Option<String>,
    /// The username.
    pub username: String,
    /// The event's name.
    pub event_name: String,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Seats that exist.
    pub capacity: u32,
    /// Whether it will not take place: it is cancelled or deleted.
    pub is_off: bool,
    /// Counts the commits on the event.
    pub version: u64,
    /// When the event or one of its bookings last changed.
    pub updated_at: DateTime<Utc>,
    /// The organization that publishes it.
    pub organization: OrganizationId,
    /// The organization's name.
    pub organization_name: String,
    /// What the organization decided.
    pub settings: OrganizationSettings,
    /// The person's bookings of the event, oldest first.
    pub bookings: Vec<ParticipationBooking>,
}

/// One of the bookings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipationBooking {
    /// Its id.
    pub id: BookingId,
    /// How it stands.
    pub status: BookingStatus,
    /// Seats that it has or waits for.
    pub size: u32,
    /// Its booked seats, ascending.
    pub seats: Vec<u32>,
    /// Whether it ever had seats.
    pub had_seats: bool,
    /// While it waits: its place in line, 1 for the head.
    pub place: Option<u32>,
}

/// The readers' side of the store.
#[async_trait]
pub trait Catalogue: Send + Sync {
    /// An event with its organizer, unless deleted.
    async fn find_event(&self, event: EventId) -> Result<Option<Event>, StoreError>;

    /// The organization of an event, deleted or not.
    async fn organization_of_event(&self, event: EventId) -> Result<Option<OrganizationId>, StoreError>;

    /// Events of these organizations, deleted ones left out (`None`: of all), newest `event_date` first.
    async fn list_events(
        &self,
        organizations: Option<&[OrganizationId]>,
        filter: &EventFilter,
    ) -> Result<Vec<Event>, StoreError>;

    /// The seats of an event, deleted or not; `held` is empty: the counters know.
    async fn find_seats(&self, event: EventId) -> Result<Option<SeatMap>, StoreError>;

    /// Who waits for an event, in line, each with the number that orders it: at most `limit` after the number `after`;
    /// without, [`MAX_ROWS`] from the head.
    async fn list_waitlist(
        &self,
        event: EventId,
        after: Option<u64>,
        limit: Option<u32>,
    ) -> Result<Vec<(u64, WaitingParty)>, StoreError>;

    /// A booking with its seats.
    async fn find_booking(&self, booking: BookingId) -> Result<Option<Booking>, StoreError>;

    /// Events whose status is behind the hour: `upcoming` though they have begun, or `ongoing` though they have ended; at
    /// most `limit`.
    async fn list_due_events(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Event>, StoreError>;

    /// Someone's bookings, newest first.
    async fn list_bookings_of(&self, user: UserId, part: &Part) -> Result<Vec<BookingWithEvent>, StoreError>;

    /// Every seat that a booking has or had, ascending.
    async fn list_booking_seats(&self, booking: BookingId) -> Result<Vec<BookingSeat>, StoreError>;

    /// Where a booking stands in line.
    async fn find_waiting_position(&self, booking: BookingId) -> Result<Option<WaitingPosition>, StoreError>;

    /// A person at an event, deleted or not, at one instant. Neither service accounts nor erased people are found.
    async fn find_participation(
        &self,
        user: UserId,
        event: EventId,
    ) -> Result<Option<Participation>, StoreError>;

    /// The notifications of a person, newest first.
    async fn list_notifications_of(
        &self,
        user: UserId,
        filter: &NotificationFilter,
    ) -> Result<Vec<Notification>, StoreError>;

    /// How many of the `newest` notifications of a person are unread.
    async fn count_unread(&self, user: UserId, newest: u32) -> Result<u32, StoreError>;
}

/// Notifications in a unit of work.
#[async_trait]
pub trait NotificationRows: Send {
    /// Marks a notification of `user` as read, if it is unread. False if they have none with this id.
    async fn mark_read(
        &mut self,
        user: UserId,
        notification: NotificationId,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// When a notification of `user` was created; `None` if they have none with this id.
    async fn notification_date(
        &mut self,
        user: UserId,
        notification: NotificationId,
    ) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// Marks the newest `limit` unread notifications of `user` as read, of those up to the time and the id `until`. Returns
    /// how many there were.
    async fn mark_read_until(
        &mut self,
        user: UserId,
        until: (DateTime<Utc>, NotificationId),
        limit: u32,
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError>;
}
