//! Parts that can be read and not written, for dry runs.

use crate::counters::{Counters, CountersError, Observed, Projection};
use crate::holds::{Changed, HoldList, Holder, Holds, HoldsError, SetHolds, Wish};
use crate::queue::{Deliveries, Queue, QueueError};
use crate::store::CounterSnapshot;
use async_trait::async_trait;
use happening_core::id::{EventId, NotificationId};
use happening_core::wire::{CountersSay, KeysPage, QueueFigures, QueuedNotification};
use std::sync::Arc;
use std::time::Duration;

/// The part behind it answers questions. What would change it is agreed to and not done, or, where the answer would be a
/// promise, refused.
pub(super) struct ReadOnly<Part: ?Sized>(pub Arc<Part>);

#[async_trait]
impl Counters for ReadOnly<dyn Counters> {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    async fn project(&self, _projections: &[Projection]) -> Result<Vec<EventId>, CountersError> {
        Ok(Vec::new())
    }

    async fn restore(&self, _snapshots: &[CounterSnapshot], _force: bool) -> Result<(), CountersError> {
        Ok(())
    }

    async fn observe(&self, events: &[EventId]) -> Result<Vec<Observed>, CountersError> {
        self.0.observe(events).await
    }

    async fn line_digests(&self, events: &[EventId]) -> Result<Vec<String>, CountersError> {
        self.0.line_digests(events).await
    }

    async fn inspect(&self, event: EventId) -> Result<CountersSay, CountersError> {
        self.0.inspect(event).await
    }

    async fn keys(&self, pattern: &str, cursor: u64) -> Result<KeysPage, CountersError> {
        self.0.keys(pattern, cursor).await
    }

    async fn ping(&self) -> Result<(), CountersError> {
        self.0.ping().await
    }
}

#[async_trait]
impl Holds for ReadOnly<dyn Holds> {
    async fn set(
        &self,
        _event: EventId,
        _holder: &Holder,
        _wish: Wish<'_>,
    ) -> Result<Changed<SetHolds>, HoldsError> {
        Err(promise())
    }

    async fn exchange(
        &self,
        _event: EventId,
        _holder: &Holder,
        _wish: Wish<'_>,
    ) -> Result<Changed<SetHolds>, HoldsError> {
        Err(promise())
    }

    async fn extend(
        &self,
        _event: EventId,
        _holder: &Holder,
        _ttl: Duration,
    ) -> Result<Changed<Vec<u32>>, HoldsError> {
        Err(promise())
    }

    async fn release(&self, _event: EventId, _holder: &Holder) -> Result<Changed<Vec<u32>>, HoldsError> {
        Err(promise())
    }

    async fn list(&self, event: EventId) -> Result<HoldList, HoldsError> {
        self.0.list(event).await
    }

    async fn drop_seats(&self, event: EventId, _seats: &[u32]) -> Result<HoldList, HoldsError> {
        self.0.list(event).await
    }
}

fn promise() -> HoldsError {
    HoldsError::Refused("a dry run holds nothing".to_owned())
}
#[async_trait]
impl Queue for ReadOnly<dyn Queue> {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    fn is_durable(&self) -> bool {
        self.0.is_durable()
    }

    fn losses(&self) -> u64 {
        self.0.losses()
    }

    async fn publish(&self, _messages: &[QueuedNotification]) -> Result<Vec<NotificationId>, QueueError> {
        Ok(Vec::new())
    }

    async fn publish_bytes(&self, _payload: Vec<u8>) -> Result<(), QueueError> {
        Ok(())
    }

    async fn consume(&self) -> Result<Box<dyn Deliveries>, QueueError> {
        Err(QueueError::Away("a dry run takes nothing from the queue".to_owned()))
    }

    async fn figures(&self) -> Result<QueueFigures, QueueError> {
        self.0.figures().await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.0.ping().await
    }
}

#[cfg(test)]
mod tests;
