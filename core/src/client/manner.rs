//! How a client asks: how long it waits, whether it asks again what a busy daemon turned away, and who looks on.
//!
//! Only 429 and 503 are asked again: both say that this request was not the problem. Each POST carries an
//! `Idempotency-Key`, the same one each time it is sent, so that a daemon which did the work and could not say so answers
//! with what it did, rather than doing it twice.

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Request, Response, StatusCode};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
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
    /// Draws a key for each POST. With it, what a busy daemon turns away is asked again while the time lasts.
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

    /// The daemon is busy and will be asked again after a pause.
    fn pausing(&self, status: u16, pause: Duration);
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
    pub(super) async fn send(&self, http: &Client, request: Request) -> Result<Response, reqwest::Error> {
        let deadline = Instant::now() + self.timeout;
        let mut attempt = 0;
        loop {
            // A body that is a stream cannot be sent twice; ours are bytes in memory.
            let Some(again) = request.try_clone() else {
                return self.send_once(http, request, deadline).await;
            };
            let response = self.send_once(http, again, deadline).await?;
            let Some(pause) =
                self.pause(&response, attempt).filter(|pause| Instant::now() + *pause < deadline)
            else {
                return Ok(response);
            };
            if let Some(observer) = &self.observer {
                observer.pausing(response.status().as_u16(), pause);
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn send_once(
        &self,
        http: &Client,
        mut request: Request,
        deadline: Instant,
    ) -> Result<Response, reqwest::Error> {
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
        let response = http.execute(request).await?;
        if let Some(observer) = &self.observer {
            let headers = texts(response.headers());
            observer.answered(&Incoming {
                status: response.status().as_u16(),
                headers,
                took: begun.elapsed(),
            });
        }
        Ok(response)
    }

    /// How long to wait before asking again, if at all.
    fn pause(&self, response: &Response, attempt: u32) -> Option<Duration> {
        let draw = self.keys?;
        if !matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            return None;
        }
        let ours = FIRST_PAUSE.saturating_mul(1 << attempt.min(8)).min(LONGEST_PAUSE);
        // A crowd that was turned away together shall not come back together.
        let (_, spread, _, _) = draw().as_fields();
        let jitter = ours.mul_f64(f64::from(spread) / f64::from(u16::MAX) / 2.0);
        Some(retry_after(response).unwrap_or(ours / 2) + jitter)
    }
}

impl fmt::Debug for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manner").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// When to come back, if the daemon says so in seconds (RFC 9110, section 10.2.3).
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?;
    value.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

fn texts(headers: &HeaderMap) -> Vec<(&str, &str)> {
    headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
}
