//! `POST …/token` and `POST …/revoke`.

use super::BuiltinIssuer;
use super::device;
use super::error::OAuthError;
use super::params::Params;
use super::scope::Scope;
use super::session::RefreshClaims;
use super::token::{Grant, Tokens};
use crate::identity::DemoPerson;
use axum::extract::State;
use axum::http::StatusCode;
use std::sync::Arc;

type TokenResult = Result<Tokens, OAuthError>;

pub async fn post(State(issuer): State<Arc<BuiltinIssuer>>, params: Params) -> TokenResult {
    match params.require("grant_type", "Missing form parameter: grant_type")? {
        "password" => password(&issuer, &params),
        "refresh_token" => refresh(&issuer, &params),
        device::GRANT_TYPE => device_code(&issuer, &params),
        "client_credentials" => client_credentials(&issuer, &params),
        _ => Err(OAuthError::UNSUPPORTED_GRANT_TYPE),
    }
}

/// RFC 6749, section 4.3: for one client alone.
fn password(issuer: &BuiltinIssuer, params: &Params) -> TokenResult {
    let client = params.client()?;
    if !client.password_grant {
        return Err(OAuthError::unauthorized_client("Client not allowed for direct access grants"));
    }
    let scope = Scope::asked(params.even_empty("scope"))?;
    let username = params.require("username", "Missing parameter: username")?;
    let person = DemoPerson::signing_in(username, params.get("password").unwrap_or_default())
        .ok_or(OAuthError::invalid_grant("Invalid user credentials"))?;
    issuer.tokens(Grant::new(person, client, scope))
}

/// RFC 6749, section 4.4: a client acts by itself.
fn client_credentials(issuer: &BuiltinIssuer, params: &Params) -> TokenResult {
    let client = params.client()?;
    let service = client
        .service
        .as_ref()
        .ok_or(OAuthError::unauthorized_client("Client not enabled to retrieve service account"))?;
    let scope = Scope::asked(params.even_empty("scope"))?;
    issuer.service_tokens(client, service, &scope)
}

/// RFC 6749, section 6.
fn refresh(issuer: &BuiltinIssuer, params: &Params) -> TokenResult {
    let client = params.client()?;
    let token = params.require("refresh_token", "No refresh token")?;
    let claims: RefreshClaims =
        issuer.key.read_refresh(token).ok_or(OAuthError::invalid_grant("Invalid refresh token"))?;
    if claims.azp != client.id {
        return Err(OAuthError::invalid_grant(
            "Invalid refresh token. Token client and authorized client don't match",
        ));
    }
    if !claims.is_alive(issuer.clock.now()) {
        return Err(OAuthError::invalid_grant("Token is not active"));
    }
    if issuer.revoked().has_ended(&claims.sid) {
        return Err(OAuthError::invalid_grant("Session not active"));
    }
    let person = DemoPerson::by_subject(&claims.sub)
        .ok_or(OAuthError::invalid_grant("Invalid refresh token. User not found"))?;
    let scope = Scope::asked(Some(&claims.scope))?.narrowed(params.even_empty("scope"))?;
    issuer.tokens(Grant { person, client, scope, session: claims.sid })
}

/// RFC 8628, section 3.4.
fn device_code(issuer: &BuiltinIssuer, params: &Params) -> TokenResult {
    let client = params.client()?;
    if !client.device_flow {
        return Err(device::NOT_ALLOWED);
    }
    let code = params.require("device_code", "Missing parameter: device_code")?;
    let redeemed =
        issuer.devices().redeem(code, client.id, params.get("code_verifier"), issuer.clock.now())?;
    issuer.tokens(Grant::new(redeemed.person, client, redeemed.scope))
}

/// RFC 7009. Ends the sign-in that the refresh token belongs to; access tokens run out by themselves.
pub async fn revoke(
    State(issuer): State<Arc<BuiltinIssuer>>,
    params: Params,
) -> Result<StatusCode, OAuthError> {
    let client = params.client()?;
    let token = params.require("token", "Token not provided")?;
    // Section 2.2: what is no token of ours is as good as revoked.
    let Some(claims) = issuer.key.read_refresh::<RefreshClaims>(token) else {
        return Ok(StatusCode::OK);
    };
    if claims.azp != client.id {
        return Err(OAuthError::invalid_token("Unmatching clients"));
    }
    issuer.revoked().end(&claims.sid);
    Ok(StatusCode::OK)
}
