//! The queue in this process, for a daemon that has no broker. Forgets everything at its end: the outbox does not.

use super::{Deliveries, Delivery, Queue, QueueError};
use async_trait::async_trait;
use happening_core::wire::QueuedNotification;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

/// Messages that may wait for the worker. More wait in the outbox.
const CAPACITY: usize = 10_000;

/// The in-process queue.
#[derive(Clone)]
pub struct MemoryQueue {
    sender: mpsc::Sender<QueuedNotification>,
    receiver: Arc<Mutex<mpsc::Receiver<QueuedNotification>>>,
}

impl Default for MemoryQueue {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        Self { sender, receiver: Arc::new(Mutex::new(receiver)) }
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    fn kind(&self) -> &'static str {
        "in-process"
    }

    fn is_durable(&self) -> bool {
        false
    }

    async fn publish(&self, messages: &[QueuedNotification]) -> Result<(), QueueError> {
        for message in messages {
            self.sender.try_send(message.clone()).map_err(|_| QueueError("full".to_owned()))?;
        }
        Ok(())
    }

    async fn consume(&self) -> Result<Box<dyn Deliveries>, QueueError> {
        Ok(Box::new(MemoryDeliveries { queue: self.clone(), unacknowledged: HashMap::new(), next: 1 }))
    }

    async fn ping(&self) -> Result<(), QueueError> {
        Ok(())
    }
}

struct MemoryDeliveries {
    queue: MemoryQueue,
    unacknowledged: HashMap<u64, QueuedNotification>,
    next: u64,
}

#[async_trait]
impl Deliveries for MemoryDeliveries {
    async fn next(&mut self, limit: usize) -> Result<Vec<Delivery>, QueueError> {
        let mut messages = Vec::new();
        if self.queue.receiver.lock().await.recv_many(&mut messages, limit).await == 0 {
            return Err(QueueError("closed".to_owned()));
        }
        let deliver = |message: QueuedNotification| {
            let tag = self.next;
            self.next += 1;
            self.unacknowledged.insert(tag, message.clone());
            Delivery { message: Ok(message), tag }
        };
        Ok(messages.into_iter().map(deliver).collect())
    }

    async fn ack(&mut self, tags: &[u64]) -> Result<(), QueueError> {
        for tag in tags {
            self.unacknowledged.remove(tag);
        }
        Ok(())
    }

    async fn give_back(&mut self, tags: &[u64]) -> Result<(), QueueError> {
        for tag in tags {
            if let Some(message) = self.unacknowledged.remove(tag) {
                self.queue.publish(&[message]).await?;
            }
        }
        Ok(())
    }
}

impl Drop for MemoryDeliveries {
    fn drop(&mut self) {
        for (_, message) in self.unacknowledged.drain() {
            // What does not fit comes due in the outbox.
            let _ = self.queue.sender.try_send(message);
        }
    }
}
