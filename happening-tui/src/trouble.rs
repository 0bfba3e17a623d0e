//! What went wrong, as a person at the terminal needs to know it: made from [`ClientError`] and [`SigninError`] here and nowhere else.

use happening_core::client::ClientError;
use happening_core::signin::SigninError;
use happening_core::wire::ErrorCode;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What follows from it.
    pub kind: TroubleKind,
    /// What happened, in a sentence without its full stop. May hold text of others: made visible when drawn.
    pub what: String,
    /// Under which the daemon's log has the details.
    pub request_id: Option<String>,
}

/// What follows from a [`Trouble`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    /// Heals by itself: the daemon is away, slow or overloaded. Try again, keep what is there.
    Away,
    /// Nobody is signed in any more.
    SignedOut,
    /// The thing is not there, or not for this person to know of.
    Gone,
    /// Nothing failed, but a person should know.
    Warning,
    /// Anything else: a person has to read it.
    Refused,
}

impl Trouble {
    /// A trouble without a request id.
    pub fn new(kind: TroubleKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), request_id: None }
    }
}

impl From<&ClientError> for Trouble {
    fn from(error: &ClientError) -> Self {
        let kind = match error {
            ClientError::Unreachable { .. }
            | ClientError::Lost { .. }
            | ClientError::TimedOut { .. }
            | ClientError::Proxy(_) => TroubleKind::Away,
            ClientError::NotSignedIn(_) => TroubleKind::SignedOut,
            ClientError::Refused { .. } => match error.code() {
                Some(ErrorCode::Unauthenticated) => TroubleKind::SignedOut,
                Some(ErrorCode::NotFound) => TroubleKind::Gone,
                Some(ErrorCode::Unavailable | ErrorCode::RateLimited | ErrorCode::RequestTimeout) => {
                    TroubleKind::Away
                }
                _ => TroubleKind::Refused,
            },
            ClientError::Broken(_)
            | ClientError::NotHappening(_)
            | ClientError::Address(_)
            | ClientError::Path { .. }
            | ClientError::Tried(_)
            | ClientError::NoDryRuns => TroubleKind::Refused,
        };
        let what = match error {
            // The screen says by itself that nobody is signed in.
            ClientError::NotSignedIn(why) => why.clone(),
            other => other.to_string(),
        };
        let what = plain(&what);
        Self { kind, what, request_id: error.problem().and_then(|problem| problem.request_id.clone()) }
    }
}

impl From<&SigninError> for Trouble {
    fn from(error: &SigninError) -> Self {
        let kind = match error {
            SigninError::Server(error) => return Self::from(error),
            SigninError::Unreachable { .. } | SigninError::Busy(_) => TroubleKind::Away,
            _ => TroubleKind::Refused,
        };
        Self::new(kind, plain(&error.to_string()))
    }
}

/// Without the number that the operating system gives the error, and without the full stop.
fn plain(what: &str) -> String {
    what.split(" (os error ").next().unwrap_or(what).trim_end_matches('.').to_owned()
}
