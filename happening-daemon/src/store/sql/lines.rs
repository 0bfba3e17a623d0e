//! Places in line: who may no longer see an event leaves its waitlist in the commit that takes the right away, and those who
//! booked at that moment soon after.

use super::{Connection, SqlStore, SqlTx};
use crate::store::lines::{IS_SUSPENDED, NO_MEMBER};
use crate::store::rows::word;
use crate::store::{Actor, IssuerState, LineRows, Lines, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::UserStatus;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

const WAITED_FOR: &str = "SELECT DISTINCT b.event_id FROM bookings b JOIN events e ON e.id = b.event_id \
     WHERE b.user_id = $1 AND b.status = 'waiting' AND ($2 IS NULL OR e.org_id = $2) ORDER BY b.event_id";

#[async_trait]
impl Lines for SqlStore {
    async fn list_lines(
        &self,
        user: UserId,
        organization: Option<OrganizationId>,
    ) -> Result<Vec<EventId>, StoreError> {
        let events: Vec<Uuid> = sqlx::query_scalar(WAITED_FOR)
            .bind(user.0)
            .bind(organization.map(|organization| organization.0))
            .fetch_all(self.read())
            .await?;
        Ok(events.into_iter().map(EventId).collect())
    }

    async fn leave_lost_lines(&self, since: DateTime<Utc>, by: &Actor) -> Result<Vec<EventId>, StoreError> {
        let sql = format!(
            "SELECT DISTINCT b.user_id, CASE WHEN a.action = 'member.removed' THEN a.organization_id END \
             FROM audit_log a JOIN bookings b ON b.user_id = {} AND b.status = 'waiting' \
             JOIN events e ON e.id = b.event_id AND (a.action <> 'member.removed' OR e.org_id = a.organization_id) \
             WHERE a.action IN ('member.removed', 'user.suspended', 'user.issuer_state_changed') AND a.at >= $1",
            Self::TARGET_ID,
        );
        let lost: Vec<(Uuid, Option<Uuid>)> =
            sqlx::query_as(AssertSqlSafe(sql)).bind(since).fetch_all(self.read()).await?;
        let mut left = Vec::new();
        for (user, organization) in lost {
            left.extend(self.leave_if_lost(UserId(user), organization.map(OrganizationId), by).await?);
        }
        left.sort_unstable();
        left.dedup();
        Ok(left)
    }
}

#[async_trait]
impl LineRows for SqlTx {
    async fn leave_lines(
        &mut self,
        organization: Option<OrganizationId>,
        user: UserId,
        reason: &'static str,
    ) -> Result<Vec<EventId>, StoreError> {
        let (connection, by) = self.parts();
        SqlStore::leave_lines(connection, organization, user, reason, by).await
    }
}

impl SqlStore {
    /// Takes a user off the waitlists of an organization's events, or of all events, and notifies them. Confirmed
    /// bookings stay. Returns the events, ascending.
    ///
    /// The events' rows are locked in id order, as by everybody who locks several, and get a new version without a
    /// record of changes: so every daemon reads them anew before it decides on them again. Whoever calls it has the
    /// rows of organizations and users that it needs, and locks none of them afterwards.
    pub(super) async fn leave_lines(
        connection: &mut Connection,
        organization: Option<OrganizationId>,
        user: UserId,
        reason: &'static str,
        by: &Actor,
    ) -> Result<Vec<EventId>, StoreError> {
        let events: Vec<Uuid> = sqlx::query_scalar(WAITED_FOR)
            .bind(user.0)
            .bind(organization.map(|organization| organization.0))
            .fetch_all(&mut *connection)
            .await?;
        let events: Vec<EventId> = events.into_iter().map(EventId).collect();
        for event in &events {
            sqlx::query(Self::LOCK_EVENT).bind(event.0).execute(&mut *connection).await?;
            Self::leave_line(&mut *connection, *event, user, reason, by).await?;
        }
        Ok(events)
    }

    /// The event is locked, or this is the only writer.
    async fn leave_line(
        connection: &mut Connection,
        event: EventId,
        user: UserId,
        reason: &'static str,
        by: &Actor,
    ) -> Result<(), StoreError> {
        let left = sqlx::query(
            "UPDATE events SET waiting = waiting - (SELECT count(*) FROM bookings b WHERE b.event_id = $1 \
             AND b.user_id = $2 AND b.status = 'waiting'), version = version + 1, \
             updated_at = CASE WHEN updated_at > $3 THEN updated_at ELSE $3 END WHERE id = $1 \
             AND EXISTS (SELECT 1 FROM bookings b WHERE b.event_id = $1 AND b.user_id = $2 \
             AND b.status = 'waiting')",
        )
        .bind(event.0)
        .bind(user.0)
        .bind(by.now)
        .execute(&mut *connection)
        .await?;
        if left.rows_affected() == 0 {
            // Served or cancelled before the lock was there.
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO booking_history (booking_id, event_id, actor_id, action, seats, reason, created_at) \
             SELECT id, event_id, $4, 'left_waitlist', seats, $5, $3 FROM bookings \
             WHERE event_id = $1 AND user_id = $2 AND status = 'waiting' ORDER BY waiting_number",
        )
        .bind(event.0)
        .bind(user.0)
        .bind(by.now)
        .bind(by.user.map(|user| user.0))
        .bind(reason)
        .execute(&mut *connection)
        .await?;
        // A booking leaves the waitlist once, so its id is as good as a fresh one for what is told of that.
        sqlx::query(
            "INSERT INTO notifications (id, user_id, event_id, booking_id, type, message, seats, created_at) \
             SELECT id, user_id, event_id, id, 'booking_cancelled', $4, seats, $3 FROM bookings \
             WHERE event_id = $1 AND user_id = $2 AND status = 'waiting'",
        )
        .bind(event.0)
        .bind(user.0)
        .bind(by.now)
        .bind(format!("You are no longer on the waitlist: {reason}."))
        .execute(&mut *connection)
        .await?;
        for statement in [
            "INSERT INTO outbox (notification_id, due_at) SELECT id, $3 FROM bookings \
             WHERE event_id = $1 AND user_id = $2 AND status = 'waiting'",
            "UPDATE bookings SET status = 'cancelled', waiting_number = NULL, updated_at = $3 \
             WHERE event_id = $1 AND user_id = $2 AND status = 'waiting'",
        ] {
            sqlx::query(statement).bind(event.0).bind(user.0).bind(by.now).execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// The right may have come back: it is looked at under the lock of those who give and take it.
    async fn leave_if_lost(
        &self,
        user: UserId,
        organization: Option<OrganizationId>,
        by: &Actor,
    ) -> Result<Vec<EventId>, StoreError> {
        let mut transaction = self.begin().await?;
        let reason = if let Some(organization) = organization {
            Self::lost_membership(&mut transaction, organization, user).await?
        } else {
            Self::lost_account(&mut transaction, user).await?
        };
        let Some(reason) = reason else { return Ok(Vec::new()) };
        let left = Self::leave_lines(&mut transaction, organization, user, reason, by).await?;
        transaction.commit().await?;
        Ok(left)
    }

    /// Why somebody who is no member may not see the events. Locks the organization.
    async fn lost_membership(
        connection: &mut Connection,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<&'static str>, StoreError> {
        sqlx::query(Self::LOCK_ORGANIZATION).bind(organization.0).execute(&mut *connection).await?;
        let is_member: Option<i32> = sqlx::query_scalar(
            "SELECT 1 FROM organization_users WHERE organization_id = $1 AND user_id = $2",
        )
        .bind(organization.0)
        .bind(user.0)
        .fetch_optional(connection)
        .await?;
        Ok(is_member.is_none().then_some(NO_MEMBER))
    }

    /// Why somebody may not act, here or at the issuer. Locks the user.
    async fn lost_account(
        connection: &mut Connection,
        user: UserId,
    ) -> Result<Option<&'static str>, StoreError> {
        sqlx::query(Self::LOCK_USER).bind(user.0).execute(&mut *connection).await?;
        let found: Option<(String, String)> =
            sqlx::query_as("SELECT status, issuer_state FROM users WHERE id = $1")
                .bind(user.0)
                .fetch_optional(connection)
                .await?;
        let Some((status, state)) = found else { return Ok(None) };
        if word::<UserStatus>(&status)? == UserStatus::Suspended {
            return Ok(Some(IS_SUSPENDED));
        }
        Ok(word::<IssuerState>(&state)?.lost())
    }
}
