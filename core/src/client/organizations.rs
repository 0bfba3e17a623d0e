//! `/organizations`.

use super::{Client, ClientError};
use crate::id::{OrganizationId, UserId};
use crate::wire::{CreateOrganization, Done, Member, Organization, OrganizationOfUser, Role, SetMember};

impl Client {
    /// Founds an organization; the caller becomes its orgAdmin.
    pub async fn create_organization(
        &self,
        create: &CreateOrganization,
    ) -> Result<Organization, ClientError> {
        self.post("/organizations", create).await
    }

    /// One organization.
    pub async fn organization(&self, organization: OrganizationId) -> Result<Organization, ClientError> {
        self.get(&format!("/organizations/{organization}")).await
    }

    /// Organizations of a user, the ones they govern first.
    pub async fn organizations_of(&self, user: UserId) -> Result<Vec<OrganizationOfUser>, ClientError> {
        self.get(&format!("/organizations/user/{user}")).await
    }

    /// Members, orgAdmins first.
    pub async fn members(&self, organization: OrganizationId) -> Result<Vec<Member>, ClientError> {
        self.get(&format!("/organizations/{organization}/members")).await
    }

    /// Sets a member's role; one who is not a member yet becomes one.
    pub async fn set_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
    ) -> Result<Done, ClientError> {
        self.put(&format!("/organizations/{organization}/members/{user}"), &SetMember { role }).await
    }

    /// Removes a member.
    pub async fn remove_member(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Done, ClientError> {
        self.delete(&format!("/organizations/{organization}/members/{user}")).await
    }
}
