//! A batch in one statement.
//!
//! The event rows come first: only those whose version is the expected one are updated, and every other row joins them,
//! so an event that somebody else moved on takes its bookings out of the commit and nothing else. Seats are freed before
//! seats are given: the second `INSERT` reads a count over the first `UPDATE`, which PostgreSQL therefore runs whole
//! before it.

use super::StoreError;
use crate::store::changes::encode;
use crate::store::fold::fold;
use crate::store::ledger::{Batch, BookingRow, EventRow, SeatRow};
use crate::store::rows::{big, small};
use happening_core::id::EventId;
use happening_core::wire::SeatStatus;
use sqlx::{Arguments, PgConnection, Postgres, postgres::PgArguments};
use uuid::Uuid;

const STATEMENT: &str = concat!(include_str!("commit.sql"), "SELECT id FROM event");

/// The same with answers that are to be remembered.
const ANSWERED: &str =
    concat!(include_str!("commit.sql"), include_str!("answers.sql"), "SELECT id FROM event");

/// The same with lines of the audit log too.
const AUDITED: &str = concat!(
    include_str!("commit.sql"),
    include_str!("answers.sql"),
    include_str!("audit.sql"),
    "SELECT id FROM event"
);

/// The same with bookings that were moved.
const MOVED: &str = concat!(
    include_str!("commit.sql"),
    include_str!("answers.sql"),
    include_str!("audit.sql"),
    include_str!("moves.sql"),
    "SELECT id FROM event"
);

/// Runs the statement within the batch's deadline. After `Unknown` the connection must be closed, not returned to its pool.
pub(super) async fn bounded(
    connection: &mut PgConnection,
    batch: &Batch,
) -> Result<Vec<EventId>, StoreError> {
    let statement = statement(batch);
    let arguments = arguments(batch, statement).map_err(|error| StoreError::Defect(error.to_string()))?;
    let running =
        sqlx::query_scalar_with::<Postgres, Uuid, _>(statement, arguments).fetch_all(&mut *connection);
    match tokio::time::timeout(batch.deadline, running).await {
        Ok(ids) => {
            let ids = ids.map_err(|error| StoreError::from(error).during_commit())?;
            Ok(ids.into_iter().map(EventId).collect())
        }
        Err(_) => Err(StoreError::Unknown("no answer within the deadline".to_owned())),
    }
}

/// The shortest that writes everything: what is rare costs the others nothing.
fn statement(batch: &Batch) -> &'static str {
    if batch.seats.iter().any(|row| row.may_exist) {
        MOVED
    } else if !batch.audit.is_empty() {
        AUDITED
    } else if !batch.answers.is_empty() {
        ANSWERED
    } else {
        STATEMENT
    }
}

fn arguments(batch: &Batch, statement: &str) -> Result<PgArguments, sqlx::error::BoxDynError> {
    let mut arguments = PgArguments::default();
    arguments.add(batch.commit)?;
    arguments.add(batch.now)?;
    arguments.add(batch.outbox_due)?;
    events(&mut arguments, &batch.events)?;
    bookings(&mut arguments, batch)?;
    seats(&mut arguments, batch)?;
    history(&mut arguments, batch)?;
    notifications(&mut arguments, batch)?;
    if [ANSWERED, AUDITED, MOVED].contains(&statement) {
        answers(&mut arguments, batch)?;
    }
    if [AUDITED, MOVED].contains(&statement) {
        audit(&mut arguments, batch)?;
    }
    if statement == MOVED {
        let returns: Vec<_> = batch.seats.iter().filter(|row| row.is_new && row.may_exist).collect();
        given(&mut arguments, &returns)?;
    }
    Ok(arguments)
}

/// One array per column.
macro_rules! columns {
    ($arguments:ident, $rows:expr, |$row:ident| $($value:expr),+ $(,)?) => {
        $($arguments.add($rows.iter().map(|$row| $value).collect::<Vec<_>>())?;)+
    };
}

