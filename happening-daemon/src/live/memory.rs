//! The broadcast in this process: for a daemon that has no Redis and so is alone.

use super::broadcast::{Broadcast, BroadcastError, Received};
use super::{Changes, Inner, Live, Versions};
use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

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

impl Live {
    /// One that nobody listens to, for what is only tried. `shared` is whether other daemons write to the store.
    pub fn silent(shared: bool) -> Self {
        // The other ends are gone, so what is published is dropped.
        Self(Arc::new(Inner {
            hub: mpsc::channel(1).0,
            outgoing_messages: mpsc::channel(1).0,
            broadcast: Arc::new(MemoryBroadcast::default()),
            versions: Versions::new(shared),
            changes: Changes::default(),
            invites: broadcast::Sender::new(1),
            taken: broadcast::Sender::new(1),
            is_active: AtomicBool::new(false),
            is_overview_open: AtomicBool::new(false),
            asking: AtomicUsize::new(0),
            overrun: AtomicBool::new(false),
            id: Uuid::nil(),
            soft: CancellationToken::new(),
        }))
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

    async fn hear(&self, heard: mpsc::Sender<Received>) {
        let mut messages = self.channel.subscribe();
        self.hearers.fetch_add(1, Ordering::Relaxed);
        let mut next = Received::Gap;
        while heard.send(next).await.is_ok() {
            next = match messages.recv().await {
                Ok(message) => Received::Message(message),
                Err(RecvError::Lagged(_)) => Received::Gap,
                Err(RecvError::Closed) => break,
            };
        }
        self.hearers.fetch_sub(1, Ordering::Relaxed);
    }
}
