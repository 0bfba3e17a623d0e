//! `Idempotency-Key`: a POST that is sent again with the same key and body is answered as it was the first time.
//!
//! The answer to a booking is written in the booking's own commit, so neither a killed daemon nor a second one can come
//! between the two. Any other POST is reserved, run to its end even if its client hangs up, and its answer kept. Only
//! successes are remembered: a refusal changed nothing and may be otherwise next time.

use super::caller::{Identified, Session};
use super::error::Error;
use super::routes::{Work, route_of};
use super::{State, json, request_id};
use crate::idempotency::{Fingerprint, KeyGuard};
use crate::service::{Caller, Services};
use crate::store::KeptAnswer;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use happening_core::wire::ErrorCode;
use serde_json::Value;
use std::collections::BTreeMap;
use tokio::sync::oneshot;

/// What the caller sends.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What an answer from memory carries.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Longest key.
const LONGEST: usize = 255;

/// Headers that belong to an answer.
const KEPT: [HeaderName; 4] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION, header::CACHE_CONTROL];

/// Whether the answer to a request is kept under a key.
pub(super) fn asks(request: &Request) -> bool {
    is_keyed(request.method(), request.headers(), request.extensions())
}

fn is_keyed(method: &Method, headers: &HeaderMap, extensions: &Extensions) -> bool {
    let is_write = || route_of(method, extensions).is_some_and(|route| route.work != Work::Question);
    method == Method::POST && headers.contains_key(KEY) && is_write()
}

/// Answers a request that came before as it was answered then.
pub(super) async fn once(api: State, request: Request, next: Next) -> Result<Response, Error> {
    let key = sent(request.headers())?;
    let (mut parts, body) = request.into_parts();
    let Session { caller, services, .. } = Session::from_request_parts(&mut parts, &api).await?;
    let body = json::read(Request::from_parts(parts.clone(), body), &api).await?;
    let fingerprint = fingerprint(&caller, &parts, &key, &body);
    parts.extensions.insert(Identified { caller, services });
    if let Some(answer) = api.services.recall(&fingerprint).await? {
        return Ok(replayed(answer));
    }
    let work = route_of(&parts.method, &parts.extensions).map(|route| route.work);
    let committed = if let Some(Work::Committed(status)) = work { Some(status) } else { None };
    let key_guard = api.services.guard(fingerprint, committed.unwrap_or(StatusCode::OK).as_u16())?;
    if api.kept_answers.is_due(&fingerprint.owner) {
        let (services, owner, kept) = (api.services.clone(), fingerprint.owner, api.kept_answers.limit());
        api.lifecycle.spawn(async move { services.forget_oldest_answers(&owner, kept).await });
    }
    let mut request = Request::from_parts(parts, Body::from(body));
    if committed.is_some() {
        request.extensions_mut().insert(key_guard.clone());
        in_commit(api, &key_guard, next.run(request).await).await
    } else {
        reserved(api, key_guard, request, next).await
    }
}

/// The answer that is kept for a request, if it came before: a dry run of it is answered with that, as the real one would be.
pub(super) async fn kept_answer(
    api: &State,
    caller: &Caller,
    parts: &Parts,
    body: &[u8],
) -> Result<Option<Response>, Error> {
    if !is_keyed(&parts.method, &parts.headers, &parts.extensions) {
        return Ok(None);
    }
    let fingerprint = fingerprint(caller, parts, &sent(&parts.headers)?, body);
    Ok(api.services.recall(&fingerprint).await?.map(replayed))
}

/// The engine has remembered the answer, unless it refused, or found that another daemon was faster.
async fn in_commit(api: State, key_guard: &KeyGuard, response: Response) -> Result<Response, Error> {
    if key_guard.is_committed() && response.status().is_success() {
        return Ok(response);
    }
    match api.services.recall_guarded(key_guard).await {
        Ok(Some(answer)) => Ok(replayed(answer)),
        // The response says better what is wrong than an error while looking for another one.
        Ok(None) => Ok(response),
        Err(_) if response.status().is_server_error() => Ok(response),
        Err(error) => Err(error.into()),
    }
}

