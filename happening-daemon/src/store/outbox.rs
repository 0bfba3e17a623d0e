//! Notifications on their way. See `crate::outbox` for the life of a row.

use super::{Reason, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::NotificationId;
use happening_core::wire::{NotificationStatus, QueuedNotification};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Which channels are through with a notification while others are not: each by its name, with why it never will deliver
/// it, or with nothing if it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Progress(BTreeMap<String, Option<String>>);

impl Progress {
    /// The channel has delivered.
    pub fn delivered(&mut self, channel: &str) {
        self.0.insert(channel.to_owned(), None);
    }

    /// The channel never will deliver.
    pub fn rejected(&mut self, channel: &str, reason: &Reason) {
        self.0.insert(channel.to_owned(), Some(reason.as_str().to_owned()));
    }

    /// Whether the channel is through.
    pub fn has(&self, channel: &str) -> bool {
        self.0.contains_key(channel)
    }

    /// Why channels never will deliver, by their names.
    pub fn rejections(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|(channel, reason)| Some(format!("{channel}: {}", reason.as_ref()?)))
    }

    /// As it is stored; nothing if no channel is through.
    pub(super) fn stored(&self) -> Option<String> {
        if self.0.is_empty() { None } else { serde_json::to_string(self).ok() }
    }
}

/// The next try of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postponement {
    /// Of which notification.
    pub notification: NotificationId,
    /// When it is due.
    pub until: DateTime<Utc>,
    /// The channels that it is not for.
    pub progress: Progress,
}

/// A delivery that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFailure {
    /// Of which notification.
    pub notification: NotificationId,
    /// With what.
    pub reason: Reason,
}

/// The relay's and the worker's side of the store. Each method is one statement or transaction, however many it is about.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes up to `limit` notifications that are due, so that no other relay does before `lease`.
    async fn claim_due(
        &self,
        now: DateTime<Utc>,
        lease: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<QueuedNotification>, StoreError>;

    /// The queue has had them since `published`: they come due again at `due` unless delivered by then. Those that wait for
    /// another try stay as they are: the worker was faster. So do those that were released since `published`: the queue may
    /// have lost them.
    async fn mark_published(
        &self,
        ids: &[NotificationId],
        published: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// How these stand. Those that do not exist are left out.
    async fn delivery_states(
        &self,
        ids: &[NotificationId],
    ) -> Result<HashMap<NotificationId, NotificationStatus>, StoreError>;

    /// They are delivered: `sent`, and out of the outbox.
    async fn mark_sent(&self, ids: &[NotificationId]) -> Result<(), StoreError>;

    /// Counts failed deliveries, at most one of each notification. How many there were of each by now; what is not to be
    /// delivered any more is left out.
    async fn count_failures(
        &self,
        failures: &[DeliveryFailure],
    ) -> Result<HashMap<NotificationId, u32>, StoreError>;

    /// Puts each next try off: until then nobody publishes it, even if the queue loses everything.
    async fn postpone(&self, postponements: &[Postponement]) -> Result<(), StoreError>;

    /// Which channels are through with these. Those with which none is are left out.
    async fn list_progress(
        &self,
        ids: &[NotificationId],
    ) -> Result<HashMap<NotificationId, Progress>, StoreError>;

    /// Makes everything due at once that the queue had: it may have lost it. What waits for another try goes on waiting.
    async fn release_all(&self, now: DateTime<Utc>) -> Result<(), StoreError>;

    /// Writes the notifications of one announcement for up to `limit` holders that have none yet, due at `now`: people who
    /// booked or waited when the event was changed. How many there were, in one transaction with the note of how far it is;
    /// `None` if nothing is to be announced.
    async fn notify_holders(&self, now: DateTime<Utc>, limit: u32) -> Result<Option<u32>, StoreError>;

    /// Notifications in the outbox.
    async fn backlog(&self) -> Result<u64, StoreError>;
}
