//! Events outside of the engine's commits: publishing one, and what the engine and the counters read of them.

use super::{EventCounts, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use happening_core::booking::{EventState, Terms};
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::{Category, Event};

/// An event to publish.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Its id.
    pub id: EventId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Its organizer.
    pub created_by: UserId,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// Its kind.
    pub category: Option<Category>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Everything that bookings depend on.
    pub terms: Terms,
}

/// How long an event counts as active after its beginning, as long as nobody says that it is over.
pub const STILL_ACTIVE: TimeDelta = TimeDelta::days(1);

/// What is read of events to decide, to count and to catch up.
#[async_trait]
pub trait Events: Send + Sync {
    /// Upcoming and ongoing events of an organization, whatever their date.
    async fn count_open_events(&self, organization: OrganizationId) -> Result<u32, StoreError>;

    /// The whole of an event, as of one instant; `None` if there is none, also when it was deleted long ago.
    async fn load(&self, event: EventId) -> Result<Option<EventState>, StoreError>;

    /// The counts of events that may change at any time: `ongoing`, or `upcoming` and begun no longer than
    /// [`STILL_ACTIVE`] before `now`; and of open events that a commit has changed since `since`.
    async fn active_event_counts(
        &self,
        now: DateTime<Utc>,
        since: DateTime<Utc>,
    ) -> Result<Vec<EventCounts>, StoreError>;

    /// The counts of open events (`upcoming` or `ongoing`, not deleted) whatever their date, ascending by id: at most `limit`
    /// after the event `after`.
    async fn open_event_counts(
        &self,
        after: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<EventCounts>, StoreError>;

    /// Forgets changes made before `before`: daemons that are further behind read events anew.
    async fn forget_changes(&self, before: DateTime<Utc>) -> Result<u64, StoreError>;
}

/// Rows of events in a unit of work. What bookings depend on is changed by the engine alone.
#[async_trait]
pub trait EventRows: Send {
    /// Inserts an event, at the time of the unit.
    async fn insert_event(&mut self, event: &NewEvent) -> Result<(), StoreError>;

    /// An event with its organizer, unless deleted.
    async fn find_event(&mut self, event: EventId) -> Result<Option<Event>, StoreError>;
}
