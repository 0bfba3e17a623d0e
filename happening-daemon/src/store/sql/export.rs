//! All that is stored about a person.

use super::{BOOKINGS_OF, Connection, EVENT, INVITE, MEMBERSHIPS, NOTIFICATIONS_OF, USER};
use crate::store::StoreError;
use crate::store::rows::{
    AuditRecordRow, EventViewRow, InviteRow, MembershipRow, NotificationViewRow, UserRow, convert,
    exported_bookings,
};
use chrono::{DateTime, Utc};
use happening_core::id::UserId;
use happening_core::wire::{AuditRecord, ExportedBooking, Invite, PersonalData, User};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// All that is stored about a person, as one transaction sees it.
pub(super) async fn read(
    connection: &mut Connection,
    user: UserId,
    email: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<PersonalData>, StoreError> {
    let sql = AssertSqlSafe(format!("{USER} WHERE id = $1 AND erased_at IS NULL"));
    let row: Option<UserRow> = sqlx::query_as(sql).bind(user.0).fetch_optional(&mut *connection).await?;
    let Some(person) = row.map(User::try_from).transpose()? else { return Ok(None) };
    let memberships: Vec<MembershipRow> =
        sqlx::query_as(MEMBERSHIPS).bind(user.0).fetch_all(&mut *connection).await?;
    let bookings = exported_bookings_of(&mut *connection, user).await?;
    let notifications: Vec<NotificationViewRow> = sqlx::query_as(NOTIFICATIONS_OF)
        .bind(user.0)
        .bind(i64::MAX)
        .bind(None::<DateTime<Utc>>)
        .bind(None::<Uuid>)
        .bind(None::<&str>)
        .bind(None::<bool>)
        .fetch_all(&mut *connection)
        .await?;
    // Those that were deleted too: their rows stay.
    let events =
        AssertSqlSafe(format!("{EVENT} WHERE e.created_by = $1 ORDER BY e.created_at DESC, e.id DESC"));
    let events: Vec<EventViewRow> = sqlx::query_as(events).bind(user.0).fetch_all(&mut *connection).await?;
    let (sent, received) = exported_invites(&mut *connection, user, email).await?;
    let (audit, audit_about) = exported_audit(&mut *connection, user).await?;
    Ok(Some(PersonalData {
        exported_at: now,
        user: person,
        memberships: convert(memberships)?,
        events: convert(events)?,
        bookings,
        notifications: convert(notifications)?,
        invites_sent: sent,
        invites_received: received,
        audit,
        audit_about,
    }))
}

async fn exported_bookings_of(
    connection: &mut Connection,
    user: UserId,
) -> Result<Vec<ExportedBooking>, StoreError> {
    let bookings = sqlx::query_as(BOOKINGS_OF)
        .bind(user.0)
        .bind(i64::MAX)
        .bind(None::<DateTime<Utc>>)
        .bind(None::<Uuid>)
        .fetch_all(&mut *connection)
        .await?;
    let seats = sqlx::query_as(
        "SELECT s.booking_id, s.seat_no, s.status FROM bookings b JOIN booking_seats s \
         ON s.booking_id = b.id WHERE b.user_id = $1 ORDER BY s.booking_id, s.seat_no",
    )
    .bind(user.0)
    .fetch_all(&mut *connection)
    .await?;
    let steps = sqlx::query_as(
        "SELECT h.booking_id, h.actor_id, h.action, h.seats, h.reason, h.created_at FROM bookings b \
         JOIN booking_history h ON h.booking_id = b.id WHERE b.user_id = $1 ORDER BY h.booking_id, h.id",
    )
    .bind(user.0)
    .fetch_all(connection)
    .await?;
    exported_bookings(bookings, seats, steps)
}

async fn exported_invites(
    connection: &mut Connection,
    user: UserId,
    email: Option<&str>,
) -> Result<(Vec<Invite>, Vec<Invite>), StoreError> {
    let sent =
        AssertSqlSafe(format!("{INVITE} WHERE i.invited_by = $1 ORDER BY i.created_at DESC, i.id DESC"));
    let sent: Vec<InviteRow> = sqlx::query_as(sent).bind(user.0).fetch_all(&mut *connection).await?;
    let received = AssertSqlSafe(format!(
        "{INVITE} WHERE i.answered_by = $1 OR i.user_id = $1 OR i.email = $2 ORDER BY i.created_at DESC, i.id DESC"
    ));
    let received: Vec<InviteRow> =
        sqlx::query_as(received).bind(user.0).bind(email.map(str::to_owned)).fetch_all(connection).await?;
    Ok((convert(sent)?, convert(received)?))
}

/// What the audit log has of a person: what they did, and what others did to them. From where others did it is
/// theirs.
async fn exported_audit(
    connection: &mut Connection,
    user: UserId,
) -> Result<(Vec<AuditRecord>, Vec<AuditRecord>), StoreError> {
    const ENTRY: &str = "SELECT a.id, a.at, a.actor_id, u.username AS actor_username, a.action, \
         a.organization_id, a.target_kind, a.target_id, a.address, a.request_id, a.old_value, a.new_value \
         FROM audit_log a LEFT JOIN users u ON u.id = a.actor_id ";
    let did = AssertSqlSafe(format!("{ENTRY} WHERE a.actor_id = $1 ORDER BY a.id DESC"));
    let did: Vec<AuditRecordRow> = sqlx::query_as(did).bind(user.0).fetch_all(&mut *connection).await?;
    let about = AssertSqlSafe(format!(
        "{ENTRY} WHERE a.target_kind = 'user' AND a.target_id = $2 AND a.actor_id IS DISTINCT FROM $1 \
         ORDER BY a.id DESC"
    ));
    let about: Vec<AuditRecordRow> =
        sqlx::query_as(about).bind(user.0).bind(user.to_string()).fetch_all(connection).await?;
    let about: Vec<AuditRecord> = convert(about)?;
    let elsewhere = |entry| AuditRecord { address: None, request_id: None, ..entry };
    Ok((convert(did)?, about.into_iter().map(elsewhere).collect()))
}
