//! What keeps Keycloak in step: where there is a Keycloak, and a service account of ours at it.

use super::Foundation;
use crate::config::Config;
use crate::identity::directory::{Directory, DirectorySettings, KeycloakDirectory};
use crate::ids::Ids;
use crate::keycloak::{KeycloakSync, SyncTask, Watcher};
use anyhow::Context;
use std::sync::Arc;

/// What is to be started once the schema is up to date.
pub(super) struct Keycloak {
    sync: KeycloakSync,
    sync_task: SyncTask,
    watcher: Watcher,
}

/// Opens it; nothing is asked of Keycloak yet.
pub(super) fn open(config: &Config, base: &Foundation, ids: &Ids) -> anyhow::Result<Option<Keycloak>> {
    let Some(directory) = directory(config)? else {
        if config.keycloak_server_url.is_some() {
            tracing::warn!("Keycloak is not kept in step: KEYCLOAK_CLIENT_SECRET is not set");
        }
        return Ok(None);
    };
    let (store, liveness, clock) = (&base.store, &base.store_liveness, &base.clock);
    let sync = KeycloakSync::default();
    let sync_task = SyncTask::new(
        store.clone(),
        liveness.clone(),
        directory.clone(),
        sync.clone(),
        clock.clone(),
        ids.clone(),
    );
    let watcher = Watcher::new(store.clone(), liveness.clone(), directory, sync.clone(), clock.clone());
    Ok(Some(Keycloak { sync, sync_task, watcher }))
}

/// Keycloak as our service account sees it, where there are both.
pub(super) fn directory(config: &Config) -> anyhow::Result<Option<Arc<dyn Directory>>> {
    let (Some(server), Some(secret)) = (&config.keycloak_server_url, &config.keycloak_client_secret) else {
        return Ok(None);
    };
    let settings = DirectorySettings {
        server: server.clone(),
        realm: config.keycloak_realm.clone(),
        client: config.keycloak_client_id.clone(),
        secret: secret.clone(),
    };
    let directory = KeycloakDirectory::new(&settings).context("KEYCLOAK_SERVER_URL is not an address")?;
    Ok(Some(Arc::new(directory)))
}

impl Keycloak {
    pub(super) fn sync(&self) -> KeycloakSync {
        self.sync.clone()
    }

    /// Queues organizations that were never sent to Keycloak, then keeps Keycloak in sync.
    pub(super) async fn start(self, base: &Foundation) -> anyhow::Result<()> {
        let queued = || async { base.store.queue_unsent_organizations(base.clock.now()).await.map(drop) };
        base.once_available(queued).await?;
        base.lifecycle.spawn_until_soft(base.lifecycle.essential("keycloak sync", self.sync_task.run()));
        base.lifecycle.spawn_until_soft(base.lifecycle.essential("keycloak watcher", self.watcher.run()));
        Ok(())
    }
}
