//! The books: what the database holds, read past the daemon, on either store; and what must always be true of it.
//!
//! Nothing here asks the code under test: the history of each event is played through anew, by the rules of the waitlist
//! as they are written down, and must end in exactly the rows that are there.

mod audit;
pub mod whole;

use super::eventually;
use super::parts::Parts;
use futures::TryStreamExt as _;
use redis::AsyncTypedCommands as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteRow};
use sqlx::{FromRow, PgPool, SqlitePool};
use std::collections::HashSet;
use std::time::Duration;
use uuid::Uuid;

/// Everything that bookings are made of.
pub struct Books {
    pub events: Vec<EventRow>,
    pub bookings: Vec<BookingRow>,
    pub seats: Vec<SeatRow>,
    /// In the order in which it was written.
    pub history: Vec<HistoryRow>,
    pub notifications: Vec<NotificationRow>,
    /// Whose holders are not all notified.
    pub announcements: Vec<AnnouncementRow>,
}

#[derive(FromRow)]
pub struct EventRow {
    pub id: Uuid,
    pub total_slots: i32,
    pub available_slots: i32,
    pub status: String,
    pub waitlist_policy: String,
    pub bypass_limit: i32,
    pub waiting: i32,
    pub next_waiting_number: i64,
    pub version: i64,
}

#[derive(FromRow)]
pub struct BookingRow {
    pub id: Uuid,
    pub event_id: Uuid,
    pub user_id: Uuid,
    pub seats: i32,
    pub status: String,
    pub waiting_number: Option<i64>,
}

#[derive(FromRow)]
pub struct SeatRow {
    pub booking_id: Uuid,
    pub event_id: Uuid,
    pub seat_no: i32,
    pub status: String,
}

#[derive(FromRow)]
pub struct HistoryRow {
    pub booking_id: Uuid,
    pub event_id: Uuid,
    pub action: String,
    pub seats: i32,
    pub reason: Option<String>,
}

#[derive(FromRow)]
pub struct NotificationRow {
    pub id: Uuid,
    pub user_id: Uuid,
    pub event_id: Option<Uuid>,
    pub booking_id: Option<Uuid>,
    #[sqlx(rename = "type")]
    pub kind: String,
    pub status: String,
}

/// What holders are still to be notified of.
#[derive(FromRow)]
pub struct AnnouncementRow {
    pub event_id: Uuid,
    pub message: String,
}

/// Where the rows are.
enum Store {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

impl Store {
    async fn rows<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        let rows = match self {
            Self::Postgres(pool) => sqlx::query_as(sql).fetch(pool).try_collect().await,
            Self::Sqlite(pool) => sqlx::query_as(sql).fetch(pool).try_collect().await,
        };
        rows.expect("rows")
    }

    async fn books(&self) -> Books {
        Books {
            events: self
                .rows(
                    "SELECT id, total_slots, available_slots, status, waitlist_policy, bypass_limit, waiting, \
                     next_waiting_number, version FROM events",
                )
                .await,
            bookings: self
                .rows("SELECT id, event_id, user_id, seats, status, waiting_number FROM bookings")
                .await,
            seats: self
                .rows("SELECT booking_id, event_id, seat_no, status FROM booking_seats ORDER BY event_id, seat_no")
                .await,
            history: self
                .rows("SELECT booking_id, event_id, action, seats, reason FROM booking_history ORDER BY id")
                .await,
            notifications: self
                .rows("SELECT id, user_id, event_id, booking_id, type, status FROM notifications")
                .await,
            announcements: self.rows("SELECT event_id, message FROM announcements").await,
        }
    }
}

impl Store {
    async fn of(parts: &Parts) -> Self {
        if parts.stack().is_some() {
            return Self::Postgres(parts.postgres().await);
        }
        let options =
            SqliteConnectOptions::new().filename(parts.sqlite()).busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
        Self::Sqlite(pool.expect("SQLite"))
    }
}

impl Books {
    /// Reads them. For when the daemon is at rest: the tables are read one after the other.
    pub async fn of(parts: &Parts) -> Self {
        Store::of(parts).await.books().await
    }

    /// Reads them from PostgreSQL.
    pub async fn of_postgres(pool: &PgPool) -> Self {
        Store::Postgres(pool.clone()).books().await
    }

    /// Waiting bookings that ended because their person gave back as many seats of the part that they got before.
    pub fn left_by_giving_back(&self) -> HashSet<Uuid> {
        let left = self.history.iter().filter(|row| row.action == "left_waitlist");
        let left = left.filter(|row| row.reason.as_deref() == Some("its person gave seats back"));
        left.map(|row| row.booking_id).collect()
    }

    /// The event.
    pub fn event(&self, id: Uuid) -> &EventRow {
        self.events.iter().find(|event| event.id == id).expect("the event")
    }

    /// Who waits for an event, the head first.
    pub fn line(&self, event: Uuid) -> Vec<&BookingRow> {
        let waits = |row: &&BookingRow| row.event_id == event && row.status == "waiting";
        let mut line: Vec<_> = self.bookings.iter().filter(waits).collect();
        line.sort_by_key(|row| row.waiting_number);
        line
    }

    /// Booked seats of an event, ascending.
    pub fn taken(&self, event: Uuid) -> Vec<i32> {
        let booked = |row: &&SeatRow| row.event_id == event && row.status == "booked";
        self.seats.iter().filter(booked).map(|row| row.seat_no).collect()
    }

    /// Seats that a booking holds, ascending.
    pub fn seats_of(&self, booking: Uuid) -> Vec<i32> {
        let held = |row: &&SeatRow| row.booking_id == booking && row.status == "booked";
        self.seats.iter().filter(held).map(|row| row.seat_no).collect()
    }
}

/// What must always be true of the database, whatever happened.
pub async fn invariants(pool: &PgPool) {
    Books::of_postgres(pool).await.audit();
}

/// Waits until every notification is `sent`.
pub async fn all_sent(parts: &Parts, patience: Duration) {
    let sent = || async {
        let books = Books::of(parts).await;
        books.announcements.is_empty() && books.notifications.iter().all(|row| row.status == "sent")
    };
    eventually("every notification is sent", patience, sent).await;
}

/// What Redis holds of an event: free seats and who waits. Both are absent after the event was deleted.
pub async fn counted(parts: &Parts, event: Uuid) -> (Option<i32>, Vec<Uuid>) {
    let client =
        redis::Client::open(parts.stack().expect("real parts").redis_url.as_str()).expect("REDIS_URL");
    let mut connection = client.get_multiplexed_async_connection().await.expect("Redis");
    let slots = connection.get(format!("event:{event}:slots")).await.expect("a number");
    let line = connection.lrange(format!("event:{event}:waitlist"), 0, -1).await.expect("a list");
    (
        slots.map(|slots| slots.parse().expect("a number")),
        line.iter().map(|user| user.parse().expect("a user's id")).collect(),
    )
}

/// Whether Redis equals the truth, for every event.
pub async fn counters_agree(parts: &Parts, books: &Books) -> bool {
    for event in &books.events {
        let line: Vec<Uuid> = books.line(event.id).iter().map(|row| row.user_id).collect();
        if counted(parts, event.id).await != (Some(event.available_slots), line) {
            return false;
        }
    }
    true
}
