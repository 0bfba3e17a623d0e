//! `/readyz` and `/.well-known/happening`.

use super::{Client, ClientError};
use crate::wire::{Discovery, Readiness};
use chrono::{DateTime, Utc};
use reqwest::{Method, StatusCode, header};

impl Client {
    /// Where to sign in.
    pub async fn discovery(&self) -> Result<Discovery, ClientError> {
        self.anonymous().get("/.well-known/happening").await
    }

    /// What time it is for the daemon, to the second; `None` if it does not say.
    pub async fn clock(&self) -> Result<Option<DateTime<Utc>>, ClientError> {
        let client = self.anonymous();
        let response = client.send_raw(client.request(Method::GET, "/healthz")?).await?;
        let told = response.headers().get(header::DATE).and_then(|value| value.to_str().ok());
        let time = told.and_then(|text| DateTime::parse_from_rfc2822(text).ok());
        Ok(time.map(|time| time.with_timezone(&Utc)))
    }

    /// How the daemon and its parts are. A daemon that is down says so with 503 and the same document, which is an answer:
    /// it is not asked again.
    pub async fn readiness(&self) -> Result<Readiness, ClientError> {
        let once = Self { options: self.options.clone().once(), ..self.anonymous() };
        let response = once.send_raw(once.request(Method::GET, "/readyz")?).await?;
        if response.status().is_success() || response.status() == StatusCode::SERVICE_UNAVAILABLE {
            return Self::decode(&response);
        }
        Err(self.refusal(&response))
    }
}
