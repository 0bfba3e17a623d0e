//! A batch in one transaction.
//!
//! SQLite has no data-modifying `WITH`: the event rows go first, one by one, and tell which versions were the expected
//! ones; every other table then takes its rows in one statement over a JSON list.

use super::{SqliteStore, StoreError};
use crate::store::audit::Actor;
use crate::store::changes::encode;
use crate::store::fold::fold;
use crate::store::ledger::{Batch, EventRow};
use crate::store::rows::{big, small};
use chrono::{DateTime, Utc};
use happening_core::id::EventId;
use happening_core::wire::SeatStatus;
use serde_json::{Value, json};
use sqlx::{Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};
use std::collections::HashSet;
use uuid::Uuid;

/// Writes what belongs to events whose version is the expected one, and returns those events.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    batch: &Batch,
) -> Result<Vec<EventId>, StoreError> {
    let mut committed = Vec::with_capacity(batch.events.len());
    for row in &batch.events {
        if event(row, batch.now).execute(&mut *connection).await?.rows_affected() == 1 {
            committed.push(row.id);
            change(row, batch).execute(&mut *connection).await?;
        }
    }
    let counts: HashSet<EventId> = committed.iter().copied().collect();
    bookings(connection, batch, &counts).await?;
    seats(connection, batch, &counts).await?;
    history(connection, batch, &counts).await?;
    notifications(connection, batch, &counts).await?;
    answers(connection, batch, &counts).await?;
    for row in batch.audit.iter().filter(|row| counts.contains(&row.event)) {
        let by = Actor { now: batch.now, ..row.by.clone() };
        SqliteStore::record(connection, &by, &row.entry).await?;
    }
    for row in batch.events.iter().filter(|row| counts.contains(&row.id)) {
        if let Some(announcement) = &row.announcement {
            announce(connection, row, announcement).await?;
        }
    }
    Ok(committed)
}

fn event(row: &EventRow, now: DateTime<Utc>) -> Query<'_, Sqlite, SqliteArguments> {
    sqlx::query(
        "UPDATE events SET available_slots = $3, waiting = $4, next_waiting_number = $5, waitlist_passes = $6, \
         total_slots = $7, status = $8, event_date = $9, waitlist_policy = $10, bypass_limit = $11, waitlist_limit = $12, \
         deleted_at = CASE WHEN $13 THEN COALESCE(deleted_at, $18) END, name = COALESCE($14, name), \
         name_folded = COALESCE($22, name_folded), \
         description = NULLIF(COALESCE($15, description), ''), category = NULLIF(COALESCE($16, category), ''), \
         created_by = COALESCE($17, created_by), max_seats_per_booking = $19, sales_paused = $20, waitlist_rests = $21, \
         event_end = COALESCE($23, event_end), bookings_close_at = $24, \
         version = version + 1, updated_at = max(updated_at, $18) WHERE id = $1 AND version = $2",
    )
    .bind(row.id.0)
    .bind(big(row.expected))
    .bind(small(row.available))
    .bind(small(row.waiting))
    .bind(big(row.next_number))
    .bind(serde_json::to_string(&row.passes).unwrap_or_default())
    .bind(small(row.terms.capacity))
    .bind(row.terms.status.as_str())
    .bind(row.terms.starts_at)
    .bind(row.terms.policy.as_str())
    .bind(small(row.terms.bypass_limit))
    .bind(row.terms.waitlist_limit.map(small))
    .bind(row.terms.deleted)
    .bind(&row.details.name)
    .bind(row.details.described())
    .bind(row.details.categorized())
    .bind(row.details.created_by.map(|user| user.0))
    .bind(now)
    .bind(row.terms.max_seats.map(small))
    .bind(row.terms.sales_paused)
    .bind(serde_json::to_string(&row.rests).unwrap_or_default())
    .bind(row.details.name.as_deref().map(fold))
    .bind(row.details.ends_at)
    .bind(row.terms.bookings_close_at)
}

