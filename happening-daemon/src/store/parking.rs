//! What could not be delivered: counted, put off, and after the last try parked until somebody looks at it.

use super::{Actor, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{NotificationId, ParkedId};
use happening_core::wire::{Outbox as OutboxFigures, ParkedMessage, UndeliveredNotification};

/// A notification that is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeliverable {
    /// Under which id it is parked.
    pub id: ParkedId,
    /// Which.
    pub notification: NotificationId,
    /// What the last try failed with.
    pub reason: String,
    /// Tries.
    pub tries: u32,
}

/// A message in the queue that nobody can deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poison {
    /// Under which id it is parked.
    pub id: ParkedId,
    /// SHA-256 of the whole message: the same one is parked once.
    pub digest: [u8; 32],
    /// Its first bytes.
    pub payload: Vec<u8>,
    /// Bytes of the whole.
    pub bytes: u64,
    /// Why nobody can.
    pub reason: String,
}

/// The store's side of retries and parking.
#[async_trait]
pub trait Parking: Send + Sync {
    /// Counts a failed delivery. How many there were by now; `None` if the notification is not to be delivered any more.
    async fn count_failure(&self, id: NotificationId, reason: &str) -> Result<Option<u32>, StoreError>;

    /// Puts the next try off: until then nobody publishes it, even if the queue forgets everything.
    async fn postpone(&self, id: NotificationId, until: DateTime<Utc>) -> Result<(), StoreError>;

    /// Gives a notification up: `failed`, out of the outbox, parked. False if it was delivered or parked meanwhile.
    async fn park_notification(
        &self,
        given_up: &Undeliverable,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Parks a message. One that is parked already is counted once more.
    async fn park_poison(&self, poison: &Poison, now: DateTime<Utc>) -> Result<(), StoreError>;

    /// Which of these notifications exist.
    async fn known_notifications(&self, ids: &[NotificationId]) -> Result<Vec<NotificationId>, StoreError>;

    /// What is parked, newest first, older than `before`.
    async fn list_parked(
        &self,
        before: Option<ParkedId>,
        limit: u32,
    ) -> Result<Vec<ParkedMessage>, StoreError>;

    /// One of it.
    async fn find_parked(&self, id: ParkedId) -> Result<Option<ParkedMessage>, StoreError>;

    /// The bytes that are kept of a parked message.
    async fn find_payload(&self, id: ParkedId) -> Result<Option<Vec<u8>>, StoreError>;

    /// Has a parked notification delivered once more, with all its tries. False if none is parked under this id.
    async fn requeue_notification(&self, id: ParkedId, by: &Actor) -> Result<bool, StoreError>;

    /// Has a notification delivered once more, with all its tries, whether it was delivered before or not. False if there is
    /// none.
    async fn resend_notification(&self, id: NotificationId, by: &Actor) -> Result<bool, StoreError>;

    /// Notifications that are to be delivered or were given up, newest first, older than `before`. What was discarded is
    /// not among them.
    async fn list_undelivered(
        &self,
        before: Option<NotificationId>,
        limit: u32,
    ) -> Result<Vec<UndeliveredNotification>, StoreError>;

    /// Takes a parked one away, which was seen `times` times; `action` is for the audit log. False if it is not there, or
    /// was parked again meanwhile.
    async fn unpark(
        &self,
        id: ParkedId,
        times: u32,
        action: &'static str,
        by: &Actor,
    ) -> Result<bool, StoreError>;

    /// How the outbox is.
    async fn outbox_figures(&self) -> Result<OutboxFigures, StoreError>;
}
