//! Minting tokens with the claims that Keycloak puts into them.

use super::clients::{Client, ServiceAccount};
use super::error::OAuthError;
use super::scope::Scope;
use super::session::{self, RefreshClaims};
use super::{AUDIENCE, BuiltinIssuer};
use crate::identity::DemoPerson;
use crate::random;
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

/// Seconds that access and ID tokens last: Keycloak's default, so that clients are made for it.
const LIFESPAN: i64 = 300;

/// Realm roles that everybody has.
const DEFAULT_ROLES: [&str; 2] = ["default-roles-happening", "offline_access"];

/// What was granted to whom.
pub struct Grant {
    pub person: &'static DemoPerson,
    pub client: &'static Client,
    pub scope: Scope,
    /// `sid`.
    pub session: String,
}

/// RFC 6749, section 5.1, with Keycloak's additions.
#[derive(Debug, Serialize)]
pub struct Tokens {
    access_token: String,
    expires_in: i64,
    refresh_expires_in: i64,
    /// Absent for a service account: it has its credentials (RFC 6749, section 4.4.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(rename = "not-before-policy")]
    not_before_policy: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_state: Option<String>,
    scope: String,
}

impl Grant {
    pub fn new(person: &'static DemoPerson, client: &'static Client, scope: Scope) -> Self {
        Self { person, client, scope, session: random::uuid().to_string() }
    }

    fn access(&self, issuer: &str, now: DateTime<Utc>) -> Value {
        let roles: Vec<&str> =
            DEFAULT_ROLES.into_iter().chain(self.person.realm_roles.iter().copied()).collect();
        self.about_the_person(json!({
            "iss": issuer,
            "aud": [AUDIENCE, "account"],
            "typ": "Bearer",
            "azp": self.client.id,
            "exp": now.timestamp() + LIFESPAN,
            "iat": now.timestamp(),
            "jti": random::uuid(),
            "sid": self.session,
            "acr": "1",
            "scope": self.scope.as_str(),
            "realm_access": { "roles": roles },
        }))
    }

    fn id(&self, issuer: &str, now: DateTime<Utc>) -> Value {
        self.about_the_person(json!({
            "iss": issuer,
            "aud": self.client.id,
            "typ": "ID",
            "azp": self.client.id,
            "exp": now.timestamp() + LIFESPAN,
            "iat": now.timestamp(),
            "auth_time": now.timestamp(),
            "jti": random::uuid(),
            "sid": self.session,
            "acr": "1",
        }))
    }

    fn about_the_person(&self, mut claims: Value) -> Value {
        let person = self.person;
        claims["sub"] = json!(person.subject);
        claims["preferred_username"] = json!(person.username);
        claims["email"] = json!(person.email);
        claims["email_verified"] = json!(true);
        claims["given_name"] = json!(person.first_name);
        claims["family_name"] = json!(person.last_name);
        claims["name"] = json!(format!("{} {}", person.first_name, person.last_name));
        claims
    }

    fn refresh(&self, issuer: &str, now: DateTime<Utc>) -> RefreshClaims {
        let typ = if self.scope.has("offline_access") { "Offline" } else { "Refresh" };
        RefreshClaims {
            iss: issuer.to_owned(),
            aud: issuer.to_owned(),
            sub: self.person.subject.to_owned(),
            typ: typ.to_owned(),
            azp: self.client.id.to_owned(),
            sid: self.session.clone(),
            jti: random::uuid().to_string(),
            scope: self.scope.as_str().to_owned(),
            iat: now.timestamp(),
            exp: (now + session::lifespan(&self.scope)).timestamp(),
        }
    }
}

impl BuiltinIssuer {
    pub(super) fn tokens(&self, grant: Grant) -> Result<Tokens, OAuthError> {
        let now = self.clock.now();
        self.signed(grant, now).map_err(broken)
    }

    /// The token of a client that acts by itself: no session, no address, no refresh token.
    pub(super) fn service_tokens(
        &self,
        client: &Client,
        service: &ServiceAccount,
        scope: &Scope,
    ) -> Result<Tokens, OAuthError> {
        let now = self.clock.now().timestamp();
        let claims = json!({
            "iss": self.url,
            "aud": [AUDIENCE, "account"],
            "typ": "Bearer",
            "azp": client.id,
            "sub": service.subject,
            "preferred_username": format!("service-account-{}", client.id),
            "email_verified": false,
            "exp": now + LIFESPAN,
            "iat": now,
            "jti": random::uuid(),
            "acr": "1",
            "scope": scope.as_str(),
            "realm_access": { "roles": DEFAULT_ROLES },
        });
        Ok(Tokens {
            access_token: self.key.sign(&claims).map_err(broken)?,
            expires_in: LIFESPAN,
            refresh_expires_in: 0,
            refresh_token: None,
            token_type: "Bearer",
            id_token: None,
            not_before_policy: 0,
            session_state: None,
            scope: scope.as_str().to_owned(),
        })
    }

    fn signed(&self, grant: Grant, now: DateTime<Utc>) -> jsonwebtoken::errors::Result<Tokens> {
        let id = grant.scope.has("openid").then(|| self.key.sign(&grant.id(&self.url, now)));
        let offline = grant.scope.has("offline_access");
        Ok(Tokens {
            access_token: self.key.sign(&grant.access(&self.url, now))?,
            expires_in: LIFESPAN,
            // 0 says that it has no end of its own.
            refresh_expires_in: if offline { 0 } else { session::lifespan(&grant.scope).num_seconds() },
            refresh_token: Some(self.key.sign_refresh(&grant.refresh(&self.url, now))?),
            token_type: "Bearer",
            id_token: id.transpose()?,
            not_before_policy: 0,
            session_state: Some(grant.session),
            scope: grant.scope.as_str().to_owned(),
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "to be handed to map_err")]
fn broken(error: jsonwebtoken::errors::Error) -> OAuthError {
    tracing::error!(%error, "a token could not be signed");
    OAuthError::BROKEN
}

impl IntoResponse for Tokens {
    /// RFC 6749, section 5.1: no cache may keep them.
    fn into_response(self) -> Response {
        ([(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], Json(self)).into_response()
    }
}
