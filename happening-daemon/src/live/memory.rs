//! The broadcast in this process: for a daemon that has no Redis and so is alone.

use super::broadcast::{Broadcast, BroadcastError, Heard};
use async_trait::async_trait;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};

/// Messages that a slow hearer may be behind.
const QUEUE: usize = 1_024;

/// The in-process broadcast.
pub struct MemoryBroadcast {
    channel: broadcast::Sender<String>,
    hearers: AtomicUsize,
}

impl Default for MemoryBroadcast {
    fn default() -> Self {
        Self { channel: broadcast::Sender::new(QUEUE), hearers: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl Broadcast for MemoryBroadcast {
    fn kind(&self) -> &'static str {
        "in-process"
    }

    fn has_others(&self) -> bool {
        self.hearers.load(Ordering::Relaxed) > 1
    }

    async fn send(&self, message: &str) -> Result<(), BroadcastError> {
        // Nobody hears it: then there is nobody to miss it.
        let _ = self.channel.send(message.to_owned());
        Ok(())
    }

    async fn hear(&self, heard: mpsc::Sender<Heard>) {
        let mut messages = self.channel.subscribe();
        self.hearers.fetch_add(1, Ordering::Relaxed);
        let mut next = Heard::Gap;
        while heard.send(next).await.is_ok() {
            next = match messages.recv().await {
                Ok(message) => Heard::Message(message),
                Err(RecvError::Lagged(_)) => Heard::Gap,
                Err(RecvError::Closed) => break,
            };
        }
        self.hearers.fetch_sub(1, Ordering::Relaxed);
    }
}
