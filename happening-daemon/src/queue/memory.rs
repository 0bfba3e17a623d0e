//! The queue in this process, for a daemon that has no broker. Forgets everything at its end: the outbox does not.

use super::undeliverable::decode;
use super::{Deliveries, Delivery, Queue, QueueError, UndeliverableMessage};
use async_trait::async_trait;
use happening_core::id::NotificationId;
use happening_core::wire::{QueueFigures, QueuedNotification};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};
use tokio::sync::{Mutex, mpsc};

/// Messages that may wait for the worker. More wait in the outbox.
const CAPACITY: usize = 10_000;

type Message = Result<QueuedNotification, UndeliverableMessage>;

/// The in-process queue.
#[derive(Clone)]
pub struct MemoryQueue {
    sender: mpsc::Sender<Message>,
    receiver: Arc<Mutex<mpsc::Receiver<Message>>>,
    consumers: Arc<AtomicU64>,
    /// Delivered and not acknowledged.
    in_hand: Arc<AtomicU64>,
    /// Notifications that are in here, or delivered and not acknowledged. Published once more they are here already: what
    /// comes due again while the worker is slow must not make it slower.
    present: Arc<StdMutex<HashSet<NotificationId>>>,
}

impl Default for MemoryQueue {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        Self {
            sender,
            receiver: Arc::new(Mutex::new(receiver)),
            consumers: Arc::default(),
            in_hand: Arc::default(),
            present: Arc::default(),
        }
    }
}

impl MemoryQueue {
    fn send(&self, message: Message) -> Result<(), QueueError> {
        // The receiver lives as long as the sender: what is not taken finds no room.
        self.sender.try_send(message).map_err(|_| QueueError::Full)
    }

    fn present(&self) -> MutexGuard<'_, HashSet<NotificationId>> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It is not here any more.
    fn forget(&self, message: &Message) {
        if let Ok(message) = message {
            self.present().remove(&message.id);
        }
    }

    /// Back among those that wait. What does not fit comes due in the outbox.
    fn put_back(&self, message: Message) {
        if let Err(mpsc::error::TrySendError::Full(message) | mpsc::error::TrySendError::Closed(message)) =
            self.sender.try_send(message)
        {
            self.forget(&message);
        }
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

    fn losses(&self) -> u64 {
        0
    }

    async fn publish(&self, messages: &[QueuedNotification]) -> Result<Vec<NotificationId>, QueueError> {
        let mut present = self.present();
        let mut refused = Vec::new();
        for message in messages {
            if !present.contains(&message.id) {
                match self.send(Ok(message.clone())) {
                    Ok(()) => drop(present.insert(message.id)),
                    Err(_) => refused.push(message.id),
                }
            }
        }
        Ok(refused)
    }

    async fn publish_bytes(&self, payload: Vec<u8>) -> Result<(), QueueError> {
        self.send(decode(payload))
    }

    async fn consume(&self) -> Result<Box<dyn Deliveries>, QueueError> {
        self.consumers.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(MemoryDeliveries { queue: self.clone(), unacknowledged: HashMap::new(), next: 1 }))
    }

    async fn figures(&self) -> Result<QueueFigures, QueueError> {
        Ok(QueueFigures {
            kind: self.kind().to_owned(),
            name: "notifications".to_owned(),
            ready: (self.sender.max_capacity() - self.sender.capacity()) as u64,
            unacknowledged: Some(self.in_hand.load(Ordering::Relaxed)),
            consumers: self.consumers.load(Ordering::Relaxed),
            rates: None,
            note: Some("the queue in this process keeps no rates".to_owned()),
        })
    }

    async fn ping(&self) -> Result<(), QueueError> {
        Ok(())
    }
}

struct MemoryDeliveries {
    queue: MemoryQueue,
    unacknowledged: HashMap<u64, Message>,
    next: u64,
}

impl MemoryDeliveries {
    fn take(&mut self, tag: u64) -> Option<Message> {
        let message = self.unacknowledged.remove(&tag)?;
        self.queue.in_hand.fetch_sub(1, Ordering::Relaxed);
        Some(message)
    }
}

#[async_trait]
impl Deliveries for MemoryDeliveries {
    async fn next(&mut self, limit: usize) -> Result<Vec<Delivery>, QueueError> {
        let mut messages = Vec::new();
        if self.queue.receiver.lock().await.recv_many(&mut messages, limit).await == 0 {
            return Err(QueueError::Away("closed".to_owned()));
        }
        let deliver = |message: Message| {
            let tag = self.next;
            self.next += 1;
            self.unacknowledged.insert(tag, message.clone());
            self.queue.in_hand.fetch_add(1, Ordering::Relaxed);
            Delivery { message, tag }
        };
        Ok(messages.into_iter().map(deliver).collect())
    }

    async fn ack(&mut self, tags: &[u64]) -> Result<(), QueueError> {
        for message in tags.iter().filter_map(|tag| self.take(*tag)).collect::<Vec<_>>() {
            self.queue.forget(&message);
        }
        Ok(())
    }

    async fn give_back(&mut self, tags: &[u64]) -> Result<(), QueueError> {
        for message in tags.iter().filter_map(|tag| self.take(*tag)).collect::<Vec<_>>() {
            self.queue.put_back(message);
        }
        Ok(())
    }
}

impl Drop for MemoryDeliveries {
    fn drop(&mut self) {
        self.queue.consumers.fetch_sub(1, Ordering::Relaxed);
        self.queue.in_hand.fetch_sub(self.unacknowledged.len() as u64, Ordering::Relaxed);
        for (_, message) in self.unacknowledged.drain() {
            self.queue.put_back(message);
        }
    }
}