fn change<'q>(row: &EventRow, batch: &Batch) -> Query<'q, Sqlite, SqliteArguments> {
    sqlx::query("INSERT INTO event_changes (event_id, version, commit_id, changes, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(row.id.0)
        .bind(big(row.expected + 1))
        .bind(batch.commit)
        .bind(encode(&row.changes))
        .bind(batch.now)
}

/// Ids go into JSON as hexadecimal and come out of it as the blobs that the tables hold.
fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

async fn list(
    connection: &mut SqliteConnection,
    statement: &'static str,
    rows: Vec<Value>,
    now: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut query = sqlx::query(statement).bind(Value::Array(rows).to_string());
    if let Some(now) = now {
        query = query.bind(now);
    }
    query.execute(connection).await?;
    Ok(())
}

async fn bookings(
    connection: &mut SqliteConnection,
    batch: &Batch,
    counts: &HashSet<EventId>,
) -> Result<(), StoreError> {
    let rows = batch.bookings.iter().filter(|row| counts.contains(&row.event));
    let (new, old): (Vec<_>, Vec<_>) = rows.partition(|row| row.is_new);
    let json = |row: &&crate::store::BookingRow| {
        json!([hex(row.id.0), hex(row.event.0), hex(row.user.0), row.seats, row.status, row.waiting_number])
    };
    list(
        connection,
        "INSERT INTO bookings (id, event_id, user_id, seats, status, waiting_number, created_at, updated_at) \
         SELECT unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2), value ->> 3, value ->> 4, value ->> 5, $2, $2 \
         FROM json_each($1)",
        new.iter().map(json).collect(),
        Some(batch.now),
    )
    .await?;
    list(
        connection,
        "UPDATE bookings SET seats = j.value ->> 3, status = j.value ->> 4, waiting_number = j.value ->> 5, \
         updated_at = $2 FROM json_each($1) j WHERE bookings.id = unhex(j.value ->> 0)",
        old.iter().map(json).collect(),
        Some(batch.now),
    )
    .await
}

async fn seats(
    connection: &mut SqliteConnection,
    batch: &Batch,
    counts: &HashSet<EventId>,
) -> Result<(), StoreError> {
    let rows = || batch.seats.iter().filter(|row| counts.contains(&row.event));
    let json =
        |row: &crate::store::SeatRow| json!([hex(row.booking.0), hex(row.event.0), row.seat, row.status]);
    list(
        connection,
        "UPDATE booking_seats SET status = 'cancelled' FROM json_each($1) j \
         WHERE booking_id = unhex(j.value ->> 0) AND seat_no = j.value ->> 2",
        rows().filter(|row| !row.is_new && row.status == SeatStatus::Cancelled).map(json).collect(),
        None,
    )
    .await?;
    list(
        connection,
        // Who is moved may come back to a seat. `WHERE true` keeps the parser from reading ON as a join's.
        "INSERT INTO booking_seats (booking_id, event_id, seat_no, status) \
         SELECT unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3 FROM json_each($1) WHERE true \
         ON CONFLICT (booking_id, seat_no) DO UPDATE SET status = excluded.status",
        rows().filter(|row| row.is_new).map(json).collect(),
        None,
    )
    .await
}

async fn history(
    connection: &mut SqliteConnection,
    batch: &Batch,
    counts: &HashSet<EventId>,
) -> Result<(), StoreError> {
    let rows = batch.history.iter().filter(|row| counts.contains(&row.event)).map(|row| {
        let actor = row.actor.map(|actor| hex(actor.0));
        json!([hex(row.booking.0), hex(row.event.0), actor, row.action, row.seats, row.reason])
    });
    list(
        connection,
        "INSERT INTO booking_history (booking_id, event_id, actor_id, action, seats, reason, created_at) \
         SELECT unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2), value ->> 3, value ->> 4, value ->> 5, $2 \
         FROM json_each($1)",
        rows.collect(),
        Some(batch.now),
    )
    .await
}

async fn notifications(
    connection: &mut SqliteConnection,
    batch: &Batch,
    counts: &HashSet<EventId>,
) -> Result<(), StoreError> {
    let rows = || batch.notifications.iter().filter(|row| counts.contains(&row.event));
    let told = rows().map(|row| {
        json!([
            hex(row.id.0),
            hex(row.user.0),
            hex(row.event.0),
            hex(row.booking.0),
            row.kind,
            row.message,
            row.seats,
            row.booked_by.map(|user| hex(user.0))
        ])
    });
    list(
        connection,
        "INSERT INTO notifications (id, user_id, event_id, booking_id, type, message, seats, booked_by, \
         created_at) SELECT unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2), unhex(value ->> 3), value ->> 4, \
         value ->> 5, value ->> 6, unhex(value ->> 7), $2 FROM json_each($1)",
        told.collect(),
        Some(batch.now),
    )
    .await?;
    list(
        connection,
        "INSERT INTO outbox (notification_id, due_at) SELECT unhex(value), $2 FROM json_each($1)",
        rows().map(|row| json!(hex(row.id.0))).collect(),
        Some(batch.outbox_due),
    )
    .await
}

async fn answers(
    connection: &mut SqliteConnection,
    batch: &Batch,
    counts: &HashSet<EventId>,
) -> Result<(), StoreError> {
    for row in batch.answers.iter().filter(|row| counts.contains(&row.event)) {
        sqlx::query(
            "INSERT INTO idempotency_keys (key, request, status, body, created_at, owner) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(row.fingerprint.key.as_slice())
        .bind(row.fingerprint.request.as_slice())
        .bind(i32::from(row.status))
        .bind(&row.body)
        .bind(batch.now)
        .bind(row.fingerprint.owner.as_slice())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Has everyone who booked or waits notified, after the commit.
async fn announce(
    connection: &mut SqliteConnection,
    row: &EventRow,
    announcement: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO announcements (event_id, version, message, created_at) \
         SELECT id, version, $2, updated_at FROM events WHERE id = $1",
    )
    .bind(row.id.0)
    .bind(announcement)
    .execute(connection)
    .await?;
    Ok(())
}
