//! Why the directory did not do it.
//!
//! `Unreachable` is an outage: everybody waits for its end. The others are answers: `Conflict` is for the caller to decide
//! about, `NotPermitted` and `SignIn` for who set Keycloak up, `Refused` is everything else.

use thiserror::Error;

/// Why it was not done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DirectoryError {
    /// No answer, or the answer of a proxy that had none.
    #[error("Keycloak does not answer: {reason}")]
    Unreachable {
        /// What happened.
        reason: String,
        /// The request was sent, and may yet be carried out.
        unsettled: bool,
    },
    /// The client's credentials are not accepted.
    #[error("Keycloak does not accept the service account (KEYCLOAK_CLIENT_ID, KEYCLOAK_CLIENT_SECRET): {0}")]
    SignIn(String),
    /// A right is missing.
    #[error("the service account of `{client}` lacks the realm-management role `{role}`")]
    NotPermitted {
        /// The client.
        client: String,
        /// The role to give it.
        role: &'static str,
    },
    /// Something with this name is there.
    #[error("Keycloak has another one: {0}")]
    Conflict(String),
    /// Any other answer.
    #[error("Keycloak answers {status}: {said}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said, shortened.
        said: String,
    },
}

impl DirectoryError {
    /// Whether something that was asked for may yet be carried out.
    pub fn is_unsettled(&self) -> bool {
        matches!(self, Self::Unreachable { unsettled: true, .. })
    }

    /// Whether the directory is away, rather than of another opinion.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}
