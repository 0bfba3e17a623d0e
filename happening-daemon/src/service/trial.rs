//! Dry runs: the use cases themselves, over parts of which nothing remains.
//!
//! The store is one transaction that is never committed, the engine a small one of its own over it, so every right, rule
//! and constraint is the real one, and what is answered is read from what was written. Everything outside of the
//! transaction is looked at and not touched ([`Untouched`]), or hears nothing ([`Live::silent`]). A use case therefore need
//! not know that it is tried, and one that is added can be tried without a word.

use super::untouched::Untouched;
use super::{Error, Services};
use crate::booking::{Engine, EngineFigures, Parts};
use crate::ids::Ids;
use crate::lifecycle::Lifecycle;
use crate::live::Live;
use crate::outbox::Handoff;
use crate::vital::Vital;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Dry runs at a time. Each has a connection and, for milliseconds, locks: a crowd of them shall not hold up those who mean
/// it.
const AT_ONCE: usize = 4;

/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// The turns of dry runs.
pub(super) fn turns() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(AT_ONCE))
}

/// The use cases of one dry run.
pub struct Trial {
    /// To be asked once.
    pub services: Arc<Services>,
    _turn: OwnedSemaphorePermit,
}

impl Services {
    /// Begins a dry run. 503 where too many run already.
    pub async fn trial(&self, lifecycle: &Lifecycle) -> Result<Trial, Error> {
        self.must_be_up()?;
        let turn = tokio::time::timeout(PATIENCE, self.trials.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(Error::unavailable()) };
        let store = self.store.trial().await?;
        let parts = Parts {
            live: Live::silent(store.is_shared()),
            store,
            // Its own: a dry run that fails says nothing of the store.
            store_vital: Vital::new("dry run"),
            counters: Arc::new(Untouched(self.counters.clone())),
            counters_vital: self.counters_vital.clone(),
            // Nobody is at the other end.
            handoff: Handoff::channel().0,
            clock: self.clock.clone(),
            ids: Ids::remembered(),
            figures: EngineFigures::default(),
        };
        let engine = Engine::start(&parts, 1, lifecycle);
        let mut operations = self.operations.clone();
        operations.queue = Arc::new(Untouched(operations.queue));
        let holds = Arc::new(Untouched(self.holds.clone()));
        // Keycloak is told of what is committed, by others.
        let services =
            Services::new(parts, engine, operations, None, holds, self.hold_rules, self.held.clone());
        Ok(Trial { services: Arc::new(services), _turn: turn })
    }
}

impl Trial {
    /// Takes everything back.
    pub async fn end(self) {
        self.services.store.close().await;
    }
}
