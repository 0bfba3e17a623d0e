//! Parts for tests: stores on databases of their own, and the addresses of the real parts.
//!
//! A part that is not there fails the test. A suite that skips what it cannot reach proves nothing.

use crate::booking::EngineParts;
use crate::service::testing::rules;
use crate::store::pg::PgStore;
use crate::store::sqlite::SqliteStore;
use crate::store::{Actor, NewEvent, NewUser, Store, StoreError};
use chrono::{DateTime, Duration as Span};
use futures::FutureExt;
use happening_core::booking::Terms;
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::{OrganizationSettings, User, UserStatus};
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, SqlitePool};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::RwLock;
use url::Url;

/// Read by whoever runs scripts on Redis, written by whoever makes it forget them.
pub static REDIS_SCRIPTS: RwLock<()> = RwLock::const_new(());

/// What `docker/stack env` says of a real part.
pub fn address(variable: &str) -> String {
    let hint = || panic!("{variable} is not set: run `make test`, or eval \"$(docker/stack env)\"");
    std::env::var(variable).unwrap_or_else(|_| hint())
}

/// Somebody with an event of so many seats.
pub async fn published(parts: &EngineParts, seats: u32) -> (UserId, EventId) {
    let now = parts.clock.now();
    let (user, organization) = (parts.ids.user(), parts.ids.organization());
    let person = NewUser {
        id: user,
        subject: "sub".to_owned(),
        username: "olga".to_owned(),
        email: "olga@example.org".to_owned(),
        first_name: None,
        last_name: None,
        phone: None,
        avatar_url: None,
        profile_at: None,
    };
    founded(&parts.store, &person, organization, &Actor::daemon(now)).await;
    let event = NewEvent {
        id: parts.ids.event(),
        organization,
        created_by: user,
        name: "Event".to_owned(),
        description: None,
        category: None,
        ends_at: now + Span::days(2),
        terms: Terms::upcoming(seats, now + Span::days(1)),
    };
    publish_event(&parts.store, &event, &Actor::daemon(now)).await;
    (user, event.id)
}

/// Publishes an event.
pub async fn publish_event(store: &Arc<dyn Store>, event: &NewEvent, by: &Actor) {
    assert!(rules(store).create_event(event, by).await.expect("an event"));
}

/// Makes somebody known, with an organization.
pub async fn founded(store: &Arc<dyn Store>, person: &NewUser, organization: OrganizationId, by: &Actor) {
    let settings = OrganizationSettings::default();
    rules(store).create_user(person, None, by).await.expect("a user");
    let founded = rules(store).create_organization(organization, "Org", &settings, person.id, by).await;
    founded.expect("an organization");
}

/// An active user.
pub fn user(subject: &str) -> User {
    let ids = crate::ids::Ids::default();
    let beginning = DateTime::UNIX_EPOCH;
    User {
        id: ids.user(),
        keycloak_id: subject.to_owned(),
        username: subject.to_owned(),
        email: String::new(),
        first_name: None,
        last_name: None,
        phone: None,
        avatar_url: None,
        status: UserStatus::Active,
        created_at: beginning,
        updated_at: beginning,
        organizations: None,
    }
}

/// A name that no other test uses.
pub fn own_name() -> String {
    format!("happening_test_{}", crate::ids::Ids::default().uuid().simple())
}

/// A store on a database of its own, and a way to it past the store.
pub struct TestStore {
    /// The store, its schema in place.
    pub store: Arc<dyn Store>,
    raw: Raw,
}

enum Raw {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl TestStore {
    /// Runs a statement past the store, as an operator by hand would.
    pub async fn execute(&self, statement: &'static str) -> Result<(), StoreError> {
        match &self.raw {
            Raw::Sqlite(pool) => sqlx::raw_sql(statement).execute(pool).await.map(drop)?,
            Raw::Postgres(pool) => sqlx::raw_sql(statement).execute(pool).await.map(drop)?,
        }
        Ok(())
    }

    /// The first column, which must be text, of what a query past the store finds.
    pub async fn texts(&self, query: &'static str) -> Vec<String> {
        match &self.raw {
            Raw::Sqlite(pool) => sqlx::query_scalar(query).fetch_all(pool).await,
            Raw::Postgres(pool) => sqlx::query_scalar(query).fetch_all(pool).await,
        }
        .expect("a query that the database takes")
    }
}

/// Runs a rule on SQLite, in a directory that is gone afterwards.
pub async fn on_sqlite(rule: impl AsyncFnOnce(TestStore)) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("happening.db");
    let store = SqliteStore::open(&path, 3);
    store.migrate().await.expect("the schema");
    let raw = SqlitePoolOptions::new().connect_lazy(&format!("sqlite://{}", path.display()));
    rule(TestStore { store: Arc::new(store), raw: Raw::Sqlite(raw.expect("an address")) }).await;
}

/// Runs a rule on SQLite in memory, with one connection: a read beside an open transaction waits in vain.
pub async fn in_memory(rule: impl AsyncFnOnce(TestStore)) {
    let (store, pool) = SqliteStore::in_memory();
    store.migrate().await.expect("the schema");
    rule(TestStore { store: Arc::new(store), raw: Raw::Sqlite(pool) }).await;
}

/// Runs a rule on PostgreSQL, in a database that is gone afterwards, whatever came of the rule.
pub async fn on_postgresql(rule: impl AsyncFnOnce(TestStore)) {
    let server_url = address("DATABASE_URL");
    let name = own_name();
    let mut url: Url = server_url.parse().expect("DATABASE_URL is an address");
    url.set_path(&name);
    let mut server = PgConnection::connect(&server_url).await.expect("PostgreSQL at DATABASE_URL");
    administer(&mut server, format!("CREATE DATABASE {name}")).await.expect("a database");
    // Whether a commit survives a power cut is not what is tested here.
    let hasty = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    administer(&mut server, hasty).await.expect("a database of one's own");
    let ruled = AssertUnwindSafe(async {
        let store = PgStore::open(url.as_str(), 6, 4).expect("an address");
        store.migrate().await.expect("the schema");
        let raw = PgPool::connect_lazy(url.as_str()).expect("an address");
        rule(TestStore { store: Arc::new(store), raw: Raw::Postgres(raw) }).await;
    });
    let outcome = ruled.catch_unwind().await;
    drop_database(&mut server, &name).await;
    outcome.unwrap_or_else(|panic| resume_unwind(panic));
}

/// FORCE ends the connections that a failed rule left behind, but refuses where the server's own vacuum is at work; a
/// plain DROP sends that away.
async fn drop_database(server: &mut PgConnection, name: &str) {
    for _ in 0..20 {
        for how in [" WITH (FORCE)", ""] {
            if administer(server, format!("DROP DATABASE {name}{how}")).await.is_ok() {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("database {name} could not be dropped");
}

async fn administer(server: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(server).await.map(drop)
}

/// Makes of each rule, an `async fn(TestStore)`, a test on SQLite and a test on PostgreSQL.
macro_rules! on_every_store {
    ($($rule:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $rule() {
                $crate::testing::on_sqlite(super::$rule).await;
            })+
        }
        mod postgresql {
            $(#[tokio::test]
            async fn $rule() {
                $crate::testing::on_postgresql(super::$rule).await;
            })+
        }
    };
}
pub(crate) use on_every_store;
