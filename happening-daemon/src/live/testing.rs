//! A hub for tests.

use super::broadcast::Broadcast;
use super::memory::MemoryBroadcast;
use super::{Live, LiveParts};
use crate::holds::memory::MemoryHolds;
use crate::holds::{HoldMirror, Holds};
use crate::ids::Ids;
use crate::lifecycle::Lifecycle;
use crate::liveness::Liveness;
use crate::store::Store;
use happening_core::clock::Clock;
use happening_core::wire::Health;
use std::sync::Arc;

/// A hub over a store, of a daemon that is alone.
pub fn alone(store: &Arc<dyn Store>, lifecycle: &Lifecycle) -> Live {
    let holds = Arc::new(MemoryHolds::new(Clock::system()));
    Live::start(parts(store, holds, Arc::new(MemoryBroadcast::default())), lifecycle)
}

/// What a hub works with.
pub fn parts(store: &Arc<dyn Store>, holds: Arc<dyn Holds>, broadcast: Arc<dyn Broadcast>) -> LiveParts {
    let store_liveness = Liveness::new("store");
    LiveParts {
        store: store.clone(),
        store_liveness: store_liveness.clone(),
        holds,
        mirror: Arc::new(HoldMirror::default()),
        broadcast,
        watched: vec![("store", store_liveness, Health::Down)],
        clock: Clock::system(),
        id: Ids::default().uuid(),
        run: 1,
    }
}
