//! A sign-in that was kept, as a source of access tokens.

use super::files::{FileMap, Lock};
use super::store::{ServerKey, TokenStore};
use super::{AccessToken, Config, Credentials, Issuer, SigninError, refresh};
use crate::client::{ClientError, TokenSource};
use crate::clock::Clock;
use async_trait::async_trait;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::Mutex;
use url::Url;

/// Longer than one refresh may take (two requests of ten seconds), so that a slow one is waited for.
const REFRESH_PATIENCE: Duration = Duration::from_secs(25);

/// Access tokens by refresh token: from memory, else from the cache file, else from the issuer.
pub struct StoredSession {
    server: ServerKey,
    store: Box<dyn TokenStore>,
    cache: AccessCache,
    lock: PathBuf,
    clock: Clock,
    current: Mutex<Option<AccessToken>>,
}

impl StoredSession {
    /// The sign-in for `server` that `store` keeps.
    pub fn new(server: &Url, store: Box<dyn TokenStore>, config: &Config, clock: &Clock) -> Self {
        let server = ServerKey::new(server);
        Self {
            lock: refresh_lock(&server, config),
            cache: AccessCache::new(config),
            server,
            store,
            clock: clock.clone(),
            current: Mutex::new(None),
        }
    }

    /// A fresh token that is not the one that the daemon `refused`.
    async fn token(&self, refused: Option<&str>) -> Result<String, ClientError> {
        let mut current = self.current.lock().await;
        let is_other = |token: &AccessToken| refused != Some(token.token.as_str());
        let now = self.clock.now();
        let is_good = |token: &AccessToken| token.is_fresh(now) && is_other(token);
        if let Some(token) = current.as_ref().filter(|token| is_good(token)) {
            return Ok(token.token.clone());
        }
        let token = match self.cache.get(self.server.as_str()).filter(is_good) {
            Some(token) => token,
            None => self.renew(is_other).await?,
        };
        Ok(current.insert(token).token.clone())
    }

    /// A token from the issuer, or one that another process has had from there meanwhile, if it `is_other` than the refused.
    async fn renew(
        &self,
        is_other: impl Fn(&AccessToken) -> bool + Send,
    ) -> Result<AccessToken, SigninError> {
        let _turn = Lock::acquire(&self.lock, REFRESH_PATIENCE).await?;
        // The process that had the turn before may have done it for all.
        let cached = self.cache.get(self.server.as_str()).filter(|token| is_other(token));
        if let Some(token) = cached.clone().filter(|token| token.is_fresh(self.clock.now())) {
            return Ok(token);
        }
        let Some(credentials) = self.store.load(&self.server).await? else {
            return Err(ClientError::NotSignedIn(format!(
                "nobody is at {}; run `happening login`",
                self.server.as_str()
            ))
            .into());
        };
        match self.refresh(&credentials).await {
            // In its last minute a token is still good: an issuer that is away for a moment disturbs nobody.
            Err(error @ SigninError::Unreachable { .. }) => {
                cached.filter(|token| token.is_valid(self.clock.now())).ok_or(error)
            }
            other => other,
        }
    }

    async fn refresh(&self, credentials: &Credentials) -> Result<AccessToken, SigninError> {
        let issuer = Issuer::find(&credentials.issuer).await?;
        let tokens =
            refresh(&issuer, &credentials.client_id, &credentials.refresh_token, &self.clock).await?;
        // An issuer that rotates refresh tokens takes the old one for stolen: keep the new one before all else.
        if let Some(refresh_token) = tokens.refresh_token.filter(|token| *token != credentials.refresh_token)
        {
            let credentials = Credentials { refresh_token, ..credentials.clone() };
            self.store.save(&self.server, &credentials).await?;
        }
        self.cache.put(self.server.as_str(), &tokens.access)?;
        Ok(tokens.access)
    }
}

#[async_trait]
impl TokenSource for StoredSession {
    async fn access_token(&self) -> Result<Option<String>, ClientError> {
        self.token(None).await.map(Some)
    }

    async fn renewed(&self, refused: &str) -> Result<Option<String>, ClientError> {
        self.token(Some(refused)).await.map(Some)
    }
}

/// The lock under which the sign-in at one daemon changes.
pub(super) fn refresh_lock(server: &ServerKey, config: &Config) -> PathBuf {
    config.path(&format!("refresh-{}.lock", server.as_file_name()))
}

/// Access tokens in `access.json`, readable by their owner alone. They live for minutes, so a file will do for them even
/// where the refresh token is in a keyring; and without it each command of a script would refresh anew.
#[derive(Debug, Clone)]
pub(super) struct AccessCache {
    file: FileMap,
}

