//! Invites to organizations.

use super::Role;
use super::organization::role_in_any_case;
use crate::id::{InviteId, OrganizationId, UserId};
use crate::string_enum::string_enum;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

string_enum! {
    /// Where an invite is in its life. One that is revoked is gone.
    InviteStatus {
        /// To be answered.
        Pending = "pending",
        /// The invited person is a member.
        Accepted = "accepted",
        /// The invited person declined.
        Rejected = "rejected",
        /// Nobody answered in time.
        Expired = "expired",
    }
}

string_enum! {
    /// What an invite offers.
    InviteKind {
        /// To be a member.
        Membership = "membership",
        /// To be the owner; only to members.
        Ownership = "ownership",
    }
}

impl Default for InviteKind {
    /// What a daemon that does not know of offered ownership means.
    fn default() -> Self {
        Self::Membership
    }
}

/// An invite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// Its id.
    pub id: InviteId,
    /// To which organization.
    pub organization_id: OrganizationId,
    /// The organization's name.
    pub organization_name: String,
    /// What it offers.
    #[serde(default)]
    pub kind: InviteKind,
    /// The address of the invited person, in lower case; of a service account its username.
    pub email: String,
    /// The invited account; null: who proves to have the address.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// What they will be.
    pub role: Role,
    /// By whom.
    pub invited_by: UserId,
    /// The inviter's username.
    pub invited_by_username: String,
    /// A few words of the inviter's.
    pub message: Option<String>,
    /// From when on it can no longer be accepted.
    pub expires_at: DateTime<Utc>,
    /// Where it is in its life.
    pub status: InviteStatus,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
    /// By which its holder finds the invite. Sent once, to the inviter, when the invite is made or sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// An organization of which a person gets no invites any more, `GET /users/:id/invite-blocks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteBlock {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// `POST /org-invites` and `POST /org-invites/send`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateInvite {
    /// Whom.
    pub email: String,
    /// What they will be; in any case, since the web client sends `Organizer` and `User`.
    #[serde(deserialize_with = "role_in_any_case")]
    pub role: Role,
    /// The caller's own `sub`, as the web client sends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<String>,
    /// A few words, up to 1,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where to; default: the organization that the caller governs, of several the one they joined first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
}

/// The answer to it, and to `POST /org-invites/:id/resend`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteSent {
    /// For people.
    pub message: String,
    /// The invite, with its token.
    pub invite: Invite,
    /// The organization's name. (`camelCase`, as the web client reads it.)
    #[serde(rename = "organizationName")]
    pub organization_name: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn roles_are_taken_in_any_case_and_nothing_else_is() {
        let role = |role: &str| {
            let create = json!({ "email": "ada@example.org", "role": role });
            serde_json::from_value::<CreateInvite>(create).map(|create| create.role)
        };
        for (word, known) in [
            ("User", Role::User),
            ("Organizer", Role::Organizer),
            ("ORGANIZER", Role::Organizer),
            ("orgAdmin", Role::OrgAdmin),
            ("orgadmin", Role::OrgAdmin),
        ] {
            assert_eq!(role(word).expect(word), known);
        }
        for word in ["", "owner", " user"] {
            assert!(role(word).is_err(), "{word}");
        }
    }
}
