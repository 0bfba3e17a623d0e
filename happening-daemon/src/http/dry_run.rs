//! `?dry_run=true`: what would become of a write, and nothing of it.
//!
//! The caller is authenticated as ever; then the handler runs as ever, with use cases of which nothing remains
//! (`service/trial.rs`). A refusal is the real one. A success is 200 with what the real one would say, but for the ids and
//! secrets that were drawn for it: nothing with these exists, so they are null. With the `Idempotency-Key` of a request that
//! was answered before, it is answered as that was, and says so (`Idempotency-Replayed`); nothing is remembered of it.
//!
//! A write whose effect is not in the store cannot be tried; `routes.rs` says so of its route.

mod without;

use super::caller::{Identified, Session};
use super::error::Error;
use super::rate_limit::DryRun;
use super::routes::{Route, Work, route_of};
use super::{State, idempotency, json};
use crate::ids::Ids;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use happening_core::wire::ErrorCode;
use std::time::Duration;
use url::form_urlencoded;
use without::without;

/// What answers carry of which nothing was done.
pub const DRY_RUN: HeaderName = HeaderName::from_static("dry-run");

/// How long a dry run may take, and with it its locks.
const LONGEST: Duration = Duration::from_secs(1);

/// What is asked for in the query.
const PARAMETER: &str = "dry_run";

/// The route of a request that asks for a dry run. What it says of that is taken out of its query. Whatever only reads is run
/// either way, and where there is no such route, nothing can be done by it.
pub(super) fn take_wish(request: &mut Request) -> Result<Option<&'static Route>, Error> {
    let Some(query) = request.uri().query().filter(|_| request.method() != Method::GET) else {
        return Ok(None);
    };
    let (Some(is_dry), rest) = asked(query)? else { return Ok(None) };
    *request.uri_mut() = with_query(request.uri(), &rest);
    Ok(if is_dry { route_of(request.method(), request.extensions()) } else { None })
}

/// Tries a request.
pub(super) async fn tried(api: State, route: &'static Route, request: Request, next: Next) -> Response {
    let mut response = if route.work == Work::Untried {
        let detail = "This cannot be tried: what it does is not in the database alone. Nothing was done.";
        Error::new(ErrorCode::DryRunUnsupported, detail).into_response()
    } else {
        try_out(api, request, next).await.unwrap_or_else(IntoResponse::into_response)
    };
    response.headers_mut().insert(DRY_RUN, HeaderValue::from_static("true"));
    response
}

/// Whether a dry run is asked for, if anything is said of it, and the query without that.
fn asked(query: &str) -> Result<(Option<bool>, String), Error> {
    let mut said = None;
    let mut rest = Vec::new();
    for pair in query.split('&') {
        let decoded = form_urlencoded::parse(pair.as_bytes()).next();
        let Some((_, value)) = decoded.filter(|(name, _)| name == PARAMETER) else {
            rest.push(pair);
            continue;
        };
        let word = value.parse().ok().filter(|_| said.is_none());
        said = Some(word.ok_or_else(|| {
            Error::new(ErrorCode::ValidationFailed, "dry_run must be true or false, said once.")
        })?);
    }
    Ok((said, rest.join("&")))
}

fn with_query(uri: &Uri, query: &str) -> Uri {
    let path = uri.path();
    let whole = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    // Both were parts of an address.
    whole.parse().unwrap_or_else(|_| Uri::from_static("/"))
}

async fn try_out(api: State, request: Request, next: Next) -> Result<Response, Error> {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(DryRun);
    let caller = Session::from_request_parts(&mut parts, &api).await?.caller;
    // All of it, before anything is locked: it may dribble in.
    let body = json::read(Request::from_parts(parts.clone(), body), &api).await?;
    if let Some(answer) = idempotency::kept_answer(&api, &caller, &parts, &body).await? {
        return Ok(answer);
    }
    parts.headers.remove(idempotency::KEY);
    let trial = api.services.trial(caller.digest()).await?;
    parts.extensions.insert(Identified { caller, services: trial.services.clone() });
    let running = next.run(Request::from_parts(parts, Body::from(body)));
    let Ok(response) = tokio::time::timeout(LONGEST, running).await else {
        return Err(Error::new(ErrorCode::Unavailable, "The dry run took too long. Nothing was done."));
    };
    would_be(response, &trial.services.ids).await
}

/// What would be answered, without what there is not.
async fn would_be(response: Response, ids: &Ids) -> Result<Response, Error> {
    if !response.status().is_success() {
        return Ok(response);
    }
    let broken = || Error::new(ErrorCode::Internal, "Something went wrong on our side.");
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.map_err(|_| broken())?;
    // An answer may have nothing to say.
    let said =
        if body.is_empty() { Vec::new() } else { without(&body, &ids.drawn()).map_err(|_| broken())? };
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, said).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wish_is_read_and_taken_out() {
        for (query, expected) in [
            ("", (None, "")),
            ("force=true", (None, "force=true")),
            ("dry_run=true", (Some(true), "")),
            ("dry_run=false&a=%20b", (Some(false), "a=%20b")),
            ("a=1&dry%5Frun=true&b=2", (Some(true), "a=1&b=2")),
            ("not_dry_run=true", (None, "not_dry_run=true")),
        ] {
            let (said, rest) = asked(query).expect(query);
            assert_eq!((said, rest.as_str()), expected, "{query}");
        }
    }

    #[test]
    fn any_other_value_is_refused() {
        for query in ["dry_run", "dry_run=", "dry_run=1", "dry_run=True", "dry_run=true&dry_run=true"] {
            assert!(asked(query).is_err(), "{query}");
        }
    }
}
