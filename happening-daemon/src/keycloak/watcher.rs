//! Looks at the accounts of those who are active here. A token is good until it expires, whatever becomes of its account
//! meanwhile: this is how a disabled or deleted one stops counting here before that.
//!
//! The state is kept in the store, where every daemon finds it. Only what Keycloak says counts: while it says nothing, nobody's
//! state changes.

use super::KeycloakSync;
use crate::identity::directory::Directory;
use crate::liveness::Liveness;
use crate::store::{Actor, IssuerState, Store, StoreError};
use futures::StreamExt as _;
use happening_core::clock::Clock;
use happening_core::id::UserId;
use std::sync::Arc;
use std::time::Duration;

/// Accounts looked at in each period, and of these at once: a hundred a second, so that of some two thousand who are active
/// at once each is looked at every 20 s.
const PERIOD: Duration = Duration::from_millis(200);
const BATCH: usize = 20;
const AT_ONCE: usize = 5;

/// Watches accounts.
pub struct Watcher {
    store: Arc<dyn Store>,
    store_liveness: Liveness,
    directory: Arc<dyn Directory>,
    sync: KeycloakSync,
    clock: Clock,
}

impl Watcher {
    /// A watcher of whoever is seen.
    pub fn new(
        store: Arc<dyn Store>,
        store_liveness: Liveness,
        directory: Arc<dyn Directory>,
        sync: KeycloakSync,
        clock: Clock,
    ) -> Self {
        Self { store, store_liveness, directory, sync, clock }
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        let mut period = tokio::time::interval(PERIOD);
        period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            period.tick().await;
            self.look_at_due().await;
        }
    }

    async fn look_at_due(&self) {
        if self.store_liveness.is_down() || self.sync.liveness().is_down() {
            return;
        }
        let due = self.sync.0.activity.take_due(self.clock.now(), BATCH);
        let all = futures::stream::iter(due);
        all.for_each_concurrent(AT_ONCE, |(user, subject)| async move { self.look(user, &subject).await })
            .await;
    }

    async fn look(&self, user: UserId, subject: &str) {
        let noted = match self.directory.find_account(subject).await {
            Ok(account) => {
                let state = match account {
                    Some(account) if account.enabled => IssuerState::Active,
                    Some(_) => IssuerState::Disabled,
                    None => IssuerState::Deleted,
                };
                self.note(user, subject, state).await
            }
            Err(error) => {
                self.sync.note(&error);
                // The sync_task's check says once what is wrong; here it would be said for each account.
                tracing::debug!(%error, "an account could not be looked at");
                Ok(())
            }
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "the state of an account could not be noted");
        }
    }

    async fn note(&self, user: UserId, subject: &str, state: IssuerState) -> Result<(), StoreError> {
        let now = self.clock.now();
        // Most often nothing has changed, and a look is cheaper than a write.
        if self.store.find_issuer_state(user).await?.is_none_or(|known| known == state) {
            return Ok(());
        }
        let lines = self.store.list_lines(user, None).await?;
        if self.store.set_issuer_state(user, state, &Actor::daemon(now)).await? {
            if state != IssuerState::Active {
                self.sync.left(lines);
            }
            tracing::info!(%user, state = state.as_str(), "an account changed at Keycloak");
        }
        self.sync.seen(user, subject, state == IssuerState::Active, now);
        Ok(())
    }
}
