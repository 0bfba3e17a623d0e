//! Where a sign-in is kept between two runs.
//!
//! To add a store: a file here with a [`TokenStore`], and its word in [`super::Storage`].

mod file;
mod keyring;

pub use file::FileStore;
pub use keyring::KeyringStore;

use super::{Config, SigninError, Storage, TokenOrigin};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

/// What is kept: enough to get the next access token without asking the daemon, and no access token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The issuer that gave it, and the only one that gets to see it again.
    pub issuer: String,
    /// The client that it was given to.
    pub client_id: String,
    /// The secret.
    pub refresh_token: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A daemon's address as a key: however it was written, it is one daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerKey(String);

impl ServerKey {
    /// The key of the daemon at `server`.
    pub fn new(server: &Url) -> Self {
        Self(server.as_str().trim_end_matches('/').to_owned())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As part of a file's name.
    pub(super) fn as_file_name(&self) -> String {
        self.0.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' }).collect()
    }
}

/// Keeps sign-ins by daemon.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// Whether [`TokenStore::save`] would work, found out before anyone approves anything.
    async fn probe(&self) -> Result<(), SigninError>;

    /// What is kept for this daemon.
    async fn load(&self, server: &ServerKey) -> Result<Option<Credentials>, SigninError>;

    /// Keeps this, in place of what was kept.
    async fn save(&self, server: &ServerKey, credentials: &Credentials) -> Result<(), SigninError>;

    /// Forgets it; nothing to forget is fine.
    async fn forget(&self, server: &ServerKey) -> Result<(), SigninError>;

    /// What to call it.
    fn origin(&self) -> TokenOrigin;
}

/// The store that is meant by a word.
pub(super) fn open(storage: Storage, config: &Config) -> Box<dyn TokenStore> {
    match storage {
        Storage::Keyring => Box::new(KeyringStore::new()),
        Storage::File => Box::new(FileStore::new(config)),
    }
}

/// The store that has this daemon's sign-in. A file is only there if somebody wanted one, and costs nothing to look at.
pub(super) fn find(server: &ServerKey, config: &Config) -> Result<Box<dyn TokenStore>, SigninError> {
    let storage = if FileStore::new(config).has(server)? { Storage::File } else { config.storage() };
    Ok(open(storage, config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_daemon_is_one_key() {
        let key = |url: &str| ServerKey::new(&url.parse().unwrap());
        assert_eq!(key("HTTP://Example.org:80"), key("http://example.org/"));
        assert_ne!(key("http://127.0.0.1:5000"), key("http://127.0.0.1:5001"));
        assert_eq!(key("http://[::1]:5000/a").as_file_name(), "http______1__5000_a");
    }
}
