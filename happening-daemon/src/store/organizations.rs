//! Organizations, and who belongs to them.

use super::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::{
    Member, Organization, OrganizationOfUser, OrganizationSettings, OrganizationStatus, Role,
};
use serde::{Deserialize, Serialize};

/// Where a page of members ends: they are listed orgAdmins first, then by username.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberMark {
    /// Whether the last one is orgAdmin.
    pub is_admin: bool,
    /// The last one's username.
    pub username: String,
}

/// Which members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// With this role.
    pub role: Option<Role>,
    /// Whose username or e-mail address contains this.
    pub text: Option<String>,
    /// After this one.
    pub after: Option<MemberMark>,
    /// At most so many; absent: [`super::catalogue::MAX_ROWS`].
    pub limit: Option<u32>,
}

/// Which organizations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationFilter {
    /// Whose name contains this.
    pub text: Option<String>,
    /// After the one that was founded at this time and has this id.
    pub after: Option<(DateTime<Utc>, OrganizationId)>,
    /// At most so many; absent: [`super::catalogue::MAX_ROWS`].
    pub limit: Option<u32>,
}

/// An organization to be founded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrganization {
    /// The id to give.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// The domain that is made of its founder's address.
    pub domain: Option<String>,
    /// What it decided.
    pub settings: OrganizationSettings,
    /// Who founds it.
    pub owner: UserId,
}

/// What orgAdmins write about an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Its name.
    pub name: String,
    /// What it decided.
    pub settings: OrganizationSettings,
}

/// The organizations' side of the store.
#[async_trait]
pub trait Organizations: Send + Sync {
    /// What a user may do in an organization; nothing once it is deleted.
    async fn find_role(&self, user: UserId, organization: OrganizationId)
    -> Result<Option<Role>, StoreError>;

    /// An organization, deleted or not.
    async fn find_organization(
        &self,
        organization: OrganizationId,
    ) -> Result<Option<Organization>, StoreError>;

    /// Whether anything may be changed in an organization; `None` if there is none, or no longer.
    async fn find_organization_status(
        &self,
        organization: OrganizationId,
    ) -> Result<Option<OrganizationStatus>, StoreError>;

    /// Organizations of `viewer` (`None`: all) that are not deleted, oldest first.
    async fn list_organizations(
        &self,
        viewer: Option<UserId>,
        filter: &OrganizationFilter,
    ) -> Result<Vec<Organization>, StoreError>;

    /// Events of an organization that are going on or still to begin.
    async fn list_upcoming_events(
        &self,
        organization: OrganizationId,
        now: DateTime<Utc>,
    ) -> Result<Vec<EventId>, StoreError>;

    /// Organizations of a user, governed ones first.
    async fn list_organizations_of(&self, user: UserId) -> Result<Vec<OrganizationOfUser>, StoreError>;

    /// Members, orgAdmins first, then by username.
    async fn list_members(
        &self,
        organization: OrganizationId,
        filter: &MemberFilter,
    ) -> Result<Vec<Member>, StoreError>;
}

/// Rows of organizations in a unit of work.
#[async_trait]
pub trait OrganizationRows: Send {
    /// Locks the row of an organization until the end of the transaction: nobody else changes its members and invites
    /// meanwhile.
    async fn lock_organization(&mut self, organization: OrganizationId) -> Result<(), StoreError>;

    /// Keeps an organization from being changed or deleted until the end of the transaction; `alone`, one transaction at a
    /// time. False if there is no such organization, or no longer.
    async fn keep_organization(
        &mut self,
        organization: OrganizationId,
        alone: bool,
    ) -> Result<bool, StoreError>;

    /// The owner of an organization that is not deleted; the inner `None` is an organization without owner.
    async fn find_owner(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Option<Option<UserId>>, StoreError>;

    /// An organization, deleted or not.
    async fn find_organization(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Option<Organization>, StoreError>;

    /// What orgAdmins wrote about an organization that is not deleted.
    async fn find_wording(&mut self, organization: OrganizationId) -> Result<Option<Wording>, StoreError>;

    /// The status of an organization that is not deleted.
    async fn find_status(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Option<OrganizationStatus>, StoreError>;

    /// Inserts an organization, whose owner has accepted it. [`super::Constraint::Organization`] if the id is taken.
    async fn insert_organization(&mut self, organization: &NewOrganization) -> Result<(), StoreError>;

    /// Sets name and settings.
    async fn set_wording(
        &mut self,
        organization: OrganizationId,
        wording: &Wording,
    ) -> Result<(), StoreError>;

    /// Sets the status.
    async fn set_status(
        &mut self,
        organization: OrganizationId,
        status: OrganizationStatus,
    ) -> Result<(), StoreError>;

    /// Organizations that a user founded, or agreed to own, and that are not deleted, ascending.
    async fn list_accepted_ownerships(&mut self, owner: UserId) -> Result<Vec<OrganizationId>, StoreError>;

    /// How many events of an organization are going on or still to begin.
    async fn count_upcoming_events(&mut self, organization: OrganizationId) -> Result<u32, StoreError>;

    /// Sets the owner. `accepted`: they founded the organization or agreed to own it.
    async fn set_owner(
        &mut self,
        organization: OrganizationId,
        owner: Option<UserId>,
        accepted: bool,
    ) -> Result<(), StoreError>;

    /// Removes what orgAdmins wrote about an organization, and gives it another name.
    async fn blank_organization(
        &mut self,
        organization: OrganizationId,
        name: &str,
    ) -> Result<(), StoreError>;

    /// Marks an organization as deleted. Its row stays: bookings and the audit log speak of it.
    async fn delete_organization(&mut self, organization: OrganizationId) -> Result<(), StoreError>;
}

/// A person who is orgAdmin of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Governor {
    /// Who.
    pub user: UserId,
    /// Since when they are a member.
    pub since: DateTime<Utc>,
    /// Whether they agreed to be a member.
    pub agreed: bool,
    /// Whether they are neither suspended here nor disabled or deleted at the issuer.
    pub may_act: bool,
}

/// Rows of memberships in a unit of work. Whoever changes them has locked the organization.
#[async_trait]
pub trait MemberRows: Send {
    /// A member's role.
    async fn find_role(
        &mut self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<Role>, StoreError>;

    /// A user's memberships, those in deleted organizations too, ascending by organization.
    async fn list_roles_of(&mut self, user: UserId) -> Result<Vec<(OrganizationId, Role)>, StoreError>;

    /// The people who are orgAdmins: service accounts are not among them.
    async fn list_governors(&mut self, organization: OrganizationId) -> Result<Vec<Governor>, StoreError>;

    /// How many people other than `user` are members: service accounts do not count.
    async fn count_other_people(
        &mut self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<u32, StoreError>;

    /// Whether `user` is a member; without `user`, whether somebody with this address, in lower case, is one.
    async fn has_member_with(
        &mut self,
        organization: OrganizationId,
        email: &str,
        user: Option<UserId>,
    ) -> Result<bool, StoreError>;

    /// Notes that a member agreed to be one, if that is not noted yet.
    async fn mark_accepted(&mut self, organization: OrganizationId, user: UserId) -> Result<(), StoreError>;

    /// Inserts a member, or sets the role of one. `agreed` is noted as by [`Self::mark_accepted`].
    async fn put_member(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        agreed: bool,
    ) -> Result<(), StoreError>;

    /// Deletes a member.
    async fn delete_member(&mut self, organization: OrganizationId, user: UserId) -> Result<(), StoreError>;
}
