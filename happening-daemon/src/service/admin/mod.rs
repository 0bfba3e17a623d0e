//! For those who run the installation: operators act, support reads, and for everyone else there is nothing to see.

mod counters;
mod drift;
mod notifications;
pub(super) mod parked;
mod queue;
mod reconcile;

pub(super) use queue::page_size;
pub use reconcile::Reconciliation;

use super::{Caller, Error};
use crate::liveness::Liveness;
use crate::queue::Queue;
use crate::worker::WorkerStats;
use happening_messages::Messages;
use std::sync::Arc;

/// What operators look at beside the store and the counters.
#[derive(Clone)]
pub struct Operations {
    /// The queue.
    pub queue: Arc<dyn Queue>,
    /// Whether it answers.
    pub queue_liveness: Liveness,
    /// What the worker has done.
    pub worker: WorkerStats,
    /// Whether there is one in this daemon.
    pub has_worker: bool,
    /// What messages look like.
    pub messages: Arc<Messages>,
    /// Where people find events.
    pub public_url: Option<String>,
}

impl Caller {
    /// Operators and support.
    pub(super) fn must_be_staff(&self) -> Result<(), Error> {
        if self.is_staff() {
            return Ok(());
        }
        Err(Error::forbidden("Only operators and support see how the installation is."))
    }

    /// Operators.
    pub(super) fn must_be_operator(&self) -> Result<(), Error> {
        if self.is_operator() {
            return Ok(());
        }
        Err(Error::forbidden("Only operators do this."))
    }
}
