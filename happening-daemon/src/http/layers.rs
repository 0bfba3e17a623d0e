//! What every request passes: CORS outermost, so that errors carry its headers too, then the request id, the time-out and
//! the net under panics.

use super::dry_run;
use super::error::Error;
use super::idempotency;
use super::leftover::Leftover;
use super::request_id;
use crate::ids::Ids;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use happening_core::wire::ErrorCode;
use socketioxide::layer::SocketIoLayer;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Largest body.
const BODY: usize = 1024 * 1024;

/// Longest time for an answer. The engine answers before; a body that dribbles in, or a stalled read, does not.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long a browser may remember a preflight.
const PREFLIGHT: Duration = Duration::from_mins(10);

pub(super) fn api(routes: Router, sockets: SocketIoLayer, origins: &[String]) -> Router {
    let guarded = routes.layer(DefaultBodyLimit::max(BODY)).layer(middleware::from_fn(guard));
    // A poll waits longer than any answer may take, and has its own limits.
    guarded.layer(sockets).layer(cors(origins))
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
        ])
        .max_age(PREFLIGHT)
}

async fn guard(request: Request, next: Next) -> Response {
    let id = request_id::sent(&request).unwrap_or_else(fresh);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let started = Instant::now();
    let (request, leftover) = Leftover::of(request);
    let answering = async {
        let caught = AssertUnwindSafe(next.run(request)).catch_unwind();
        match tokio::time::timeout(TIMEOUT, caught).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!(%method, path, "a handler panicked");
                Error::new(ErrorCode::Internal, "Something went wrong on our side.").into_response()
            }
            Err(_) => Error::new(ErrorCode::Unavailable, "The answer took too long.").into_response(),
        }
    };
    let mut response = request_id::scope(id.clone(), answering).await;
    let status = response.status().as_u16();
    tracing::debug!(%method, path, status, elapsed = ?started.elapsed(), request_id = ?id, "answered");
    response.headers_mut().insert(request_id::HEADER, id);
    if !leftover.throw_away().await {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn fresh() -> HeaderValue {
    let id = Ids::default().uuid().simple().to_string();
    HeaderValue::try_from(id).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}
