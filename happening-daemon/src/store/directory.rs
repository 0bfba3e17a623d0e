//! Who people are and where they belong.

use super::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{
    Member, Membership, Organization, OrganizationOfUser, OrganizationSettings, Role, User,
};

/// A person at the first sign-in.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The id to give.
    pub id: UserId,
    /// The `sub` at the issuer.
    pub subject: String,
    /// Wanted username; a taken one is a [`super::Constraint::Username`] conflict.
    pub username: String,
    /// The e-mail address.
    pub email: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
}

/// The directory's side of the store.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The user with this `sub`.
    async fn find_user_by_subject(&self, subject: &str) -> Result<Option<User>, StoreError>;

    /// The user with this id.
    async fn find_user(&self, user: UserId) -> Result<Option<User>, StoreError>;

    /// Up to 50 users whose username or e-mail address contains `text`.
    async fn search_users(&self, text: &str) -> Result<Vec<User>, StoreError>;

    /// Makes a user and, with `own`, an organization (id, name, domain) that the user governs, in one commit.
    async fn create_user(
        &self,
        user: &NewUser,
        own: Option<(OrganizationId, String, String)>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// A user's memberships.
    async fn list_memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError>;

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
        now: DateTime<Utc>,
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
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Removes a member. False, and nothing done, if that left no orgAdmin.
    async fn remove_member(&self, organization: OrganizationId, user: UserId) -> Result<bool, StoreError>;
}
