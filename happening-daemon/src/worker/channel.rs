//! The ways in which people are told.
//!
//! To add one: a file with its [`Channel`], a line in the composition root.

use async_trait::async_trait;
use happening_core::wire::QueuedNotification;

/// A way to tell people.
#[async_trait]
pub trait Channel: Send + Sync {
    /// For the log.
    fn name(&self) -> &'static str;

    /// Tells. May be asked more than once for the same notification.
    async fn deliver(&self, message: &QueuedNotification) -> anyhow::Result<()>;
}

/// Writes a line into the daemon's log.
pub struct LogChannel;

#[async_trait]
impl Channel for LogChannel {
    fn name(&self) -> &'static str {
        "log"
    }

    async fn deliver(&self, message: &QueuedNotification) -> anyhow::Result<()> {
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
