//! JSON in and out.

use super::body_error;
use super::error::Error;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use happening_core::wire::ErrorCode;
use serde::{Serialize, de::DeserializeOwned};

/// A JSON body. 415 without `application/json`, 413 when too large, 400 with the member that does not fit.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        body_error::read(&body(request, state).await?).map(Self)
    }
}

/// The bytes of a JSON body.
pub(super) async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
    if !is_json(request.headers().get(header::CONTENT_TYPE)) {
        let detail = "The body must be JSON, with the header `Content-Type: application/json`.";
        return Err(Error::new(ErrorCode::UnsupportedMediaType, detail));
    }
    read(request, state).await
}

/// The whole body, up to what the daemon takes.
pub(super) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Error::new(ErrorCode::PayloadTooLarge, "The body is larger than 1 MiB.")
        } else {
            Error::new(ErrorCode::ValidationFailed, "The body broke off.")
        }
    })
}

fn is_json(content_type: Option<&HeaderValue>) -> bool {
    let essence = content_type.and_then(|value| value.to_str().ok()?.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| {
        essence.eq_ignore_ascii_case("application/json")
            || essence.get(..12).is_some_and(|start| start.eq_ignore_ascii_case("application/"))
                && essence.to_ascii_lowercase().ends_with("+json")
    })
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let Ok(body) = serde_json::to_vec(&self.0) else {
            return Error::new(ErrorCode::Internal, "Something went wrong on our side.").into_response();
        };
        (headers(), body).into_response()
    }
}

/// What goes with JSON. no-cache: what is cached is asked for again, because "refresh" is a plain GET.
pub(super) fn headers() -> [(HeaderName, &'static str); 2] {
    [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")]
}

/// 201 with the new thing.
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}
