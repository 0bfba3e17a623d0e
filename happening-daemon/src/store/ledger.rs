//! What the booking engine commits.

use super::{Actor, AnswerRow, AuditEntry, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::booking::{Change, Terms};
use happening_core::id::{BookingId, EventId, NotificationId, UserId};
use happening_core::wire::{BookingStatus, Category, NotificationType, SeatStatus};
use std::time::Duration;
use uuid::Uuid;

/// What may be told about an event that bookings do not depend on; `None` keeps what is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Its name.
    pub name: Option<String>,
    /// What it is about; `Some(None)`: nothing.
    pub description: Option<Option<String>>,
    /// Its kind; `Some(None)`: none.
    pub category: Option<Option<Category>>,
    /// Its organizer.
    pub created_by: Option<UserId>,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Details {
    /// What is said anew replaces what was said before.
    pub fn overlay(&mut self, new: Self) {
        self.name = new.name.or_else(|| self.name.take());
        self.description = new.description.or_else(|| self.description.take());
        self.category = new.category.or(self.category);
        self.created_by = new.created_by.or(self.created_by);
        self.ends_at = new.ends_at.or(self.ends_at);
    }

    /// The description as statements take it: empty to clear it.
    pub(in crate::store) fn described(&self) -> Option<&str> {
        self.description.as_ref().map(|text| text.as_deref().unwrap_or_default())
    }

    /// The category as statements take it: empty to clear it.
    pub(in crate::store) fn categorized(&self) -> Option<&'static str> {
        self.category.map(|category| category.map_or("", Category::as_str))
    }
}

/// An event's row after a commit.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// The event.
    pub id: EventId,
    /// The version that it must have for the commit to count; the commit makes it one more.
    pub expected: u64,
    /// Free seats.
    pub available: u32,
    /// Parties waiting.
    pub waiting: u32,
    /// The number that the next party draws.
    pub next_number: u64,
    /// Passes that still count.
    pub passes: Vec<u64>,
    /// The numbers of parties that got a part and wait for the rest.
    pub rests: Vec<u64>,
    /// What bookings depend on.
    pub terms: Terms,
    /// What they do not.
    pub details: Details,
    /// If set, everyone who booked or waits is notified of this, after the commit ([`super::Outbox::notify_holders`]).
    pub announcement: Option<String>,
    /// What changed, for daemons that catch up.
    pub changes: Vec<Change>,
}

/// A booking's row after a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingRow {
    /// The booking.
    pub id: BookingId,
    /// The event.
    pub event: EventId,
    /// Whose it is.
    pub user: UserId,
    /// Seats held or waited for.
    pub seats: u32,
    /// Where it is in its life.
    pub status: BookingStatus,
    /// Only while it waits.
    pub waiting_number: Option<u64>,
    /// Whether this commit makes it.
    pub is_new: bool,
}

/// A seat's row after a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatRow {
    /// The booking.
    pub booking: BookingId,
    /// The event.
    pub event: EventId,
    /// The seat.
    pub seat: u32,
    /// Whether the booking has it.
    pub status: SeatStatus,
    /// Whether this commit gives it to the booking.
    pub is_new: bool,
    /// Whether the booking may have had it before: who is moved may come back.
    pub may_exist: bool,
}

/// A line in a booking's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The booking.
    pub booking: BookingId,
    /// The event.
    pub event: EventId,
    /// Who did it; `None` is the rules (a promotion).
    pub actor: Option<UserId>,
    /// What happened, such as `promoted`.
    pub action: &'static str,
    /// How many seats it was about.
    pub seats: u32,
    /// Why.
    pub reason: Option<String>,
}

/// A notification, and at once its place in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationRow {
    /// Its id.
    pub id: NotificationId,
    /// Who is told.
    pub user: UserId,
    /// Of which event.
    pub event: EventId,
    /// Of which booking.
    pub booking: BookingId,
    /// Of what.
    pub kind: NotificationType,
    /// In words.
    pub message: String,
    /// How many seats it is about.
    pub seats: u32,
    /// Who booked, if it was not the person themselves.
    pub booked_by: Option<UserId>,
}