fn events(arguments: &mut PgArguments, rows: &[EventRow]) -> Result<(), sqlx::error::BoxDynError> {
    columns!(
        arguments,
        rows,
        |row| row.id.0,
        big(row.expected),
        small(row.available),
        small(row.waiting),
        big(row.next_number),
        serde_json::to_string(&row.passes).unwrap_or_default(),
        small(row.terms.capacity),
        row.terms.status.as_str(),
        row.terms.starts_at,
        row.terms.policy.as_str(),
        small(row.terms.bypass_limit),
        row.terms.waitlist_limit.map(small),
        row.terms.deleted,
        row.details.name.clone(),
        row.details.name.as_deref().map(fold),
        row.details.described(),
        row.details.categorized(),
        row.details.created_by.map(|user| user.0),
        row.announcement.clone(),
        encode(&row.changes),
        row.terms.max_seats.map(small),
        row.terms.sales_paused,
        serde_json::to_string(&row.rests).unwrap_or_default(),
        row.details.ends_at,
        row.terms.bookings_close_at,
    );
    Ok(())
}

fn bookings(arguments: &mut PgArguments, batch: &Batch) -> Result<(), sqlx::error::BoxDynError> {
    let (new, old): (Vec<&BookingRow>, Vec<&BookingRow>) = batch.bookings.iter().partition(|row| row.is_new);
    columns!(
        arguments,
        new,
        |row| row.id.0,
        row.event.0,
        row.user.0,
        small(row.seats),
        row.status.as_str(),
        row.waiting_number.map(big),
    );
    columns!(
        arguments,
        old,
        |row| row.id.0,
        row.event.0,
        small(row.seats),
        row.status.as_str(),
        row.waiting_number.map(big),
    );
    Ok(())
}

fn seats(arguments: &mut PgArguments, batch: &Batch) -> Result<(), sqlx::error::BoxDynError> {
    let new: Vec<_> = batch.seats.iter().filter(|row| row.is_new && !row.may_exist).collect();
    given(arguments, &new)?;
    let is_freed = |row: &&SeatRow| !row.is_new && row.status == SeatStatus::Cancelled;
    let freed: Vec<_> = batch.seats.iter().filter(is_freed).collect();
    columns!(arguments, freed, |row| row.booking.0, row.event.0, small(row.seat));
    Ok(())
}

fn given(arguments: &mut PgArguments, rows: &[&SeatRow]) -> Result<(), sqlx::error::BoxDynError> {
    columns!(arguments, rows, |row| row.booking.0, row.event.0, small(row.seat), row.status.as_str());
    Ok(())
}

fn history(arguments: &mut PgArguments, batch: &Batch) -> Result<(), sqlx::error::BoxDynError> {
    columns!(
        arguments,
        batch.history,
        |row| row.booking.0,
        row.event.0,
        row.actor.map(|actor| actor.0),
        row.action,
        small(row.seats),
        row.reason.clone(),
    );
    Ok(())
}

fn notifications(arguments: &mut PgArguments, batch: &Batch) -> Result<(), sqlx::error::BoxDynError> {
    columns!(
        arguments,
        batch.notifications,
        |row| row.id.0,
        row.user.0,
        row.event.0,
        row.booking.0,
        row.kind.as_str(),
        row.message.as_str(),
        small(row.seats),
        row.booked_by.map(|user| user.0),
    );
    Ok(())
}

fn answers(arguments: &mut PgArguments, batch: &Batch) -> Result<(), sqlx::error::BoxDynError> {
    columns!(
        arguments,
        batch.answers,
        |row| [row.fingerprint.key, row.fingerprint.owner].concat(),
        row.fingerprint.request.to_vec(),
        row.event.0,
        i32::from(row.status),
        row.body.as_str(),
    );
    Ok(())
}

fn audit(arguments: &mut PgArguments, batch: &Batch) -> Result<(), sqlx::error::BoxDynError> {
    columns!(
        arguments,
        batch.audit,
        |row| row.event.0,
        row.by.user.map(|user| user.0),
        row.entry.action,
        row.entry.organization.map(|organization| organization.0),
        row.entry.target.0,
        row.entry.target.1.as_str(),
        row.by.address.map(|address| address.to_string()),
        row.by.request_id.clone(),
        row.entry.old.as_ref().map(ToString::to_string),
        row.entry.new.as_ref().map(ToString::to_string),
    );
    Ok(())
}
