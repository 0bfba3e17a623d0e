//! Everything that is there, as text: every column of every row of every table, and what Redis has of every event. For
//! telling that nothing was changed, whatever it might have been.

use super::Store;
use crate::support::eventually;
use crate::support::parts::Parts;
use redis::aio::MultiplexedConnection;
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use std::time::Duration;

/// Reads all of it, again and again.
pub struct Whole {
    store: Store,
    redis: Option<MultiplexedConnection>,
}

impl Whole {
    pub async fn of(parts: &Parts) -> Self {
        let redis = match parts.stack() {
            Some(stack) => {
                let client = redis::Client::open(stack.redis_url.as_str()).expect("REDIS_URL");
                Some(client.get_multiplexed_async_connection().await.expect("Redis"))
            }
            None => None,
        };
        Self { store: Store::of(parts).await, redis }
    }

    /// Waits until there is nothing more that the daemon does by itself: what is to be told is told.
    pub async fn rests(&self) {
        const LEFT: &str =
            "SELECT CAST((SELECT count(*) FROM outbox) + (SELECT count(*) FROM announcements) AS text)";
        let told = || async { self.texts(LEFT).await == ["0"] };
        eventually("all is told", Duration::from_secs(20), told).await;
    }

    /// By table, and by key of Redis. Holds are not among it, which end by themselves; and no version in Redis, which the
    /// reconciler has forgotten and said again now and then.
    pub async fn dump(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for table in self.tables().await {
            let rows = self.rows_of(&table).await;
            all.insert(table, rows);
        }
        if let Some(redis) = &self.redis {
            let events = self.texts("SELECT CAST(id AS text) FROM events ORDER BY id").await;
            let mut both = redis::pipe();
            for event in &events {
                both.get(format!("event:{event}:slots")).lrange(format!("event:{event}:waitlist"), 0, -1);
            }
            let counted: Vec<redis::Value> = both.query_async(&mut redis.clone()).await.expect("Redis");
            let pairs = events.into_iter().zip(counted.chunks(2));
            all.extend(pairs.map(|(event, counted)| (format!("event:{event}"), format!("{counted:?}"))));
        }
        all
    }

    async fn tables(&self) -> Vec<String> {
        let sql = match &self.store {
            Store::Postgres(_) => {
                "SELECT CAST(table_name AS text) FROM information_schema.tables \
                 WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
            }
            Store::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
        };
        let tables = self.texts(sql).await;
        assert!(tables.len() > 10, "these are not all tables: {tables:?}");
        tables
    }

    async fn rows_of(&self, table: &str) -> String {
        let sql = match &self.store {
            Store::Postgres(_) => {
                format!(
                    "SELECT string_agg(row, ';' ORDER BY row) FROM (SELECT CAST(t AS text) AS row FROM \"{table}\" t) rows"
                )
            }
            Store::Sqlite(_) => {
                let columns =
                    self.texts(&format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")).await;
                let quoted: Vec<String> =
                    columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
                let row = quoted.join(" || ',' || ");
                format!(
                    "SELECT group_concat(row, ';') FROM (SELECT {row} AS row FROM \"{table}\" ORDER BY 1)"
                )
            }
        };
        let sql = AssertSqlSafe(sql);
        let rows: Result<Option<String>, _> = match &self.store {
            Store::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Store::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        };
        rows.expect("rows").unwrap_or_default()
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        let texts = match &self.store {
            Store::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
            Store::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
        };
        texts.expect("rows")
    }
}
