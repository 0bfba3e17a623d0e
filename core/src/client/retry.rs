//! What is sent again. A second time must do nothing that the first has not done:
//!
//! - A read does nothing, however often.
//! - PUT and DELETE say how things are to be, not what is to happen to them (RFC 9110, section 9.2.2). Once the first has
//!   been done, the second may find that there is nothing left to do, and be refused for it.
//! - A POST has an `Idempotency-Key`, the same one each time: a daemon that did the work and could not say so answers with
//!   what it did. One without a key is sent once.

use super::{ClientError, RawResponse, options};
use crate::wire::{ErrorCode, Problem};
use reqwest::{Method, Request, StatusCode};

/// How often a read whose answer is lost is repeated: whatever listens there may not speak HTTP at all.
const READS: u32 = 2;

/// How it goes on after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// What came of it is the last word.
    Settled,
    /// It is sent again, while the time lasts.
    Again,
    /// Sending it again shows nothing more: it is not known what was done.
    Unknown,
}

/// Whether a request is to change something.
pub(super) fn changes(request: &Request) -> bool {
    !matches!(*request.method(), Method::GET | Method::HEAD)
}

/// Whether an answer is a proxy's that had none of the daemon, which may have acted all the same.
pub(super) fn is_a_proxys(answer: &RawResponse) -> bool {
    matches!(answer.status(), StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT)
        && problem(answer).is_none()
}

/// How it goes on. `in_doubt`: the answer to an earlier attempt was lost.
pub(super) fn next(
    request: &Request,
    outcome: &Result<RawResponse, ClientError>,
    changes: bool,
    in_doubt: bool,
    attempt: u32,
) -> Next {
    match outcome {
        Ok(answer) if is_busy(answer) => Next::Again,
        Ok(answer) if in_doubt => after_a_loss(request, answer),
        Err(ClientError::Lost { .. }) if may_be_repeated(request) => Next::Again,
        // The daemon may be just starting again.
        Err(ClientError::Unreachable { .. }) if in_doubt => Next::Again,
        Err(ClientError::Unreachable { answered: true, .. }) if !changes && attempt < READS => Next::Again,
        // There is no token for a repetition, for one: that says nothing of the first attempt.
        Err(error) if in_doubt && !error.is_doubtful() => Next::Unknown,
        Ok(_) | Err(_) => Next::Settled,
    }
}

/// For a person, why it is sent again.
pub(super) fn why(outcome: &Result<RawResponse, ClientError>) -> String {
    match outcome {
        Ok(answer) => format!("the daemon is busy ({})", answer.status().as_u16()),
        Err(error) => error.to_string(),
    }
}

fn is_busy(answer: &RawResponse) -> bool {
    matches!(answer.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
}

fn may_be_repeated(request: &Request) -> bool {
    matches!(*request.method(), Method::PUT | Method::DELETE)
        || request.headers().contains_key(options::IDEMPOTENCY_KEY)
}

/// What an answer to a repetition says of the first attempt.
fn after_a_loss(request: &Request, answer: &RawResponse) -> Next {
    // The daemon did not look at what was asked.
    if answer.status() == StatusCode::UNAUTHORIZED {
        return Next::Unknown;
    }
    if request.headers().contains_key(options::IDEMPOTENCY_KEY) {
        let code = problem(answer).and_then(|problem| problem.known_code());
        // The daemon is still at the first.
        let is_running = code == Some(ErrorCode::IdempotencyInProgress);
        return if is_running { Next::Again } else { Next::Settled };
    }
    // It is gone, or otherwise than it was: by the first attempt, or by somebody else.
    let may_be_ours = matches!(
        answer.status(),
        StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED
    );
    if may_be_ours { Next::Unknown } else { Next::Settled }
}

fn problem(answer: &RawResponse) -> Option<Problem> {
    serde_json::from_slice(answer.body()).ok()
}

#[cfg(test)]
mod tests;
