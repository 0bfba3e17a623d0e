//! The id of a request: the caller's own if it sent a sensible one, else a fresh one. In every answer, every error body
//! and every line that is logged for the request.
//!
//! tower-http's layers give a request its id, and its span, and the answer the same id (`layers.rs`). Here is what they do
//! not do: refuse ids that are unfit for headers and logs, and hand the id to errors, which are made without the request.

use super::error::Error;
use crate::ids::Ids;
use axum::extract::Request;
use axum::http::{self, HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use tower_http::request_id::{MakeRequestId, RequestId};
use tracing::Instrument as _;

/// The header, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id taken from a caller.
const LONGEST: usize = 64;

tokio::task_local! {
    static CURRENT: HeaderValue;
}

/// Draws ids for requests that have none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fresh;

impl MakeRequestId for Fresh {
    fn make_request_id<B>(&mut self, _: &http::Request<B>) -> Option<RequestId> {
        fresh().map(RequestId::new)
    }
}

fn fresh() -> Option<HeaderValue> {
    HeaderValue::try_from(Ids::default().uuid().simple().to_string()).ok()
}

/// Takes an id away that is not fit for headers and logs: the request gets a fresh one.
pub(super) fn without_unfit(mut request: Request) -> Request {
    if request.headers().get(HEADER).is_some_and(|id| !is_fit(id)) {
        request.headers_mut().remove(HEADER);
    }
    request
}

fn is_fit(id: &HeaderValue) -> bool {
    let fit = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=LONGEST).contains(&id.len()) && id.as_bytes().iter().all(fit)
}

/// The id that a request has.
pub(super) fn of(request: &Request) -> HeaderValue {
    request.headers().get(HEADER).cloned().unwrap_or_else(|| HeaderValue::from_static("unknown"))
}

/// Runs a request under its id.
pub(super) async fn scope<F: Future>(id: HeaderValue, request: F) -> F::Output {
    CURRENT.scope(id, request).await
}

/// Runs what outlives its request's connection under the id and in the span of the request that is being answered.
pub(super) fn carried<F: Future>(task: F) -> impl Future<Output = F::Output> {
    let id = CURRENT.try_with(Clone::clone).unwrap_or_else(|_| HeaderValue::from_static("unknown"));
    CURRENT.scope(id, task).in_current_span()
}

/// The answer to a request that is refused before it has an id: with one.
pub(super) fn refused(headers: &HeaderMap, error: Error) -> Response {
    let sent = headers.get(HEADER).filter(|id| is_fit(id)).cloned();
    let id = sent.or_else(fresh).unwrap_or_else(|| HeaderValue::from_static("unknown"));
    let mut response = CURRENT.sync_scope(id.clone(), || error.into_response());
    response.headers_mut().insert(HEADER, id);
    response
}

/// The id of the request that is being answered.
pub(super) fn current() -> Option<String> {
    CURRENT.try_with(|id| id.to_str().ok().map(ToOwned::to_owned)).ok().flatten()
}
