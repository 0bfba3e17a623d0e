//! Places in line inside a transaction: who may no longer see an event leaves its waitlist in the commit that takes the
//! right away.

/// Gives a store what changes of people's rights need of waitlists, over a connection that is inside a transaction.
macro_rules! impl_lines {
    ($store:ty, $connection:ty) => {
        impl $store {
            /// Takes a user off the waitlists of an organization's events, or of all events, and tells them. Confirmed
            /// bookings stay.
            ///
            /// The events' rows are locked in id order, as by everybody who locks several, and get a new version without a
            /// record of changes: so every daemon reads them anew before it decides on them again. Whoever calls it has the
            /// rows of organizations and users that it needs, and locks none of them afterwards.
            async fn leave_lines(
                connection: &mut $connection,
                organization: Option<OrganizationId>,
                user: UserId,
                reason: &'static str,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let events: Vec<Uuid> = sqlx::query_scalar(WAITED_FOR)
                    .bind(user.0)
                    .bind(organization.map(|organization| organization.0))
                    .fetch_all(&mut *connection)
                    .await?;
                for event in events {
                    sqlx::query(Self::LOCK_EVENT).bind(event).execute(&mut *connection).await?;
                    Self::leave_line(&mut *connection, EventId(event), user, reason, by).await?;
                }
                Ok(())
            }

            /// The event is locked, or this is the only writer.
            async fn leave_line(
                connection: &mut $connection,
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
                    sqlx::query(statement)
                        .bind(event.0)
                        .bind(user.0)
                        .bind(by.now)
                        .execute(&mut *connection)
                        .await?;
                }
                Ok(())
            }

            /// The events that a user waits for, of an organization or all, ascending.
            async fn select_lines(
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
        }

        const WAITED_FOR: &str = "SELECT DISTINCT b.event_id FROM bookings b JOIN events e ON e.id = b.event_id \
             WHERE b.user_id = $1 AND b.status = 'waiting' AND ($2 IS NULL OR e.org_id = $2) ORDER BY b.event_id";
    };
}
pub(crate) use impl_lines;
