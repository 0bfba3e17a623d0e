//! What this daemon's worker has done since its start.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct WorkerStats(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    failed: AtomicU64,
    parked: AtomicU64,
}

impl WorkerStats {
    pub(super) fn sent(&self, count: usize) {
        self.0.sent.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(super) fn failed(&self, count: usize) {
        self.0.failed.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(super) fn parked(&self, count: u64) {
        self.0.parked.fetch_add(count, Ordering::Relaxed);
    }

    /// Notifications delivered, deliveries that failed, things parked.
    pub fn counts(&self) -> (u64, u64, u64) {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (load(&self.0.sent), load(&self.0.failed), load(&self.0.parked))
    }
}
