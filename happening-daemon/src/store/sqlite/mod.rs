//! SQLite: the store without a server, for one daemon.
//!
//! One connection writes at a time, so writers never meet `SQLITE_BUSY`; readers have a pool of their own and, under WAL,
//! never wait for the writer. `synchronous = FULL`: a commit that was answered survives a power cut, as on PostgreSQL.

mod commit;
mod ledger;
mod outbox;

// What both databases have in common, compiled for this one: see `store/sql/tx.rs`.
use SqliteStore as SqlStore;
use sqlx::{Sqlite as Db, SqliteConnection as Connection};
#[path = "../sql/answers.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod answers;
#[path = "../sql/audit.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod audit;
#[path = "../sql/catalogue.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod catalogue;
#[path = "../sql/events.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod events;
#[path = "../sql/export.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod export;
#[path = "../sql/folds.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod folds;
#[path = "../sql/inspection.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod inspection;
#[path = "../sql/invites.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod invites;
#[path = "../sql/jobs.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod jobs;
#[path = "../sql/lines.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod lines;
#[path = "../sql/members.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod members;
#[path = "../sql/organizations.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod organizations;
#[path = "../sql/parked.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod parked;
#[path = "../sql/people.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod people;
#[path = "../sql/privacy.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod privacy;
#[path = "../sql/quotas.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod quotas;
#[path = "../sql/service_accounts.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod service_accounts;
#[path = "../sql/sync.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod sync;
#[path = "../sql/tasks.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod tasks;
#[path = "../sql/tx.rs"]
#[expect(clippy::duplicate_mod, reason = "compiled once for each database")]
mod tx;
use catalogue::{BOOKINGS_OF, EVENT, NOTIFICATIONS_OF};
use invites::INVITE;
use people::{MEMBERSHIPS, USER};
use tx::SqlTx;

use super::fold::fold;
use super::{Actor, Ending, Store, StoreError, Tx};
use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{QueryBuilder, Sqlite, SqlitePool, Transaction};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Connections for what the engine reads.
const ENGINE: u32 = 2;

/// How long to wait for a connection: as long as a command may take. Whoever writes waits for those who write before.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(4);

/// The truth in a file.
#[derive(Clone)]
pub struct SqliteStore {
    readers: SqlitePool,
    writer: SqlitePool,
    /// For what the engine reads: a crowd that has all readers' connections holds up no booking.
    engine: SqlitePool,
    /// One connection for [`Store::ping`]: a crowd that has all the others is no outage.
    pulse: SqlitePool,
    /// A pool that is closed.
    nowhere: SqlitePool,
}

impl SqliteStore {
    // Takes the write lock at once: a transaction that reads first could not upgrade later.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    /// Several statements, one instant: under WAL a reader sees the file as of its first statement.
    const BEGIN_SNAPSHOT: &'static str = "BEGIN";
    /// The id that an entry of the audit log, `a`, is about.
    const TARGET_ID: &'static str = "unhex(replace(a.target_id, '-', ''))";
    const LOCK_EVENT: &'static str = "SELECT 1 FROM events WHERE id = $1";
    const LOCK_ORGANIZATION: &'static str = "SELECT 1 FROM organizations WHERE id = $1";
    const LOCK_USER: &'static str = "SELECT 1 FROM users WHERE id = $1";
    const KEEP_ORGANIZATION: &'static str =
        "SELECT 1 FROM organizations WHERE id = $1 AND deleted_at IS NULL";
    /// The one connection that writes is alone anyway.
    const KEEP_ORGANIZATION_ALONE: &'static str = Self::KEEP_ORGANIZATION;
    /// The booked seats of the event `e`, ascending, as JSON.
    const TAKEN_SEATS: &'static str = "(SELECT json_group_array(seat_no) FROM (SELECT s.seat_no FROM booking_seats s \
         WHERE s.event_id = e.id AND s.status = 'booked' ORDER BY s.seat_no))";
    /// The seats of the booking `b`, ascending, as JSON.
    const SEATS_OF_BOOKING: &'static str = "(SELECT json_group_array(seat_no) FROM (SELECT s.seat_no FROM booking_seats s \
         WHERE s.booking_id = b.id AND s.status = 'booked' ORDER BY s.seat_no))";
    const SKIP_LOCKED: &'static str = "";
    /// Events after `$1` up to `$2`, `$3` of them, with what their rows sum up.
    const EVENT_TOTALS: &'static str = "SELECT e.id, e.name, e.status, e.version, e.total_slots, e.available_slots, \
         e.waiting, e.next_waiting_number, \
         (SELECT count(*) FROM booking_seats s WHERE s.event_id = e.id AND s.status = 'booked') AS booked, \
         (SELECT count(DISTINCT s.seat_no) FROM booking_seats s \
         WHERE s.event_id = e.id AND s.status = 'booked') AS distinct_seats, \
         (SELECT count(*) FROM booking_seats s WHERE s.event_id = e.id AND s.status = 'booked' \
         AND s.seat_no > e.total_slots) AS beyond, \
         (SELECT count(*) FROM booking_seats s WHERE s.event_id = e.id AND s.status = 'booked' \
         AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.id = s.booking_id AND b.event_id = e.id)) AS orphaned, \
         (SELECT count(*) FROM bookings b WHERE b.event_id = e.id AND b.status = 'waiting') AS in_line, \
         (SELECT COALESCE(MAX(b.waiting_number), 0) FROM bookings b \
         WHERE b.event_id = e.id AND b.status = 'waiting') AS last_number \
         FROM events e WHERE e.deleted_at IS NULL AND e.id > $1 AND e.id <= $2 ORDER BY e.id LIMIT $3";
    /// Bookings of the events from `$1` to `$2` that do not have the seats that they say, at most `$3`.
    const SEAT_MISMATCHES: &'static str = "SELECT id, event_id, status, seats, held FROM (SELECT b.id, b.event_id, b.status, \
         b.seats, (SELECT count(*) FROM booking_seats s WHERE s.booking_id = b.id AND s.event_id = b.event_id \
         AND s.status = 'booked') AS held \
         FROM events e JOIN bookings b ON b.event_id = e.id \
         WHERE e.id >= $1 AND e.id <= $2 AND e.deleted_at IS NULL) AS counted \
         WHERE held <> CASE WHEN status = 'confirmed' THEN seats ELSE 0 END ORDER BY event_id, id LIMIT $3";
    const CLAIM_TASKS: &'static str = "UPDATE keycloak_tasks SET leased_until = $2 WHERE key IN ( \
             SELECT key FROM keycloak_tasks WHERE due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1) \
             ORDER BY turn, due_at, CASE kind WHEN 'organization' THEN 0 ELSE 1 END, key LIMIT $3 \
         ) RETURNING key, kind, organization_id, user_id, subject, generation, attempts, leased_until";

