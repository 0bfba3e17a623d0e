//! Errors on their way out: the one place that makes `application/problem+json`.

use super::request_id;
use crate::identity::Rejection;
use crate::service;
use axum::extract::OriginalUri;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use happening_core::wire::{ErrorCode, Problem};

/// Seconds after which an unavailable part may be back.
const RETRY_AFTER: u8 = 1;

/// An error as a handler returns it.
#[derive(Debug)]
pub struct Error(service::Error);

impl Error {
    /// An error without members.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self(service::Error::new(code, detail))
    }
}

impl From<service::Error> for Error {
    fn from(error: service::Error) -> Self {
        Self(error)
    }
}

impl From<crate::store::StoreError> for Error {
    fn from(error: crate::store::StoreError) -> Self {
        Self(error.into())
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        let code = match rejection {
            Rejection::KeysUnavailable => ErrorCode::Unavailable,
            _ => ErrorCode::Unauthenticated,
        };
        Self::new(code, rejection.to_string())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let service::Error { code, detail, members, .. } = self.0;
        let said =
            members.iter().find(|(name, _)| *name == "retry_after").and_then(|(_, value)| value.as_u64());
        let retry_after = said.unwrap_or_else(|| u64::from(RETRY_AFTER));
        let mut problem = Problem::new(code, detail);
        problem.request_id = request_id::current();
        for (name, value) in members {
            problem = problem.with(name, value);
        }
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (
            status,
            [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")],
            body,
        )
            .into_response();
        let headers = response.headers_mut();
        match code {
            ErrorCode::Unavailable | ErrorCode::RateLimited | ErrorCode::IdempotencyInProgress => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
            }
            ErrorCode::Unauthenticated => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

/// No such route.
pub(super) async fn unknown_route(OriginalUri(uri): OriginalUri) -> Error {
    Error::new(ErrorCode::NotFound, format!("There is no route {}.", uri.path()))
}

/// The route exists, not with this method.
pub(super) async fn wrong_method(method: Method, OriginalUri(uri): OriginalUri) -> Error {
    Error::new(ErrorCode::MethodNotAllowed, format!("{method} is not allowed on {}.", uri.path()))
}
