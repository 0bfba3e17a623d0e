//! No identity, no means: the extractor that authenticates is what hands over the use cases.

use super::State;
use super::client_address::{self, Peer};
use super::error::Error;
use super::request_id;
use crate::idempotency::KeyGuard;
use crate::identity::{Rejection, bearer};
use crate::service::{Caller, RequestSource, Services};
use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use std::sync::Arc;
use tracing::Span;

/// The sender of a valid access token, and what they may work with.
pub struct Session {
    /// Who asks.
    pub caller: Caller,
    /// The use cases; in a dry run those of which nothing remains.
    pub services: Arc<Services>,
    /// There if the engine is to remember the answer, see `idempotency.rs`.
    pub key_guard: Option<KeyGuard>,
    /// What the daemon says of itself.
    pub api: State,
}

/// Who was identified before the handler runs, and what it works with: the handler's [`Session`] is made of it, and no token is
/// verified twice.
#[derive(Clone)]
pub(super) struct Identified {
    pub caller: Caller,
    pub services: Arc<Services>,
}

impl FromRequestParts<State> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, api: &State) -> Result<Self, Error> {
        let key_guard = parts.extensions.get::<KeyGuard>().cloned();
        if let Some(Identified { caller, services }) = parts.extensions.get().cloned() {
            return Ok(Self { caller, services, key_guard, api: api.clone() });
        }
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let address = peer.map(|peer| client_address::address(peer, &parts.headers, &api.trusted_proxies));
        let verified = match bearer(parts.headers.get(header::AUTHORIZATION)) {
            Ok(token) => api.verifier.verify(token).await,
            Err(rejection) => Err(rejection),
        };
        let claims = match verified {
            Ok(claims) => claims,
            Err(rejection @ Rejection::KeysUnavailable) => return Err(rejection.into()),
            Err(rejection) => return Err(api.rate_limits.count_anonymous(address, rejection.into())),
        };
        if !claims.realm_roles.operator {
            api.rate_limits.count_person(parts, &claims)?;
        }
        let source = RequestSource { address, request_id: request_id::current() };
        let caller = api.services.identify(claims, source).await?;
        if let Some(person) = &caller.person {
            Span::current().record("caller", tracing::field::display(person.user.id));
        }
        Ok(Self { caller, services: api.services.clone(), key_guard, api: api.clone() })
    }
}