    /// Opens, and if need be makes, the file at `path`.
    pub fn open(path: &Path, readers: u32) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(2));
        let read = pool(readers).connect_lazy_with(options.clone());
        let nowhere = pool(1).connect_lazy_with(options.clone());
        // It is closed from here on; there is nothing to wait for.
        drop(nowhere.close());
        Self {
            nowhere,
            readers: read,
            engine: pool(ENGINE).connect_lazy_with(options.clone()),
            pulse: pool(1).connect_lazy_with(options.clone()),
            writer: pool(1).connect_lazy_with(options),
        }
    }

    /// A database in memory, with one connection for everything.
    #[cfg(test)]
    pub fn in_memory() -> (Self, SqlitePool) {
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
        let one = pool(1).idle_timeout(None).max_lifetime(None).connect_lazy_with(options);
        let store = Self {
            nowhere: one.clone(),
            readers: one.clone(),
            engine: one.clone(),
            pulse: one.clone(),
            writer: one.clone(),
        };
        (store, one)
    }

    /// A transaction.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with(Self::BEGIN).await?)
    }

    /// A transaction like any other: it takes its turn among the writers.
    async fn begin_dry_run(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.begin().await
    }

    /// What is committed at one instant, for several statements.
    async fn snapshot(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.readers.begin_with(Self::BEGIN_SNAPSHOT).await?)
    }

    /// Adds a condition: one of these folded columns of the row whose id is `owner` contains `text`. Texts of three letters
    /// and more are looked up by their trigrams (migration 0050).
    fn push_containing(query: &mut QueryBuilder<Sqlite>, owner: &str, columns: &[&str], text: &str) {
        let folded = fold(text);
        if folded.chars().count() < 3 {
            return super::rows::push_like(query, columns, text);
        }
        let phrase = format!("\"{}\"", folded.replace('"', "\"\""));
        query.push(owner).push(
            " IN (SELECT f.owner FROM searchable f JOIN searchable_trigrams t ON t.rowid = f.key \
             WHERE searchable_trigrams MATCH ",
        );
        query.push_bind(phrase).push(")");
    }

    fn read(&self) -> &SqlitePool {
        &self.readers
    }

    fn write(&self) -> &SqlitePool {
        &self.writer
    }
}

fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(size).acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false)
}

#[async_trait]
impl Store for SqliteStore {
    fn kind(&self) -> &'static str {
        "sqlite"
    }

    fn is_shared(&self) -> bool {
        false
    }

    async fn installation(&self) -> Result<Option<Uuid>, StoreError> {
        Ok(None)
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        sqlx::migrate!("migrations/sqlite").run(&self.writer).await.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            other => StoreError::Defect(other.to_string()),
        })?;
        self.fold_earlier_rows().await
    }

    async fn ping(&self) -> Result<String, StoreError> {
        let now: String =
            sqlx::query_scalar("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')").fetch_one(&self.pulse).await?;
        Ok(now)
    }

    async fn begin(&self, by: &Actor, ending: Ending) -> Result<Box<dyn Tx>, StoreError> {
        SqlTx::begin(self, by, ending).await
    }

    fn looking(&self) -> Arc<dyn Store> {
        Arc::new(Self { writer: self.nowhere.clone(), ..self.clone() })
    }

    async fn close(&self) {
        for pool in [&self.readers, &self.writer, &self.engine, &self.pulse] {
            pool.close().await;
        }
    }
}
