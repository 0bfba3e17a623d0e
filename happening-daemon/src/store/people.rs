//! Who people are.

use super::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::UserId;
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

    /// Whether a person with this `sub` was suspended when they were erased.
    async fn is_barred(&mut self, subject_hash: &str) -> Result<bool, StoreError>;

    /// Inserts a person. [`super::Constraint::UserSubject`] if they are known, [`super::Constraint::Username`] if another
    /// user has the username.
    async fn insert_user(&mut self, user: &NewUser, status: UserStatus) -> Result<(), StoreError>;

    /// Takes over what a token says of a person, unless the profile is from a later one. True if it was.
    async fn update_profile(&mut self, user: UserId, profile: &Profile) -> Result<bool, StoreError>;

    /// Sets what a person says of themselves.
    async fn set_contact(&mut self, user: UserId, contact: &Contact) -> Result<(), StoreError>;

    /// Sets the status.
    async fn set_user_status(&mut self, user: UserId, status: UserStatus) -> Result<(), StoreError>;

    /// A user's memberships in organizations that are not deleted.
    async fn list_memberships(&mut self, user: UserId) -> Result<Vec<Membership>, StoreError>;
}
