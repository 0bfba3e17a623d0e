//! Who people are.

use super::{Actor, StoreError};
use async_trait::async_trait;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{Membership, User};

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

/// The people's side of the store.
#[async_trait]
pub trait People: Send + Sync {
    /// The person with this `sub`. A service account is found by its client.
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
        by: &Actor,
    ) -> Result<(), StoreError>;

    /// A user's memberships in organizations that are not deleted.
    async fn list_memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError>;
}
