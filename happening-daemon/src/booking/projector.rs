//! After the commit: counters first, then the callers, so that who has an answer finds it in Redis too.
//!
//! One task a committer, fed in commit order, so the committer's next batch runs meanwhile. It waits for the counters
//! only while they answer: when they stop, one batch is slow, then none. What it could not write there the reconciler
//! finds.

use super::{Decided, EngineError, EngineParts};
use crate::counters::Projection;
use crate::lifecycle::Lifecycle;
use happening_core::id::EventId;
use happening_core::wire::QueuedNotification;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// Batches that may wait for the counters before the committer waits too.
const BATCHES: usize = 64;

/// An answer that may leave now.
pub(super) struct Reply {
    pub sender: oneshot::Sender<Result<Decided, EngineError>>,
    pub result: Result<Decided, EngineError>,
    /// When the command arrived.
    pub submitted: Instant,
    /// What it was about.
    pub event: EventId,
}

/// What follows from a commit.
#[derive(Default)]
pub(super) struct Projected {
    pub projections: Vec<Projection>,
    pub notifications: Vec<QueuedNotification>,
    pub answers: Vec<Reply>,
    /// Parties that were served from a waitlist.
    pub promoted: u64,
}

/// Starts the projector of one committer.
pub(super) fn start(parts: &EngineParts, lifecycle: &Lifecycle) -> mpsc::Sender<Projected> {
    let (sender, receiver) = mpsc::channel(BATCHES);
    lifecycle.spawn(lifecycle.essential("projector", run(parts.clone(), receiver)));
    sender
}

async fn run(parts: EngineParts, mut batches: mpsc::Receiver<Projected>) {
    let mut ready = Vec::new();
    while batches.recv_many(&mut ready, BATCHES).await > 0 {
        let projections: Vec<Projection> =
            ready.iter_mut().flat_map(|batch| batch.projections.drain(..)).collect();
        project(&parts, &projections).await;
        let submitted = ready.iter().flat_map(|batch| batch.answers.iter().map(|answer| answer.submitted));
        parts.stats.answered(submitted, Instant::now());
        for batch in ready.drain(..) {
            for Reply { sender, result, .. } in batch.answers {
                // The caller may have gone; what was decided stays.
                let _ = sender.send(result);
            }
            parts.handoff.offer(batch.notifications);
        }
    }
}

async fn project(parts: &EngineParts, projections: &[Projection]) {
    if projections.is_empty() || parts.counters_liveness.is_down() {
        return;
    }
    let started = Instant::now();
    match parts.counters.project(projections).await {
        Ok(unknown) => {
            parts.counters_liveness.beat(started.elapsed());
            restore(parts, &unknown).await;
        }
        Err(error) => parts.counters_liveness.miss(&error),
    }
}

/// Sets events of which the counters did not know the version before.
async fn restore(parts: &EngineParts, unknown: &[EventId]) {
    if unknown.is_empty() {
        return;
    }
    let restored = match parts.store.snapshots(unknown).await {
        Ok(snapshots) => parts.counters.restore(&snapshots, false).await,
        // The reconciler tries again.
        Err(_) => return,
    };
    if let Err(error) = restored {
        parts.counters_liveness.miss(&error);
    }
}
