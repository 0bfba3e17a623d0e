//! Organizations and their members.

use super::{WaitlistPolicy, words};
use crate::id::{OrganizationId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// What a member may do in an organization, least first.
    Role {
        /// Book.
        User = "user",
        /// Publish events too.
        Organizer = "organizer",
        /// Govern the organization too.
        OrgAdmin = "orgAdmin",
    }
}

/// What an organization decides for its events. Absent is the default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationSettings {
    /// IANA name, such as `Europe/Berlin`; default UTC. Dates without an offset are read in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// For new events; default `split`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waitlist_policy: Option<WaitlistPolicy>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// An organization, `GET /organizations/:id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its id at Keycloak, once it is known.
    pub keycloak_org_id: Option<String>,
    /// When it was founded.
    pub created_at: DateTime<Utc>,
    /// What it decided.
    pub settings: OrganizationSettings,
    /// Its members.
    pub member_count: u32,
    /// Who founded it.
    pub owner_username: Option<String>,
}

/// An organization of a user, `GET /organizations/user/:userId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationOfUser {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its id at Keycloak, once it is known.
    pub keycloak_org_id: Option<String>,
    /// When it was founded.
    pub created_at: DateTime<Utc>,
    /// What the user may do there.
    pub role: Role,
    /// Since when.
    pub joined_at: DateTime<Utc>,
    /// Its members.
    pub member_count: u32,
}

/// A member, `GET /organizations/:id/members`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The user's id.
    pub id: UserId,
    /// The username.
    pub username: String,
    /// The e-mail address.
    pub email: String,
    /// What the member may do.
    pub role: Role,
    /// Since when.
    pub joined_at: DateTime<Utc>,
    /// The user's first sign-in.
    pub user_created_at: DateTime<Utc>,
}

/// `POST /organizations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateOrganization {
    /// 1 to 255 characters.
    pub name: String,
    /// What it decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<OrganizationSettings>,
}

/// `PUT /organizations/:id/members/:userId`: a member's role; one who is not a member yet becomes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetMember {
    /// What the member may do.
    pub role: Role,
}
