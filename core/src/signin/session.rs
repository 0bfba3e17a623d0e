//! Who one is, for this run: the one place that decides where tokens come from.

use super::store::{self, ServerKey};
use super::stored::AccessCache;
use super::{AccessToken, Claims, Config, SigninError, StoredSession, client_credentials, discover};
use crate::client::{Client, ClientError, ClientOptions, FixedToken, TokenSource};
use crate::clock::Clock;
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
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
        self.client_with(ClientOptions::plain(timeout))
    }

    /// A client of the daemon with these tokens and options.
    pub fn client_with(&self, options: ClientOptions) -> Client {
        Client::with_options(self.server.clone(), self.clone(), options)
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

    async fn renewed(&self, refused: &str) -> Result<Option<String>, ClientError> {
        self.source.renewed(refused).await
    }
}

/// The tokens for `server`: `HAPPENING_TOKEN`, else client credentials, else what [`super::login()`] kept.
///
/// Nothing is asked of the network or the keyring yet: that happens with the first request.
pub fn session(server: &Url, config: &Config, clock: &Clock) -> Result<Session, SigninError> {
    let environment = &config.environment;
    let (origin, source): (_, Arc<dyn TokenSource>) = if let Some(token) = &environment.token {
        // RFC 6750, section 2.1: no token has anything else in it, and a header could not carry it.
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let why = "HAPPENING_TOKEN is no access token: there is a space, a line break or the like in it";
            return Err(SigninError::Settings(why.to_owned()));
        }
        (TokenOrigin::Environment, Arc::new(FixedToken(Some(token.clone()))))
    } else {
        match (&environment.client_id, &environment.client_secret) {
            (Some(id), Some(secret)) => {
                let account = ServiceAccount {
                    server: server.clone(),
                    client_id: id.clone(),
                    secret: secret.clone(),
                    clock: clock.clone(),
                    cache: AccessCache::new(config),
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

/// Tokens by client credentials: from memory, else from the cache file, else from the issuer. Without the file each command
/// of a script would ask the issuer anew.
struct ServiceAccount {
    server: Url,
    client_id: String,
    secret: String,
    clock: Clock,
    cache: AccessCache,
    current: Mutex<Option<AccessToken>>,
}

#[async_trait]
impl TokenSource for ServiceAccount {
    async fn access_token(&self) -> Result<Option<String>, ClientError> {
        self.token(None).await.map(Some)
    }

    async fn renewed(&self, refused: &str) -> Result<Option<String>, ClientError> {
        self.token(Some(refused)).await.map(Some)
    }
}

impl ServiceAccount {
    /// A fresh token that is not the one that the daemon `refused`.
    async fn token(&self, refused: Option<&str>) -> Result<String, ClientError> {
        let mut current = self.current.lock().await;
        let key = self.cache_key();
        let is_good =
            |token: &AccessToken| token.is_fresh(self.clock.now()) && refused != Some(token.token.as_str());
        if !current.as_ref().is_some_and(is_good) {
            *current = self.cache.get(&key);
        }
        if let Some(token) = current.as_ref().filter(|token| is_good(token)) {
            return Ok(token.token.clone());
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
        // A directory that cannot be written, as in some containers, costs a request a run and nothing else.
        let _ = self.cache.put(&key, &tokens.access);
        Ok(current.insert(tokens.access).token.clone())
    }

    /// Another secret may be another account's, or a wrong one: it gets none of the tokens that this one got.
    fn cache_key(&self) -> String {
        let server = ServerKey::new(&self.server);
        let digest = Sha256::digest(self.secret.as_bytes());
        format!("{} {} {}", server.as_str(), self.client_id, URL_SAFE_NO_PAD.encode(&digest[..9]))
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
        config.environment.token = Some("a\nb".into());
        assert!(
            matches!(origin(&config), Err(SigninError::Settings(why)) if why.contains("HAPPENING_TOKEN"))
        );
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
        let asks = |config: &Config| super::session(&issuer.url(), config, &Clock::system()).unwrap();
        assert_eq!(asks(&config).access_token().await.unwrap().as_deref(), Some("bot-token"));
        assert_eq!(issuer.hits("/token"), 1, "the next command uses the token of this one");
        config.environment.client_secret = Some("another".into());
        asks(&config).access_token().await.unwrap();
        assert_eq!(issuer.hits("/token"), 2, "a token is for whoever has the secret");
        assert!(issuer.bodies("/token")[0].contains("grant_type=client_credentials"));
        assert!(!issuer.bodies("/token")[0].contains("scope"), "an empty scope is an error to Keycloak");
    }
}
