//! Places in line: who loses the right to see an event leaves its waitlist.

use super::{Actor, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{EventId, OrganizationId, UserId};

/// Why people leave waitlists, as they are notified.
pub const NO_MEMBER: &str = "no longer a member of the organization";
/// The same.
pub const IS_SUSPENDED: &str = "the account is suspended";
/// The same.
pub const IS_ERASED: &str = "the account was erased";

/// Waitlists outside of the engine's commits.
#[async_trait]
pub trait Lines: Send + Sync {
    /// The events that a user waits for, of an organization or all, ascending.
    async fn list_lines(
        &self,
        user: UserId,
        organization: Option<OrganizationId>,
    ) -> Result<Vec<EventId>, StoreError>;

    /// Takes those off the waitlists who lost a membership or their account's right to act since `since`, and do not have it
    /// now. A booking that was under way at that moment may be committed after it. Returns the events that somebody left.
    async fn leave_lost_lines(&self, since: DateTime<Utc>, by: &Actor) -> Result<Vec<EventId>, StoreError>;
}

/// Rows of waitlists in a unit of work.
#[async_trait]
pub trait LineRows: Send {
    /// Takes a user off the waitlists of an organization's events, or of all events, and notifies them. Confirmed bookings
    /// stay. Returns the events, ascending. Events are the last that a transaction locks.
    async fn leave_lines(
        &mut self,
        organization: Option<OrganizationId>,
        user: UserId,
        reason: &'static str,
    ) -> Result<Vec<EventId>, StoreError>;
}
