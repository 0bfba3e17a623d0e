//! Between daemons: a message that every daemon on the same parts hears. Best effort: what is lost shows as a gap in the
//! versions of events, and is healed by reading the store.

use async_trait::async_trait;
use thiserror::Error;
use tokio::sync::mpsc;

/// What a subscriber receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A message, also one's own.
    Message(String),
    /// Messages may be missing from here back.
    Gap,
}

/// The broadcast does not answer.
#[derive(Debug, Error)]
#[error("the broadcast does not answer: {0}")]
pub struct BroadcastError(pub String);

/// Redis pub/sub, or nothing where there is but one daemon.
#[async_trait]
pub trait Broadcast: Send + Sync {
    /// `redis` or `in-process`.
    fn kind(&self) -> &'static str;

    /// Whether anybody else hears it: otherwise there is nothing to send.
    fn has_others(&self) -> bool;

    /// Sends a message to everybody.
    async fn send(&self, message: &str) -> Result<(), BroadcastError>;

    /// Hears what everybody sends, in order, for ever: a connection that is lost is made again, and what may have been
    /// missed is a [`Received::Gap`]. The first thing heard is a gap: it marks the beginning.
    async fn hear(&self, heard: mpsc::Sender<Received>);
}
