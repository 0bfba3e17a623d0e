//! The engine's side, for PostgreSQL.

use super::super::changes::decode;
use super::super::ledger::{Batch, CounterSnapshot, EventCounts, EventLock, Ledger, MissedCommit};
use super::super::rows::{count, counter};
use super::{PgStore, StoreError, commit};
use async_trait::async_trait;
use happening_core::id::{EventId, UserId};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor, Postgres, Row};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;
use uuid::Uuid;

/// How long it may take to get a lock, and to end one.
const DEADLINE: Duration = Duration::from_millis(2_500);

#[async_trait]
impl Ledger for PgStore {
    async fn versions(&self, events: &[EventId]) -> Result<Vec<(EventId, u64)>, StoreError> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.0).collect();
        let rows: Vec<(Uuid, i64)> = sqlx::query_as("SELECT id, version FROM events WHERE id = ANY($1)")
            .bind(ids)
            .fetch_all(&self.committers)
            .await?;
        Ok(rows.into_iter().map(|(id, version)| (EventId(id), counter(version))).collect())
    }

    async fn commit(&self, batch: &Batch) -> Result<Vec<EventId>, StoreError> {
        let mut connection = self.committers.acquire().await?;
        let committed = commit::bounded(&mut connection, batch).await;
        if matches!(committed, Err(StoreError::Unknown(_))) {
            connection.close_on_drop();
        }
        committed
    }

    async fn lock_events(&self, known: &[(EventId, u64)]) -> Result<Box<dyn EventLock>, StoreError> {
        let connection = self.committers.acquire().await?;
        let mut lock = PgEventLock { connection, missed: Vec::new(), is_over: false };
        let statements = sqlx::raw_sql(AssertSqlSafe(turn_statements(known)));
        let rows = match tokio::time::timeout(DEADLINE, statements.fetch_all(&mut *lock.connection)).await {
            Ok(rows) => rows?,
            // Another daemon may have a long one.
            Err(_) => return Err(StoreError::Contended),
        };
        let mut events: BTreeMap<EventId, (u64, Vec<MissedCommit>)> = BTreeMap::new();
        for row in rows {
            let event = EventId(row.try_get("event_id")?);
            if let Some(version) = row.try_get::<Option<i64>, _>("now")? {
                events.entry(event).or_default().0 = counter(version);
            } else {
                let missed = MissedCommit {
                    version: counter(row.try_get("version")?),
                    commit: row.try_get("commit_id")?,
                    changes: decode(&row.try_get::<Vec<u8>, _>("changes")?)?,
                };
                events.entry(event).or_default().1.push(missed);
            }
        }
        lock.missed = events.into_iter().map(|(event, (now, missed))| (event, now, missed)).collect();
        Ok(Box::new(lock))
    }

    async fn snapshots(&self, events: &[EventId]) -> Result<Vec<CounterSnapshot>, StoreError> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.0).collect();
        // One statement is one snapshot.
        let rows: Vec<(Uuid, i64, i32, i32, Vec<Uuid>)> = sqlx::query_as(
            "SELECT e.id, e.version, e.available_slots, e.waiting, ARRAY(SELECT b.user_id FROM bookings b \
             WHERE b.event_id = e.id AND b.status = 'waiting' ORDER BY b.waiting_number) \
             FROM events e WHERE e.id = ANY($1) AND e.deleted_at IS NULL",
        )
        .bind(ids)
        .fetch_all(&self.engine)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(id, version, available, waiting, users)| CounterSnapshot {
                mark: EventCounts {
                    event: EventId(id),
                    version: counter(version),
                    available: count(available),
                    waiting: count(waiting),
                },
                waitlist: users.into_iter().map(UserId).collect(),
            })
            .collect())
    }
}

/// Locks the events in id order (two daemons with the same events never wait for each other in a circle) and reads what
/// was committed since. One round trip: the second one's snapshot is taken after the first one's wait.
fn turn_statements(known: &[(EventId, u64)]) -> String {
    let ids = known.iter().map(|(event, _)| format!("'{event}'")).collect::<Vec<_>>().join(",");
    let mut sql = format!(
        "BEGIN; SELECT id AS event_id, version AS now, NULL::bigint AS version, NULL::uuid AS commit_id, NULL::bytea AS changes \
         FROM events WHERE id IN ({ids}) ORDER BY id FOR UPDATE; \
         SELECT event_id, NULL::bigint AS now, version, commit_id, changes FROM event_changes WHERE false"
    );
    for (event, version) in known {
        let _ = write!(sql, " OR (event_id = '{event}' AND version > {version})");
    }
    sql.push_str(" ORDER BY event_id, version");
    sql
}

/// An open transaction that holds the rows' locks.
struct PgEventLock {
    connection: PoolConnection<Postgres>,
    missed: Vec<(EventId, u64, Vec<MissedCommit>)>,
    is_over: bool,
}

impl PgEventLock {
    async fn end(&mut self, statement: &'static str) -> Result<(), StoreError> {
        match tokio::time::timeout(DEADLINE, self.connection.execute(statement)).await {
            Ok(ended) => ended.map_err(|error| StoreError::from(error).during_commit())?,
            Err(_) => return Err(StoreError::Unknown("no answer within the deadline".to_owned())),
        };
        self.is_over = true;
        Ok(())
    }
}

impl Drop for PgEventLock {
    fn drop(&mut self) {
        if !self.is_over {
            // Whatever state the session is in, PostgreSQL rolls it back when the connection closes.
            self.connection.close_on_drop();
        }
    }
}

#[async_trait]
impl EventLock for PgEventLock {
    fn missed(&mut self) -> Vec<(EventId, u64, Vec<MissedCommit>)> {
        std::mem::take(&mut self.missed)
    }

    async fn commit(mut self: Box<Self>, batch: &Batch) -> Result<Vec<EventId>, StoreError> {
        if batch.events.is_empty() {
            // Nothing to write: a refusal was to be certain.
            self.end("ROLLBACK").await?;
            return Ok(Vec::new());
        }
        let committed = commit::bounded(&mut self.connection, batch).await?;
        self.end("COMMIT").await?;
        Ok(committed)
    }
}
