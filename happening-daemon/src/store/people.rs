//! Who people are.

use super::{Actor, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{Membership, User, UserStatus};
use std::collections::HashSet;

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
    /// When the token was issued that the address is from; absent: it is from the person themselves.
    pub profile_at: Option<DateTime<Utc>>,
}

/// What a token says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The e-mail address.
    pub email: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// When the token was issued.
    pub issued_at: DateTime<Utc>,
}

/// What a person says of themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// Telephone.
    pub phone: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
}

/// What a person says of themselves now: `None` stays, `Some(None)` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactUpdate {
    /// Telephone.
    pub phone: Option<Option<String>>,
    /// A picture.
    pub avatar_url: Option<Option<String>>,
}

/// Which people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFilter {
    /// Whose username or e-mail address contains this.
    pub text: String,
    /// With this status.
    pub status: Option<UserStatus>,
    /// After the one with this username.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u32,
    /// Only people who share an organization with this user.
    pub among: Option<UserId>,
}

/// The people's side of the store.
#[async_trait]
pub trait People: Send + Sync {
    /// The person with this `sub`. A service account is found by its client.
    async fn find_user_by_subject(&self, subject: &str) -> Result<Option<User>, StoreError>;

    /// The user with this id. Erased people are not found.
    async fn find_user(&self, user: UserId) -> Result<Option<User>, StoreError>;

    /// The person with this id. Neither service accounts nor erased people are found.
    async fn find_person(&self, user: UserId) -> Result<Option<User>, StoreError>;

    /// People, by username. Neither service accounts nor erased people are among them.
    async fn search_users(&self, filter: &UserFilter) -> Result<Vec<User>, StoreError>;

    /// People with one of these usernames or e-mail addresses, by username. Neither service accounts nor erased people are
    /// among them.
    async fn find_users_called(&self, names: &[String]) -> Result<Vec<User>, StoreError>;

    /// Which of these users share an organization with `user`: both are members of one that is not deleted.
    async fn list_co_members(&self, user: UserId, of: &[UserId]) -> Result<HashSet<UserId>, StoreError>;

    /// Makes a user and, with `own`, an organization (id, name, domain) that the user governs, in one commit. Suspended if
    /// they were when they were erased.
    async fn create_user(
        &self,
        user: &NewUser,
        own: Option<(OrganizationId, String, String)>,
        by: &Actor,
    ) -> Result<(), StoreError>;

    /// Takes over what a token says, unless the profile is from a later one. True if anything changed.
    async fn refresh_profile(&self, user: UserId, profile: &Profile, by: &Actor) -> Result<bool, StoreError>;

    /// Changes what a person says of themselves, with `from` only where they say this. False, and nothing written, if not,
    /// or if they are not there.
    async fn update_contact(
        &self,
        user: UserId,
        from: Option<&Contact>,
        update: &ContactUpdate,
        by: &Actor,
    ) -> Result<bool, StoreError>;

    /// Suspends somebody, or lets them act again. False if they are not there.
    async fn set_user_status(&self, user: UserId, status: UserStatus, by: &Actor)
    -> Result<bool, StoreError>;

    /// A user's memberships in organizations that are not deleted.
    async fn list_memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError>;
}

/// Rows of users in a unit of work.
#[async_trait]
pub trait UserRows: Send {
    /// Locks the row of a user until the end of the transaction. Organizations are locked before.
    async fn lock_user(&mut self, user: UserId) -> Result<(), StoreError>;

    /// The user with this id. Erased people are not found.
    async fn find_user(&mut self, user: UserId) -> Result<Option<User>, StoreError>;

    /// Whether the user is a person who is not erased: service accounts are not.
    async fn is_person(&mut self, user: UserId) -> Result<bool, StoreError>;
}
