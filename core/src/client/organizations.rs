//! `/organizations`.

use super::{Client, ClientError, Once, Page, Tagged, segment};
use crate::id::{OrganizationId, UserId};
use crate::wire::{
    AuditQuery, AuditRecord, CreateOrganization, Done, Job, MapServiceAccount, Member, MemberSet,
    MembersQuery, Organization, OrganizationOfUser, OrganizationStatus, OrganizationsQuery, Role,
    ServiceAccount, SetMember, SetOrganizationStatus, TransferOrganization, Transferred, UpdateOrganization,
};
use reqwest::{Method, StatusCode};
use uuid::Uuid;

/// What becomes of an organization that is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deletion {
    /// It is deleted.
    Done,
    /// It has so many upcoming events that a job deletes them, and it with them.
    Begun(Box<Job>),
}

impl Client {
    /// Founds an organization; the caller becomes its orgAdmin.
    pub async fn create_organization(
        &self,
        create: &CreateOrganization,
    ) -> Result<Organization, ClientError> {
        self.post("/organizations", create).await
    }

    /// The same under a key of the caller's own.
    pub async fn create_organization_once(
        &self,
        create: &CreateOrganization,
        key: Uuid,
    ) -> Result<Once<Organization>, ClientError> {
        self.post_once("/organizations", create, key).await
    }

    /// The caller's organizations, or, for operators and support, all.
    pub async fn organizations(&self) -> Result<Vec<Organization>, ClientError> {
        self.get("/organizations").await
    }

    /// The same of some kind, in pages.
    pub async fn find_organizations(
        &self,
        query: &OrganizationsQuery,
    ) -> Result<Page<Organization>, ClientError> {
        self.get_page("/organizations", query).await
    }

    /// One organization.
    pub async fn organization(&self, organization: OrganizationId) -> Result<Organization, ClientError> {
        self.get(&format!("/organizations/{organization}")).await
    }

    /// The same with its tag, for [`Self::update_organization_if`].
    pub async fn tagged_organization(
        &self,
        organization: OrganizationId,
    ) -> Result<Tagged<Organization>, ClientError> {
        self.get_tagged(&format!("/organizations/{organization}")).await
    }

    /// Changes an organization that is as it was when it had this tag; else it is refused as stale.
    pub async fn update_organization_if(
        &self,
        organization: OrganizationId,
        tag: Option<&str>,
        update: &UpdateOrganization,
    ) -> Result<Organization, ClientError> {
        self.put_if(&format!("/organizations/{organization}"), tag, update).await
    }

    /// Organizations of a user, the ones they govern first.
    pub async fn organizations_of(&self, user: UserId) -> Result<Vec<OrganizationOfUser>, ClientError> {
        self.get(&format!("/organizations/user/{user}")).await
    }

    /// Members, orgAdmins first.
    pub async fn members(&self, organization: OrganizationId) -> Result<Vec<Member>, ClientError> {
        self.get(&format!("/organizations/{organization}/members")).await
    }

    /// Sets a member's role. Who is not a member is invited; by an operator they are added.
    pub async fn set_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
    ) -> Result<MemberSet, ClientError> {
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

    /// Members of some kind, in pages.
    pub async fn find_members(
        &self,
        organization: OrganizationId,
        query: &MembersQuery,
    ) -> Result<Page<Member>, ClientError> {
        self.get_page(&format!("/organizations/{organization}/members"), query).await
    }

    /// Changes name or settings.
    pub async fn update_organization(
        &self,
        organization: OrganizationId,
        update: &UpdateOrganization,
    ) -> Result<Organization, ClientError> {
        self.put(&format!("/organizations/{organization}"), update).await
    }

    /// Deletes an organization; `force` deletes its upcoming events first.
    pub async fn delete_organization(
        &self,
        organization: OrganizationId,
        force: bool,
    ) -> Result<Done, ClientError> {
        self.delete(&format!("/organizations/{organization}?force={force}")).await
    }

    /// The same without waiting for the end where that takes long.
    pub async fn begin_to_delete_organization(
        &self,
        organization: OrganizationId,
        force: bool,
    ) -> Result<Deletion, ClientError> {
        let path = format!("/organizations/{organization}?force={force}");
        let request = self.request(Method::DELETE, &path)?.header("Prefer", "respond-async");
        let response = self.send_raw(request).await?;
        match response.status() {
            StatusCode::ACCEPTED => Ok(Deletion::Begun(Box::new(Self::decode(&response)?))),
            status if status.is_success() => Ok(Deletion::Done),
            _ => Err(self.refusal(&response)),
        }
    }

    /// Offers the organization to a member, who has to accept; operators hand it over at once.
    pub async fn transfer_organization(
        &self,
        organization: OrganizationId,
        user_id: UserId,
    ) -> Result<Transferred, ClientError> {
        let transfer = TransferOrganization { user_id };
        self.post(&format!("/organizations/{organization}/transfer"), &transfer).await
    }

    /// Suspends an organization, or lets it go on.
    pub async fn set_organization_status(
        &self,
        organization: OrganizationId,
        status: OrganizationStatus,
    ) -> Result<Organization, ClientError> {
        let status = SetOrganizationStatus { status };
        self.put(&format!("/organizations/{organization}/status"), &status).await
    }

    /// Service accounts of an organization.
    pub async fn service_accounts(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<ServiceAccount>, ClientError> {
        self.get(&format!("/organizations/{organization}/service-accounts")).await
    }

    /// Gives a client of the issuer a role. One without any is asked, and accepts as an invite; operators map it at once.
    pub async fn map_service_account(
        &self,
        organization: OrganizationId,
        map: &MapServiceAccount,
    ) -> Result<ServiceAccount, ClientError> {
        self.post(&format!("/organizations/{organization}/service-accounts"), map).await
    }

    /// Takes it from them.
    pub async fn unmap_service_account(
        &self,
        organization: OrganizationId,
        client_id: &str,
    ) -> Result<Done, ClientError> {
        let client = segment(client_id);
        self.delete(&format!("/organizations/{organization}/service-accounts/{client}")).await
    }

    /// What was done in an organization, newest first.
    pub async fn audit_of(
        &self,
        organization: OrganizationId,
        query: &AuditQuery,
    ) -> Result<Page<AuditRecord>, ClientError> {
        self.get_page(&format!("/organizations/{organization}/audit"), query).await
    }
}
