//! Sign-ins in the keyring: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
//!
//! Its calls block, and a locked Secret Service waits for a dialogue that may be on no screen at all. So each call runs
//! in a thread of its own, which is left behind when it takes too long.

use super::{Credentials, ServerKey, TokenStore};
use crate::signin::{SigninError, TokenOrigin};
use async_trait::async_trait;
use keyring::{Entry, Error};
use std::time::Duration;
use tokio::sync::oneshot;

/// What entries are filed under.
const SERVICE: &str = "happening";

/// The entry that a probe writes and removes.
const PROBE: &str = "probe";

/// A keyring that is open answers within milliseconds.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Keeps sign-ins in the keyring.
#[derive(Debug, Clone, Default)]
pub struct KeyringStore(());

impl KeyringStore {
    /// The keyring of this machine. Nothing is opened yet.
    pub fn new() -> Self {
        Self(())
    }
}

#[async_trait]
impl TokenStore for KeyringStore {
    async fn probe(&self) -> Result<(), SigninError> {
        // Writing is what needs an open keyring; looking for what is not there does not.
        detached(|| {
            let entry = Entry::new(SERVICE, PROBE)?;
            entry.set_password(PROBE)?;
            entry.delete_credential()
        })
        .await
    }

    async fn load(&self, server: &ServerKey) -> Result<Option<Credentials>, SigninError> {
        let user = server.as_str().to_owned();
        let found = detached(move || match Entry::new(SERVICE, &user)?.get_password() {
            Ok(text) => Ok(Some(text)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        });
        // What we did not write is as good as nothing: the next sign-in replaces it.
        Ok(found.await?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn save(&self, server: &ServerKey, credentials: &Credentials) -> Result<(), SigninError> {
        let user = server.as_str().to_owned();
        let text =
            serde_json::to_string(credentials).map_err(|error| SigninError::NoKeyring(error.to_string()))?;
        detached(move || Entry::new(SERVICE, &user)?.set_password(&text)).await
    }

    async fn forget(&self, server: &ServerKey) -> Result<(), SigninError> {
        let user = server.as_str().to_owned();
        detached(move || match Entry::new(SERVICE, &user)?.delete_credential() {
            Err(Error::NoEntry) => Ok(()),
            other => other,
        })
        .await
    }

    fn origin(&self) -> TokenOrigin {
        TokenOrigin::Keyring
    }
}

async fn detached<T: Send + 'static>(
    call: impl FnOnce() -> keyring::Result<T> + Send + 'static,
) -> Result<T, SigninError> {
    let (answer, answered) = oneshot::channel();
    // Not `spawn_blocking`: the runtime would wait for it when the program ends.
    std::thread::Builder::new()
        .name("keyring".to_owned())
        .spawn(move || answer.send(call()).ok())
        .map_err(|error| SigninError::NoKeyring(error.to_string()))?;
    match tokio::time::timeout(TIMEOUT, answered).await {
        Ok(Ok(result)) => result.map_err(|error| told(&error)),
        Ok(Err(_)) => Err(SigninError::NoKeyring("its library failed".to_owned())),
        Err(_) => Err(SigninError::KeyringLocked),
    }
}

fn told(error: &Error) -> SigninError {
    match error {
        Error::NoStorageAccess(_) => SigninError::KeyringLocked,
        // The reason is with the first attempt to open it.
        Error::NoDefaultStore => match Entry::store_status() {
            Err(reason) => SigninError::NoKeyring(reason.to_string()),
            Ok(()) => SigninError::NoKeyring(error.to_string()),
        },
        other => SigninError::NoKeyring(other.to_string()),
    }
}
