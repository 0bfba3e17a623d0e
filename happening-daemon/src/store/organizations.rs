//! Organizations, and who belongs to them.

use super::{Actor, StoreError};
use async_trait::async_trait;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{Member, Organization, OrganizationOfUser, OrganizationSettings, Role};

/// The organizations' side of the store.
#[async_trait]
pub trait Organizations: Send + Sync {
    /// What a user may do in an organization.
    async fn find_role(&self, user: UserId, organization: OrganizationId)
    -> Result<Option<Role>, StoreError>;

    /// An organization.
    async fn find_organization(
        &self,
        organization: OrganizationId,
    ) -> Result<Option<Organization>, StoreError>;

    /// Makes an organization with its first orgAdmin, in one commit.
    async fn create_organization(
        &self,
        organization: OrganizationId,
        name: &str,
        settings: &OrganizationSettings,
        owner: UserId,
        by: &Actor,
    ) -> Result<(), StoreError>;

    /// Organizations of a user, governed ones first.
    async fn list_organizations_of(&self, user: UserId) -> Result<Vec<OrganizationOfUser>, StoreError>;

    /// Members, orgAdmins first.
    async fn list_members(&self, organization: OrganizationId) -> Result<Vec<Member>, StoreError>;

    /// Sets a member's role, making them one if need be. False, and nothing done, if that left no orgAdmin.
    async fn set_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        by: &Actor,
    ) -> Result<bool, StoreError>;

    /// Removes a member. False, and nothing done, if that left no orgAdmin.
    async fn remove_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        by: &Actor,
    ) -> Result<bool, StoreError>;
}
