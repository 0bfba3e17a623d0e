//! Dry runs: the use cases themselves, over parts of which nothing remains.
//!
//! What the engine decides is decided by the rules on a copy of the committed state (`booking/foresight.rs`), and read from a
//! store that cannot write: such a dry run takes no lock. A unit of work rolls back (`unit_of_work.rs`). Everything outside of
//! the store is looked at and not touched ([`ReadOnly`]), or hears nothing ([`Live::silent`]). A use case therefore need not
//! know that it is tried, and one that is added can be tried without a word.

use super::read_only::ReadOnly;
use super::{Error, Services};
use crate::booking::{EngineParts, EngineStats};
use crate::idempotency::Digest;
use crate::ids::Ids;
use crate::live::Live;
use crate::liveness::Liveness;
use crate::outbox::Handoff;
use happening_core::wire::ErrorCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Dry runs, plans and simulations at a time: each copies an event. Those that write have, for milliseconds, locks: a crowd of them shall not hold up those who mean it.
const AT_ONCE: usize = 4;

/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long somebody's dry runs are remembered.
const REMEMBERED: Duration = Duration::from_mins(1);

/// The turns of dry runs, and of the other questions that are decided on a copy.
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// One at a time for each caller.
    callers: moka::sync::Cache<Digest, Arc<Semaphore>>,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(AT_ONCE)),
            callers: moka::sync::Cache::builder().time_to_idle(REMEMBERED).build(),
        }
    }

    /// A turn of this caller, who waits for the one before: 429 if that takes too long, 503 if many others run.
    pub(super) async fn take(&self, caller: Digest) -> Result<[OwnedSemaphorePermit; 2], Error> {
        let own = self.callers.get_with(caller, || Arc::new(Semaphore::new(1)));
        let own = tokio::time::timeout(PATIENCE, own.acquire_owned()).await;
        let Ok(Ok(own)) = own else {
            let detail = "Another dry run, plan or simulation of yours is under way: one runs at a time.";
            return Err(Error::new(ErrorCode::RateLimited, detail));
        };
        let turn = tokio::time::timeout(PATIENCE, self.all.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(Error::unavailable()) };
        Ok([own, turn])
    }
}

/// The use cases of one dry run.
pub struct Trial {
    /// To be asked once.
    pub services: Arc<Services>,
    _turns: [OwnedSemaphorePermit; 2],
}

impl Services {
    /// Begins a dry run of a caller. 429 while another one of theirs runs, 503 where too many run already.
    pub async fn trial(&self, caller: Digest) -> Result<Trial, Error> {
        self.must_be_up()?;
        let turns = self.trials.take(caller).await?;
        let store = self.store.looking();
        let parts = EngineParts {
            live: Live::silent(store.is_shared()),
            store,
            // Its own: a dry run that fails says nothing of the store.
            store_liveness: Liveness::new("dry run"),
            counters: Arc::new(ReadOnly(self.counters.clone())),
            counters_liveness: self.counters_liveness.clone(),
            // Nobody is at the other end.
            handoff: Handoff::channel().0,
            clock: self.clock.clone(),
            ids: Ids::remembered(),
            limits: self.limits,
            stats: EngineStats::default(),
        };
        let engine = self.engine.foreseeing(&parts);
        let mut operations = self.operations.clone();
        operations.queue = Arc::new(ReadOnly(operations.queue));
        let holds = Arc::new(ReadOnly(self.holds.clone()));
        // Keycloak is sent what is committed, by others.
        let services =
            Services::new(parts, engine, operations, None, holds, self.hold_rules, self.held.clone());
        let services = Services { units: self.units.dry(), ..services };
        Ok(Trial { services: Arc::new(services), _turns: turns })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_caller_has_one_at_a_time_and_holds_up_nobody() {
        let turns = Turns::new();
        let (hostile, honest) = ([1; 32], [2; 32]);
        let first = turns.take(hostile).await.expect("the first");
        let second = turns.take(hostile);
        let other = turns.take(honest);
        let (second, other) = tokio::join!(second, other);
        assert_eq!(second.expect_err("one at a time").code, ErrorCode::RateLimited);
        drop(other.expect("somebody else's"));
        drop(first);
        drop(turns.take(hostile).await.expect("the next"));
    }
}
