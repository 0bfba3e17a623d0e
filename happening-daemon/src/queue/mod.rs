//! The way from the relay to the worker: RabbitMQ, or this process.
//!
//! Delivery is at least once, in no particular order. Two implementations, one contract suite (`contract.rs`).

#[cfg(test)]
mod contract;
pub mod memory;
pub mod rabbit;
mod undeliverable;

pub use undeliverable::UndeliverableMessage;

use async_trait::async_trait;
use happening_core::id::NotificationId;
use happening_core::wire::{QueueFigures, QueuedNotification};
use thiserror::Error;

/// Why the queue does not do it now.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueueError {
    /// It does not answer, or the connection to it ended. Which of the messages it has is not known.
    #[error("the queue does not answer: {0}")]
    Away(String),
    /// It answers, and takes no more for now.
    #[error("the queue is full")]
    Full,
}

/// A message as it arrived.
#[derive(Debug)]
pub struct Delivery {
    /// The message, or why it is none.
    pub message: Result<QueuedNotification, UndeliverableMessage>,
    /// For [`Deliveries::ack`].
    pub tag: u64,
}

/// The queue `notifications`.
#[async_trait]
pub trait Queue: Send + Sync {
    /// `rabbitmq` or `in-process`.
    fn kind(&self) -> &'static str;

    /// Whether messages survive the end of this process.
    fn is_durable(&self) -> bool;

    /// How often what was published before may have been lost: a session with the broker was replaced, or the queue did not
    /// exist and was declared. Read it before a publish and after: if it rose, the publish may be lost too.
    fn losses(&self) -> u64;

    /// Publishes. `Ok` means that the broker has every one of them safe but those that it returns: it takes no more for now.
    async fn publish(&self, messages: &[QueuedNotification]) -> Result<Vec<NotificationId>, QueueError>;

    /// Publishes a message as it stands, whatever it is.
    async fn publish_bytes(&self, payload: Vec<u8>) -> Result<(), QueueError>;

    /// Starts consuming.
    async fn consume(&self) -> Result<Box<dyn Deliveries>, QueueError>;

    /// How it is.
    async fn figures(&self) -> Result<QueueFigures, QueueError>;

    /// Whether it answers.
    async fn ping(&self) -> Result<(), QueueError>;
}

/// A consumer's end. Deliveries are acknowledged and given back one by one, in any order.
#[async_trait]
pub trait Deliveries: Send {
    /// Waits for at least one delivery and takes what is there, up to `limit`. Dropped before it is ready, it has taken
    /// nothing. An error ends this consumer: its unacknowledged deliveries go to the next.
    async fn next(&mut self, limit: usize) -> Result<Vec<Delivery>, QueueError>;

    /// These are dealt with.
    async fn ack(&mut self, tags: &[u64]) -> Result<(), QueueError>;

    /// These are not: they go to the next consumer.
    async fn give_back(&mut self, tags: &[u64]) -> Result<(), QueueError>;
}
