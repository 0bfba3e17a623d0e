//! The service account's access token: kept until two thirds of its life are over, asked for by one at a time.

use super::error::DirectoryError;
use super::keycloak::{DirectorySettings, said, unreachable};
use serde::Deserialize;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// An access token, and when to ask for the next one.
struct Token {
    value: String,
    renew_at: Instant,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

/// Signs the service account in, by the client credentials grant (RFC 6749, section 4.4).
pub struct ServiceAccount {
    url: String,
    client: String,
    secret: String,
    token: Mutex<Option<Token>>,
}

impl ServiceAccount {
    pub fn new(settings: &DirectorySettings) -> Self {
        let server = settings.server.trim_end_matches('/');
        Self {
            url: format!("{server}/realms/{}/protocol/openid-connect/token", settings.realm),
            client: settings.client.clone(),
            secret: settings.secret.clone(),
            token: Mutex::new(None),
        }
    }

    pub fn client(&self) -> &str {
        &self.client
    }

    /// A token that is good now.
    pub async fn token(&self, http: &reqwest::Client) -> Result<String, DirectoryError> {
        let mut kept = self.token.lock().await;
        if let Some(token) = kept.as_ref()
            && Instant::now() < token.renew_at
        {
            return Ok(token.value.clone());
        }
        *kept = None;
        let granted = self.sign_in(http).await?;
        let value = granted.access_token.clone();
        let renew_at = Instant::now() + Duration::from_secs(granted.expires_in) * 2 / 3;
        *kept = Some(Token { value: granted.access_token, renew_at });
        Ok(value)
    }

    /// This token is not accepted any more: the next one to ask signs in anew.
    pub async fn forget(&self, refused: &str) {
        let mut kept = self.token.lock().await;
        kept.take_if(|token| token.value == refused);
    }

    async fn sign_in(&self, http: &reqwest::Client) -> Result<Granted, DirectoryError> {
        // RFC 6749, section 2.3.1: the client's password by HTTP Basic, which every server must support.
        let sent = http
            .post(&self.url)
            .basic_auth(form_encoded(&self.client), Some(form_encoded(&self.secret)))
            .form(&[("grant_type", "client_credentials")])
            .send()
            .await;
        let answer = sent.map_err(|error| unreachable(&error, false))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| unreachable(&error, false))?;
        if status.is_server_error() {
            let reason = format!("{status} for a token");
            return Err(DirectoryError::Unreachable { reason, unsettled: false });
        }
        if !status.is_success() {
            return Err(DirectoryError::SignIn(said(&body)));
        }
        serde_json::from_slice(&body)
            .map_err(|_| DirectoryError::SignIn("the answer to a token request is not understood".to_owned()))
    }
}

/// RFC 6749, section 2.3.1: both are form-encoded before they are put together.
fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
