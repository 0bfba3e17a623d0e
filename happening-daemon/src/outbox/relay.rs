//! The relay: publishes what was handed over and what came due, and notes what the broker confirmed.

use crate::queue::Queue;
use crate::store::{Store, StoreError};
use crate::vital::Vital;
use chrono::Duration as Span;
use happening_core::clock::Clock;
use happening_core::id::NotificationId;
use happening_core::wire::QueuedNotification;
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

/// What the broker has but nobody delivered comes due again after this.
const REDELIVERY: i64 = 60;

/// Publishes notifications.
pub struct Relay {
    store: Arc<dyn Store>,
    store_vital: Vital,
    queue: Arc<dyn Queue>,
    queue_vital: Vital,
    clock: Clock,
    confirmed: Vec<NotificationId>,
    /// Misses of the queue after which everything was published again.
    misses_made_good: u64,
}

impl Relay {
    /// A relay between a store and a queue.
    pub fn new(
        store: Arc<dyn Store>,
        store_vital: Vital,
        queue: Arc<dyn Queue>,
        queue_vital: Vital,
        clock: Clock,
    ) -> Self {
        Self { store, store_vital, queue, queue_vital, clock, confirmed: Vec::new(), misses_made_good: 0 }
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
                    self.publish(&messages).await;
                }
                _ = period.tick() => self.sweep().await,
            }
        }
        self.note_confirmed().await;
    }

    /// Publishes what came due.
    async fn sweep(&mut self) {
        let started = Instant::now();
        match self.queue.ping().await {
            Ok(()) => self.queue_vital.beat(started.elapsed()),
            Err(error) => return self.queue_vital.miss(&error),
        }
        if self.store_vital.is_down() {
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
            if due.is_empty() || !self.publish(&due).await {
                return;
            }
        }
    }

    /// A queue that was away may be back without its messages, so everything undelivered is published again: the worker
    /// knows what it has delivered before.
    async fn make_good(&mut self) {
        let misses = self.queue_vital.misses();
        if misses == self.misses_made_good {
            return;
        }
        match self.store.release_all(self.clock.now()).await {
            Ok(()) => {
                self.confirmed.clear();
                self.misses_made_good = misses;
            }
            Err(error) => tracing::warn!(%error, "the outbox could not be released"),
        }
    }

    async fn claim(&self) -> Result<Vec<QueuedNotification>, StoreError> {
        let now = self.clock.now();
        let window = u32::try_from(WINDOW).unwrap_or(u32::MAX);
        self.store.claim_due(now, now + Span::seconds(LEASE), window).await
    }

    /// Publishes and waits for the confirms. True if the broker took everything.
    async fn publish(&mut self, messages: &[QueuedNotification]) -> bool {
        for window in messages.chunks(WINDOW) {
            if self.queue_vital.is_down() {
                return false;
            }
            let started = Instant::now();
            match self.queue.publish(window).await {
                Ok(()) => {
                    self.queue_vital.beat(started.elapsed());
                    self.confirmed.extend(window.iter().map(|message| message.id));
                }
                Err(error) => {
                    self.queue_vital.miss(&error);
                    return false;
                }
            }
        }
        true
    }

    async fn note_confirmed(&mut self) {
        let due = self.clock.now() + Span::seconds(REDELIVERY);
        let confirmed = std::mem::take(&mut self.confirmed);
        for ids in confirmed.chunks(2 * WINDOW) {
            if let Err(error) = self.store.mark_published(ids, due).await {
                // They come due earlier than need be; the worker knows what it has delivered.
                tracing::warn!(%error, "published notifications could not be noted");
                return;
            }
        }
    }
}
