//! What every request passes: CORS outermost, so that errors carry its headers too, then what turns requests away unread
//! ([`admit`]), the request id and the span with which everything is logged that the request does, and around its handler
//! the time-out, the net under panics and what may answer in the handler's place ([`handle`]).
//!
//! There are few layers, because axum boxes the service and the future of each for each request: with a layer for each of
//! these, they took a third of a booking's processor time in the daemon.
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
use super::readers;
use super::request_id;
use super::routes::{Work, route_of};
use super::sockets;
use super::unread_body::UnreadBody;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State as Extract};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::Route;
use futures::FutureExt;
use happening_core::wire::ErrorCode;
use socketioxide::layer::SocketIoLayer;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tower::{Layer, Service, ServiceBuilder};
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
    let handling = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(api.clone(), handle))
        .layer(DefaultBodyLimit::max(BODY));
    // A poll waits longer than any answer may take, and has its own limits.
    let whole = traced(routes, handling).layer(sockets_layer);
    let admitting = middleware::from_fn_with_state(api.clone(), admit);
    whole.layer(ServiceBuilder::new().layer(cors(&api.origins)).layer(admitting))
}

/// Turns away what is too much by its connection or its request alone.
async fn admit(Extract(api): Extract<State>, request: Request, next: Next) -> Response {
    let answer = async |request: Request| {
        if sockets::is_for_sockets(&request) {
            return Box::pin(sockets::guard(api, request, next)).await;
        }
        next.run(request).await
    };
    capacity::turn_away(request, answer).await
}

/// Runs the handler of a request, or answers in its place.
async fn handle(Extract(api): Extract<State>, request: Request, next: Next) -> Response {
    let run = async |request| dispatch(api, request, next).await;
    let counted = async |request| rate_limit::counted(request, run).await;
    guarded(request, counted).await
}

/// What is rare is boxed: the future of all others stays small.
async fn dispatch(api: State, mut request: Request, next: Next) -> Response {
    match dry_run::take_wish(&mut request) {
        Ok(Some(route)) => return Box::pin(dry_run::tried(api, route, request, next)).await,
        Ok(None) => {}
        Err(error) => return error.into_response(),
    }
    if idempotency::asks(&request) {
        let answered = Box::pin(idempotency::once(api, request, next)).await;
        return answered.unwrap_or_else(IntoResponse::into_response);
    }
    if route_of(request.method(), request.extensions()).is_some_and(|route| route.work == Work::Heavy) {
        return readers::bounded(api, request, next).await;
    }
    next.run(request).await
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
fn traced<L>(routes: Router, inner: L) -> Router
where
    L: Layer<Route> + Clone + Send + Sync + 'static,
    L::Service: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    <L::Service as Service<Request>>::Future: Send + 'static,
{
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
            .layer(PropagateRequestIdLayer::new(request_id::HEADER))
            .layer(inner),
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
    let turn_away =
        async |request, next: Next| capacity::turn_away(request, |request| next.run(request)).await;
    traced(pages, middleware::from_fn(hurry)).layer(middleware::from_fn(turn_away))
}

async fn hurry(request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    if let Ok(response) = tokio::time::timeout(TIMEOUT, next.run(request)).await {
        return response;
    }
    request_id::refused(&headers, Error::new(ErrorCode::RequestTimeout, "The request took too long."))
}

/// Within the deadline, without a panic, and with nothing of the body left unread.
async fn guarded<F: Future<Output = Response>>(
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let id = request_id::of(&request);
    let (request, unread) = UnreadBody::of(request);
    let answering = async {
        let caught = AssertUnwindSafe(answer(request)).catch_unwind();
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
