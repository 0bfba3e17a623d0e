//! Organizations and their members.

use super::present::{object, object_or_null, present};
use super::{Invite, UserKind, WaitlistPolicy};
use crate::id::{OrganizationId, UserId};
use crate::string_enum::string_enum;
use chrono::{DateTime, TimeDelta, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

string_enum! {
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

string_enum! {
    /// Whether anything may be changed in an organization.
    OrganizationStatus {
        /// Yes.
        Active = "active",
        /// No: it is read-only, operators apart.
        Suspended = "suspended",
    }
}

impl Default for OrganizationStatus {
    /// What a daemon that does not know of suspension means.
    fn default() -> Self {
        Self::Active
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
    /// The language of messages to people of whom none is known, such as `de` or `de-AT`; default the installation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Of messages, such as `#2f5bd7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// How long events take that do not say when they end, in minutes, 1 to 44,640 (31 days); default 480.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_minutes: Option<u32>,
}

/// How long an event takes whose organization does not say, in minutes: an evening, with what is before and after it.
const DEFAULT_EVENT_MINUTES: u32 = 480;

impl OrganizationSettings {
    /// How long events take that do not say when they end.
    pub fn event_length(&self) -> TimeDelta {
        TimeDelta::minutes(self.event_minutes.unwrap_or(DEFAULT_EVENT_MINUTES).into())
    }
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
    /// Whose it is: who founded it, or to whom it was handed over.
    pub owner_username: Option<String>,
    /// The same by id.
    #[serde(default)]
    pub owner_id: Option<UserId>,
    /// Whether anything may be changed in it.
    #[serde(default)]
    pub status: OrganizationStatus,
    /// When it was deleted. Only operators and support still see it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<DateTime<Utc>>,
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
    /// The owner's username; null while nobody owns it.
    #[serde(default)]
    pub owner_username: Option<String>,
}

/// A member, `GET /organizations/:id/members`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The user's id.
    pub id: UserId,
    /// The username.
    pub username: String,
    /// The e-mail address; empty for a service account.
    pub email: String,
    /// What the member may do.
    pub role: Role,
    /// Since when.
    pub joined_at: DateTime<Utc>,
    /// The user's first sign-in.
    pub user_created_at: DateTime<Utc>,
    /// A person, or a service account.
    #[serde(default)]
    pub kind: UserKind,
}

/// `GET /organizations`: which ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationsQuery {
    /// Whose name contains this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// A page of so many, 1 to 5,000; default all, up to 5,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before ended, from its `Link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `GET /organizations/:id/members`: which ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersQuery {
    /// With this role only.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some_role_in_any_case")]
    pub role: Option<Role>,
    /// Whose username or e-mail address contains this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// A page of so many, 1 to 5,000; default all, up to 5,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before ended, from its `Link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `POST /organizations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateOrganization {
    /// 1 to 255 characters.
    pub name: String,
    /// What it decides.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "object_or_null")]
    pub settings: Option<OrganizationSettings>,
}

/// `PUT /organizations/:id`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateOrganization {
    /// 1 to 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub name: Option<String>,
    /// Some of them.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "object")]
    pub settings: Option<UpdateSettings>,
}

/// Settings to change: what is absent stays, `null` is the default again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateSettings {
    /// IANA name, such as `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub timezone: Option<Option<String>>,
    /// For new events.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub waitlist_policy: Option<Option<WaitlistPolicy>>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub contact: Option<Option<String>>,
    /// The language of messages, such as `de` or `de-AT`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub language: Option<Option<String>>,
    /// Of messages, such as `#2f5bd7`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub color: Option<Option<String>>,
    /// How long new events take that do not say when they end, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub event_minutes: Option<Option<u32>>,
}

impl From<OrganizationSettings> for UpdateSettings {
    /// All settings: what is absent becomes the default again.
    fn from(settings: OrganizationSettings) -> Self {
        let OrganizationSettings { timezone, waitlist_policy, contact, language, color, event_minutes } =
            settings;
        Self {
            timezone: Some(timezone),
            waitlist_policy: Some(waitlist_policy),
            contact: Some(contact),
            language: Some(language),
            color: Some(color),
            event_minutes: Some(event_minutes),
        }
    }
}

impl UpdateSettings {
    /// What these settings become.
    #[must_use]
    pub fn applied_to(&self, before: &OrganizationSettings) -> OrganizationSettings {
        let before = before.clone();
        OrganizationSettings {
            timezone: self.timezone.clone().unwrap_or(before.timezone),
            waitlist_policy: self.waitlist_policy.unwrap_or(before.waitlist_policy),
            contact: self.contact.clone().unwrap_or(before.contact),
            language: self.language.clone().unwrap_or(before.language),
            color: self.color.clone().unwrap_or(before.color),
            event_minutes: self.event_minutes.unwrap_or(before.event_minutes),
        }
    }
}

/// `POST /organizations/:id/transfer`: offers the organization, and the other person accepts the offer as an invite. An
/// operator hands it over at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferOrganization {
    /// The new owner: a member, who becomes orgAdmin.
    pub user_id: UserId,
}

/// The answer to it: 202 while the offer waits for an answer, else 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transferred {
    /// The organization as it is now.
    #[serde(flatten)]
    pub organization: Organization,
    /// What the new owner has to accept; with its token if this request made it.
    #[serde(default)]
    pub offer: Option<Invite>,
}

/// `PUT /organizations/:id/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetOrganizationStatus {
    /// Whether anything may be changed in it.
    pub status: OrganizationStatus,
}

/// A service account in an organization: a client of the issuer that acts by itself, so that scripts need no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// The client at the issuer.
    pub client_id: String,
    /// Its user here, the same in every organization.
    pub user_id: UserId,
    /// The user's username.
    pub username: String,
    /// What it may do; while it is pending, what it is offered.
    pub role: Role,
    /// Since when.
    pub joined_at: DateTime<Utc>,
    /// Whether it has no role yet, and has to accept it with a token of its own.
    #[serde(default)]
    pub pending: bool,
}

/// `POST /organizations/:id/service-accounts`: one that is there already gets the role (201). Another one is asked (202), and
/// accepts with a token of its own; an operator maps it at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapServiceAccount {
    /// A confidential client of the issuer; 1 to 255 visible ASCII characters.
    pub client_id: String,
    /// What it may do.
    #[serde(deserialize_with = "role_in_any_case")]
    pub role: Role,
}

/// `PUT /organizations/:id/members/:userId`: a member's role. Who is not a member is invited; by an operator they are added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetMember {
    /// What the member may do.
    #[serde(deserialize_with = "role_in_any_case")]
    pub role: Role,
}

/// The answer to it: 200 if the user has the role now, 202 if they are invited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberSet {
    /// Always true.
    pub ok: bool,
    /// Whether the user is no member, and has an invite to answer.
    #[serde(default)]
    pub invited: bool,
    /// The invite, if one waits for an answer; with its token if this request made it.
    #[serde(default)]
    pub invite: Option<Invite>,
}

impl MemberSet {
    /// The user has the role.
    #[must_use]
    pub const fn done() -> Self {
        Self { ok: true, invited: false, invite: None }
    }

    /// The user is invited.
    #[must_use]
    pub const fn invited(invite: Invite) -> Self {
        Self { ok: true, invited: true, invite: Some(invite) }
    }
}

/// As people write it: `Organizer`, `orgadmin`.
pub(super) fn role_in_any_case<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

fn some_role_in_any_case<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Role>, D::Error> {
    role_in_any_case(deserializer).map(Some)
}
