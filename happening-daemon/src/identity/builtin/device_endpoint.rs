//! `POST …/auth/device`: RFC 8628, sections 3.1 and 3.2.

use super::BuiltinIssuer;
use super::device::{INTERVAL, LIFESPAN, NOT_ALLOWED};
use super::error::OAuthError;
use super::params::Params;
use super::scope::Scope;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

pub async fn post(State(issuer): State<Arc<BuiltinIssuer>>, params: Params) -> Result<Response, OAuthError> {
    let client = params.client()?;
    if !client.device_flow {
        return Err(NOT_ALLOWED);
    }
    let scope = Scope::asked(params.even_empty("scope"))?;
    let challenge = challenge(&params)?;
    let (device_code, user_code) = issuer.devices().start(client, scope, challenge, issuer.clock.now());
    let page = format!("{}/device", issuer.url);
    let answer = json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={user_code}"),
        "expires_in": LIFESPAN.num_seconds(),
        "interval": INTERVAL,
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// RFC 7636, section 4.3; `plain` protects nothing.
fn challenge(params: &Params) -> Result<Option<String>, OAuthError> {
    let Some(challenge) = params.get("code_challenge") else {
        return Ok(None);
    };
    if params.get("code_challenge_method") == Some("S256") {
        Ok(Some(challenge.to_owned()))
    } else {
        Err(OAuthError::invalid_request("Invalid parameter: code_challenge_method"))
    }
}
