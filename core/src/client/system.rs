//! `/readyz` and `/.well-known/happening`.

use super::{Client, ClientError};
use crate::wire::{Discovery, Readiness};
use chrono::{DateTime, Utc};
use reqwest::{StatusCode, header};

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

    /// What time it is for the daemon, to the second; `None` if it does not say.
    pub async fn clock(&self) -> Result<Option<DateTime<Utc>>, ClientError> {
        let url = self.server.join("/healthz").map_err(|_| ClientError::Address(self.server.to_string()))?;
        let response = self.send_raw(self.http.get(url)).await?;
        let told = response.headers().get(header::DATE).and_then(|value| value.to_str().ok());
        let time = told.and_then(|text| DateTime::parse_from_rfc2822(text).ok());
        Ok(time.map(|time| time.with_timezone(&Utc)))
    }

    /// How the daemon and its parts are. A daemon that is down says so with 503 and the same document, which is an answer:
    /// it is not asked again.
    pub async fn readiness(&self) -> Result<Readiness, ClientError> {
        let url = self.server.join("/readyz").map_err(|_| ClientError::Address(self.server.to_string()))?;
        let once = Self { manner: self.manner.clone().once(), ..self.clone() };
        let response = once.send_raw(self.http.get(url)).await?;
        if response.status().is_success() || response.status() == StatusCode::SERVICE_UNAVAILABLE {
            return Self::decode(&response);
        }
        Err(Self::refusal(&response))
    }
}
