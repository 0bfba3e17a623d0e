//! The id of a request: the caller's own if it sent a sensible one, else a fresh one. In every answer, every error body
//! and every line of the log.

use axum::http::{HeaderName, HeaderValue, Request};

/// The header, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id taken from a caller.
const LONGEST: usize = 64;

tokio::task_local! {
    static CURRENT: HeaderValue;
}

/// The id that the caller sent, if it is fit for headers and logs.
pub(super) fn sent<B>(request: &Request<B>) -> Option<HeaderValue> {
    let value = request.headers().get(HEADER)?;
    let bytes = value.as_bytes();
    let fit = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    ((1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(fit)).then(|| value.clone())
}

/// Runs a request under its id.
pub(super) async fn scope<F: Future>(id: HeaderValue, request: F) -> F::Output {
    CURRENT.scope(id, request).await
}

/// Runs what outlives its request's connection under the id of the request that is being answered.
pub(super) fn carried<F: Future>(task: F) -> impl Future<Output = F::Output> {
    let id = CURRENT.try_with(Clone::clone).unwrap_or_else(|_| HeaderValue::from_static("unknown"));
    CURRENT.scope(id, task)
}

/// The id of the request that is being answered.
pub(super) fn current() -> Option<String> {
    CURRENT.try_with(|id| id.to_str().ok().map(ToOwned::to_owned)).ok().flatten()
}
