//! The relay: publishes what was handed over and what came due, and notes what the broker confirmed.

use crate::liveness::Liveness;
use crate::queue::{Queue, QueueError};
use crate::store::{Store, StoreError};
use chrono::{DateTime, Duration as Span, Utc};
use happening_core::clock::Clock;
use happening_core::id::NotificationId;
use happening_core::wire::QueuedNotification;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Messages in one window of confirms.
const WINDOW: usize = 500;

/// How often the outbox is asked for what came due, and how long confirmed messages gather before they are noted: most
/// are delivered by then and need no note.
const PERIOD: Duration = Duration::from_millis(700);

/// A relay that took rows has so long to publish them before another one does.
const LEASE: i64 = 10;

/// What the queue has but nobody delivered comes due again after so many seconds. The worker postpones what it has in hand.
pub const REDELIVERY: i64 = 60;

/// What a full queue refused is offered again after so many seconds.
const REFUSED: i64 = 1;

/// Publishes notifications.
pub struct Relay {
    store: Arc<dyn Store>,
    store_liveness: Liveness,
    queue: Arc<dyn Queue>,
    queue_liveness: Liveness,
    clock: Clock,
    confirmed: Confirmed,
    /// Losses of the queue after which everything was released.
    losses_made_good: u64,
}

/// What the queue took and is not noted yet.
#[derive(Default)]
struct Confirmed {
    ids: Vec<NotificationId>,
    /// When the first of them was published.
    since: Option<DateTime<Utc>>,
}

impl Relay {
    /// A relay between a store and a queue.
    pub fn new(
        store: Arc<dyn Store>,
        store_liveness: Liveness,
        queue: Arc<dyn Queue>,
        queue_liveness: Liveness,
        clock: Clock,
    ) -> Self {
        let losses_made_good = queue.losses();
        Self {
            store,
            store_liveness,
            queue,
            queue_liveness,
            clock,
            confirmed: Confirmed::default(),
            losses_made_good,
        }
    }

    /// Runs until the engine's end is gone and everything handed over is published.
    pub async fn run(mut self, mut handed: mpsc::Receiver<Vec<QueuedNotification>>) {
        let mut period = tokio::time::interval(PERIOD);
        period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut batches = Vec::new();
        loop {
            tokio::select! {
                taken = handed.recv_many(&mut batches, 64) => {
                    if taken == 0 {
                        break;
                    }
                    let messages: Vec<_> = batches.drain(..).flatten().collect();
                    // What is not taken comes due in the outbox.
                    let _ = self.publish(&messages).await;
                }
                _ = period.tick() => self.sweep().await,
            }
        }
        self.note_confirmed().await;
    }

    /// Publishes what came due, until nothing is or the queue takes no more.
    async fn sweep(&mut self) {
        let started = Instant::now();
        match self.queue.ping().await {
            Ok(()) => self.queue_liveness.beat(started.elapsed()),
            Err(error) => return self.queue_liveness.miss(&error),
        }
        if self.store_liveness.is_down() {
            return;
        }
        self.make_good().await;
        self.note_confirmed().await;
        loop {
            let due = match self.claim().await {
                Ok(due) => due,
                Err(error) => {
                    tracing::warn!(%error, "the outbox could not be read");
                    return;
                }
            };
            if due.is_empty() {
                return;
            }
            match self.publish(&due).await {
                Ok(refused) if refused.is_empty() => {}
                Ok(refused) => return self.offer_again(&refused).await,
                // Their lease ends, or the loss is made good.
                Err(_) => return,
            }
        }
    }

    /// A queue that was away, deleted or wiped may have lost its messages, so everything undelivered is published again: the
    /// worker knows what it has delivered before.
    async fn make_good(&mut self) {
        let losses = self.queue.losses();
        if losses == self.losses_made_good {
            return;
        }
        match self.store.release_all(self.clock.now()).await {
            Ok(()) => {
                self.confirmed = Confirmed::default();
                self.losses_made_good = losses;
            }
            Err(error) => tracing::warn!(%error, "the outbox could not be released"),
        }
    }

    async fn claim(&self) -> Result<Vec<QueuedNotification>, StoreError> {
        let now = self.clock.now();
        let window = u32::try_from(WINDOW).unwrap_or(u32::MAX);
        self.store.claim_due(now, now + Span::seconds(LEASE), window).await
    }

    /// Publishes, and waits for the confirms. Returns what the queue refuses because it is full: that is no outage, and what
    /// it has is as safe as before.
    async fn publish(&mut self, messages: &[QueuedNotification]) -> Result<Vec<NotificationId>, QueueError> {
        for (window, rest) in (1..).zip(messages.chunks(WINDOW)) {
            if self.queue_liveness.is_down() {
                return Err(QueueError::Away("it did not answer a moment ago".to_owned()));
            }
            let (started, at) = (Instant::now(), self.clock.now());
            match self.queue.publish(rest).await {
                Ok(mut refused) => {
                    self.queue_liveness.beat(started.elapsed());
                    self.confirmed.add(at, rest, &refused);
                    if !refused.is_empty() {
                        refused.extend(messages.iter().skip(window * WINDOW).map(|message| message.id));
                        return Ok(refused);
                    }
                }
                Err(error) => {
                    self.queue_liveness.miss(&error);
                    return Err(error);
                }
            }
        }
        Ok(Vec::new())
    }

    /// Has what a full queue refused come due in a moment, rather than at the end of its lease.
    async fn offer_again(&self, refused: &[NotificationId]) {
        let now = self.clock.now();
        if let Err(error) = self.store.mark_published(refused, now, now + Span::seconds(REFUSED)).await {
            tracing::warn!(%error, "notifications that the queue refused could not be made due");
        }
    }

    async fn note_confirmed(&mut self) {
        let Confirmed { ids, since } = std::mem::take(&mut self.confirmed);
        let now = self.clock.now();
        let due = now + Span::seconds(REDELIVERY);
        for ids in ids.chunks(2 * WINDOW) {
            if let Err(error) = self.store.mark_published(ids, since.unwrap_or(now), due).await {
                // They come due earlier than need be; the worker knows what it has delivered.
                tracing::warn!(%error, "published notifications could not be noted");
                return;
            }
        }
    }
}

impl Confirmed {
    fn add(&mut self, at: DateTime<Utc>, published: &[QueuedNotification], refused: &[NotificationId]) {
        self.since.get_or_insert(at);
        let taken = published.iter().map(|message| message.id);
        if refused.is_empty() {
            self.ids.extend(taken);
        } else {
            let refused: HashSet<_> = refused.iter().collect();
            self.ids.extend(taken.filter(|id| !refused.contains(id)));
        }
    }
}

#[cfg(test)]
mod tests;
