//! PostgreSQL: the store for production, shared by any number of daemons.
//!
//! Two pools. Readers use one. Commits use the other, whose sessions plan once and never scan a table: a commit joins
//! arrays of a batch with tables of millions of rows, and the planner, which sees neither, would sometimes prefer a scan.

mod commit;
mod ledger;
mod outbox;

// What both databases have in common, compiled for this one: see `store/sql/tx.rs`.
use PgStore as SqlStore;
use sqlx::{PgConnection as Connection, Postgres as Db};
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

use super::{Actor, Ending, Store, StoreError, Tx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgPool, Postgres, QueryBuilder, Transaction};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long to wait for a connection. A database that is away is told by the pulse, long before this; a crowd at a cold
/// daemon waits for connections that are still being opened.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(4);

/// A connection that was idle for longer is asked whether it is still there before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// The truth in PostgreSQL.
#[derive(Clone)]
pub struct PgStore {
    readers: PgPool,
    committers: PgPool,
    /// For what the engine reads: a crowd that has all readers' connections holds up no booking.
    engine: PgPool,
    /// One connection for [`Store::ping`]: a crowd that has all the others is no outage.
    pulse: PgPool,
    /// Where writes begin: the readers' connections, unless nothing may be written.
    writers: PgPool,
    /// A pool that is closed.
    nowhere: PgPool,
}

impl PgStore {
    /// Several statements, one instant.
    const BEGIN_SNAPSHOT: &'static str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    /// The id that an entry of the audit log, `a`, is about.
    const TARGET_ID: &'static str = "CAST(a.target_id AS uuid)";
    const LOCK_EVENT: &'static str = "SELECT 1 FROM events WHERE id = $1 FOR UPDATE";
    const LOCK_ORGANIZATION: &'static str = "SELECT 1 FROM organizations WHERE id = $1 FOR UPDATE";
    const LOCK_USER: &'static str = "SELECT 1 FROM users WHERE id = $1 FOR UPDATE";
    const KEEP_ORGANIZATION: &'static str =
        "SELECT 1 FROM organizations WHERE id = $1 AND deleted_at IS NULL FOR SHARE";
    /// The same, one transaction at a time.
    const KEEP_ORGANIZATION_ALONE: &'static str =
        "SELECT 1 FROM organizations WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE";
    /// The booked seats of the event `e`, ascending, as JSON.
    const TAKEN_SEATS: &'static str = "array_to_json(ARRAY(SELECT s.seat_no FROM booking_seats s \
         WHERE s.event_id = e.id AND s.status = 'booked' ORDER BY s.seat_no))::text";
    /// The seats of the booking `b`, ascending, as JSON.
    const SEATS_OF_BOOKING: &'static str = "array_to_json(ARRAY(SELECT s.seat_no FROM booking_seats s \
         WHERE s.booking_id = b.id AND s.status = 'booked' ORDER BY s.seat_no))::text";
    const SKIP_LOCKED: &'static str = "FOR UPDATE SKIP LOCKED";
    /// Events after `$1` up to `$2`, `$3` of them, with what their rows sum up. The seats and the bookings of an event are
    /// read once each and joined by hash: a look at the booking of each seat took most of the time.
    const EVENT_TOTALS: &'static str = "SELECT e.id, e.name, e.status, e.version, e.total_slots, e.available_slots, \
         e.waiting, e.next_waiting_number, t.booked, t.distinct_seats, t.beyond, t.orphaned, w.in_line, w.last_number \
         FROM (SELECT * FROM events WHERE deleted_at IS NULL AND id > $1 AND id <= $2 ORDER BY id LIMIT $3) e \
         CROSS JOIN LATERAL (SELECT count(*) AS booked, count(DISTINCT s.seat_no) AS distinct_seats, \
         count(*) FILTER (WHERE s.seat_no > e.total_slots) AS beyond, count(*) FILTER (WHERE b.id IS NULL) AS orphaned \
         FROM booking_seats s LEFT JOIN bookings b ON b.id = s.booking_id AND b.event_id = e.id \
         WHERE s.event_id = e.id AND s.status = 'booked') t \
         CROSS JOIN LATERAL (SELECT count(*) AS in_line, COALESCE(MAX(b.waiting_number), 0) AS last_number \
         FROM bookings b WHERE b.event_id = e.id AND b.status = 'waiting') w ORDER BY e.id";
    /// Bookings of the events from `$1` to `$2` that do not have the seats that they say, at most `$3`. Joined as above.
    const SEAT_MISMATCHES: &'static str = "SELECT b.id, b.event_id, b.status, b.seats, b.held \
         FROM events e CROSS JOIN LATERAL (SELECT b.id, b.event_id, b.status, b.seats, COALESCE(s.held, 0) AS held \
         FROM bookings b LEFT JOIN (SELECT booking_id, count(*) AS held FROM booking_seats \
         WHERE event_id = e.id AND status = 'booked' GROUP BY booking_id) s ON s.booking_id = b.id \
         WHERE b.event_id = e.id) b WHERE e.id >= $1 AND e.id <= $2 AND e.deleted_at IS NULL \
         AND b.held <> CASE WHEN b.status = 'confirmed' THEN b.seats ELSE 0 END ORDER BY b.event_id, b.id LIMIT $3";
    // SKIP LOCKED: daemons share the work instead of waiting for each other.
    const CLAIM_TASKS: &'static str = "WITH due AS ( \
             SELECT key FROM keycloak_tasks WHERE due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1) \
             ORDER BY turn, due_at, CASE kind WHEN 'organization' THEN 0 ELSE 1 END, key LIMIT $3 FOR UPDATE SKIP LOCKED \
         ) UPDATE keycloak_tasks t SET leased_until = $2 FROM due WHERE t.key = due.key \
         RETURNING t.key, t.kind, t.organization_id, t.user_id, t.subject, t.generation, t.attempts, t.leased_until";

