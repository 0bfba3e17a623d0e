//! A consumer that is lost, perhaps with all that the queue had.

use super::*;
use crate::queue::{Deliveries, Delivery, QueueError};
use happening_core::wire::QueueFigures;
use std::sync::atomic::{AtomicBool, Ordering};

on_every_store!(what_was_published_is_due_at_once_when_a_lost_consumer_is_back);

/// A queue whose consumer can be ended.
struct Cut {
    queue: MemoryQueue,
    has_ended: Arc<AtomicBool>,
    end: Arc<Notify>,
}

struct CutDeliveries {
    deliveries: Box<dyn Deliveries>,
    has_ended: Arc<AtomicBool>,
    end: Arc<Notify>,
}

#[async_trait]
impl Queue for Cut {
    fn kind(&self) -> &'static str {
        self.queue.kind()
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn losses(&self) -> u64 {
        0
    }

    async fn publish(&self, messages: &[QueuedNotification]) -> Result<Vec<NotificationId>, QueueError> {
        self.queue.publish(messages).await
    }

    async fn publish_bytes(&self, payload: Vec<u8>) -> Result<(), QueueError> {
        self.queue.publish_bytes(payload).await
    }

    async fn consume(&self) -> Result<Box<dyn Deliveries>, QueueError> {
        let (has_ended, end) = (self.has_ended.clone(), self.end.clone());
        Ok(Box::new(CutDeliveries { deliveries: self.queue.consume().await?, has_ended, end }))
    }

    async fn figures(&self) -> Result<QueueFigures, QueueError> {
        self.queue.figures().await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        Ok(())
    }
}

#[async_trait]
impl Deliveries for CutDeliveries {
    async fn next(&mut self, limit: usize) -> Result<Vec<Delivery>, QueueError> {
        tokio::select! {
            deliveries = self.deliveries.next(limit) => deliveries,
            () = self.end.notified() => {
                self.has_ended.store(true, Ordering::Relaxed);
                Err(QueueError::Away("cut".to_owned()))
            }
        }
    }

    async fn ack(&mut self, tags: &[u64]) -> Result<(), QueueError> {
        self.deliveries.ack(tags).await
    }

    async fn give_back(&mut self, tags: &[u64]) -> Result<(), QueueError> {
        self.deliveries.give_back(tags).await
    }
}

async fn what_was_published_is_due_at_once_when_a_lost_consumer_is_back(db: TestStore) {
    let (queue, has_ended, end) =
        (MemoryQueue::default(), Arc::<AtomicBool>::default(), Arc::<Notify>::default());
    let seen = Arc::new(Cut { queue: queue.clone(), has_ended: has_ended.clone(), end: end.clone() });
    let scene = Scene::set_on(db, Script::failing(0), queue, seen, DEADLINE).await;
    // Published to a queue that was deleted with it: it would come due after a minute.
    let lost = scene.kit.notified(3, 15).await;
    let ids: Vec<_> = lost.iter().map(|message| message.id).collect();
    let now = scene.clock.now();
    scene.store.mark_published(&ids, now, now + Span::seconds(60)).await.expect("noted");
    assert_eq!(scene.claimed_in(1).await, 0);
    end.notify_one();
    until("the consumer is lost", async || has_ended.load(Ordering::Relaxed)).await;
    until("it is due", async || scene.store.outbox_figures().await.expect("figures").next_due == Some(now))
        .await;
    assert_eq!(scene.claimed_in(0).await, 3);
    // And it consumes again.
    scene.publish(&lost).await;
    scene.are(&lost, NotificationStatus::Sent).await;
}
