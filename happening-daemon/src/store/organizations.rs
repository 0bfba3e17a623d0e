//! Organizations, and who belongs to them.

use super::{Actor, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{
    Member, Organization, OrganizationOfUser, OrganizationSettings, OrganizationStatus, Role,
};

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

/// What became of an organization to be founded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Founding {
    /// It is there.
    Done,
    /// The founder owns `owned` organizations, and may own at most `most`; nothing was done.
    Full {
        /// So many.
        owned: u32,
        /// Not more than `owned`.
        most: u32,
    },
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

    /// Makes an organization with its first orgAdmin, who owns fewer than `most`, in one commit. Absent is any number.
    async fn found_organization(
        &self,
        organization: OrganizationId,
        name: &str,
        settings: &OrganizationSettings,
        owner: UserId,
        most: Option<u32>,
        by: &Actor,
    ) -> Result<Founding, StoreError>;

    /// The same, however many the owner has.
    async fn create_organization(
        &self,
        organization: OrganizationId,
        name: &str,
        settings: &OrganizationSettings,
        owner: UserId,
        by: &Actor,
    ) -> Result<(), StoreError> {
        self.found_organization(organization, name, settings, owner, None, by).await.map(drop)
    }

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
