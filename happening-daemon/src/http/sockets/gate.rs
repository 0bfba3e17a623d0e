//! The gate before Socket.IO: what is turned away by its request alone, before the library keeps anything of it.
//!
//! - Browsers do not ask whether a WebSocket may be opened (there is no preflight), and send polls without asking: the
//!   `Origin` that they name must be one that the configuration allows. A client that is no browser names none.
//! - Each new session costs memory until its handshake is over, so a connection opens a few of them a second.
//! - A poll that sends must have sent within a deadline.

use super::limits::{Bucket, Verdict};
use crate::http::State;
use crate::http::client_address::{self, Peer};
use crate::http::error::Error;
use crate::http::request_id;
use crate::service;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use happening_core::wire::ErrorCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Where the library answers.
const PATH: &str = "/socket.io";

/// Sessions that one connection may open in a second, on average, and four times as many at once. A page opens one.
const SESSIONS_PER_SECOND: u32 = 25;

/// How long the body of a poll may take to arrive.
const SENDING: Duration = Duration::from_secs(10);

/// The sessions that were opened over one connection; set by the listener on each request.
#[derive(Debug, Clone)]
pub(in crate::http) struct Sessions(Arc<Mutex<Bucket>>);

impl Default for Sessions {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Bucket::new(SESSIONS_PER_SECOND, Instant::now()))))
    }
}

impl Sessions {
    fn may_open(&self) -> bool {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(Instant::now()) == Verdict::Pass
    }
}

/// Whether a request is for Socket.IO.
pub(in crate::http) fn is_for_sockets(request: &Request) -> bool {
    request.uri().path().starts_with(PATH)
}

/// Lets a request for Socket.IO pass if it may.
pub(in crate::http) async fn guard(api: State, request: Request, next: Next) -> Response {
    if let Err(error) = admitted(&api, &request) {
        return request_id::refused(request.headers(), error);
    }
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let headers = request.headers().clone();
    if let Ok(response) = tokio::time::timeout(SENDING, next.run(request)).await {
        return response;
    }
    request_id::refused(&headers, Error::new(ErrorCode::RequestTimeout, "The message took too long."))
}

fn admitted(api: &State, request: &Request) -> Result<(), Error> {
    if let Some(origin) = foreign(request.headers(), &api.origins) {
        let why = format!("Pages of {origin:?} may not connect here: ALLOWED_ORIGINS names those that may.");
        return Err(service::Error::forbidden(why).into());
    }
    let opens = !request.uri().query().unwrap_or_default().split('&').any(|pair| pair.starts_with("sid="));
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let shares = |peer| client_address::shares_connections(peer, request.headers(), &api.trusted_proxies);
    let is_proxy = peer.is_some_and(shares);
    let sessions = request.extensions().get::<Sessions>();
    if opens && !is_proxy && sessions.is_some_and(|sessions| !sessions.may_open()) {
        let why = "Too many sessions were opened over this connection: please wait a moment.";
        let members = vec![("limit", SESSIONS_PER_SECOND.into())];
        return Err(service::Error { members, ..service::Error::new(ErrorCode::RateLimited, why) }.into());
    }
    Ok(())
}

/// The origin that a browser names, if it is not allowed. `null`, as a page of a file or of a sandbox has it, never is.
fn foreign(headers: &HeaderMap, allowed: &[String]) -> Option<String> {
    let named = headers.get_all(header::ORIGIN).iter();
    let texts = named.map(|origin| String::from_utf8_lossy(origin.as_bytes()).into_owned());
    texts.into_iter().find(|origin| !allowed.contains(origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_origins_pass_and_whoever_names_none() {
        let allowed = ["http://localhost:3000".to_owned()];
        let named = |origins: &[&str]| {
            let mut headers = HeaderMap::new();
            for origin in origins {
                headers.append(header::ORIGIN, origin.parse().expect("a header"));
            }
            foreign(&headers, &allowed)
        };
        assert_eq!(named(&[]), None);
        assert_eq!(named(&["http://localhost:3000"]), None);
        let foreign =
            ["null", "", "http://localhost:3000/", "http://localhost:30001", "HTTP://LOCALHOST:3000"];
        for origin in foreign {
            assert_eq!(named(&[origin]).as_deref(), Some(origin));
        }
        assert_eq!(named(&["http://localhost:3000", "null"]).as_deref(), Some("null"), "nor one of two");
    }
}
