//! Messages that nobody can deliver: parked beside the deliveries, many in one statement, so that a flood of them delays
//! nobody's notification.

use super::Worker;
use super::consumer::BATCH;
use crate::queue::Junk;
use crate::store::{Poison, Reason, StoreError};
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

/// Junk in hand.
pub(super) struct Parking {
    worker: Arc<Worker>,
    waiting: Vec<(u64, Junk)>,
    /// Tasks, which end with this: they hold connections of the store, for which the consumer may wait meanwhile, and must
    /// go on while it does.
    running: JoinSet<Parked>,
    in_hand: usize,
}

impl Parking {
    pub fn new(worker: Arc<Worker>) -> Self {
        Self { worker, waiting: Vec::new(), running: JoinSet::new(), in_hand: 0 }
    }

    /// One more.
    pub fn add(&mut self, tag: u64, junk: Junk) {
        self.in_hand += 1;
        self.waiting.push((tag, junk));
    }

    /// Messages that are not parked yet.
    pub fn in_hand(&self) -> usize {
        self.in_hand
    }

    /// Returns once some are parked, or could not be; never while there are none. Dropped before it is ready, nothing is
    /// lost.
    pub async fn next(&mut self) -> Parked {
        while self.running.len() < AT_ONCE && !self.waiting.is_empty() {
            let (tags, junk) = self.take();
            let worker = self.worker.clone();
            self.running.spawn(async move { (tags, worker.park(junk).await) });
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

    fn take(&mut self) -> (Vec<u64>, Vec<Junk>) {
        let mut bytes = 0;
        let fits = self.waiting.iter().take(BATCH).take_while(|(_, junk)| {
            let fits = bytes < BYTES;
            bytes += junk.payload.len();
            fits
        });
        let count = fits.count();
        self.waiting.drain(..count).unzip()
    }
}

impl Worker {
    /// Parks messages, at least one. If the store refuses them, it is because of one among them: each is then parked by
    /// itself, without what it says.
    async fn park(&self, junk: Vec<Junk>) -> Result<(), StoreError> {
        let count = junk.len() as u64;
        let messages = self.poison(junk);
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
        self.figures.parked(count);
        Ok(())
    }

    async fn park_bare(&self, messages: Vec<Poison>) -> Result<(), StoreError> {
        for message in messages {
            let reason = Reason::new("the store refused to keep this message");
            let bare = Poison { payload: Vec::new(), reason, ..message };
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
    fn poison(&self, junk: Vec<Junk>) -> Vec<Poison> {
        let mut distinct: BTreeMap<[u8; 32], Poison> = BTreeMap::new();
        for Junk { class, payload, digest, bytes, reason } in junk {
            let id = ParkedId(self.ids.uuid());
            let fresh = Poison { id, class, digest, payload, bytes, reason, times: 0 };
            distinct.entry(digest).or_insert(fresh).times += 1;
        }
        distinct.into_values().collect()
    }
}
