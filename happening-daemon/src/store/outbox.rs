//! What is still to be told. See `crate::outbox` for the life of a row.

use super::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::NotificationId;
use happening_core::wire::QueuedNotification;

/// The tellers' side of the store.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes up to `limit` notifications that are due, so that no other relay does before `lease`.
    async fn claim_due(
        &self,
        now: DateTime<Utc>,
        lease: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<QueuedNotification>, StoreError>;

    /// The broker has them: they come due again at `due` unless delivered by then. Those that wait for another try stay as
    /// they are: the worker was faster.
    async fn mark_published(&self, ids: &[NotificationId], due: DateTime<Utc>) -> Result<(), StoreError>;

    /// Which of these are still to be delivered: the others are known duplicates.
    async fn undelivered(&self, ids: &[NotificationId]) -> Result<Vec<NotificationId>, StoreError>;

    /// They are delivered: `sent`, and out of the outbox.
    async fn mark_sent(&self, ids: &[NotificationId]) -> Result<(), StoreError>;

    /// Makes everything due at once that the queue had: it forgot. What waits for another try goes on waiting.
    async fn release_all(&self, now: DateTime<Utc>) -> Result<(), StoreError>;

    /// Notifications in the outbox.
    async fn backlog(&self) -> Result<u64, StoreError>;
}