/// Runs in a task of its own, from the reservation on: a client that hangs up leaves no key reserved, and finds the answer when
/// they ask again.
async fn reserved(api: State, key_guard: KeyGuard, request: Request, next: Next) -> Result<Response, Error> {
    let (sender, answered) = oneshot::channel();
    let services = api.services.clone();
    api.lifecycle.spawn(request_id::carried(async move {
        let answer = reserve_and_run(&services, &key_guard, request, next).await;
        // Before the answer leaves: its receiver may ask again at once.
        drop(key_guard);
        // The client may have gone.
        let _ = sender.send(answer);
    }));
    answered.await.map_err(|_| Error::new(ErrorCode::Internal, "Something went wrong on our side."))?
}

async fn reserve_and_run(
    services: &Services,
    key_guard: &KeyGuard,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let reservation = match services.reserve(key_guard).await {
        Ok(reservation) => reservation,
        // Answered meanwhile by another daemon, or still running there.
        Err(error) => {
            let answer = services.recall_guarded(key_guard).await?;
            return answer.map(replayed).ok_or(error.into());
        }
    };
    let (response, answer) = keep(next.run(request).await).await;
    services.settle(&reservation, answer.as_ref()).await;
    Ok(response)
}

/// A response, and what of it is to be remembered: nothing of one that is no success.
async fn keep(response: Response) -> (Response, Option<KeptAnswer>) {
    if !response.status().is_success() {
        return (response, None);
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return (Error::new(ErrorCode::Internal, "The answer broke off.").into_response(), None);
    };
    let text = |name: &HeaderName| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    let headers: BTreeMap<String, String> = KEPT.iter().filter_map(text).collect();
    let answer =
        without_secrets(&bytes).map(|body| KeptAnswer { status: parts.status.as_u16(), headers, body });
    (Response::from_parts(parts, Body::from(bytes)), answer)
}

/// The body as it is kept: an invite's token is shown once, and stands nowhere but in its hash.
fn without_secrets(body: &[u8]) -> Option<String> {
    let mut answer: Value = serde_json::from_slice(body).ok()?;
    match answer.get_mut("invite").and_then(Value::as_object_mut).and_then(|invite| invite.remove("token")) {
        Some(_) => Some(answer.to_string()),
        None => String::from_utf8(body.to_vec()).ok(),
    }
}

fn replayed(answer: KeptAnswer) -> Response {
    let KeptAnswer { status, headers, body } = answer;
    let mut response =
        (StatusCode::from_u16(status).unwrap_or(StatusCode::OK), json::headers(), body).into_response();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// The key: 1 to 255 printable ASCII characters, sent once.
fn sent(headers: &HeaderMap) -> Result<String, Error> {
    let mut values = headers.get_all(KEY).iter();
    let key = values.next().and_then(|value| value.to_str().ok());
    let is_printable = |key: &&str| key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    match key.filter(|key| (1..=LONGEST).contains(&key.len())).filter(is_printable) {
        Some(key) if values.next().is_none() => Ok(key.to_owned()),
        _ => {
            let detail = "Idempotency-Key must be 1 to 255 printable ASCII characters, sent once.";
            Err(Error::new(ErrorCode::ValidationFailed, detail))
        }
    }
}

fn fingerprint(caller: &Caller, parts: &Parts, key: &str, body: &[u8]) -> Fingerprint {
    let claims = &caller.claims;
    let owner = [claims.issuer.as_bytes(), claims.subject.as_bytes()];
    let scope = [parts.method.as_str(), parts.uri.path(), key].map(str::as_bytes);
    Fingerprint::of(&owner, &scope, &[parts.uri.query().unwrap_or_default().as_bytes(), body])
}
