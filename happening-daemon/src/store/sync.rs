//! What Keycloak is still to be told. A task says what to look at, not what to do: whoever takes it reads what is true here
//! and makes Keycloak equal to it. So a task may be done late or twice, and two of the same are one.

use happening_core::id::{OrganizationId, UserId};

/// What to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeycloakTask {
    /// An organization: that it exists (or no longer does), its name, and who has which role in it.
    Organization(OrganizationId),
    /// Whether somebody is a member of an organization.
    Member {
        /// The organization.
        organization: OrganizationId,
        /// The person.
        user: UserId,
        /// Their `sub`: it outlives their row here.
        subject: String,
    },
    /// An account to delete, because the person asked for it.
    Account {
        /// Whose it was here.
        user: UserId,
        /// Their `sub`.
        subject: String,
    },
}

impl KeycloakTask {
    /// Two tasks with the same key are one.
    pub fn key(&self) -> String {
        match self {
            Self::Organization(organization) => format!("organization:{organization}"),
            Self::Member { organization, user, .. } => format!("member:{organization}:{user}"),
            Self::Account { user, .. } => format!("account:{user}"),
        }
    }

    /// The word in the database.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Organization(_) => "organization",
            Self::Member { .. } => "member",
            Self::Account { .. } => "account",
        }
    }
}
