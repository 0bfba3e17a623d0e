//! The broadcast over Redis pub/sub, on a connection of its own. Redis forgets who listened when it restarts, keeps nothing
//! for a daemon that was away, and may stop to answer without closing a connection. So each daemon sends itself a sign of life
//! every second; one that does not hear it for three connects anew and assumes that messages were missed.

use super::broadcast::{Broadcast, BroadcastError, Received};
use crate::redis_link::{LinkError, RedisLink, bounded};
use async_trait::async_trait;
use futures::StreamExt;
use redis::Client;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// The channel of every daemon. What is about events that one does not know is passed over.
const CHANNEL: &str = "happening:live";

/// Between two signs of life.
const PULSE: Duration = Duration::from_secs(1);

/// How long nothing may be heard.
const SILENCE: Duration = Duration::from_secs(3);

/// Before connecting anew.
const PAUSE: Duration = Duration::from_millis(250);

/// A sign of life: no message.
const SIGN: &str = "";

/// The broadcast over Redis.
pub struct RedisBroadcast {
    /// To send.
    link: RedisLink,
    /// To hear, on connections that do nothing else.
    client: Client,
    others: AtomicBool,
}

impl RedisBroadcast {
    /// A broadcast over the Redis at `url`. Connects when first used, so a daemon starts while Redis is away.
    pub fn open(url: &str) -> Result<Self, BroadcastError> {
        let link = RedisLink::open(url)?;
        let client = Client::open(url).map_err(|error| BroadcastError(error.to_string()))?;
        Ok(Self { link, client, others: AtomicBool::new(false) })
    }

    async fn publish(&self, message: &str) -> Result<(), BroadcastError> {
        let mut connection = self.link.connection().await?;
        let command = redis::cmd("PUBLISH").arg(CHANNEL).arg(message).to_owned();
        let hearers: u64 = bounded(command.query_async(&mut connection)).await?;
        // One of them is this daemon itself.
        self.others.store(hearers > 1, Ordering::Relaxed);
        Ok(())
    }

    /// Hears until the connection is lost or silent.
    async fn hear_once(&self, heard: &mpsc::Sender<Received>) -> Result<(), BroadcastError> {
        let mut listening = bounded(self.client.get_async_pubsub()).await?;
        bounded(listening.subscribe(CHANNEL)).await?;
        if heard.send(Received::Gap).await.is_err() {
            return Ok(());
        }
        // Tells the others at once that somebody new listens.
        self.publish(SIGN).await?;
        let mut messages = listening.into_on_message();
        loop {
            let next = tokio::time::timeout(SILENCE, messages.next()).await;
            let message = next.map_err(|_| BroadcastError("nothing was heard for too long".to_owned()))?;
            let message = message.ok_or_else(|| BroadcastError("the connection was closed".to_owned()))?;
            let text: String = message.get_payload().map_err(|error| BroadcastError(error.to_string()))?;
            if text != SIGN && heard.send(Received::Message(text)).await.is_err() {
                return Ok(());
            }
        }
    }
}

#[async_trait]
impl Broadcast for RedisBroadcast {
    fn kind(&self) -> &'static str {
        "redis"
    }

    fn has_others(&self) -> bool {
        self.others.load(Ordering::Relaxed)
    }

    async fn send(&self, message: &str) -> Result<(), BroadcastError> {
        self.publish(message).await
    }

    async fn hear(&self, heard: mpsc::Sender<Received>) {
        let signs = async {
            loop {
                // Whether it arrives is what counts.
                let _ = self.publish(SIGN).await;
                tokio::time::sleep(PULSE).await;
            }
        };
        let hearing = async {
            while !heard.is_closed() {
                if let Err(error) = self.hear_once(&heard).await {
                    tracing::debug!(%error, "the broadcast between daemons was interrupted");
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            () = signs => {}
            () = hearing => {}
        }
    }
}

impl From<LinkError> for BroadcastError {
    fn from(error: LinkError) -> Self {
        Self(error.0)
    }
}
