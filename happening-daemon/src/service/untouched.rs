//! Parts that are looked at and not touched.

use crate::counters::{Counters, CountersError, Observed, Projection};
use crate::holds::{Hold, Holder, Holds, HoldsError, SetHolds};
use crate::queue::{Deliveries, Queue, QueueError};
use crate::store::Snapshot;
use async_trait::async_trait;
use happening_core::id::EventId;
use happening_core::wire::{CountersSay, KeysPage, QueueFigures, QueuedNotification};
use std::sync::Arc;
use std::time::Duration;

/// The part behind it answers questions. What would change it is agreed to and not done, or, where the answer would be a
/// promise, refused.
pub(super) struct Untouched<Part: ?Sized>(pub Arc<Part>);

#[async_trait]
impl Counters for Untouched<dyn Counters> {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    async fn project(&self, _projections: &[Projection]) -> Result<Vec<EventId>, CountersError> {
        Ok(Vec::new())
    }

    async fn restore(&self, _snapshots: &[Snapshot], _force: bool) -> Result<(), CountersError> {
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
impl Holds for Untouched<dyn Holds> {
    async fn set(
        &self,
        _event: EventId,
        _holder: &Holder,
        _seats: &[u32],
        _ttl: Duration,
    ) -> Result<SetHolds, HoldsError> {
        Err(promise())
    }

    async fn extend(
        &self,
        _event: EventId,
        _holder: &Holder,
        _ttl: Duration,
    ) -> Result<Vec<u32>, HoldsError> {
        Err(promise())
    }

    async fn release(&self, _event: EventId, _holder: &Holder) -> Result<Vec<u32>, HoldsError> {
        Err(promise())
    }

    async fn list(&self, event: EventId) -> Result<Vec<Hold>, HoldsError> {
        self.0.list(event).await
    }

    async fn drop_seats(&self, _event: EventId, _seats: &[u32]) -> Result<(), HoldsError> {
        Ok(())
    }
}

fn promise() -> HoldsError {
    HoldsError::Refused("a dry run holds nothing".to_owned())
}

#[async_trait]
impl Queue for Untouched<dyn Queue> {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    fn is_durable(&self) -> bool {
        self.0.is_durable()
    }

    async fn publish(&self, _messages: &[QueuedNotification]) -> Result<(), QueueError> {
        Ok(())
    }

    async fn publish_bytes(&self, _payload: Vec<u8>) -> Result<(), QueueError> {
        Ok(())
    }

    async fn consume(&self) -> Result<Box<dyn Deliveries>, QueueError> {
        Err(QueueError("a dry run takes nothing from the queue".to_owned()))
    }

    async fn figures(&self) -> Result<QueueFigures, QueueError> {
        self.0.figures().await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.0.ping().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::memory::MemoryCounters;
    use crate::holds::memory::MemoryHolds;
    use crate::ids::Ids;
    use crate::queue::memory::MemoryQueue;
    use crate::store::Watermark;
    use happening_core::clock::Clock;

    #[tokio::test]
    async fn counters_stay_as_they_are_and_can_be_looked_at() {
        let counters: Arc<dyn Counters> = Arc::new(MemoryCounters::default());
        let event = Ids::seeded(1).event();
        let snapshot = |version, available| Snapshot {
            mark: Watermark { event, version, available, waiting: 0 },
            waitlist: Vec::new(),
        };
        counters.restore(&[snapshot(3, 10)], false).await.expect("counters");
        let untouched = Untouched(counters.clone());
        untouched.restore(&[snapshot(9, 1)], true).await.expect("agreed");
        let moved = Projection { from: 3, mark: snapshot(4, 8).mark, line: Vec::new(), gone: false };
        assert!(untouched.project(&[moved]).await.expect("agreed").is_empty());
        let seen = counters.observe(&[event]).await.expect("counters");
        assert_eq!((seen[0].version, seen[0].available), (Some(3), Some(10)));
        assert_eq!(untouched.observe(&[event]).await.expect("counters"), seen);
    }

    #[tokio::test]
    async fn holds_stay_and_none_is_promised() {
        let holds: Arc<dyn Holds> = Arc::new(MemoryHolds::new(Clock::system()));
        let ids = Ids::seeded(1);
        let (event, holder) = (ids.event(), Holder::Person { user: ids.user(), token: ids.uuid() });
        let ttl = Duration::from_mins(1);
        holds.set(event, &holder, &[1, 2], ttl).await.expect("holds");
        let untouched = Untouched(holds.clone());
        untouched.drop_seats(event, &[1, 2]).await.expect("agreed");
        assert!(untouched.set(event, &holder, &[3], ttl).await.is_err());
        assert!(untouched.release(event, &holder).await.is_err());
        assert!(untouched.extend(event, &holder, ttl).await.is_err());
        let held: Vec<u32> =
            untouched.list(event).await.expect("holds").iter().map(|hold| hold.seat).collect();
        assert_eq!(held, [1, 2]);
    }

    #[tokio::test]
    async fn the_queue_gets_nothing_and_gives_nothing() {
        let queue: Arc<dyn Queue> = Arc::new(MemoryQueue::default());
        let untouched = Untouched(queue.clone());
        untouched.publish_bytes(b"poison".to_vec()).await.expect("agreed");
        assert!(untouched.consume().await.is_err());
        assert_eq!(queue.figures().await.expect("figures").ready, 0);
    }
}