    /// Opens the store at `url`. Connects only when first used, so a daemon starts while the database is away.
    /// `readers` are connections for people's requests, `committers` those who commit: each has a batch and a large command
    /// under way, and reads events meanwhile.
    pub fn open(url: &str, readers: u32, committers: u32) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| StoreError::Defect("DATABASE_URL is not a PostgreSQL address".to_owned()))?
            .application_name("happening-daemon")
            .options([("jit", "off"), ("timezone", "UTC"), ("statement_timeout", "20s")]);
        let commit_options = options.clone().options([
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_seqscan", "off"),
            // A daemon that was stopped in the middle of its turn must not keep the others from theirs.
            ("idle_in_transaction_session_timeout", "2s"),
            // Longer than a turn may stand still, and less than a commit may take: who waits for another daemon is not told
            // that the database is away.
            ("lock_timeout", "2200ms"),
            // A large command is bounded by the deadline of its commit.
            ("statement_timeout", "60s"),
        ]);
        let read = pool(readers, options.clone());
        let nowhere = pool(1, options.clone());
        // It is closed from here on; there is nothing to wait for.
        drop(nowhere.close());
        Ok(Self {
            pulse: pool(1, options.clone()),
            engine: pool(committers + 2, options),
            writers: read.clone(),
            nowhere,
            readers: read,
            committers: pool(2 * committers + 2, commit_options),
        })
    }

    /// A transaction.
    async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.write().begin().await?)
    }

    /// A transaction that waits for locks for less time than deadlock detection takes, and that a stopped daemon does not
    /// keep open.
    async fn begin_dry_run(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::raw_sql(
            "SET LOCAL lock_timeout = '500ms'; SET LOCAL idle_in_transaction_session_timeout = '2s'",
        )
        .execute(&mut *transaction)
        .await?;
        Ok(transaction)
    }

    /// What is committed at one instant, for several statements.
    async fn snapshot(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.readers.begin_with(Self::BEGIN_SNAPSHOT).await?)
    }

    /// Adds a condition: one of these folded columns contains `text`. Trigram indexes answer it.
    fn push_containing(query: &mut QueryBuilder<Postgres>, _owner: &str, columns: &[&str], text: &str) {
        super::rows::push_like(query, columns, text);
    }

    fn read(&self) -> &PgPool {
        &self.readers
    }

    fn write(&self) -> &PgPool {
        &self.writers
    }
}

fn pool(size: u32, options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}

#[async_trait]
impl Store for PgStore {
    fn kind(&self) -> &'static str {
        "postgresql"
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn installation(&self) -> Result<Option<Uuid>, StoreError> {
        Ok(Some(sqlx::query_scalar("SELECT id FROM installation").fetch_one(&self.pulse).await?))
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        sqlx::migrate!("migrations/postgres").run(&self.readers).await.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            other => StoreError::Defect(other.to_string()),
        })?;
        self.fold_earlier_rows().await
    }

    async fn ping(&self) -> Result<String, StoreError> {
        let now: DateTime<Utc> = sqlx::query_scalar("SELECT now()").fetch_one(&self.pulse).await?;
        Ok(now.to_rfc3339())
    }

    async fn begin(&self, by: &Actor, ending: Ending) -> Result<Box<dyn Tx>, StoreError> {
        SqlTx::begin(self, by, ending).await
    }

    fn looking(&self) -> Arc<dyn Store> {
        Arc::new(Self { writers: self.nowhere.clone(), ..self.clone() })
    }

    async fn close(&self) {
        for pool in [&self.readers, &self.committers, &self.pulse, &self.engine] {
            pool.close().await;
        }
    }
}
