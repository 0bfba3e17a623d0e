//! Server-Sent Events (HTML Living Standard, section 9.2): a listener's messages, each with the id by which a reader comes
//! back.

use super::caller::Session;
use super::capacity::Capacity;
use super::error::Error;
use crate::live::{Listener, StreamEntryId};
use crate::places::{Key, Place};
use crate::service::{self, Caller, Services, Watched};
use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use happening_core::wire::{ClosingReason, ErrorCode, LiveMessage};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a stream may be silent: then a comment shows that both ends are there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often it is looked whether the reader may still see what is sent. People are remembered for longer, so a look mostly
/// costs no question.
const LOOK: Duration = Duration::from_secs(2);

/// How long a reader should wait before it comes back.
const RETRY: Duration = Duration::from_secs(1);

/// Asks proxies not to gather what should arrive at once.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The header `Last-Event-ID`. An id that nobody wrote is none: the reader begins afresh.
pub struct LastEventId(pub Option<StreamEntryId>);

impl<S: Send + Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let text = parts.headers.get("last-event-id").and_then(|value| value.to_str().ok());
        Ok(Self(text.and_then(|text| text.parse().ok())))
    }
}

/// A stream that ends with the daemon, with the caller's token or right, or when its reader does not keep up; and says which.
pub struct Stream {
    listener: Listener,
    services: Arc<Services>,
    caller: Caller,
    watched: Watched,
    soft: CancellationToken,
    expiry: Instant,
    _places: [Place; 2],
    /// When it is next looked whether the caller may go on.
    look: Instant,
}

impl Stream {
    /// Opens a stream of what the listener hears, for as long as the session's token is valid and its caller sees what is
    /// watched. 429 if the person has as many as one person may have, 503 if the daemon has.
    pub async fn open(
        session: Session,
        watched: Watched,
        listening: impl Future<Output = Result<Listener, service::Error>>,
    ) -> Result<Self, Error> {
        // Before the event is read for it.
        let places = places(&session)?;
        Ok(Self::new(session, watched, listening.await?, places))
    }

    fn new(session: Session, watched: Watched, listener: Listener, places: [Place; 2]) -> Self {
        let left = session.caller.claims.expires_at - session.services.clock.now();
        let now = Instant::now();
        Self {
            listener,
            services: session.services,
            caller: session.caller,
            watched,
            soft: session.api.lifecycle.soft(),
            expiry: now + left.to_std().unwrap_or_default(),
            _places: places,
            look: now + LOOK,
        }
    }

    /// The next event; `None` in place of the stream once it has ended.
    async fn next(mut self) -> (Event, Option<Self>) {
        let entry = loop {
            // The listener last: a busy stream ends too.
            tokio::select! {
                biased;
                () = self.soft.cancelled() => return (closing(ClosingReason::Shutdown), None),
                () = tokio::time::sleep_until(self.expiry) => {
                    return (closing(ClosingReason::TokenExpired), None);
                }
                () = tokio::time::sleep_until(self.look) => {
                    if !self.services.may_watch_on(&self.caller, self.watched).await {
                        return (closing(ClosingReason::AccessEnded), None);
                    }
                    self.look = Instant::now() + LOOK;
                }
                entry = self.listener.next() => break entry,
            }
        };
        match entry {
            Some(entry) => (event(&entry.message).id(entry.id.to_string()), Some(self)),
            // The hub ends with the daemon too, and may be first.
            None if self.soft.is_cancelled() => (closing(ClosingReason::Shutdown), None),
            None => (closing(ClosingReason::TooSlow), None),
        }
    }
}

/// A place among the person's streams, and one among the daemon's.
fn places(session: &Session) -> Result<[Place; 2], Error> {
    let Capacity { streams, streams_per_person, .. } = session.api.capacity;
    let own = Key::StreamsOf(session.caller.claims.subject.clone());
    let place = |key, most, code, whose| {
        session.api.places.enter(key, most).ok_or_else(|| {
            let detail =
                format!("Too many streams are open{whose}: at most {most}. Close one, or try again.");
            service::Error { members: vec![("limit", most.into())], ..service::Error::new(code, detail) }
        })
    };
    Ok([
        place(own, streams_per_person, ErrorCode::RateLimited, " for this person")?,
        place(Key::Streams, streams, ErrorCode::Unavailable, "")?,
    ])
}

fn event(message: &LiveMessage) -> Event {
    let data = serde_json::to_string(message).unwrap_or_default();
    Event::default().event(message.name()).data(data)
}

fn closing(reason: ClosingReason) -> Event {
    event(&LiveMessage::Closing { reason }).retry(RETRY)
}

impl IntoResponse for Stream {
    fn into_response(self) -> Response {
        let hint = Event::default().retry(RETRY).comment("welcome");
        let first = futures::stream::once(async { Ok::<_, Infallible>(hint) });
        let rest = futures::stream::unfold(Some(self), |stream| async {
            let (event, stream) = stream?.next().await;
            Some((Ok(event), stream))
        });
        let events = futures::StreamExt::chain(first, rest);
        let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
        ([(UNBUFFERED, "no")], sse).into_response()
    }
}
