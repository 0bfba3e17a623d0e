//! What a handler left unread of a request's body: it was refused for its size, or before anybody looked at it.
//!
//! Closing a connection while its client still sends resets it, and the reset may overtake the answer (RFC 9112, section
//! 9.6). So what is left is read and thrown away before the answer leaves, as far as that is bearable.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// What is read at most, and for how long.
const MOST: usize = 16 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(2);

/// Where a body comes back to if it was not read to its end.
type Home = Arc<Mutex<Option<Body>>>;

/// What is left of a body once its request was handled.
pub(super) struct UnreadBody(Option<Home>);

impl UnreadBody {
    /// The request to handle, and what will be left of it.
    pub(super) fn of(request: Request) -> (Request, Self) {
        if request.body().is_end_stream() {
            return (request, Self(None));
        }
        let home = Home::default();
        let request = request.map(|body| Body::new(Lent { body, ended: false, home: home.clone() }));
        (request, Self(Some(home)))
    }

    /// False if the client has more to send than anybody wants to read.
    pub(super) async fn throw_away(self) -> bool {
        let left = self.0.and_then(|home| home.lock().unwrap_or_else(PoisonError::into_inner).take());
        let Some(mut body) = left else { return true };
        let reading = async {
            let mut read = 0;
            while let Some(Ok(frame)) = body.frame().await {
                read += frame.data_ref().map_or(0, Bytes::len);
                if read > MOST {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap_or(false)
    }
}

/// A body that goes home when it is dropped half-read.
struct Lent {
    body: Body,
    ended: bool,
    home: Home,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        self.ended |= matches!(polled, Poll::Ready(None | Some(Err(_))));
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.ended && !self.body.is_end_stream() {
            let body = std::mem::take(&mut self.body);
            *self.home.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}
