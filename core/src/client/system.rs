//! `/readyz` and `/.well-known/happening`.

use super::{Client, ClientError};
use crate::wire::{Discovery, Readiness};
use reqwest::StatusCode;

impl Client {
    /// Where to sign in.
    pub async fn discovery(&self) -> Result<Discovery, ClientError> {
        // Asked before anyone is signed in, so without a token.
        let url = self
            .server
            .join("/.well-known/happening")
            .map_err(|_| ClientError::Address(self.server.to_string()))?;
        self.send(self.http.get(url)).await
    }

    /// How the daemon and its parts are. A daemon that is down says so with 503 and the same document.
    pub async fn readiness(&self) -> Result<Readiness, ClientError> {
        let url = self.server.join("/readyz").map_err(|_| ClientError::Address(self.server.to_string()))?;
        let response = self.send_raw(self.http.get(url)).await?;
        if response.status().is_success() || response.status() == StatusCode::SERVICE_UNAVAILABLE {
            return Self::decode(response).await;
        }
        Err(Self::refusal(response).await)
    }
}
