//! People and service accounts.

use super::Role;
use super::present::present;
use crate::id::{OrganizationId, UserId};
use crate::string_enum::string_enum;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

string_enum! {
    /// Whether a user may act.
    UserStatus {
        /// Yes.
        Active = "active",
        /// No: refused everywhere.
        Suspended = "suspended",
    }
}

string_enum! {
    /// What a user is.
    UserKind {
        /// Somebody.
        Person = "person",
        /// A client of the issuer that acts by itself.
        Service = "service",
    }
}

impl Default for UserKind {
    /// What a daemon that does not know of service accounts means.
    fn default() -> Self {
        Self::Person
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The id here.
    pub id: UserId,
    /// The `sub` at the issuer.
    pub keycloak_id: String,
    /// Unique here.
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
    /// Whether the user may act.
    pub status: UserStatus,
    /// First sign-in.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
    /// Where the user is a member; as `GET /users?keycloak_id=` answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizations: Option<Vec<Membership>>,
}

/// A person in an answer of `GET /users`. Of people who share no organization with the caller, everything but `id`, `username`
/// and `email` is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundUser {
    /// The id here.
    pub id: UserId,
    /// The `sub` at the issuer.
    #[serde(default)]
    pub keycloak_id: Option<String>,
    /// Unique here.
    pub username: String,
    /// The e-mail address.
    pub email: String,
    /// First name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// Telephone.
    #[serde(default)]
    pub phone: Option<String>,
    /// A picture.
    #[serde(default)]
    pub avatar_url: Option<String>,
    /// Whether the user may act.
    #[serde(default)]
    pub status: Option<UserStatus>,
    /// First sign-in.
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// Last change.
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
    /// Where the user is a member; only in the answer to `GET /users?keycloak_id=`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizations: Option<Vec<Membership>>,
}

impl FoundUser {
    /// The person as somebody sees them who shares no organization with them.
    #[must_use]
    pub fn as_stranger(user: User) -> Self {
        Self {
            id: user.id,
            keycloak_id: None,
            username: user.username,
            email: user.email,
            first_name: None,
            last_name: None,
            phone: None,
            avatar_url: None,
            status: None,
            created_at: None,
            updated_at: None,
            organizations: None,
        }
    }
}

impl From<User> for FoundUser {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            keycloak_id: Some(user.keycloak_id),
            username: user.username,
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            phone: user.phone,
            avatar_url: user.avatar_url,
            status: Some(user.status),
            created_at: Some(user.created_at),
            updated_at: Some(user.updated_at),
            organizations: user.organizations,
        }
    }
}

/// A user's place in an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The organization.
    pub organization_id: OrganizationId,
    /// What the user may do there.
    pub role: Role,
    /// The organization's name.
    pub organization_name: String,
    /// The organization's id at Keycloak, once it is known.
    pub keycloak_org_id: Option<String>,
}

/// `POST /users`: the first sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// The caller's own `sub`.
    pub keycloak_id: String,
    /// The caller's e-mail address.
    pub email: String,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Wanted username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// A picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Sent by the web client; who signs in first becomes orgAdmin of an organization of their own whatever it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// `GET /users` for a list: which ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersQuery {
    /// Whose username or e-mail address contains this, among people of the caller's organizations; anybody else only where
    /// it is the whole username or address. 2 characters or more. Operators and support search everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// With this status only; for platform roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<UserStatus>,
    /// At most so many, 1 to 5,000; others than platform roles are shown 50 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// With exactly these usernames or e-mail addresses, a comma between them, up to 20, for operators and support up to
    /// 200; goes with no other filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<String>,
    /// Where the page before ended, from its `Link`; for platform roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `PUT /users/:id`: what is absent stays, `null` clears. Names and address come from the issuer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateUser {
    /// Telephone: up to 32 digits, spaces and `+-()./`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub phone: Option<Option<String>>,
    /// A picture: an `http` or `https` address of up to 2,048 characters.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub avatar_url: Option<Option<String>>,
}

/// `PUT /users/:id/status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetUserStatus {
    /// Whether the user may act.
    pub status: UserStatus,
}

/// `POST /users/:id/erase`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraseUser {
    /// Whether the account at the issuer goes too.
    #[serde(default)]
    pub keycloak_account: bool,
}

/// The answer to [`CreateUser`]. (`camelCase`, as the web client reads it.)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedUp {
    /// The user's id.
    pub id: UserId,
    /// The same again.
    pub user_id: UserId,
    /// The e-mail address.
    pub email: String,
    /// The user's own organization; absent if they left it.
    pub organization_id: Option<OrganizationId>,
    /// Its id at Keycloak, once it is known.
    pub keycloak_org_id: Option<String>,
    /// The client that the daemon is at the issuer.
    pub client_id: String,
    /// For people.
    pub message: String,
}
