//! What can go wrong while signing in or staying signed in.

use crate::client::ClientError;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why there is no token. What to do next differs for each, so they are distinguished.
#[derive(Debug, Error)]
pub enum SigninError {
    /// The daemon could not be asked where to sign in.
    #[error(transparent)]
    Server(#[from] ClientError),
    /// The issuer cannot be reached, or answers that it cannot serve.
    #[error("cannot reach the issuer {issuer}: {reason}")]
    Unreachable {
        /// The issuer.
        issuer: String,
        /// Why.
        reason: String,
    },
    /// The issuer said no.
    #[error("the issuer refused: {}", description.as_ref().unwrap_or(error))]
    Refused {
        /// Its code, such as `invalid_grant`.
        error: String,
        /// Its words.
        description: Option<String>,
    },
    /// The person pressed "no".
    #[error("the sign-in was denied in the browser")]
    Denied,
    /// Nobody approved the code in time.
    #[error("the code expired before anyone approved it")]
    Expired,
    /// The issuer has no device flow.
    #[error("the issuer {0} offers no sign-in with a code (device flow)")]
    NoDeviceFlow(String),
    /// The issuer's answer is not what the specifications say.
    #[error("unexpected answer of the issuer {issuer}: {reason}")]
    Broken {
        /// The issuer.
        issuer: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no keyring on this machine, or it does not work.
    #[error("there is no keyring to keep the sign-in in: {0}")]
    NoKeyring(String),
    /// There is a keyring, and it waits for someone to unlock it.
    #[error("the keyring is locked, or does not answer")]
    KeyringLocked,
    /// Another process has been refreshing for too long.
    #[error("another process has been refreshing the sign-in for {0} s")]
    Busy(u64),
    /// A file cannot be read or written.
    // Not `source`: a chain of errors would print it twice.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A file can be read, and is not what was written there.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The environment or the configuration contradicts itself.
    #[error("{0}")]
    Settings(String),
}

impl SigninError {
    pub(super) fn file(path: &Path, source: impl Into<io::Error>) -> Self {
        Self::File { path: path.to_owned(), reason: source.into() }
    }

    pub(super) fn damaged(path: &Path, reason: &serde_json::Error) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.to_string() }
    }
}

/// Clients ask for a token in the middle of a request, and have one kind of error: who is refused a token is not
/// signed in; an issuer that is away is a network problem like any other.
impl From<SigninError> for ClientError {
    fn from(error: SigninError) -> Self {
        match error {
            SigninError::Server(error) => error,
            SigninError::Unreachable { issuer, reason } => {
                Self::Unreachable { server: issuer, reason, answered: false }
            }
            SigninError::Refused { error, description } => {
                let why = description.unwrap_or(error);
                Self::NotSignedIn(format!("signed out by the server ({why}); run `happening login`"))
            }
            SigninError::Broken { .. } | SigninError::Busy(_) => Self::Broken(error.to_string()),
            SigninError::Damaged { .. } => {
                Self::NotSignedIn(format!("{error}; `happening login` replaces it"))
            }
            other => Self::NotSignedIn(other.to_string()),
        }
    }
}
