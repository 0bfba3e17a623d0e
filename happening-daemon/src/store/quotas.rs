//! What quotas count.

use super::StoreError;
use async_trait::async_trait;
use happening_core::id::{OrganizationId, UserId};

/// Counts in a unit of work. Each goes along an index.
#[async_trait]
pub trait QuotaRows: Send {
    /// Invites of an organization that can still be accepted. Whoever relies on the number has locked the organization.
    async fn count_open_invites_of(&mut self, organization: OrganizationId) -> Result<u32, StoreError>;

    /// Invites to an address, in lower case, that can still be accepted: to it, or to an account that has it. Those that are
    /// kept from the account do not count. Other organizations may send more meanwhile: nothing is locked.
    async fn count_open_invites_to(&mut self, email: &str) -> Result<u32, StoreError>;

    /// Organizations that a user owns and that are not deleted. Whoever relies on the number has locked the user.
    async fn count_owned(&mut self, owner: UserId) -> Result<u32, StoreError>;

    /// Upcoming and ongoing events of an organization, whatever their date. Others may publish meanwhile unless the
    /// organization is kept alone.
    async fn count_open_events(&mut self, organization: OrganizationId) -> Result<u32, StoreError>;
}
