//! The parts under a daemon: embedded, or the real ones of `docker/stack`, with a database and a queue of this test's
//! own so that tests run side by side.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, PgConnection, PgPool, SqliteConnection};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use url::Url;

/// What a daemon runs on. Two daemons started on the same parts share them.
pub struct Parts {
    directory: TempDir,
    daemons: AtomicU32,
    stack: Option<Stack>,
}

/// The real parts.
pub struct Stack {
    /// This test's own database.
    pub database_url: String,
    /// Shared; tests differ by event ids.
    pub redis_url: String,
    /// Shared; tests differ by queue.
    pub rabbitmq_url: String,
    /// This test's own queue.
    pub queue: String,
    /// The server that holds the database.
    server_url: String,
}

/// An address that `docker/stack env` prints.
pub fn stack_env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `make test`, or eval \"$(docker/stack env)\" first")
    })
}

impl Parts {
    /// SQLite, in-process counters and queue, the built-in issuer.
    pub fn embedded() -> Self {
        Self { directory: TempDir::new().expect("a directory"), daemons: AtomicU32::new(0), stack: None }
    }

    /// PostgreSQL, Redis, RabbitMQ and Keycloak.
    pub async fn real() -> Self {
        let server_url = stack_env("DATABASE_URL");
        let name = format!("test_{}", happening_daemon::ids::Ids::default().uuid().simple());
        let mut server = PgConnection::connect(&server_url).await.expect("PostgreSQL");
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut server).await.expect("a database");
        let mut database_url: Url = server_url.parse().expect("DATABASE_URL");
        database_url.set_path(&name);
        Self {
            directory: TempDir::new().expect("a directory"),
            daemons: AtomicU32::new(0),
            stack: Some(Stack {
                database_url: database_url.into(),
                redis_url: stack_env("REDIS_URL"),
                rabbitmq_url: stack_env("RABBITMQ_URL"),
                queue: name,
                server_url,
            }),
        }
    }

    /// The real parts, if these are.
    pub fn stack(&self) -> Option<&Stack> {
        self.stack.as_ref()
    }

    /// A connection of the test's own to the truth on PostgreSQL.
    pub async fn postgres(&self) -> PgPool {
        PgPool::connect(&self.stack.as_ref().expect("real parts").database_url).await.expect("PostgreSQL")
    }

    /// The file that holds the truth on embedded parts, of the first daemon.
    pub fn sqlite(&self) -> PathBuf {
        self.directory.path().join("0").join("happening.db")
    }

    /// Runs a statement on the truth, past the daemon, as an operator by hand would.
    pub async fn execute(&self, statement: impl Into<String>) {
        let statement = sqlx::AssertSqlSafe(statement.into());
        if self.stack.is_some() {
            sqlx::raw_sql(statement).execute(&self.postgres().await).await.expect("a statement");
            return;
        }
        let options =
            SqliteConnectOptions::new().filename(self.sqlite()).busy_timeout(Duration::from_secs(5));
        let mut connection = SqliteConnection::connect_with(&options).await.expect("SQLite");
        sqlx::raw_sql(statement).execute(&mut connection).await.expect("a statement");
    }

    /// The same; `{id}` in the statement stands for an id.
    pub async fn by_hand(&self, statement: &str, id: uuid::Uuid) {
        let id = if self.stack.is_some() { format!("'{id}'") } else { format!("X'{}'", id.simple()) };
        self.execute(statement.replace("{id}", &id)).await;
    }

    /// Runs a command on Redis by hand.
    pub async fn on_redis(&self, words: &[&str]) {
        let stack = self.stack.as_ref().expect("real parts");
        let client = redis::Client::open(stack.redis_url.as_str()).expect("REDIS_URL");
        let mut connection = client.get_multiplexed_async_connection().await.expect("Redis");
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.query_async::<redis::Value>(&mut connection).await.expect("a command that Redis takes");
    }

    /// Each daemon has its own data directory.
    pub(super) fn directory_of_daemon(&self) -> PathBuf {
        let number = self.daemons.fetch_add(1, Ordering::Relaxed);
        let directory = self.directory.path().join(number.to_string());
        std::fs::create_dir_all(&directory).expect("a directory");
        directory
    }

    pub(super) fn environment(&self) -> Vec<(String, String)> {
        let Some(stack) = &self.stack else {
            return Vec::new();
        };
        let mut environment: Vec<(String, String)> =
            ["KEYCLOAK_SERVER_URL", "KEYCLOAK_REALM", "KEYCLOAK_CLIENT_ID", "KEYCLOAK_CLIENT_SECRET"]
                .iter()
                .map(|name| ((*name).to_owned(), stack_env(name)))
                .collect();
        environment.extend([
            ("DATABASE_URL".to_owned(), stack.database_url.clone()),
            ("REDIS_URL".to_owned(), stack.redis_url.clone()),
            ("RABBITMQ_URL".to_owned(), stack.rabbitmq_url.clone()),
            ("NOTIFICATIONS_QUEUE".to_owned(), stack.queue.clone()),
        ]);
        environment
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // On a thread of its own: a test's runtime may be gone already. What cannot be dropped goes with the stack.
        let name = self.database_url.rsplit('/').next().unwrap_or_default().to_owned();
        let server_url = self.server_url.clone();
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(drop_database(&server_url, &name))?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        });
        let _ = dropping.join();
    }
}

/// Drops a database of the server. FORCE ends the connections that are left, but refuses where the server's own vacuum is at
/// work; a plain DROP sends that away.
pub async fn drop_database(server_url: &str, name: &str) -> Result<(), sqlx::Error> {
    let mut server = PgConnection::connect(server_url).await?;
    let mut dropped = Ok(());
    for _ in 0..20 {
        for how in [" WITH (FORCE)", ""] {
            let drop = sqlx::AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}{how}"));
            dropped = sqlx::raw_sql(drop).execute(&mut server).await.map(std::mem::drop);
            if dropped.is_ok() {
                return dropped;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    dropped
}
