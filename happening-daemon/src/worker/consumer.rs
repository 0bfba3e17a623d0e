//! One consumer: what it has in hand, and how each message of it is settled.
//!
//! Three things run side by side: deliveries (`lanes.rs`), parking, and reading on from the queue while fewer than
//! [`IN_HAND`] are in hand. A message is settled once every channel is through with it or has deferred it: those that wait
//! for somebody's server hold up no acknowledgement but their own.

use super::Worker;
use super::channel::Undelivered;
use super::lanes::{Lanes, Through};
use super::parker::Parker;
use crate::outbox::REDELIVERY;
use crate::queue::{Deliveries, Delivery, QueueError, UndeliverableMessage};
use crate::store::{DeliveryFailure, Postponement, Progress, Reason, StoreError, UndeliverableClass};
use chrono::{DateTime, Duration as Span, Utc};
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

/// How often what is still in hand is put off in the outbox, so that no relay publishes it a second time meanwhile.
const RENEWAL: Duration = Duration::from_secs(15);

/// How often slow channels are relieved of what waits for them.
const RELIEF: Duration = Duration::from_secs(1);

/// Before messages are given back to a queue that would deliver them again at once.
const PAUSE: Duration = Duration::from_millis(500);

/// A notification under way.
struct UnderWay {
    tag: u64,
    since: Instant,
    /// Channels that have it.
    left: usize,
    progress: Progress,
    /// What channels failed with that try again.
    failures: Vec<String>,
    /// When it comes back for channels that deferred it.
    deferred: Option<DateTime<Utc>>,
}

/// What was noted of a notification that no channel has any more.
enum Outcome {
    /// Every channel delivered it.
    Sent,
    /// A channel failed, and tries again.
    Failed(DeliveryFailure, Progress),
    /// No channel failed, and one has deferred it.
    Deferred(Postponement),
    /// Every channel is through, and one never will deliver it.
    Rejected(DeliveryFailure),
}

/// What is to be noted of several notifications, and the tags of their messages.
#[derive(Default)]
struct Settlement {
    tags: Vec<u64>,
    sent: Vec<NotificationId>,
    failures: Vec<(DeliveryFailure, Progress)>,
    deferred: Vec<Postponement>,
    rejected: Vec<DeliveryFailure>,
}

/// A consumer at work.
pub(super) struct Consumer<'a> {
    worker: &'a Worker,
    deliveries: &'a mut dyn Deliveries,
    lanes: Lanes<'a>,
    under_way: HashMap<NotificationId, UnderWay>,
    parker: Parker,
}

impl<'a> Consumer<'a> {
    pub fn new(worker: &'a Arc<Worker>, deliveries: &'a mut dyn Deliveries) -> Self {
        let (under_way, parker) = (HashMap::new(), Parker::new(worker.clone()));
        Self { worker, deliveries, lanes: Lanes::new(worker), under_way, parker }
    }

