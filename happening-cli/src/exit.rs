//! Exit codes, and the one place where an error becomes one. Scripts build on them.

use happening_core::client::ClientError;
use happening_core::signin::SigninError;
use happening_core::wire::{ErrorCode, Problem};
use std::io;
use std::process::ExitCode;
use thiserror::Error;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// The daemon failed, or something nobody thought of.
    Server = 1,
    /// The command makes no sense as it was given.
    Usage = 2,
    /// It does not exist, or not for the caller.
    NotFound = 3,
    /// Nobody is signed in, or no longer.
    NotSignedIn = 4,
    /// The caller may not.
    Forbidden = 5,
    /// Seats taken, sold out, stale, in the wrong state.
    Conflict = 6,
    /// No answer in time, or it was lost; whether anything was done is not known.
    TimedOut = 7,
    /// Nobody there: nothing was done.
    Network = 8,
    /// Some of it was done, and some not.
    PartlyDone = 9,
    /// There are differences.
    Differences = 10,
    /// The person said no.
    Cancelled = 11,
    /// Ctrl-C.
    Interrupted = 130,
}

impl Exit {
    /// In one word, for machines: the code of errors that have no problem document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Server => "unexpected",
            Self::Usage => "usage",
            Self::NotFound => "not_found",
            Self::NotSignedIn => "not_signed_in",
            Self::Forbidden => "forbidden",
            Self::Conflict => "conflict",
            Self::TimedOut => "timed_out",
            Self::Network => "network",
            Self::PartlyDone => "partly_done",
            Self::Differences => "differences",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What goes wrong on this side.
#[derive(Debug, Error)]
pub enum CliError {
    /// The command makes no sense as it was given.
    #[error("{0}")]
    Usage(String),
    /// Something that was named is not there.
    #[error("{0}")]
    NotFound(String),
    /// The caller is not somebody who may.
    #[error("{0}")]
    Forbidden(String),
    /// The daemon says of itself that it is down.
    #[error("the daemon is down")]
    Down,
    /// `doctor` found this many things that keep something from working.
    #[error("{}", findings(*.0))]
    Unwell(usize),
    /// Some things out of many could not be brought about.
    #[error("{failed} of {of} could not be done; the rest is done")]
    PartlyDone {
        /// These.
        failed: usize,
        /// Of all.
        of: usize,
    },
    /// A dry run: some things out of many could not be brought about.
    #[error("{failed} of {of} could not be done: nothing was changed, this was a dry run")]
    WouldFail {
        /// These.
        failed: usize,
        /// Of all.
        of: usize,
    },
    /// Something is otherwise than it was said or should be.
    #[error("{0}")]
    Differences(String),
    /// So many checks of so many failed.
    #[error("{failed} of {of} checks failed")]
    ChecksFailed {
        /// Failed.
        failed: usize,
        /// All of them.
        of: usize,
    },
    /// The state of what was named forbids it.
    #[error("{0}")]
    Conflict(String),
    /// What was waited for did not come in time.
    #[error("{0}")]
    TimedOut(String),
    /// What was waited for can no longer come.
    #[error("{0}")]
    Hopeless(String),
    /// The command did its work, and the filter could not make anything of the answer.
    #[error("the command was carried out, but --jq failed on its answer: {0}")]
    Filter(String),
    /// The filter ended the command itself, with this exit code, and has said what it had to say.
    #[error("--jq halted with exit code {0}")]
    Halted(i32),
    /// The command did its work, and there is no place for the answer.
    #[error("the command was carried out, but its answer could not be printed: {0}")]
    Unprinted(String),
    /// The person said no.
    #[error("cancelled, nothing was changed")]
    Cancelled,
    /// Ctrl-C.
    #[error("interrupted, nothing was changed")]
    Interrupted,
    /// Ctrl-C before the daemon had answered.
    #[error("interrupted before the daemon answered: what was asked of it may have been done")]
    InterruptedChange,
    /// Ctrl-C when the command was done, and the filter not.
    #[error("interrupted: the command was carried out, but --jq had not ended")]
    InterruptedFilter,
    /// Ctrl-C in the middle of a plan, and how far it has come; or of a wait, and what goes on.
    #[error("{0}")]
    InterruptedPlan(String),
    /// Ctrl-C, and what had been made was removed.
    #[error("interrupted; what was made for this is removed")]
    InterruptedAndRemoved,
}

fn findings(count: usize) -> String {
    if count == 1 { "one thing is wrong".to_owned() } else { format!("{count} things are wrong") }
}

/// The exit code of an error.
pub fn of(error: &anyhow::Error) -> Exit {
    if let Some(error) = error.downcast_ref::<CliError>() {
        return match error {
            CliError::Usage(_) => Exit::Usage,
            CliError::NotFound(_) => Exit::NotFound,
            CliError::Forbidden(_) => Exit::Forbidden,
            CliError::Down
            | CliError::Unwell(_)
            | CliError::Filter(_)
            | CliError::Halted(_)
            | CliError::Unprinted(_)
            | CliError::ChecksFailed { .. } => Exit::Server,
            CliError::TimedOut(_) => Exit::TimedOut,
            CliError::PartlyDone { .. } | CliError::WouldFail { .. } => Exit::PartlyDone,
            CliError::Differences(_) => Exit::Differences,
            CliError::Hopeless(_) | CliError::Conflict(_) => Exit::Conflict,
            CliError::Cancelled => Exit::Cancelled,
            CliError::Interrupted
            | CliError::InterruptedChange
            | CliError::InterruptedFilter
            | CliError::InterruptedPlan(_)
            | CliError::InterruptedAndRemoved => Exit::Interrupted,
        };
    }
    if let Some(error) = client_error(error) {
        return of_client(error);
    }
    error.downcast_ref::<SigninError>().map_or(Exit::Server, of_signin)
}

/// The exit code that a filter has chosen, as jq has it: of a number its lowest byte.
pub fn halted(error: &anyhow::Error) -> Option<u8> {
    match error.downcast_ref() {
        Some(CliError::Halted(code)) => Some(code.to_le_bytes()[0]),
        _ => None,
    }
}

/// The client's error, also where the sign-in passes it on.
pub fn client_error(error: &anyhow::Error) -> Option<&ClientError> {
    error.downcast_ref::<ClientError>().or_else(|| match error.downcast_ref::<SigninError>() {
        Some(SigninError::Server(error)) => Some(error),
        _ => None,
    })
}

fn of_client(error: &ClientError) -> Exit {
    match error {
        ClientError::Refused { problem, .. } => of_problem(problem),
        ClientError::NotSignedIn(_) => Exit::NotSignedIn,
        ClientError::Unreachable { .. } => Exit::Network,
        ClientError::Lost { .. } | ClientError::TimedOut { .. } => Exit::TimedOut,
        ClientError::Broken(_) | ClientError::NotHappening(_) | ClientError::Proxy(_) => Exit::Server,
        ClientError::Address(_) | ClientError::Path { .. } | ClientError::NoDryRuns => Exit::Usage,
        // What a dry run has to say is printed by the frame.
        ClientError::Tried(_) => Exit::Ok,
    }
}

/// By status rather than by code: a code of a newer daemon has one too.
fn of_problem(problem: &Problem) -> Exit {
    // Nothing is wrong with what was asked: it is there already.
    if matches!(problem.known_code(), Some(ErrorCode::AlreadyMember | ErrorCode::InvitePending)) {
        return Exit::Conflict;
    }
    match problem.status {
        400 => Exit::Usage,
        401 => Exit::NotSignedIn,
        403 => Exit::Forbidden,
        404 => Exit::NotFound,
        408 => Exit::TimedOut,
        409 | 412 => Exit::Conflict,
        _ => Exit::Server,
    }
}

fn of_signin(error: &SigninError) -> Exit {
    match error {
        SigninError::Server(error) => of_client(error),
        SigninError::Unreachable { .. } => Exit::Network,
        SigninError::Refused { .. } | SigninError::Denied | SigninError::Damaged { .. } => Exit::NotSignedIn,
        SigninError::Expired | SigninError::Busy(_) => Exit::TimedOut,
        SigninError::Settings(_) => Exit::Usage,
        SigninError::NoDeviceFlow(_)
        | SigninError::Broken { .. }
        | SigninError::NoKeyring(_)
        | SigninError::KeyringLocked
        | SigninError::File { .. } => Exit::Server,
    }
}

/// Whether the reader of our output went away.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_daemon_has_its_exit_code() {
        for &code in ErrorCode::ALL {
            let problem = Box::new(Problem::new(code, "why"));
            let error =
                anyhow::Error::from(ClientError::Refused { problem, retry_after: None }).context("what");
            let expected = match code {
                ErrorCode::ValidationFailed
                | ErrorCode::InvalidSeatNumbers
                | ErrorCode::TooManySeats
                | ErrorCode::DryRunUnsupported => Exit::Usage,
                ErrorCode::Unauthenticated => Exit::NotSignedIn,
                ErrorCode::Forbidden => Exit::Forbidden,
                ErrorCode::NotFound => Exit::NotFound,
                ErrorCode::RequestTimeout => Exit::TimedOut,
                ErrorCode::SeatsConflict
                | ErrorCode::AlreadyMember
                | ErrorCode::InvitePending
                | ErrorCode::SoldOut
                | ErrorCode::NoAdjacentSeats
                | ErrorCode::HoldGone
                | ErrorCode::HoldLimit
                | ErrorCode::NotConfirmed
                | ErrorCode::EventClosed
                | ErrorCode::SalesPaused
                | ErrorCode::NotWaiting
                | ErrorCode::NotEnoughSeats
                | ErrorCode::CapacityBelowBooked
                | ErrorCode::LastOrgAdmin
                | ErrorCode::OrganizationSuspended
                | ErrorCode::QuotaExceeded
                | ErrorCode::UpcomingEvents
                | ErrorCode::JobRunning
                | ErrorCode::AlreadyExists
                | ErrorCode::IdempotencyMismatch
                | ErrorCode::IdempotencyInProgress
                | ErrorCode::Stale
                | ErrorCode::MessageTruncated => Exit::Conflict,
                ErrorCode::MethodNotAllowed
                | ErrorCode::PayloadTooLarge
                | ErrorCode::UnsupportedMediaType
                | ErrorCode::RateLimited
                | ErrorCode::Internal
                | ErrorCode::Unavailable => Exit::Server,
            };
            assert_eq!(of(&error), expected, "{code}");
        }
    }

    #[test]
    fn the_sign_in_has_exit_codes_too() {
        let away = || ClientError::Unreachable { server: "s".into(), reason: "r".into(), answered: false };
        for (error, expected) in [
            (SigninError::Server(away()), Exit::Network),
            (SigninError::Denied, Exit::NotSignedIn),
            (SigninError::Expired, Exit::TimedOut),
            (SigninError::KeyringLocked, Exit::Server),
            (SigninError::Settings("half".into()), Exit::Usage),
        ] {
            assert_eq!(of(&anyhow::Error::from(error)), expected);
        }
        assert_eq!(of(&anyhow::anyhow!("no idea")), Exit::Server);
        assert!(is_broken_pipe(&io::Error::from(io::ErrorKind::BrokenPipe).into()));
    }
}
