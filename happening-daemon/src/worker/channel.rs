//! The ways in which notifications are delivered.
//!
//! To add one: a file with its [`Channel`], a line in the composition root.

use crate::store::Reason;
use async_trait::async_trait;
use happening_core::wire::QueuedNotification;

/// Why a channel did not deliver a notification.
#[derive(Debug)]
pub struct Undelivered {
    /// In words.
    pub reason: Reason,
    /// Whether another try is of no use.
    pub is_final: bool,
}

impl Undelivered {
    /// Another try is of no use.
    pub fn finally(reason: &str) -> Self {
        Self { reason: Reason::new(reason), is_final: true }
    }
}

/// Any other failure may be gone at the next try.
impl From<anyhow::Error> for Undelivered {
    fn from(error: anyhow::Error) -> Self {
        Self { reason: Reason::new(&format!("{error:#}")), is_final: false }
    }
}

/// A way to deliver notifications.
#[async_trait]
pub trait Channel: Send + Sync {
    /// For the log, and for what is stored of a delivery that is not complete: it is not to be changed.
    fn name(&self) -> &'static str;

    /// Deliveries of this channel that may be under way at once.
    fn at_once(&self) -> usize {
        32
    }

    /// Delivers. May be called more than once for the same notification.
    async fn deliver(&self, message: &QueuedNotification) -> Result<(), Undelivered>;
}

/// Writes a line into the daemon's log.
pub struct LogChannel;

#[async_trait]
impl Channel for LogChannel {
    fn name(&self) -> &'static str {
        "log"
    }

    async fn deliver(&self, message: &QueuedNotification) -> Result<(), Undelivered> {
        tracing::info!(
            target: "happening::notification",
            id = %message.id,
            user = %message.user_id,
            kind = %message.kind,
            text = message.message.as_str(),
            "notification"
        );
        Ok(())
    }
}
