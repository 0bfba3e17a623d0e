//! What could not be delivered: parked until somebody looks at it.

use super::{Reason, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{NotificationId, ParkedId};
use happening_core::wire::{Outbox as OutboxFigures, ParkedMessage, UndeliveredNotification};

/// Messages of one class that are kept. Beyond it the oldest are deleted and counted: whoever may write to the queue cannot
/// fill the database.
pub(super) const KEPT_OF_A_CLASS: u32 = 1_000;

/// A notification that is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUpNotification {
    /// Under which id it is parked.
    pub id: ParkedId,
    /// Which.
    pub notification: NotificationId,
    /// What the last try failed with.
    pub reason: Reason,
    /// Tries.
    pub tries: u32,
}

/// What kind of message nobody can deliver. Each is bounded by itself, so that a flood of one does not displace another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UndeliverableClass {
    /// Not UTF-8.
    NotText,
    /// Text that is no JSON.
    NotJson,
    /// JSON that is no notification.
    NotANotification,
    /// Of a version that this daemon does not understand.
    UnknownVersion,
    /// A notification that does not exist.
    UnknownNotification,
}

impl UndeliverableClass {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotText => "not_text",
            Self::NotJson => "not_json",
            Self::NotANotification => "not_a_notification",
            Self::UnknownVersion => "unknown_version",
            Self::UnknownNotification => "unknown_notification",
        }
    }
}

/// A message in the queue that nobody can deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewParkedMessage {
    /// Under which id it is parked.
    pub id: ParkedId,
    /// Of which kind it is.
    pub class: UndeliverableClass,
    /// SHA-256 of the whole message: the same one is parked once.
    pub digest: [u8; 32],
    /// Its first bytes.
    pub payload: Vec<u8>,
    /// Bytes of the whole.
    pub bytes: u64,
    /// Why nobody can.
    pub reason: Reason,
    /// How often it came, at least once.
    pub times: u32,
}

/// Parked notifications and messages in the store.
#[async_trait]
pub trait ParkedMessages: Send + Sync {
    /// Gives notifications up: `failed`, out of the outbox, parked. Those that were delivered or parked meanwhile stay as
    /// they are; how many were given up.
    async fn park_notifications(
        &self,
        given_up: &[GivenUpNotification],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError>;

    /// Parks messages, each digest at most once among them. One that is parked already is counted as often as it came. Of
    /// each class the newest 1,000 are kept.
    async fn park_messages(
        &self,
        messages: &[NewParkedMessage],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

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

    /// Notifications that are to be delivered or were given up, newest first, older than `before`. What was discarded is
    /// not among them.
    async fn list_undelivered(
        &self,
        before: Option<NotificationId>,
        limit: u32,
    ) -> Result<Vec<UndeliveredNotification>, StoreError>;

    /// How the outbox is.
    async fn outbox_figures(&self) -> Result<OutboxFigures, StoreError>;
}

/// Rows of what is parked, and of notifications that are delivered once more, in a unit of work.
#[async_trait]
pub trait ParkedRows: Send {
    /// Deletes a parked one that was seen `times` times. False if it is not there, or was parked again meanwhile.
    async fn delete_parked(&mut self, id: ParkedId, times: u32) -> Result<bool, StoreError>;

    /// Deletes a parked notification, and says which one it was. `None` if none is parked under this id.
    async fn take_parked_notification(&mut self, id: ParkedId) -> Result<Option<NotificationId>, StoreError>;

    /// Deletes what is parked of a notification.
    async fn delete_parked_of(&mut self, notification: NotificationId) -> Result<(), StoreError>;

    /// Sets the status of a notification to `pending`. False if there is none.
    async fn set_pending(&mut self, notification: NotificationId) -> Result<bool, StoreError>;

    /// Puts a notification into the outbox, due now, with all its tries and for every channel.
    async fn put_in_outbox(&mut self, notification: NotificationId) -> Result<(), StoreError>;
}
