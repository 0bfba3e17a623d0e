//! The engine's side, for SQLite.

use super::super::changes::decode;
use super::super::ledger::{Batch, CounterSnapshot, EventLock, Ledger, MissedCommit};
use super::super::rows::{MarkRow, big, counter};
use super::{SqliteStore, StoreError, commit};
use async_trait::async_trait;
use happening_core::id::{EventId, UserId};
use sqlx::{Sqlite, Transaction};
use uuid::Uuid;

#[async_trait]
impl Ledger for SqliteStore {
    async fn versions(&self, events: &[EventId]) -> Result<Vec<(EventId, u64)>, StoreError> {
        let mut versions = Vec::with_capacity(events.len());
        for event in events {
            let version: Option<i64> = sqlx::query_scalar("SELECT version FROM events WHERE id = $1")
                .bind(event.0)
                .fetch_optional(&self.engine)
                .await?;
            versions.extend(version.map(|version| (*event, counter(version))));
        }
        Ok(versions)
    }

    async fn commit(&self, batch: &Batch) -> Result<Vec<EventId>, StoreError> {
        let mut transaction = self.begin().await?;
        let committed = commit::write(&mut transaction, batch).await?;
        transaction.commit().await?;
        Ok(committed)
    }

    async fn lock_events(&self, known: &[(EventId, u64)]) -> Result<Box<dyn EventLock>, StoreError> {
        // The write lock of the file locks every event.
        let mut transaction = self.begin().await?;
        let mut missed = Vec::new();
        for (event, version) in known {
            let now: Option<i64> = sqlx::query_scalar("SELECT version FROM events WHERE id = $1")
                .bind(event.0)
                .fetch_optional(&mut *transaction)
                .await?;
            let Some(now) = now else { continue };
            let rows: Vec<(i64, Uuid, Vec<u8>)> = sqlx::query_as(
                "SELECT version, commit_id, changes FROM event_changes WHERE event_id = $1 AND version > $2 \
                 ORDER BY version",
            )
            .bind(event.0)
            .bind(big(*version))
            .fetch_all(&mut *transaction)
            .await?;
            let rows = rows.into_iter().map(|(version, commit, changes)| {
                Ok(MissedCommit { version: counter(version), commit, changes: decode(&changes)? })
            });
            missed.push((*event, counter(now), rows.collect::<Result<_, StoreError>>()?));
        }
        Ok(Box::new(SqliteEventLock { transaction, missed }))
    }

    async fn snapshots(&self, events: &[EventId]) -> Result<Vec<CounterSnapshot>, StoreError> {
        let mut snapshots = Vec::with_capacity(events.len());
        for event in events {
            let mut transaction = self.engine.begin().await?;
            let row: Option<MarkRow> = sqlx::query_as(
                "SELECT id, version, available_slots, waiting FROM events WHERE id = $1 AND deleted_at IS NULL",
            )
            .bind(event.0)
            .fetch_optional(&mut *transaction)
            .await?;
            let Some(row) = row else { continue };
            let users: Vec<Uuid> = sqlx::query_scalar(
                "SELECT user_id FROM bookings WHERE event_id = $1 AND status = 'waiting' ORDER BY waiting_number",
            )
            .bind(event.0)
            .fetch_all(&mut *transaction)
            .await?;
            snapshots.push(CounterSnapshot {
                mark: row.into(),
                waitlist: users.into_iter().map(UserId).collect(),
            });
        }
        Ok(snapshots)
    }
}

struct SqliteEventLock {
    transaction: Transaction<'static, Sqlite>,
    missed: Vec<(EventId, u64, Vec<MissedCommit>)>,
}

#[async_trait]
impl EventLock for SqliteEventLock {
    fn missed(&mut self) -> Vec<(EventId, u64, Vec<MissedCommit>)> {
        std::mem::take(&mut self.missed)
    }

    async fn commit(mut self: Box<Self>, batch: &Batch) -> Result<Vec<EventId>, StoreError> {
        if batch.events.is_empty() {
            return Ok(self.transaction.rollback().await.map(|()| Vec::new())?);
        }
        let committed = commit::write(&mut self.transaction, batch).await?;
        self.transaction.commit().await?;
        Ok(committed)
    }
}
