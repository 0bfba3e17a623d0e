//! What operators and support read of the daemon.

use super::{Caller, Error, Services};
use crate::store::KeycloakBacklog;
use happening_core::wire::{FailedKeycloakTask, Health, KeycloakStatus};

impl Services {
    /// How Keycloak is kept in step.
    pub async fn keycloak_status(&self, caller: &Caller) -> Result<KeycloakStatus, Error> {
        caller.must_be_staff()?;
        self.must_be_up()?;
        let backlog = self.store.find_keycloak_backlog().await?;
        let trouble = self.keycloak.as_ref().and_then(crate::keycloak::KeycloakSync::trouble);
        let state = self.keycloak.as_ref().map(|keycloak| {
            if keycloak.liveness().is_down() || trouble.is_some() { Health::Degraded } else { Health::Ok }
        });
        Ok(self.with_backlog(KeycloakStatus { state, trouble, ..KeycloakStatus::default() }, backlog))
    }

    fn with_backlog(&self, status: KeycloakStatus, backlog: KeycloakBacklog) -> KeycloakStatus {
        let now = self.clock.now();
        let failures = backlog.failures.into_iter().map(|failed| FailedKeycloakTask {
            kind: failed.kind,
            organization_id: failed.organization,
            attempts: failed.attempts,
            error: failed.error,
        });
        KeycloakStatus {
            configured: self.keycloak.is_some(),
            pending: backlog.pending,
            oldest_seconds: backlog
                .oldest
                .map(|since| u64::try_from((now - since).num_seconds()).unwrap_or(0)),
            failures: failures.collect(),
            ..status
        }
    }
}
