//! Who one is, for this run: the one place that decides where tokens come from.

use super::store::{self, ServerKey};
use super::{AccessToken, Claims, Config, SigninError, StoredSession, client_credentials, discover};
use crate::client::{Client, ClientError, FixedToken, TokenSource};
use crate::clock::Clock;
use async_trait::async_trait;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use url::Url;

/// Where a token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenOrigin {
    /// `HAPPENING_TOKEN`.
    Environment,
    /// A service account: `HAPPENING_CLIENT_ID` and `HAPPENING_CLIENT_SECRET`.
    ClientCredentials(String),
    /// The keyring.
    Keyring,
    /// A file.
    File(PathBuf),
}

impl TokenOrigin {
    /// In one word, for machines.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::ClientCredentials(_) => "client_credentials",
            Self::Keyring => "keyring",
            Self::File(_) => "file",
        }
    }
}

impl fmt::Display for TokenOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("HAPPENING_TOKEN"),
            Self::ClientCredentials(id) => write!(f, "the service account {id} (HAPPENING_CLIENT_ID)"),
            Self::Keyring => f.write_str("the keyring"),
            Self::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}

/// Tokens for one daemon, from wherever they come. Cheap to clone.
#[derive(Clone)]
pub struct Session {
    server: Url,
    origin: TokenOrigin,
    source: Arc<dyn TokenSource>,
}

impl Session {
    /// Where the tokens come from. Says nothing about whether there are any.
    pub fn origin(&self) -> &TokenOrigin {
        &self.origin
    }

    /// The daemon.
    pub fn server(&self) -> &Url {
        &self.server
    }

    /// A client of the daemon that asks with these tokens.
    pub fn client(&self, timeout: Duration) -> Client {
        Client::with_timeout(self.server.clone(), self.clone(), timeout)
    }

    /// What the current token says of its bearer.
    pub async fn claims(&self) -> Result<Claims, ClientError> {
        let token = self.access_token().await?.unwrap_or_default();
        Claims::of(&token)
            .ok_or_else(|| ClientError::NotSignedIn(format!("the token of {} is no JWT", self.origin)))
    }
}

#[async_trait]
impl TokenSource for Session {
    async fn access_token(&self) -> Result<Option<String>, ClientError> {
        self.source.access_token().await
    }
}

/// The tokens for `server`: `HAPPENING_TOKEN`, else client credentials, else what [`super::login`] kept.
///
/// Nothing is asked of the network or the keyring yet: that happens with the first request.
pub fn session(server: &Url, config: &Config, clock: &Clock) -> Result<Session, SigninError> {
    let environment = &config.environment;
    let (origin, source): (_, Arc<dyn TokenSource>) = if let Some(token) = &environment.token {
        (TokenOrigin::Environment, Arc::new(FixedToken(Some(token.clone()))))
    } else {
        match (&environment.client_id, &environment.client_secret) {
            (Some(id), Some(secret)) => {
                let account = ServiceAccount {
                    server: server.clone(),
                    client_id: id.clone(),
                    secret: secret.clone(),
                    clock: clock.clone(),
                    current: Mutex::new(None),
                };
                (TokenOrigin::ClientCredentials(id.clone()), Arc::new(account))
            }
            (None, None) => {
                let store = store::find(&ServerKey::new(server), config)?;
                (store.origin(), Arc::new(StoredSession::new(server, store, config, clock)))
            }
            _ => {
                let half = "HAPPENING_CLIENT_ID and HAPPENING_CLIENT_SECRET are only of use together: one is missing";
                return Err(SigninError::Settings(half.to_owned()));
            }
        }
    };
    Ok(Session { server: server.clone(), origin, source })
}

/// Tokens by client credentials, in memory: whoever has the secret can ask again.
struct ServiceAccount {
    server: Url,
    client_id: String,
    secret: String,
    clock: Clock,
    current: Mutex<Option<AccessToken>>,
}

#[async_trait]
impl TokenSource for ServiceAccount {
    async fn access_token(&self) -> Result<Option<String>, ClientError> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| token.is_fresh(self.clock.now())) {
            return Ok(Some(token.token.clone()));
        }
        let (_, issuer) = discover(&self.server).await?;
        let tokens = client_credentials(&issuer, &self.client_id, &self.secret, &self.clock).await.map_err(
            |error| match error {
                SigninError::Refused { .. } => ClientError::NotSignedIn(format!(
                    "service account {}: {error}; check HAPPENING_CLIENT_ID and HAPPENING_CLIENT_SECRET",
                    self.client_id
                )),
                other => other.into(),
            },
        )?;
        let token = tokens.access.token.clone();
        *current = Some(tokens.access);
        Ok(Some(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signin::{Environment, FileStore, TokenStore as _, testing};

    #[tokio::test]
    async fn a_token_goes_before_a_service_account_before_the_store() {
        let (_home, mut config) = testing::config();
        let server: Url = "http://daemon".parse().unwrap();
        let origin = |config: &Config| session(&server, config, &Clock::system()).map(|s| s.origin().clone());
        let store = FileStore::new(&config);
        assert_eq!(origin(&config).unwrap(), TokenOrigin::Keyring, "where one would look");
        store.save(&ServerKey::new(&server), &testing::credentials("http://issuer")).await.unwrap();
        assert_eq!(origin(&config).unwrap(), store.origin());

        config.environment.client_id = Some("bot".into());
        assert!(origin(&config).is_err(), "half of a pair is a mistake, not a wish for the store");
        config.environment.client_secret = Some("s3cret".into());
        assert_eq!(origin(&config).unwrap(), TokenOrigin::ClientCredentials("bot".into()));
        config.environment.token = Some("abc".into());
        assert_eq!(origin(&config).unwrap(), TokenOrigin::Environment);
        let session = session(&server, &config, &Clock::system()).unwrap();
        assert_eq!(session.access_token().await.unwrap().as_deref(), Some("abc"));
        assert!(matches!(session.claims().await, Err(ClientError::NotSignedIn(_))), "`abc` names nobody");
        assert!(
            !format!("{:?}", Environment { token: Some("abc".into()), ..Environment::default() })
                .contains("abc")
        );
    }

    #[tokio::test]
    async fn a_service_account_asks_once_while_its_token_is_fresh() {
        let (_home, mut config) = testing::config();
        let issuer = testing::Issuer::start().await;
        issuer.on(
            "POST",
            "/token",
            200,
            r#"{"access_token":"bot-token","token_type":"Bearer","expires_in":300}"#,
        );
        config.environment.client_id = Some("bot".into());
        config.environment.client_secret = Some("s3cret".into());
        let session = session(&issuer.url(), &config, &Clock::system()).unwrap();
        for _ in 0..2 {
            assert_eq!(session.access_token().await.unwrap().as_deref(), Some("bot-token"));
        }
        assert_eq!(issuer.hits("/token"), 1);
        assert!(issuer.bodies("/token")[0].contains("grant_type=client_credentials"));
        assert!(!issuer.bodies("/token")[0].contains("scope"), "an empty scope is an error to Keycloak");
    }
}