impl AccessCache {
    pub(super) fn new(config: &Config) -> Self {
        Self { file: FileMap::new(config.path("access.json")) }
    }

    /// A cache that cannot be read is an empty one.
    pub(super) fn get(&self, key: &str) -> Option<AccessToken> {
        self.file.get(key).ok().flatten()
    }

    pub(super) fn put(&self, key: &str, token: &AccessToken) -> Result<(), SigninError> {
        self.file.put(key, token)
    }

    pub(super) fn forget(&self, server: &ServerKey) -> Result<(), SigninError> {
        self.file.remove(server.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signin::{FileStore, testing};
    use chrono::{DateTime, TimeDelta, Utc};
    use std::sync::Arc;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    async fn signed_in(issuer: &testing::Issuer, config: &Config) -> Url {
        let server = issuer.url();
        let credentials = testing::credentials(&issuer.name());
        FileStore::new(config).save(&ServerKey::new(&server), &credentials).await.unwrap();
        server
    }

    fn source(server: &Url, config: &Config, clock: &Clock) -> StoredSession {
        StoredSession::new(server, Box::new(FileStore::new(config)), config, clock)
    }

    #[tokio::test]
    async fn many_at_once_refresh_once_and_keep_a_rotated_token() {
        let (_home, config) = testing::config();
        let issuer = testing::Issuer::start().await;
        let answer = r#"{"access_token":"a1","token_type":"bearer","expires_in":300,"refresh_token":"r2"}"#;
        issuer.on("POST", "/token", 200, answer);
        let server = signed_in(&issuer, &config).await;
        let clock = Clock::stopped_at(noon());
        // Each has a memory of its own, as processes do.
        let asking: Vec<_> = (0..10)
            .map(|_| {
                let source = Arc::new(source(&server, &config, &clock));
                tokio::spawn(async move { source.access_token().await })
            })
            .collect();
        for asked in asking {
            assert_eq!(asked.await.unwrap().unwrap().as_deref(), Some("a1"));
        }
        assert_eq!(issuer.hits("/token"), 1);
        assert!(issuer.bodies("/token")[0].contains("refresh_token=r1"));
        let kept = FileStore::new(&config).load(&ServerKey::new(&server)).await.unwrap().unwrap();
        assert_eq!(kept.refresh_token, "r2");

        clock.set(noon() + TimeDelta::seconds(240));
        source(&server, &config, &clock).access_token().await.unwrap();
        assert_eq!(issuer.hits("/token"), 2, "sixty seconds before its end it is renewed");
        assert!(issuer.bodies("/token")[1].contains("refresh_token=r2"));
    }

    #[tokio::test]
    async fn a_refused_refresh_is_not_signed_in() {
        let (_home, config) = testing::config();
        let issuer = testing::Issuer::start().await;
        issuer.on(
            "POST",
            "/token",
            400,
            r#"{"error":"invalid_grant","error_description":"Session not active"}"#,
        );
        let server = signed_in(&issuer, &config).await;
        let error = source(&server, &config, &Clock::system()).access_token().await.unwrap_err();
        assert!(matches!(error, ClientError::NotSignedIn(_)), "{error:?}");
        assert!(
            error
                .to_string()
                .ends_with("signed out by the server (Session not active); run `happening login`")
        );
    }

    #[tokio::test]
    async fn nobody_signed_in_is_told_without_asking_anyone() {
        let (_home, config) = testing::config();
        let server = "http://127.0.0.1:1".parse().unwrap();
        let error = source(&server, &config, &Clock::system()).access_token().await.unwrap_err();
        assert!(matches!(error, ClientError::NotSignedIn(_)), "{error:?}");
    }

    #[tokio::test]
    async fn an_issuer_that_is_away_matters_only_once_the_token_is_dead() {
        let (_home, config) = testing::config();
        let issuer = testing::Issuer::start().await;
        issuer.on("POST", "/token", 503, "<html>busy</html>");
        let server = signed_in(&issuer, &config).await;
        let clock = Clock::stopped_at(noon());
        let token = AccessToken::new("last".into(), noon(), Duration::from_mins(5));
        AccessCache::new(&config).put(ServerKey::new(&server).as_str(), &token).unwrap();
        clock.set(noon() + TimeDelta::seconds(299));
        let source = source(&server, &config, &clock);
        assert_eq!(source.access_token().await.unwrap().as_deref(), Some("last"));
        clock.set(noon() + TimeDelta::seconds(300));
        let error = source.access_token().await.unwrap_err();
        assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    }
}
