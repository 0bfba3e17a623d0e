//! The worker: takes notifications from the queue, delivers them through its channels, marks them `sent`.
//!
//! At least once through the channels, exactly once for whoever looks at their notifications: delivered first, marked in
//! one statement that also takes them out of the outbox, acknowledged last. Killed in between, it delivers again and the
//! mark finds nothing to do.
//!
//! A channel that fails has the notification put off in the outbox (`retry.rs`), so the next try comes even if the broker
//! forgets everything; after the last one it is parked. What nobody can deliver is parked at once. Either way it is
//! acknowledged: it holds up nobody else.

mod channel;
mod figures;
mod retry;
#[cfg(test)]
mod tests;
mod webhook;

pub use channel::{Channel, LogChannel};
pub use figures::WorkerFigures;
pub use retry::Retry;
pub use webhook::WebhookChannel;

use crate::ids::Ids;
use crate::queue::{Deliveries, Delivery, Junk, Queue};
use crate::store::{Poison, Store, Undeliverable};
use crate::vital::Vital;
use futures::StreamExt as _;
use happening_core::clock::Clock;
use happening_core::id::{NotificationId, ParkedId};
use happening_core::wire::QueuedNotification;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Notifications dealt with in one go.
const BATCH: usize = 500;

/// Deliveries under way at once: a channel that waits for somebody's server does not hold up all others.
const AT_ONCE: usize = 32;

/// Before a lost consumer is started again.
const RESTART: Duration = Duration::from_millis(500);

/// Longest reason kept, in bytes.
const LONGEST_REASON: usize = 500;

/// Delivers notifications.
pub struct Worker {
    /// Where they are marked.
    pub store: Arc<dyn Store>,
    /// Where they come from.
    pub queue: Arc<dyn Queue>,
    /// Whether the queue answers.
    pub queue_vital: Vital,
    /// The ways in which people are told.
    pub channels: Vec<Arc<dyn Channel>>,
    /// When a delivery that failed is tried again.
    pub retry: Retry,
    /// Time.
    pub clock: Clock,
    /// Fresh ids.
    pub ids: Ids,
    /// What it has done.
    pub figures: WorkerFigures,
}

impl Worker {
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
                Err(junk) => self.park(junk).await?,
            }
        }
        let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
        let mut open: HashSet<_> = self.store.undelivered(&ids).await?.into_iter().collect();
        self.park_unknown(&messages, &open).await?;
        messages.retain(|message| open.remove(&message.id));
        let told = futures::stream::iter(messages)
            .map(async |message| (message.id, self.through_channels(&message).await))
            .buffer_unordered(AT_ONCE);
        let told: Vec<(NotificationId, Result<(), String>)> = told.collect().await;
        let done: Vec<_> = told.iter().filter(|(_, told)| told.is_ok()).map(|(id, _)| *id).collect();
        if !done.is_empty() {
            self.store.mark_sent(&done).await?;
            self.figures.sent(done.len());
        }
        for (id, failure) in told.into_iter().filter_map(|(id, told)| Some((id, told.err()?))) {
            self.put_off(id, failure).await?;
        }
        Ok(())
    }

    /// Through every channel; or what the first that failed says.
    async fn through_channels(&self, message: &QueuedNotification) -> Result<(), String> {
        for channel in &self.channels {
            if let Err(error) = channel.deliver(message).await {
                tracing::warn!(notification = %message.id, channel = channel.name(), %error, "not delivered");
                return Err(bounded(format!("{}: {error:#}", channel.name())));
            }
        }
        Ok(())
    }

    /// Until its next try; after the last one it is parked.
    async fn put_off(&self, id: NotificationId, reason: String) -> anyhow::Result<()> {
        self.figures.failed();
        let Some(failures) = self.store.count_failure(id, &reason).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        if let Some(pause) = self.retry.pause_after(failures, id) {
            return Ok(self.store.postpone(id, now + pause).await?);
        }
        let given_up =
            Undeliverable { id: ParkedId(self.ids.uuid()), notification: id, reason, tries: failures };
        if self.store.park_notification(&given_up, now).await? {
            tracing::error!(notification = %id, tries = failures, "given up and parked");
            self.figures.parked();
        }
        Ok(())
    }

    /// Messages of notifications that are neither to be delivered nor were ever written are nobody's.
    async fn park_unknown(
        &self,
        messages: &[QueuedNotification],
        open: &HashSet<NotificationId>,
    ) -> anyhow::Result<()> {
        let closed: Vec<_> =
            messages.iter().map(|message| message.id).filter(|id| !open.contains(id)).collect();
        if closed.is_empty() {
            return Ok(());
        }
        let known: HashSet<_> = self.store.known_notifications(&closed).await?.into_iter().collect();
        for message in messages {
            if !open.contains(&message.id) && !known.contains(&message.id) {
                let payload = serde_json::to_vec(message)?;
                self.park(Junk::new(payload, format!("there is no notification {}", message.id))).await?;
            }
        }
        Ok(())
    }

    async fn park(&self, junk: Junk) -> anyhow::Result<()> {
        tracing::error!(reason = %junk.reason, bytes = junk.bytes, "a message that nobody can deliver: parked");
        let Junk { payload, digest, bytes, reason } = junk;
        let id = ParkedId(self.ids.uuid());
        let poison = Poison { id, digest, payload, bytes, reason: bounded(reason) };
        self.store.park_poison(&poison, self.clock.now()).await?;
        self.figures.parked();
        Ok(())
    }
}

fn bounded(mut reason: String) -> String {
    let end = reason.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST_REASON).last();
    if reason.len() > LONGEST_REASON {
        reason.truncate(end.unwrap_or(0));
    }
    reason
}
