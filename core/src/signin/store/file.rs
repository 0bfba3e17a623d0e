//! Sign-ins in `credentials.json`, readable by their owner alone: for machines without a keyring, when somebody says so.

use super::{Credentials, ServerKey, TokenStore};
use crate::signin::files::FileMap;
use crate::signin::{Config, SigninError, TokenOrigin};
use async_trait::async_trait;

/// Keeps sign-ins in a file.
#[derive(Debug, Clone)]
pub struct FileStore {
    file: FileMap,
}

impl FileStore {
    /// `credentials.json` in the configuration directory.
    pub fn new(config: &Config) -> Self {
        Self { file: FileMap::new(config.path("credentials.json")) }
    }

    pub(super) fn has(&self, server: &ServerKey) -> Result<bool, SigninError> {
        Ok(self.file.get::<Credentials>(server.as_str())?.is_some())
    }
}

#[async_trait]
impl TokenStore for FileStore {
    async fn probe(&self) -> Result<(), SigninError> {
        const PROBE: &str = "probe";
        self.file.put(PROBE, &true)?;
        self.file.remove(PROBE)
    }

    async fn load(&self, server: &ServerKey) -> Result<Option<Credentials>, SigninError> {
        self.file.get(server.as_str())
    }

    async fn save(&self, server: &ServerKey, credentials: &Credentials) -> Result<(), SigninError> {
        self.file.put(server.as_str(), credentials)
    }

    async fn forget(&self, server: &ServerKey) -> Result<(), SigninError> {
        self.file.remove(server.as_str())
    }

    fn origin(&self) -> TokenOrigin {
        TokenOrigin::File(self.file.path().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signin::testing;

    #[tokio::test]
    async fn keeps_and_forgets() {
        let (_home, config) = testing::config();
        let store = FileStore::new(&config);
        let (here, there) = (testing::key("http://here"), testing::key("http://there"));
        let credentials = testing::credentials("http://issuer");
        store.probe().await.unwrap();
        assert_eq!(store.load(&here).await.unwrap(), None);
        store.save(&here, &credentials).await.unwrap();
        assert_eq!(store.load(&here).await.unwrap(), Some(credentials));
        assert_eq!(store.load(&there).await.unwrap(), None);
        store.forget(&there).await.unwrap();
        store.forget(&here).await.unwrap();
        assert_eq!(store.load(&here).await.unwrap(), None);
    }

    #[tokio::test]
    async fn says_beforehand_that_it_cannot_write() {
        let (home, config) = testing::config();
        std::fs::create_dir_all(home.path().join("credentials.json/in the way")).unwrap();
        let refused = FileStore::new(&config).probe().await.unwrap_err();
        assert!(matches!(refused, SigninError::File { .. }), "{refused}");
    }
}
