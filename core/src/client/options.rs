//! The options of a client: how long it waits, what it retries, and who observes.
//!
//! A daemon that is busy (429, 503) says that the request was not the problem: it is asked again. A change whose answer is
//! lost may have been made. It is sent again where the second time does nothing that the first has not done, see
//! [`super::retry`]; if no answer comes of that either, the error says that nothing is known.

use super::RawResponse;
use crate::backoff;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// By which the daemon knows a request that it has seen before.
pub(super) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// What an answer carries that the daemon has kept from an earlier request under the same key.
pub(super) const REPLAYED: &str = "Idempotency-Replayed";

/// Before the first repetition, where the daemon does not say; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// No pause of ours is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The options of a client.
#[derive(Clone)]
pub struct ClientOptions {
    /// How long an answer may take, all repetitions and pauses included.
    pub timeout: Duration,
    /// Draws a key for each POST. With it, what a busy daemon turns away, or what gets no answer, is asked again while the
    /// time lasts.
    pub keys: Option<fn() -> Uuid>,
    /// Writes are only tried: each ends in a refusal, or in `ClientError::Tried`.
    pub dry_run: bool,
    /// Looks on.
    pub observer: Option<Arc<dyn Observer>>,
}

/// Sees what goes over the wire, for people who want to see it too.
pub trait Observer: Send + Sync {
    /// A request is about to be sent.
    fn sending(&self, request: &Outgoing<'_>);

    /// It was answered.
    fn answered(&self, answer: &Incoming<'_>);

    /// For this reason the daemon will be asked again, after a pause.
    fn pausing(&self, why: &str, pause: Duration);
}

/// A request. Its headers have the access token among them: a secret.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// `GET` and its like.
    pub method: &'a str,
    /// The address, the query within.
    pub url: &'a str,
    /// Names in lower case, and values; what is no text is left out.
    pub headers: Vec<(&'a str, &'a str)>,
    /// JSON, if there is a body.
    pub body: Option<&'a [u8]>,
}

/// The head of an answer.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// The HTTP status.
    pub status: u16,
    /// As in [`Outgoing`].
    pub headers: Vec<(&'a str, &'a str)>,
    /// From the sending of the request to this.
    pub took: Duration,
}

impl ClientOptions {
    /// Asks once, without a key, unobserved.
    pub fn plain(timeout: Duration) -> Self {
        Self { timeout, keys: None, dry_run: false, observer: None }
    }

    /// The same, but without repetitions.
    pub(super) fn once(self) -> Self {
        Self { keys: None, ..self }
    }

    pub(super) fn key(&self) -> Option<String> {
        self.keys.map(|draw| draw().to_string())
    }

    /// How long to wait before asking again, if that is done at all.
    pub(super) fn pause(&self, answer: Option<&RawResponse>, attempt: u32) -> Option<Duration> {
        let draw = self.keys?;
        let ours = backoff::pause(FIRST_PAUSE, LONGEST_PAUSE, attempt + 1, seed(draw()));
        let asked = answer.and_then(|answer| retry_after(answer.headers()));
        // A crowd that was turned away together shall not come back together.
        Some(asked.map_or(ours, |asked| asked + ours / 2))
    }

    /// Something random, by which a pause is spread.
    pub(super) fn seed(&self) -> u64 {
        self.keys.map_or(0, |draw| seed(draw()))
    }
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientOptions").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

fn seed(drawn: Uuid) -> u64 {
    drawn.as_u64_pair().1
}

/// When to come back, if the daemon says so in seconds (RFC 9110, section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?;
    value.to_str().ok()?.parse().ok().map(Duration::from_secs)
}
