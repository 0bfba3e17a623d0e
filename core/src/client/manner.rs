//! How a client asks: how long it waits, what it asks again, and who looks on.
//!
//! A daemon that is busy (429, 503) says that the request was not the problem: it is asked again. A change whose answer is
//! lost may have been made. It is sent again where the second time does nothing that the first has not done, see
//! [`super::repeat`]; if no answer comes of that either, the error says that nothing is known.

use super::repeat::{self, Next};
use super::{Answer, ClientError};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Request};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

/// By which the daemon knows a request that it has seen before.
pub(super) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Before the first repetition, where the daemon does not say; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// No pause of ours is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How a client asks.
#[derive(Clone)]
pub struct Manner {
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

impl Manner {
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

    /// Sends `request` until it is answered with something other than "busy", or the time is up.
    pub(super) async fn send(
        &self,
        http: &Client,
        server: &Url,
        request: Request,
    ) -> Result<Answer, ClientError> {
        let deadline = Instant::now() + self.timeout;
        let changes = repeat::changes(&request) && !self.dry_run;
        // What is known no longer: a change that was sent, and whose answer was lost.
        let mut doubt = None;
        let mut attempt = 0;
        loop {
            // A body that is a stream cannot be sent twice; ours are bytes in memory.
            let Some(again) = request.try_clone() else {
                return self.send_once(http, server, request, changes, deadline).await;
            };
            let outcome = self.send_once(http, server, again, changes, deadline).await;
            let next = repeat::next(&request, &outcome, changes, doubt.is_some(), attempt);
            if let Err(error @ ClientError::Lost { .. }) = &outcome {
                doubt = Some(error.clone());
            }
            if next == Next::Settled {
                return outcome;
            }
            let pause = self.pause(outcome.as_ref().ok(), attempt);
            let pause = pause.filter(|pause| next == Next::Again && Instant::now() + *pause < deadline);
            let Some(pause) = pause else { return doubt.map_or(outcome, Err) };
            if let Some(observer) = &self.observer {
                observer.pausing(&repeat::why(&outcome), pause);
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// Sends it and reads the whole answer: one that breaks off is none.
    async fn send_once(
        &self,
        http: &Client,
        server: &Url,
        mut request: Request,
        changes: bool,
        deadline: Instant,
    ) -> Result<Answer, ClientError> {
        let lost = |error| ClientError::of_transport(server, &error, changes);
        let begun = Instant::now();
        *request.timeout_mut() = Some(deadline.saturating_duration_since(begun));
        if let Some(observer) = &self.observer {
            observer.sending(&Outgoing {
                method: request.method().as_str(),
                url: request.url().as_str(),
                headers: texts(request.headers()),
                body: request.body().and_then(reqwest::Body::as_bytes),
            });
        }
        let mut response = http.execute(request).await.map_err(lost)?;
        if let Some(observer) = &self.observer {
            let headers = texts(response.headers());
            observer.answered(&Incoming {
                status: response.status().as_u16(),
                headers,
                took: begun.elapsed(),
            });
        }
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut answer = Answer::new(response.bytes().await.map_err(lost)?.into());
        (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
        if changes && repeat::is_a_proxys(&answer) {
            let reason = format!("a proxy or the daemon answered {status}");
            return Err(ClientError::Lost { server: server.to_string(), reason });
        }
        Ok(answer)
    }

    /// How long to wait before asking again, if that is done at all.
    fn pause(&self, answer: Option<&Answer>, attempt: u32) -> Option<Duration> {
        let draw = self.keys?;
        let ours = FIRST_PAUSE.saturating_mul(1 << attempt.min(8)).min(LONGEST_PAUSE);
        // A crowd that was turned away together shall not come back together.
        let (_, spread, _, _) = draw().as_fields();
        let jitter = ours.mul_f64(f64::from(spread) / f64::from(u16::MAX) / 2.0);
        Some(answer.and_then(|answer| retry_after(answer.headers())).unwrap_or(ours / 2) + jitter)
    }
}

impl fmt::Debug for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manner").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// When to come back, if the daemon says so in seconds (RFC 9110, section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?;
    value.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

fn texts(headers: &HeaderMap) -> Vec<(&str, &str)> {
    headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
}
