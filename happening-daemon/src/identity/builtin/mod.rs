//! The built-in issuer: an OIDC provider for development on one machine.
//!
//! It exists so that `make run` works on a bare machine, and it behaves as Keycloak does in all that a client of this
//! project sees: the same claims, the same answers, the same errors. Its passwords are public (a demo person's name), so
//! it refuses to exist on any address that another machine can reach, and answers only to loopback names.
//!
//! Kept on disk: the signing key, so that tokens and sign-ins survive a restart. Kept in memory: device codes that wait
//! for approval, and which sign-ins were revoked.
//!
//! To add a demo person: [`super::demo_people`]. A client: [`clients`]. A grant: [`token_endpoint`]. An endpoint: the router below
//! and the discovery document.

mod approval;
mod clients;
mod device;
mod device_endpoint;
mod error;
mod key;
mod page;
mod params;
mod people;
mod scope;
mod session;
mod token;
mod token_endpoint;

#[cfg(test)]
mod tests;

use crate::random;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use device::DeviceCodes;
use happening_core::clock::Clock;
use key::SigningKey;
use serde_json::json;
use session::Revocations;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use thiserror::Error;

/// Where [`router`] must be mounted: the issuer's name contains it.
pub const MOUNT: &str = "/realms/happening";

/// What access tokens carry as `aud`.
pub const AUDIENCE: &str = "happening-server";

const OIDC: &str = "/protocol/openid-connect";

/// Forms have a few hundred bytes, refresh tokens included.
const MAX_BODY: usize = 16 * 1024;

/// Why there is no built-in issuer.
#[derive(Debug, Error)]
pub enum IssuerError {
    /// Its passwords are public.
    #[error(
        "the built-in issuer serves this machine only, not {0}: set KEYCLOAK_SERVER_URL, or listen on 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// The key's file cannot be read or written.
    #[error("cannot keep the built-in issuer's key in {path}")]
    KeyFile {
        /// Where it is, or should be.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file holds something else. It is left alone: who deletes it signs everybody out.
    #[error("{path} is not an RSA key in PEM: restore it, or delete it to have a new one made")]
    BadKey {
        /// Where it is.
        path: PathBuf,
    },
}

/// An OIDC issuer for this machine.
pub struct BuiltinIssuer {
    url: String,
    key: SigningKey,
    clock: Clock,
    devices: Mutex<DeviceCodes>,
    revoked: Mutex<Revocations>,
    /// Signs the approval page's forms; lives as long as the codes that they are about.
    form_key: aws_lc_rs::hmac::Key,
}

impl BuiltinIssuer {
    /// The issuer for a daemon that listens on `address`. Reads its key from `data_dir`, or makes one there (which takes
    /// some tenths of a second, once).
    pub fn new(address: SocketAddr, data_dir: &Path, clock: Clock) -> Result<Self, IssuerError> {
        if !address.ip().is_loopback() {
            return Err(IssuerError::NotLoopback(address));
        }
        Ok(Self {
            url: format!("http://{address}{MOUNT}"),
            key: SigningKey::load_or_create(data_dir)?,
            clock,
            devices: Mutex::default(),
            revoked: Mutex::default(),
            form_key: aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &random::bytes::<32>()),
        })
    }

    /// The issuer's name: `iss`.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn devices(&self) -> MutexGuard<'_, DeviceCodes> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn revoked(&self) -> MutexGuard<'_, Revocations> {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All that the issuer serves, to be nested under [`MOUNT`].
pub fn router(issuer: Arc<BuiltinIssuer>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route(&format!("{OIDC}/certs"), get(certs))
        .route(&format!("{OIDC}/auth/device"), post(device_endpoint::post))
        .route(&format!("{OIDC}/token"), post(token_endpoint::post))
        .route(&format!("{OIDC}/revoke"), post(token_endpoint::revoke))
        .route("/device", get(approval::get).post(approval::post))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn(loopback_names_only))
        .with_state(issuer)
}

/// A page on the internet can make a browser resolve the page's own name to 127.0.0.1 and then talk to us as if we were
/// its own server (DNS rebinding). The `Host` header gives that away.
async fn loopback_names_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_loopback_name) {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, "This sign-in service answers to this machine only.\n").into_response()
}

fn is_loopback_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let ip = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

/// OIDC Discovery 1.0, section 3. There is no `authorization_endpoint`: browsers' code flow is not offered.
async fn discovery(State(issuer): State<Arc<BuiltinIssuer>>) -> Response {
    let at = |path: &str| format!("{}{OIDC}{path}", issuer.url);
    Json(json!({
        "issuer": issuer.url,
        "jwks_uri": at("/certs"),
        "token_endpoint": at("/token"),
        "device_authorization_endpoint": at("/auth/device"),
        "revocation_endpoint": at("/revoke"),
        "grant_types_supported": [device::GRANT_TYPE, "refresh_token", "password", "client_credentials"],
        "response_types_supported": [],
        "scopes_supported": scope::SUPPORTED,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
    }))
    .into_response()
}

async fn certs(State(issuer): State<Arc<BuiltinIssuer>>) -> Response {
    ([(header::CACHE_CONTROL, "no-cache")], Json(json!({ "keys": [issuer.key.published()] }))).into_response()
}
