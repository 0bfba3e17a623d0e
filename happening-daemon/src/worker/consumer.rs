//! One consumer: what it has in hand, and how each message of it is settled.
//!
//! Three things run side by side: deliveries ([`AT_ONCE`]), parking, and reading on from the queue while fewer than
//! [`IN_HAND`] are in hand. Whatever is through is settled at once: those that wait for somebody's server hold up no
//! acknowledgement but their own.

use super::Worker;
use super::parker::Parker;
use crate::outbox::REDELIVERY;
use crate::queue::{Deliveries, Delivery, QueueError, UndeliverableMessage};
use crate::store::{DeliveryFailure, Reason, StoreError, UndeliverableClass};
use chrono::Duration as Span;
use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::stream::BoxStream;
use happening_core::id::NotificationId;
use happening_core::wire::{NotificationStatus, QueuedNotification};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Messages that are taken, or settled, in one go.
pub(super) const BATCH: usize = 500;

/// Messages in hand at most: delivered to this consumer and not settled.
const IN_HAND: usize = 1_000;

/// Deliveries under way at once: a channel that waits for somebody's server does not hold up all others.
const AT_ONCE: usize = 32;

/// How often what is still in hand is put off in the outbox, so that no relay publishes it a second time meanwhile.
const RENEWAL: Duration = Duration::from_secs(15);

/// Before messages are given back to a queue that would deliver them again at once.
const PAUSE: Duration = Duration::from_millis(500);

/// A delivery that is through.
struct Delivered {
    tag: u64,
    id: NotificationId,
    result: Result<(), Reason>,
}

/// A consumer at work.
pub(super) struct Consumer<'a> {
    worker: &'a Worker,
    deliveries: &'a mut dyn Deliveries,
    /// Where deliveries begin.
    begin: UnboundedSender<(u64, QueuedNotification)>,
    /// And where they end.
    delivered: BoxStream<'a, Vec<Delivered>>,
    /// Since when each notification is under way.
    under_way: HashMap<NotificationId, Instant>,
    parker: Parker,
}

impl<'a> Consumer<'a> {
    pub fn new(worker: &'a Arc<Worker>, deliveries: &'a mut dyn Deliveries) -> Self {
        let (begin, waiting) = unbounded::<(u64, QueuedNotification)>();
        let delivered = waiting
            .map(move |(tag, message)| async move {
                let result = worker.through_channels(&message).await;
                Delivered { tag, id: message.id, result }
            })
            .buffer_unordered(AT_ONCE)
            .ready_chunks(BATCH)
            .boxed();
        let (under_way, parker) = (HashMap::new(), Parker::new(worker.clone()));
        Self { worker, deliveries, begin, delivered, under_way, parker }
    }

    /// Until the consumer is lost.
    pub async fn run(mut self) -> Result<Infallible, QueueError> {
        let mut renewal = tokio::time::interval(RENEWAL);
        renewal.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let room = IN_HAND.saturating_sub(self.under_way.len() + self.parker.in_hand());
            tokio::select! {
                biased;
                _ = renewal.tick() => self.renew().await,
                Some(delivered) = self.delivered.next() => self.settle(delivered).await?,
                (tags, parked) = self.parker.next() => self.settled(&tags, parked).await?,
                batch = self.deliveries.next(room.min(BATCH)), if room > 0 => self.begin(batch?).await?,
            }
        }
    }

    /// Begins the deliveries of a batch. What is through already is acknowledged, what nobody can deliver is parked.
    async fn begin(&mut self, batch: Vec<Delivery>) -> Result<(), QueueError> {
        let mut messages = Vec::with_capacity(batch.len());
        for Delivery { message, tag } in batch {
            match message {
                Ok(message) => messages.push((tag, message)),
                Err(undeliverable) => self.parker.add(tag, undeliverable),
            }
        }
        if messages.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = messages.iter().map(|(_, message)| message.id).collect();
        let states = match self.worker.store.delivery_states(&ids).await {
            Ok(states) => states,
            Err(error) => {
                let tags: Vec<_> = messages.iter().map(|(tag, _)| *tag).collect();
                return self.settled(&tags, Err(error)).await;
            }
        };
        let mut duplicates = Vec::new();
        for (tag, message) in messages {
            match states.get(&message.id) {
                Some(NotificationStatus::Pending) if !self.under_way.contains_key(&message.id) => {
                    self.under_way.insert(message.id, Instant::now());
                    // The other end is ours.
                    let _ = self.begin.unbounded_send((tag, message));
                }
                Some(_) => duplicates.push(tag),
                None => self.parker.add(tag, unknown(&message)),
            }
        }
        self.deliveries.ack(&duplicates).await
    }

    /// Marks what is delivered, puts off what failed, and acknowledges both.
    async fn settle(&mut self, delivered: Vec<Delivered>) -> Result<(), QueueError> {
        let (mut tags, mut sent, mut failures) =
            (Vec::with_capacity(delivered.len()), Vec::new(), Vec::new());
        for Delivered { tag, id, result } in delivered {
            self.under_way.remove(&id);
            tags.push(tag);
            match result {
                Ok(()) => sent.push(id),
                Err(reason) => failures.push(DeliveryFailure { notification: id, reason }),
            }
        }
        let noted = note(self.worker, &sent, &failures).await;
        self.settled(&tags, noted).await
    }

    /// Acknowledges what the store knows of. What it does not goes back to the queue, after a pause: most likely the store
    /// is away.
    async fn settled(&mut self, tags: &[u64], noted: Result<(), StoreError>) -> Result<(), QueueError> {
        match noted {
            Ok(()) => self.deliveries.ack(tags).await,
            Err(error) => {
                tracing::warn!(%error, messages = tags.len(), "deliveries could not be noted");
                tokio::time::sleep(PAUSE).await;
                self.deliveries.give_back(tags).await
            }
        }
    }

    /// Puts off what has been in hand for a while.
    async fn renew(&mut self) {
        let is_old = |since: &Instant| since.elapsed() >= RENEWAL;
        let old: Vec<_> =
            self.under_way.iter().filter(|(_, since)| is_old(since)).map(|(id, _)| *id).collect();
        if old.is_empty() {
            return;
        }
        let now = self.worker.clock.now();
        let due = now + Span::seconds(REDELIVERY);
        if let Err(error) = self.worker.store.mark_published(&old, now, due).await {
            tracing::warn!(%error, "slow deliveries could not be put off: they may be published once more");
        }
    }
}

async fn note(
    worker: &Worker,
    sent: &[NotificationId],
    failures: &[DeliveryFailure],
) -> Result<(), StoreError> {
    if !sent.is_empty() {
        worker.store.mark_sent(sent).await?;
        worker.stats.sent(sent.len());
    }
    worker.put_off(failures).await
}

/// A notification that was never written is nobody's.
fn unknown(message: &QueuedNotification) -> UndeliverableMessage {
    let payload = serde_json::to_vec(message).unwrap_or_default();
    let reason = format!("there is no notification {}", message.id);
    UndeliverableMessage::new(UndeliverableClass::UnknownNotification, payload, &reason)
}
