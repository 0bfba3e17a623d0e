//! Refusals of the OAuth endpoints: RFC 6749, section 5.2, with Keycloak's words where clients may have learned them.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OAuthError {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
}

impl OAuthError {
    pub const AUTHORIZATION_PENDING: Self =
        Self::bad("authorization_pending", "The authorization request is still pending");
    pub const SLOW_DOWN: Self = Self::bad("slow_down", "Slow down");
    pub const ACCESS_DENIED: Self =
        Self::bad("access_denied", "The end user denied the authorization request");
    pub const EXPIRED_TOKEN: Self = Self::bad("expired_token", "Device code is expired");
    pub const INVALID_SCOPE: Self = Self::bad("invalid_scope", "Invalid scopes");
    pub const UNSUPPORTED_GRANT_TYPE: Self = Self::bad("unsupported_grant_type", "Unsupported grant_type");
    pub const INVALID_CLIENT: Self = Self {
        status: StatusCode::UNAUTHORIZED,
        error: "invalid_client",
        description: "Invalid client or Invalid client credentials",
    };
    pub const BROKEN: Self = Self {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        error: "server_error",
        description: "The token could not be signed",
    };

    pub const fn invalid_request(description: &'static str) -> Self {
        Self::bad("invalid_request", description)
    }

    pub const fn invalid_grant(description: &'static str) -> Self {
        Self::bad("invalid_grant", description)
    }

    pub const fn invalid_token(description: &'static str) -> Self {
        Self::bad("invalid_token", description)
    }

    pub const fn unauthorized_client(description: &'static str) -> Self {
        Self::bad("unauthorized_client", description)
    }

    const fn bad(error: &'static str, description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        (self.status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }
}
