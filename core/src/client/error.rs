//! What can go wrong between a client and a daemon.

use crate::id::JobId;
use crate::net;
use crate::wire::{ErrorCode, Problem};
use std::error::Error as _;
use std::time::Duration;
use thiserror::Error;
use url::Url;

/// Why a request has no answer, or not the wanted one.
#[derive(Debug, Clone, Error)]
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
    /// The daemon cannot be reached: nothing was done.
    #[error("cannot reach {server}: {reason}")]
    Unreachable {
        /// Its address.
        server: String,
        /// Why.
        reason: String,
        /// Somebody was there, and the answer broke off.
        answered: bool,
    },
    /// A change was sent and its answer lost; whether the daemon acted is unknown.
    #[error("the answer of {server} was lost ({reason}): what was asked may have been done")]
    Lost {
        /// Its address.
        server: String,
        /// How.
        reason: String,
    },
    /// No answer in time; whether the daemon acted is unknown.
    #[error("{server} did not answer in time{}", if *changes { ": what was asked may have been done" } else { "" })]
    TimedOut {
        /// Its address.
        server: String,
        /// Something was to be changed.
        changes: bool,
    },
    /// A status without the daemon's words, as proxies answer for a daemon that is away or busy: 429, 502, 503 or 504.
    #[error("a proxy or the daemon answered {0}: try again")]
    Proxy(String),
    /// The answer broke off or is not what this version expects.
    #[error("{0}")]
    Broken(String),
    /// Something answered that is no Happening daemon.
    #[error("this does not look like a Happening daemon: it answered {0}")]
    NotHappening(String),
    /// The daemon's address cannot be one. Only its host is named: a password may be in the rest.
    #[error(
        "the address of the daemon at `{0}` cannot be used: it is http:// or https://, a host, and perhaps a path"
    )]
    Address(String),
    /// What was asked for is not a path at the daemon: nothing was sent.
    #[error("`{path}` is not a path at the daemon: {reason}")]
    Path {
        /// What was asked for.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
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

    /// The job that is under way already, where the daemon refused to start another one ([`ErrorCode::JobRunning`]).
    pub fn running_job(&self) -> Option<JobId> {
        let problem = self.problem().filter(|problem| problem.known_code() == Some(ErrorCode::JobRunning))?;
        problem.members.get("job_id")?.as_str()?.parse().ok()
    }

    /// Whether what was asked may have been done, or may not.
    pub fn is_doubtful(&self) -> bool {
        matches!(self, Self::Lost { .. } | Self::TimedOut { changes: true, .. })
    }

    /// Why there is no answer. Of what broke before there was a connection nothing was sent; of what broke later, the daemon
    /// may have done what was asked, if that `changes` anything.
    pub(super) fn of_transport(server: &Url, error: &reqwest::Error, changes: bool) -> Self {
        let name = server.to_string();
        if error.is_timeout() && !error.is_connect() {
            return Self::TimedOut { server: name, changes };
        }
        let reason = format!("{}{}", reason(error), net::through(server));
        if error.is_builder() || error.is_connect() {
            let reason = if speaks_no_tls(server, &reason) {
                "it speaks no TLS: with http:// it may be reached".to_owned()
            } else {
                reason
            };
            return Self::Unreachable { server: name, reason, answered: false };
        }
        if changes {
            return Self::Lost { server: name, reason };
        }
        Self::Unreachable { server: name, reason, answered: true }
    }
}

/// reqwest says "error sending request"; the reason is at the end of the chain.
fn reason(error: &reqwest::Error) -> String {
    let mut deepest = error.source();
    while let Some(deeper) = deepest.and_then(std::error::Error::source) {
        deepest = Some(deeper);
    }
    deepest.map_or_else(|| error.to_string(), ToString::to_string)
}

/// What a server without TLS answers to its greeting is no record of TLS (rustls: `InvalidContentType`).
fn speaks_no_tls(server: &Url, reason: &str) -> bool {
    server.scheme() == "https" && reason.contains("InvalidContentType")
}