    /// Until the consumer is lost.
    pub async fn run(mut self) -> Result<Infallible, QueueError> {
        let mut renewal = tokio::time::interval(RENEWAL);
        renewal.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut relief = tokio::time::interval(RELIEF);
        relief.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let room = IN_HAND.saturating_sub(self.under_way.len() + self.parker.in_hand());
            tokio::select! {
                biased;
                _ = renewal.tick() => self.renew().await,
                _ = relief.tick() => self.relieve().await?,
                through = self.lanes.next() => self.settle(through).await?,
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
        let mut fresh = Vec::with_capacity(messages.len());
        for (tag, message) in messages {
            match states.get(&message.id) {
                Some(NotificationStatus::Pending) if !self.under_way.contains_key(&message.id) => {
                    let (since, progress) = (Instant::now(), Progress::default());
                    let one =
                        UnderWay { tag, since, left: 0, progress, failures: Vec::new(), deferred: None };
                    self.under_way.insert(message.id, one);
                    fresh.push(message);
                }
                Some(_) => duplicates.push(tag),
                None => self.parker.add(tag, unknown(&message)),
            }
        }
        self.deliveries.ack(&duplicates).await?;
        self.enter(fresh).await
    }

    /// Puts notifications into the lanes of the channels that are not through with them.
    async fn enter(&mut self, messages: Vec<QueuedNotification>) -> Result<(), QueueError> {
        let names: Vec<&'static str> = self.lanes.names().collect();
        let mut earlier = match progress(self.worker, &messages).await {
            Ok(progress) => progress,
            Err(error) => {
                let taken: Vec<_> =
                    messages.iter().filter_map(|one| self.under_way.remove(&one.id)).collect();
                let tags: Vec<_> = taken.iter().map(|one| one.tag).collect();
                return self.settled(&tags, Err(error)).await;
            }
        };
        let mut settlement = Settlement::default();
        for message in messages.into_iter().map(Arc::new) {
            let Some(one) = self.under_way.get_mut(&message.id) else { continue };
            one.progress = earlier.remove(&message.id).unwrap_or_default();
            for (lane, name) in names.iter().enumerate() {
                if one.progress.has(name) {
                    continue;
                }
                match self.lanes.enter(lane, &message) {
                    Ok(()) => one.left += 1,
                    Err(turn) => one.defer(turn),
                }
            }
            self.settle_if_through(message.id, &mut settlement);
        }
        self.note(settlement).await
    }

    /// Notes what channels are through with.
    async fn settle(&mut self, through: Vec<Through>) -> Result<(), QueueError> {
        let mut settlement = Settlement::default();
        for Through { channel, id, result } in through {
            let Some(one) = self.under_way.get_mut(&id) else { continue };
            one.left -= 1;
            match result {
                Ok(()) => one.progress.delivered(channel),
                Err(Undelivered { reason, is_final: true }) => one.progress.rejected(channel, &reason),
                Err(Undelivered { reason, .. }) => one.failures.push(format!("{channel}: {reason}")),
            }
            self.settle_if_through(id, &mut settlement);
        }
        self.note(settlement).await
    }

    /// Takes from slow channels what they will not come to soon.
    async fn relieve(&mut self) -> Result<(), QueueError> {
        let mut settlement = Settlement::default();
        for (id, turn) in self.lanes.relieve() {
            let Some(one) = self.under_way.get_mut(&id) else { continue };
            one.left -= 1;
            one.defer(turn);
            self.settle_if_through(id, &mut settlement);
        }
        self.note(settlement).await
    }

    fn settle_if_through(&mut self, id: NotificationId, settlement: &mut Settlement) {
        if self.under_way.get(&id).is_some_and(|one| one.left == 0)
            && let Some(one) = self.under_way.remove(&id)
        {
            settlement.tags.push(one.tag);
            settlement.add(id, one.outcome(id));
        }
    }

    /// Marks what is delivered, puts off what is not, and acknowledges both.
    async fn note(&mut self, settlement: Settlement) -> Result<(), QueueError> {
        if settlement.tags.is_empty() {
            return Ok(());
        }
        let noted = note(self.worker, &settlement).await;
        self.settled(&settlement.tags, noted).await
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
        let is_old = |one: &UnderWay| one.since.elapsed() >= RENEWAL;
        let old: Vec<_> = self.under_way.iter().filter(|(_, one)| is_old(one)).map(|(id, _)| *id).collect();
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

/// What earlier tries left of these. With one channel there is nothing to know.
async fn progress(
    worker: &Worker,
    messages: &[QueuedNotification],
) -> Result<HashMap<NotificationId, Progress>, StoreError> {
    if worker.channels.len() < 2 || messages.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
    worker.store.list_progress(&ids).await
}

impl UnderWay {
    /// Comes back then, or when another channel wants it, whichever is later.
    fn defer(&mut self, turn: DateTime<Utc>) {
        self.deferred = self.deferred.max(Some(turn));
    }

    fn outcome(self, notification: NotificationId) -> Outcome {
        let Self { progress, failures, deferred, .. } = self;
        if let (true, Some(until)) = (failures.is_empty(), deferred) {
            return Outcome::Deferred(Postponement { notification, until, progress });
        }
        let is_failed = !failures.is_empty();
        let said: Vec<String> = failures.into_iter().chain(progress.rejections()).collect();
        if said.is_empty() {
            return Outcome::Sent;
        }
        let failure = DeliveryFailure { notification, reason: Reason::new(&said.join("; ")) };
        if is_failed { Outcome::Failed(failure, progress) } else { Outcome::Rejected(failure) }
    }
}

impl Settlement {
    fn add(&mut self, id: NotificationId, outcome: Outcome) {
        match outcome {
            Outcome::Sent => self.sent.push(id),
            Outcome::Failed(failure, progress) => self.failures.push((failure, progress)),
            Outcome::Deferred(postponement) => self.deferred.push(postponement),
            Outcome::Rejected(failure) => self.rejected.push(failure),
        }
    }
}

async fn note(worker: &Worker, settlement: &Settlement) -> Result<(), StoreError> {
    let Settlement { tags: _, sent, failures, deferred, rejected } = settlement;
    if !sent.is_empty() {
        worker.store.mark_sent(sent).await?;
        worker.stats.sent(sent.len());
    }
    if !deferred.is_empty() {
        worker.store.postpone(deferred).await?;
    }
    worker.put_off(failures).await?;
    worker.reject(rejected).await
}

/// A notification that was never written is nobody's.
fn unknown(message: &QueuedNotification) -> UndeliverableMessage {
    let payload = serde_json::to_vec(message).unwrap_or_default();
    let reason = format!("there is no notification {}", message.id);
    UndeliverableMessage::new(UndeliverableClass::UnknownNotification, payload, &reason)
}
