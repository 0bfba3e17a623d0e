//! What can go wrong between a client and a daemon.

use crate::wire::{ErrorCode, Problem};
use std::error::Error as _;
use std::time::Duration;
use thiserror::Error;
use url::Url;

/// Why a request has no answer, or not the wanted one.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The daemon said no, and why.
    #[error("{}", .problem.detail)]
    Refused {
        /// The daemon's words.
        problem: Box<Problem>,
        /// When to try again, if the daemon says.
        retry_after: Option<Duration>,
    },
    /// A dry run would have been done; this is what would have been answered, as JSON.
    #[error("nothing was changed: this was a dry run")]
    Tried(String),
    /// The daemon would not try this but do it, so it was not asked.
    #[error("this daemon knows no dry runs: it would have done what was asked")]
    NoDryRuns,
    /// Nobody is signed in.
    #[error("not signed in: {0}")]
    NotSignedIn(String),
    /// The daemon cannot be reached.
    #[error("cannot reach {server}: {reason}")]
    Unreachable {
        /// Its address.
        server: String,
        /// Why.
        reason: String,
    },
    /// No answer in time; whether the daemon acted is unknown.
    #[error("{server} did not answer in time")]
    TimedOut {
        /// Its address.
        server: String,
    },
    /// The answer broke off or is not what this version expects.
    #[error("{0}")]
    Broken(String),
    /// Something answered that is no Happening daemon.
    #[error("this does not look like a Happening daemon: it answered {0}")]
    NotHappening(String),
    /// The daemon's address cannot be one.
    #[error("`{0}` is no address of a daemon")]
    Address(String),
}

impl ClientError {
    /// The stable code, where the daemon refused with one that this version knows.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { problem, .. } => problem.known_code(),
            _ => None,
        }
    }

    /// The daemon's problem document, where it sent one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused { problem, .. } => Some(problem),
            _ => None,
        }
    }

    pub(super) fn unreachable(server: &Url, error: &reqwest::Error) -> Self {
        if error.is_timeout() && !error.is_connect() {
            return Self::TimedOut { server: server.to_string() };
        }
        // reqwest says "error sending request"; the reason is at the end of the chain.
        let mut reason = error.source();
        while let Some(deeper) = reason.and_then(std::error::Error::source) {
            reason = Some(deeper);
        }
        let reason = reason.map_or_else(|| error.to_string(), ToString::to_string);
        Self::Unreachable { server: server.to_string(), reason }
    }
}
