//! Messages that nobody can deliver: parked beside the deliveries, many in one statement, so that a flood of them delays
//! nobody's notification.

use super::Worker;
use super::consumer::BATCH;
use crate::queue::UndeliverableMessage;
use crate::store::{NewParkedMessage, Reason, StoreError};
use happening_core::id::ParkedId;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Statements under way at once.
const AT_ONCE: usize = 2;

/// Bytes of messages in one statement, at most one message beyond.
const BYTES: usize = 4 * 1024 * 1024;

/// Tags of messages, and whether they are parked.
type Parked = (Vec<u64>, Result<(), StoreError>);

/// Parks undeliverable messages; holds those that are not parked yet.
pub(super) struct Parker {
    worker: Arc<Worker>,
    waiting: Vec<(u64, UndeliverableMessage)>,
    /// Tasks, which end with this: they hold connections of the store, for which the consumer may wait meanwhile, and must
    /// go on while it does.
    running: JoinSet<Parked>,
    in_hand: usize,
}

impl Parker {
    pub fn new(worker: Arc<Worker>) -> Self {
        Self { worker, waiting: Vec::new(), running: JoinSet::new(), in_hand: 0 }
    }

    /// One more.
    pub fn add(&mut self, tag: u64, undeliverable: UndeliverableMessage) {
        self.in_hand += 1;
        self.waiting.push((tag, undeliverable));
    }

    /// Messages that are not parked yet.
    pub fn in_hand(&self) -> usize {
        self.in_hand
    }

    /// Returns once some are parked, or could not be; never while there are none. Dropped before it is ready, nothing is
    /// lost.
    pub async fn next(&mut self) -> Parked {
        while self.running.len() < AT_ONCE && !self.waiting.is_empty() {
            let (tags, undeliverable) = self.take();
            let worker = self.worker.clone();
            self.running.spawn(async move { (tags, worker.park(undeliverable).await) });
        }
        match self.running.join_next().await {
            Some(Ok(parked)) => {
                self.in_hand -= parked.0.len();
                parked
            }
            // The worker is essential: it ends with the panic, as if it had happened here.
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Some(Err(_)) | None => std::future::pending().await,
        }
    }

    fn take(&mut self) -> (Vec<u64>, Vec<UndeliverableMessage>) {
        let mut bytes = 0;
        let fits = self.waiting.iter().take(BATCH).take_while(|(_, undeliverable)| {
            let fits = bytes < BYTES;
            bytes += undeliverable.payload.len();
            fits
        });
        let count = fits.count();
        self.waiting.drain(..count).unzip()
    }
}

impl Worker {
    /// Parks messages, at least one. If the store refuses them, it is because of one among them: each is then parked by
    /// itself, without what it says.
    async fn park(&self, undeliverable: Vec<UndeliverableMessage>) -> Result<(), StoreError> {
        let count = undeliverable.len() as u64;
        let messages = self.to_park(undeliverable);
        tracing::error!(
            messages = count,
            reason = %messages[0].reason,
            bytes = messages[0].bytes,
            "messages that nobody can deliver: parked"
        );
        match self.store.park_messages(&messages, self.clock.now()).await {
            Err(StoreError::Defect(reason)) => {
                tracing::error!(%reason, "messages could not be parked as they are");
                self.park_bare(messages).await?;
            }
            parked => parked?,
        }
        self.stats.parked(count);
        Ok(())
    }

    async fn park_bare(&self, messages: Vec<NewParkedMessage>) -> Result<(), StoreError> {
        for message in messages {
            let reason = Reason::new("the store refused to keep this message");
            let bare = NewParkedMessage { payload: Vec::new(), reason, ..message };
            match self.store.park_messages(std::slice::from_ref(&bare), self.clock.now()).await {
                Err(StoreError::Defect(reason)) => {
                    tracing::error!(%reason, bytes = bare.bytes, "a message could not be parked: dropped");
                }
                parked => parked?,
            }
        }
        Ok(())
    }

    /// One for each digest.
    fn to_park(&self, undeliverable: Vec<UndeliverableMessage>) -> Vec<NewParkedMessage> {
        let mut distinct: BTreeMap<[u8; 32], NewParkedMessage> = BTreeMap::new();
        for UndeliverableMessage { class, payload, digest, bytes, reason } in undeliverable {
            let id = ParkedId(self.ids.uuid());
            let fresh = NewParkedMessage { id, class, digest, payload, bytes, reason, times: 0 };
            distinct.entry(digest).or_insert(fresh).times += 1;
        }
        distinct.into_values().collect()
    }
}
