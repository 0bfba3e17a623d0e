//! The yardstick: pgbench on a database of its own on the same server.

use crate::support::parts::{drop_database, stack_env};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use url::Url;

/// A database with the yardstick's tables.
pub struct Yardstick {
    server: String,
    name: String,
    url: String,
}

impl Yardstick {
    /// Makes it.
    pub async fn prepare() -> Self {
        let server = stack_env("DATABASE_URL");
        let name = format!("yardstick_{}", std::process::id());
        let mut connection = PgConnection::connect(&server).await.expect("PostgreSQL");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut connection).await.expect("a database");
        let mut url: Url = server.parse().expect("DATABASE_URL");
        url.set_path(&name);
        let url = String::from(url);
        let mut connection = PgConnection::connect(&url).await.expect("PostgreSQL");
        sqlx::raw_sql(include_str!("yardstick/schema.sql")).execute(&mut connection).await.expect("tables");
        Self { server, name, url }
    }

    /// Transactions a second of a script with so many clients.
    pub fn run(&self, script: &str, clients: u32, duration: Duration) -> f64 {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/booking/yardstick").join(script);
        let output = Command::new(stack_env("PGBENCH"))
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
            .arg(format!("--client={clients}"))
            .arg(format!("--time={}", duration.as_secs().max(1)))
            .arg(format!("--file={}", script.display()))
            .arg(&self.url)
            .output()
            .expect("pgbench runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find(|line| line.starts_with("tps = "));
        let figure = line.and_then(|line| line.split_whitespace().nth(2)?.parse().ok());
        figure.unwrap_or_else(|| panic!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Drops it.
    pub async fn drop(self) {
        drop_database(&self.server, &self.name).await.expect("dropped");
    }
}
