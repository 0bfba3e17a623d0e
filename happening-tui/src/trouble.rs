//! What went wrong, as a person at the terminal needs to know it: made from [`ClientError`] and [`SigninError`] here and nowhere else.

use crate::text;
use happening_core::client::ClientError;
use happening_core::signin::SigninError;
use happening_core::wire::{ErrorCode, Problem};

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What follows from it.
    pub kind: TroubleKind,
    /// What happened, in a sentence without its full stop. May hold text of others: made visible when drawn.
    pub what: String,
    /// Under which the daemon's log has the details.
    pub request_id: Option<String>,
    /// What to do about it, in a sentence without its full stop.
    pub advice: Option<&'static str>,
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
        Self { kind, what: what.into(), request_id: None, advice: None }
    }

    /// What happened and what to do about it, in one line.
    pub fn line(&self) -> String {
        match self.advice {
            Some(advice) => format!("{}. {}", self.what, text::sentence(advice)),
            None => self.what.clone(),
        }
    }
}

/// What a person at the terminal does about a refusal; nothing where the words of the daemon say it. Without a wildcard: a new
/// code is given its advice, or a reason to have none, here.
const fn advice(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::InvalidSeatNumbers => "name seats that the map shows, each once",
        ErrorCode::TooManySeats => {
            "book fewer seats, in several bookings, or raise the booking limit of the event (`e` there)"
        }
        ErrorCode::AlreadyMember => "`u` in the list of members sets the role",
        ErrorCode::InvitePending => "`a` in the list of invites sends the invite again",
        ErrorCode::DryRunUnsupported => "do it with the command line, which does not try it first",
        ErrorCode::Forbidden => "the header shows your role; `?` lists what it permits here",
        ErrorCode::NotFound => "`r` reads the list again: it may have been deleted, or is not for you to see",
        ErrorCode::SeatsConflict => "pick other seats: the map shows which ones are free now",
        ErrorCode::SoldOut => "wait for a cancellation, or raise the capacity (`+`) or the waitlist limit (`e`)",
        ErrorCode::NoAdjacentSeats => "choose `preferred` for together, or name seats",
        ErrorCode::HoldGone => "book without the hold",
        ErrorCode::HoldLimit => "release seats that are held, or book at once",
        ErrorCode::NotConfirmed => "a waiting party gets seats by `t`; a cancelled booking is booked again",
        ErrorCode::EventClosed => "who runs the event can change its date or status (`e`)",
        ErrorCode::SalesPaused => {
            "who runs the event resumes its sales by `p`; cancellations and the waitlist go on meanwhile"
        }
        ErrorCode::NotWaiting => "`r` shows where the booking is now: it was served or cancelled",
        ErrorCode::NotEnoughSeats => "cancel or add seats first: out of turn a party is served whole",
        ErrorCode::CapacityBelowBooked => "move or cancel that booking first (`m` or `c` on its seat)",
        ErrorCode::LastOrgAdmin => "make somebody else orgAdmin first (`u` in the list of members)",
        ErrorCode::OrganizationSuspended => "an operator resumes the organization by `P` in the list of organizations",
        ErrorCode::QuotaExceeded => {
            "remove what is no longer needed, wait until it ends, or ask an operator, who has no quota"
        }
        ErrorCode::UpcomingEvents => "call its events off first",
        ErrorCode::JobRunning => "wait for its end: one of a kind runs at a time",
        ErrorCode::AlreadyExists => "choose another name",
        ErrorCode::IdempotencyMismatch | ErrorCode::IdempotencyInProgress => {
            "look whether it was done before you try again"
        }
        ErrorCode::Stale => "somebody changed it meanwhile: look at it again, then repeat the change",
        ErrorCode::MessageTruncated => "discard it: what was lost cannot be published again",
        ErrorCode::Internal => "tell the operators the request id: the log of the daemon has the details",
        ErrorCode::RateLimited => "wait a moment, then try again",
        ErrorCode::Unavailable | ErrorCode::RequestTimeout => "try again; the overview shows which part is down",
        // The field and what is wrong with it are the message.
        ErrorCode::ValidationFailed
        // The screen leads to the sign-in.
        | ErrorCode::Unauthenticated
        // Defects of a client, which no person can do anything about.
        | ErrorCode::MethodNotAllowed
        | ErrorCode::PayloadTooLarge
        | ErrorCode::UnsupportedMediaType => return None,
    })
}

/// The seats that are in the way, where the daemon names them.
fn taken(problem: &Problem) -> Option<String> {
    let seats: Vec<u32> = serde_json::from_value(problem.members.get("unavailable")?.clone()).ok()?;
    (!seats.is_empty()).then(|| format!(" (taken: {})", text::seats(&seats)))
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
        let taken = error.problem().and_then(taken).unwrap_or_default();
        Self {
            kind,
            what: plain(&what) + &taken,
            request_id: error.problem().and_then(|problem| problem.request_id.clone()),
            advice: error.code().and_then(advice),
        }
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
