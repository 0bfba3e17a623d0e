//! The worker: takes notifications from the queue, delivers them through its channels, marks them `sent`.
//!
//! At least once through the channels, exactly once in each person's list: delivered first, marked in
//! one statement that also takes them out of the outbox, acknowledged last. Killed in between, it delivers again and the
//! mark finds nothing to do.
//!
//! Each message is settled by itself: what is delivered is marked and acknowledged while slower ones are still under way
//! (`consumer.rs`), and every question to the store is one statement for all that are asked about. Channels deliver beside
//! each other (`lanes.rs`). A channel that fails, or takes longer than [`DEADLINE`], has the notification put off in the
//! outbox (`retry.rs`) with the note of which channels are through, so the next try comes even if the broker loses
//! everything, and only for the others; after the last one it is parked. What a channel never will deliver is parked once
//! the others are through, what nobody can deliver at once, beside the deliveries (`parker.rs`). Either way it is
//! acknowledged: it holds up nobody else.

mod channel;
mod consumer;
mod lanes;
mod mail;
mod parker;
mod retry;
mod stats;
#[cfg(test)]
mod tests;
mod webhook;

pub use channel::{Channel, LogChannel, Undelivered};
pub use mail::{MailChannel, MailSettings};
pub use retry::Retry;
pub use stats::WorkerStats;
pub use webhook::WebhookChannel;

use crate::ids::Ids;
use crate::liveness::Liveness;
use crate::outbox::REDELIVERY;
use crate::queue::Queue;
use crate::store::{DeliveryFailure, GivenUpNotification, Postponement, Progress, Reason, Store, StoreError};
use consumer::Consumer;
use happening_core::clock::Clock;
use happening_core::id::{NotificationId, ParkedId};
use std::sync::Arc;
use std::time::Duration;

/// One delivery through a channel has so long. Half of the time after which the outbox would publish it again.
pub const DEADLINE: Duration = Duration::from_secs(30);

const _: () = assert!(DEADLINE.as_secs() * 2 <= REDELIVERY.unsigned_abs());

/// Before a lost consumer is started again.
const RESTART: Duration = Duration::from_millis(500);

/// Delivers notifications.
pub struct Worker {
    /// Where they are marked.
    pub store: Arc<dyn Store>,
    /// Where they come from.
    pub queue: Arc<dyn Queue>,
    /// Whether the queue answers.
    pub queue_liveness: Liveness,
    /// The ways in which notifications are delivered.
    pub channels: Vec<Arc<dyn Channel>>,
    /// When a delivery that failed is tried again.
    pub retry: Retry,
    /// How long one delivery may take, at most [`DEADLINE`].
    pub deadline: Duration,
    /// Time.
    pub clock: Clock,
    /// Fresh ids.
    pub ids: Ids,
    /// What it has done.
    pub stats: WorkerStats,
}

impl Worker {
    /// Consumes until it is dropped; starts again whenever the consumer is lost.
    pub async fn run(self) {
        let worker = Arc::new(self);
        let mut was_lost = false;
        loop {
            match worker.queue.consume().await {
                Ok(mut deliveries) => {
                    if was_lost {
                        worker.make_good().await;
                    }
                    let Err(error) = Consumer::new(&worker, &mut *deliveries).run().await;
                    tracing::warn!(%error, "the consumer was lost");
                    worker.queue_liveness.miss(&error);
                }
                Err(error) => worker.queue_liveness.miss(&error),
            }
            was_lost = true;
            tokio::time::sleep(RESTART).await;
        }
    }

    /// While nobody consumed, the queue may have been deleted and declared again without its messages, by this daemon or by
    /// another program: all that is undelivered is published once more. A later deletion ends the consumer.
    async fn make_good(&self) {
        while let Err(error) = self.store.release_all(self.clock.now()).await {
            tracing::warn!(%error, "the outbox could not be released");
            tokio::time::sleep(RESTART).await;
        }
    }

    /// Counts what failed, and puts it off until its next try; after the last one it is parked.
    async fn put_off(&self, failures: &[(DeliveryFailure, Progress)]) -> Result<(), StoreError> {
        if failures.is_empty() {
            return Ok(());
        }
        self.stats.failed(failures.len());
        let counts: Vec<_> = failures.iter().map(|(failure, _)| failure.clone()).collect();
        let counted = self.store.count_failures(&counts).await?;
        let now = self.clock.now();
        let (mut later, mut given_up) = (Vec::new(), Vec::new());
        for (DeliveryFailure { notification, reason }, progress) in failures {
            let Some(&tries) = counted.get(notification) else { continue };
            let (notification, progress) = (*notification, progress.clone());
            match self.retry.pause_after(tries, notification) {
                Some(pause) => later.push(Postponement { notification, until: now + pause, progress }),
                None => given_up.push(self.undeliverable(notification, reason.clone(), tries)),
            }
        }
        if !later.is_empty() {
            self.store.postpone(&later).await?;
        }
        self.give_up(&given_up).await
    }

    /// Counts what will never be delivered, and parks it at once.
    async fn reject(&self, rejected: &[DeliveryFailure]) -> Result<(), StoreError> {
        if rejected.is_empty() {
            return Ok(());
        }
        self.stats.failed(rejected.len());
        let counted = self.store.count_failures(rejected).await?;
        let tries = |failure: &DeliveryFailure| counted.get(&failure.notification).copied();
        let given_up: Vec<_> = rejected
            .iter()
            .filter_map(|failure| {
                Some(self.undeliverable(failure.notification, failure.reason.clone(), tries(failure)?))
            })
            .collect();
        self.give_up(&given_up).await
    }

    async fn give_up(&self, given_up: &[GivenUpNotification]) -> Result<(), StoreError> {
        if given_up.is_empty() {
            return Ok(());
        }
        let parked = self.store.park_notifications(given_up, self.clock.now()).await?;
        tracing::error!(notifications = parked, reason = %given_up[0].reason, "given up and parked");
        self.stats.parked(parked);
        Ok(())
    }

    fn undeliverable(&self, notification: NotificationId, reason: Reason, tries: u32) -> GivenUpNotification {
        GivenUpNotification { id: ParkedId(self.ids.uuid()), notification, reason, tries }
    }
}