/// All that one commit writes. Rows of an event whose version has moved on are left out, the others go through.
#[derive(Debug, Clone)]
pub struct Batch {
    /// By which a commit of unknown fate is found again.
    pub commit: Uuid,
    /// When.
    pub now: DateTime<Utc>,
    /// When the outbox comes due if nobody has published it by then.
    pub outbox_due: DateTime<Utc>,
    /// At most one row an event, ascending by id.
    pub events: Vec<EventRow>,
    /// At most one row a booking.
    pub bookings: Vec<BookingRow>,
    /// At most one row a booking and seat.
    pub seats: Vec<SeatRow>,
    /// In order.
    pub history: Vec<HistoryRow>,
    /// In order.
    pub notifications: Vec<NotificationRow>,
    /// Answers to those who may ask again; of commands that changed something.
    pub answers: Vec<AnswerRow>,
    /// In order. Bookings have their history; this is for changes of the events themselves.
    pub audit: Vec<AuditRow>,
    /// How long the commit may take before its fate counts as unknown.
    pub deadline: Duration,
}

impl Batch {
    /// Rows that it writes beside those of the events.
    pub fn rows(&self) -> usize {
        // Each notification has its place in the outbox.
        self.bookings.len() + self.seats.len() + self.history.len() + 2 * self.notifications.len()
    }
}

/// A line of the audit log that belongs to a commit on an event.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// The event.
    pub event: EventId,
    /// Who did it. The time is the commit's.
    pub by: Actor,
    /// What was done.
    pub entry: AuditEntry,
}

/// A commit that somebody else made.
#[derive(Debug, Clone)]
pub struct MissedCommit {
    /// The version that it made.
    pub version: u64,
    /// Which commit.
    pub commit: Uuid,
    /// What it changed; `None` if another version of this program wrote it in a form of its own: then the event must be
    /// read anew.
    pub changes: Option<Vec<Change>>,
}

/// What the counters should say of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventCounts {
    /// The event.
    pub event: EventId,
    /// Its version.
    pub version: u64,
    /// Free seats.
    pub available: u32,
    /// Parties waiting.
    pub waiting: u32,
}

/// What the counters should hold of an event, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterSnapshot {
    /// The figures.
    pub mark: EventCounts,
    /// Who waits, in line; a person once for each waiting booking.
    pub waitlist: Vec<UserId>,
}

/// The engine's side of the store.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// The versions of events; those that do not exist are left out.
    async fn versions(&self, events: &[EventId]) -> Result<Vec<(EventId, u64)>, StoreError>;

    /// Commits, optimistically. Returns the events whose version was the expected one; nothing was written for others.
    async fn commit(&self, batch: &Batch) -> Result<Vec<EventId>, StoreError>;

    /// Locks events: nobody else commits to them until the lock ends.
    ///
    /// `known` are the versions that the caller has.
    async fn lock_events(&self, known: &[(EventId, u64)]) -> Result<Box<dyn EventLock>, StoreError>;

    /// What the counters should hold of these events, each as of one instant.
    async fn snapshots(&self, events: &[EventId]) -> Result<Vec<CounterSnapshot>, StoreError>;
}

/// A lock on some events, under which one commit is made. Dropped without a commit, it ends and nothing was written.
#[async_trait]
pub trait EventLock: Send {
    /// Versions of the locked events, and what was committed to each since the known one, ascending. Where a
    /// version is missing in between, the event must be read anew.
    fn missed(&mut self) -> Vec<(EventId, u64, Vec<MissedCommit>)>;

    /// Commits and ends the lock.
    async fn commit(self: Box<Self>, batch: &Batch) -> Result<Vec<EventId>, StoreError>;
}
