//! What every request passes: CORS outermost, so that errors carry its headers too, then the request id and the span with
//! which everything is logged that the request does, the time-out and the net under panics.
//!
//! Each request is one line of the log when it is answered: at `error` for a defect (500), at `warn` for another 5xx, else at
//! `debug`.

use super::State;
use super::capacity;
use super::dry_run;
use super::error::Error;
use super::idempotency;
use super::prefer;
use super::rate_limit;
use super::request_id;
use super::sockets;
use super::unread_body::UnreadBody;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use happening_core::wire::ErrorCode;
use socketioxide::layer::SocketIoLayer;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;
use tracing::Span;
use tracing::field::Empty;

/// Largest body.
const BODY: usize = 1024 * 1024;

/// Longest time for an answer. The engine answers before; a body that dribbles in, or a stalled read, does not.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long a browser may remember a preflight.
const PREFLIGHT: Duration = Duration::from_mins(10);

pub(super) fn api(routes: Router, sockets_layer: SocketIoLayer, api: &State) -> Router {
    let guarded = routes.layer(DefaultBodyLimit::max(BODY)).layer(middleware::from_fn(guard));
    // A poll waits longer than any answer may take, and has its own limits.
    let gate = middleware::from_fn_with_state(api.clone(), sockets::guard);
    let whole = traced(guarded).layer(sockets_layer).layer(gate);
    whole.layer(middleware::from_fn(capacity::turn_away)).layer(cors(&api.origins))
}

fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            HeaderName::from_static("last-event-id"),
            prefer::HEADER,
            idempotency::KEY,
            request_id::HEADER,
        ])
        .expose_headers([
            request_id::HEADER,
            idempotency::REPLAYED,
            dry_run::DRY_RUN,
            header::RETRY_AFTER,
            header::ETAG,
            header::LINK,
            header::LOCATION,
            prefer::APPLIED,
            rate_limit::HEADERS[0].clone(),
            rate_limit::HEADERS[1].clone(),
            rate_limit::HEADERS[2].clone(),
        ])
        .max_age(PREFLIGHT)
}

/// Gives each request its id, and a span with the id, the method, the route and, once it is known, the caller.
pub(super) fn traced(routes: Router) -> Router {
    let trace = TraceLayer::new_for_http()
        .make_span_with(span)
        .on_request(())
        .on_response(answered)
        .on_body_chunk(())
        .on_eos(())
        // A failure is an answer like any other.
        .on_failure(());
    routes.layer(
        ServiceBuilder::new()
            .map_request(request_id::without_unfit)
            .layer(SetRequestIdLayer::new(request_id::HEADER, request_id::Fresh))
            .layer(trace)
            .layer(PropagateRequestIdLayer::new(request_id::HEADER)),
    )
}

/// At the highest level: a log that shows errors alone shows whose they are.
fn span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let id = request_id::of(request);
    tracing::error_span!(
        "request",
        request_id = id.to_str().unwrap_or_default(),
        method = %request.method(),
        route,
        caller = Empty,
    )
}

fn answered(response: &Response, elapsed: Duration, _: &Span) {
    let status = response.status();
    match status {
        StatusCode::INTERNAL_SERVER_ERROR => tracing::error!(status = status.as_u16(), ?elapsed, "answered"),
        _ if status.is_server_error() => tracing::warn!(status = status.as_u16(), ?elapsed, "answered"),
        _ => tracing::debug!(status = status.as_u16(), ?elapsed, "answered"),
    }
}

/// For the built-in issuer's pages, which are for no other origin and answer in their own words: the deadline, and what is
/// one connection too many.
pub(super) fn issuer(pages: Router) -> Router {
    traced(pages.layer(middleware::from_fn(hurry))).layer(middleware::from_fn(capacity::turn_away))
}

async fn hurry(request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    if let Ok(response) = tokio::time::timeout(TIMEOUT, next.run(request)).await {
        return response;
    }
    request_id::refused(&headers, Error::new(ErrorCode::RequestTimeout, "The request took too long."))
}

async fn guard(request: Request, next: Next) -> Response {
    let id = request_id::of(&request);
    let (request, unread) = UnreadBody::of(request);
    let answering = async {
        let caught = AssertUnwindSafe(next.run(request)).catch_unwind();
        match tokio::time::timeout(TIMEOUT, caught).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!("a handler panicked");
                Error::new(ErrorCode::Internal, "Something went wrong on our side.").into_response()
            }
            Err(_) => Error::new(ErrorCode::Unavailable, "The answer took too long.").into_response(),
        }
    };
    let mut response = request_id::scope(id, answering).await;
    if !unread.throw_away().await {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

#[cfg(test)]
mod tests;
