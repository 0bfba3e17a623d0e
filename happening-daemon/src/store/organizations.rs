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

/// What became of a change of a member's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleChange {
    /// The member has the role.
    Done,
    /// No person would be left as orgAdmin who may act; nothing was done.
    LastAdmin,
    /// The user is no member; nothing was done.
    NoMember,
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

    /// Sets the role of a member, or makes somebody a member who agreed to it; an open invite to them is taken back. An owner
    /// who no longer governs is followed by the orgAdmin who agreed to be a member and is one for longest. False, and nothing
    /// done, if that left no person as orgAdmin who may act.
    async fn set_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        by: &Actor,
    ) -> Result<bool, StoreError>;

    /// The same for somebody who was not asked: they inherit no ownership.
    async fn add_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        by: &Actor,
    ) -> Result<bool, StoreError>;

    /// Sets the role of a member as [`Self::set_member`] does. Nobody becomes a member by it.
    async fn change_role(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        by: &Actor,
    ) -> Result<RoleChange, StoreError>;

    /// Removes a member, with invites and ownership as for [`Self::set_member`]. False, and nothing done, if that left no
    /// person as orgAdmin who may act.
    async fn remove_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        by: &Actor,
    ) -> Result<bool, StoreError>;
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

    /// Whether `user` is a member; without `user`, whether somebody with this address, in lower case, is one.
    async fn has_member_with(
        &mut self,
        organization: OrganizationId,
        email: &str,
        user: Option<UserId>,
    ) -> Result<bool, StoreError>;

    /// Notes that a member agreed to be one, if that is not noted yet.
    async fn mark_accepted(&mut self, organization: OrganizationId, user: UserId) -> Result<(), StoreError>;
}

/// Changes of memberships whose rules are still beside their statements (`store/shared/membership.rs`): each also writes its
/// audit lines and its Keycloak tasks. When these rules move to `service`, methods of [`MemberRows`] replace them.
#[async_trait]
pub trait MembershipChanges: Send {
    /// Gives a user who agreed a role, as a new member or instead of `before`.
    async fn put_member(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        before: Option<Role>,
        role: Role,
    ) -> Result<(), StoreError>;

    /// Gives a user a role without asking them. False, and nothing done, if no person would be left as orgAdmin.
    async fn give_role(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
    ) -> Result<bool, StoreError>;

    /// Sets the owner, and revokes the open offers of ownership. `accepted`: the owner agreed.
    async fn set_owner(
        &mut self,
        organization: OrganizationId,
        owner: UserId,
        accepted: bool,
    ) -> Result<(), StoreError>;

    /// Writes the audit line of a transfer.
    async fn record_transfer(
        &mut self,
        organization: OrganizationId,
        before: Option<UserId>,
        after: UserId,
    ) -> Result<(), StoreError>;

    /// Revokes the pending invites of an organization to a person: to their account or their address.
    async fn end_invites_to(&mut self, organization: OrganizationId, user: UserId) -> Result<(), StoreError>;

    /// Revokes the open offers of an organization's ownership.
    async fn end_offers(&mut self, organization: OrganizationId) -> Result<(), StoreError>;
}
