//! The way of notifications: how it is, and what is out of the way until somebody looks at it.

use super::parked;
use crate::queue::QueueError;
use crate::service::{Caller, Error, Services};
use happening_core::id::ParkedId;
use happening_core::wire::{
    Done, ErrorCode, ParkedKind, ParkedMessage, ParkedQuery, QueueStatus, WorkerStatus,
};

/// Parked ones, or notifications, in one answer.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1_000;

impl Services {
    /// How queue, outbox and worker are.
    pub async fn queue_status(&self, caller: &Caller) -> Result<QueueStatus, Error> {
        caller.must_be_staff()?;
        self.must_be_up()?;
        let operations = &self.operations;
        let queue = match operations.queue.figures().await {
            Ok(figures) => Some(figures),
            Err(error) => {
                operations.queue_liveness.miss(&error);
                None
            }
        };
        let outbox = self.store.outbox_figures().await?;
        let now = self.clock.now();
        let lag = outbox.oldest.map(|oldest| u64::try_from((now - oldest).num_seconds()).unwrap_or(0));
        Ok(QueueStatus { queue, outbox, lag_seconds: lag, worker: self.worker_status() })
    }

    /// What the worker of this daemon has done.
    pub fn worker_status(&self) -> WorkerStatus {
        let (sent, failed, parked) = self.operations.worker.counts();
        WorkerStatus { running: self.operations.has_worker, sent, failed, parked }
    }

    /// What is parked, newest first. A page that is not full is the last.
    pub async fn parked(
        &self,
        caller: &Caller,
        query: ParkedQuery,
    ) -> Result<(Vec<ParkedMessage>, Option<ParkedId>), Error> {
        caller.must_be_staff()?;
        self.must_be_up()?;
        let size = page_size(query.limit)?;
        let page = self.store.list_parked(query.cursor, size).await?;
        let next = page.last().filter(|_| page.len() >= size as usize).map(|last| last.id);
        Ok((page, next))
    }

    /// Publishes something parked once more: a notification with all its tries, a message as it came.
    pub async fn requeue_parked(&self, caller: &Caller, id: ParkedId) -> Result<Done, Error> {
        let parked = self.parked_one(caller, id).await?;
        if parked.kind == ParkedKind::Notification {
            let mut unit = self.begin(caller).await?;
            parked::requeue(&mut unit, id).await?;
            unit.commit().await?;
            return Ok(Done { ok: true });
        }
        let payload = self.store.find_payload(id).await?.ok_or_else(|| Error::not_found("parked message"))?;
        if parked.payload_bytes != Some(payload.len() as u64) {
            let detail = "Only the first bytes of this message were kept: it cannot be published again.";
            return Err(Error::new(ErrorCode::MessageTruncated, detail));
        }
        // Published first: a crash in between leaves it parked and in the queue, rather than nowhere.
        if let Err(error) = self.operations.queue.publish_bytes(payload).await {
            if error != QueueError::Full {
                self.operations.queue_liveness.miss(&error);
            }
            return Err(Error::unavailable());
        }
        // False: it came back and was parked again already.
        self.unpark(caller, &parked, "message.requeued").await?;
        Ok(Done { ok: true })
    }

    /// Throws something parked away. A notification stays `failed`.
    pub async fn discard_parked(&self, caller: &Caller, id: ParkedId) -> Result<Done, Error> {
        let parked = self.parked_one(caller, id).await?;
        let action = match parked.kind {
            ParkedKind::Notification => "notification.discarded",
            ParkedKind::Message => "message.discarded",
        };
        if self.unpark(caller, &parked, action).await? {
            return Ok(Done { ok: true });
        }
        Err(Error::not_found("parked message"))
    }

    /// False if it is no longer there, or was parked again meanwhile.
    async fn unpark(
        &self,
        caller: &Caller,
        seen: &ParkedMessage,
        action: &'static str,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(caller).await?;
        let is_deleted = parked::unpark(&mut unit, seen.id, seen.times, action).await?;
        unit.commit().await?;
        Ok(is_deleted)
    }

    async fn parked_one(&self, caller: &Caller, id: ParkedId) -> Result<ParkedMessage, Error> {
        caller.must_be_operator()?;
        self.must_be_up()?;
        self.store.find_parked(id).await?.ok_or_else(|| Error::not_found("parked message"))
    }
}

/// How many are wanted in one answer.
pub(in crate::service) fn page_size(limit: Option<u32>) -> Result<u32, Error> {
    let size = limit.unwrap_or(PAGE);
    if (1..=LARGEST_PAGE).contains(&size) {
        return Ok(size);
    }
    Err(Error::invalid("limit", format!("must be between 1 and {LARGEST_PAGE}")))
}
