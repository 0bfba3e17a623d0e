//! The worker: takes notifications from the queue, delivers them through its channels, marks them `sent`.
//!
//! At least once through the channels, exactly once for whoever looks at their notifications: delivered first, marked in
//! one statement that also takes them out of the outbox, acknowledged last. Killed in between, it delivers again and the
//! mark finds nothing to do.

mod channel;

pub use channel::{Channel, LogChannel};

use crate::queue::{Deliveries, Delivery, Queue};
use crate::store::Store;
use crate::vital::Vital;
use happening_core::wire::QueuedNotification;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Notifications dealt with in one go.
const BATCH: usize = 500;

/// Before a lost consumer is started again.
const RESTART: Duration = Duration::from_millis(500);

/// Delivers notifications.
pub struct Worker {
    store: Arc<dyn Store>,
    queue: Arc<dyn Queue>,
    queue_vital: Vital,
    channels: Vec<Box<dyn Channel>>,
}

impl Worker {
    /// A worker with its channels.
    pub fn new(
        store: Arc<dyn Store>,
        queue: Arc<dyn Queue>,
        queue_vital: Vital,
        channels: Vec<Box<dyn Channel>>,
    ) -> Self {
        Self { store, queue, queue_vital, channels }
    }

    /// Consumes until it is dropped; starts again whenever the consumer is lost.
    pub async fn run(self) {
        loop {
            match self.queue.consume().await {
                Ok(mut deliveries) => {
                    if let Err(error) = self.consume(&mut *deliveries).await {
                        tracing::warn!(%error, "the consumer was lost");
                        // The queue may be gone with all that was in it: the relay asks, and starts over.
                        self.queue_vital.miss(&error);
                    }
                }
                Err(error) => self.queue_vital.miss(&error),
            }
            tokio::time::sleep(RESTART).await;
        }
    }

    async fn consume(&self, deliveries: &mut dyn Deliveries) -> anyhow::Result<()> {
        loop {
            let batch = deliveries.next(BATCH).await?;
            let tags: Vec<u64> = batch.iter().map(|delivery| delivery.tag).collect();
            match self.deliver(batch).await {
                Ok(()) => deliveries.ack(&tags).await?,
                Err(error) => {
                    // The store is away: give them back and wait a little, rather than spin.
                    tracing::warn!(%error, "notifications could not be marked");
                    tokio::time::sleep(RESTART).await;
                    deliveries.give_back(&tags).await?;
                }
            }
        }
    }

    async fn deliver(&self, batch: Vec<Delivery>) -> anyhow::Result<()> {
        let mut messages: Vec<QueuedNotification> = Vec::with_capacity(batch.len());
        for delivery in batch {
            match delivery.message {
                Ok(message) => messages.push(message),
                // Its outbox row, if it has one, comes due and is published anew.
                Err(reason) => tracing::error!(%reason, "a message in the queue is no notification: dropped"),
            }
        }
        let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
        let mut open: HashSet<_> = self.store.undelivered(&ids).await?.into_iter().collect();
        let mut done = Vec::with_capacity(open.len());
        for message in &messages {
            if open.remove(&message.id) && self.through_channels(message).await {
                done.push(message.id);
            }
        }
        if !done.is_empty() {
            self.store.mark_sent(&done).await?;
        }
        Ok(())
    }

    /// True if every channel took it. One that did not finds it again when its outbox row comes due.
    async fn through_channels(&self, message: &QueuedNotification) -> bool {
        for channel in &self.channels {
            if let Err(error) = channel.deliver(message).await {
                tracing::warn!(notification = %message.id, channel = channel.name(), %error, "not delivered");
                return false;
            }
        }
        true
    }
}
