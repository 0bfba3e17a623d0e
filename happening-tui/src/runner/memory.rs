//! A sign-in on a machine without a keyring: kept here, until the end of the run, and nowhere else.

use async_trait::async_trait;
use happening_core::client::{ClientError, TokenSource};
use happening_core::clock::Clock;
use happening_core::signin::{Issuer, SigninError, Tokens, refresh};
use tokio::sync::Mutex;

/// Tokens that nobody else can use, kept fresh.
pub struct InMemory {
    issuer: Issuer,
    client_id: String,
    clock: Clock,
    tokens: Mutex<Tokens>,
}

impl InMemory {
    /// Begins with the tokens of a sign-in.
    pub fn new(issuer: Issuer, client_id: String, clock: Clock, tokens: Tokens) -> Self {
        Self { issuer, client_id, clock, tokens: Mutex::new(tokens) }
    }
}

#[async_trait]
impl TokenSource for InMemory {
    async fn access_token(&self) -> Result<Option<String>, ClientError> {
        let mut tokens = self.tokens.lock().await;
        let now = self.clock.now();
        if !tokens.access.is_fresh(now) {
            let token = tokens.refresh_token.clone().unwrap_or_default();
            match refresh(&self.issuer, &self.client_id, &token, &self.clock).await {
                // An issuer that does not rotate refresh tokens sends none.
                Ok(new) => {
                    *tokens = Tokens { refresh_token: new.refresh_token.or(Some(token)), access: new.access };
                }
                // In its last minute a token is still good.
                Err(SigninError::Unreachable { .. }) if tokens.access.is_valid(now) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(tokens.access.token.clone()))
    }
}
