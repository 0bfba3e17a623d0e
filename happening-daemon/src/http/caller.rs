//! No identity, no means: the extractor that authenticates is what hands over the use cases.

use super::State;
use super::error::Error;
use crate::identity::bearer;
use crate::service::{Caller, Services};
use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use std::sync::Arc;

/// Whoever sent a valid access token, and what they may work with.
pub struct Session {
    /// Who asks.
    pub caller: Caller,
    /// The use cases.
    pub services: Arc<Services>,
    /// What the daemon says of itself.
    pub api: State,
}

impl FromRequestParts<State> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, api: &State) -> Result<Self, Error> {
        let token = bearer(parts.headers.get(header::AUTHORIZATION))?;
        let claims = api.verifier.verify(token).await?;
        let caller = api.services.identify(claims).await?;
        Ok(Self { caller, services: api.services.clone(), api: api.clone() })
    }
}
