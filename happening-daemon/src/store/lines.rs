//! Places in line: who loses the right to see an event leaves its waitlist.

use super::StoreError;
use async_trait::async_trait;
use happening_core::id::{EventId, OrganizationId, UserId};

/// Why people leave waitlists, as they are notified.
pub const NO_MEMBER: &str = "no longer a member of the organization";
/// The same.
pub const IS_SUSPENDED: &str = "the account is suspended";
/// The same.
pub const IS_ERASED: &str = "the account was erased";

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
