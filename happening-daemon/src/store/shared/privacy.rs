//! Forgetting people, and what of theirs is still open.

/// Implements [`super::super::Privacy`]; `$connection` is one inside a transaction.
macro_rules! impl_privacy {
    ($store:ty, $connection:ty) => {
        /// Bookings at events that are still to take place; what follows says whose, and `$2` is now.
        const OPEN_BOOKING: &str = "SELECT b.id, b.event_id, b.user_id FROM bookings b JOIN events e ON e.id = b.event_id \
             WHERE b.status IN ('confirmed', 'waiting') AND e.deleted_at IS NULL \
             AND (e.status = 'ongoing' OR e.status = 'upcoming' AND e.event_date > $2) AND ";

        impl $store {
            async fn memberships_in_order(
                connection: &mut $connection,
                user: UserId,
            ) -> Result<Vec<MemberOfRow>, StoreError> {
                let rows = sqlx::query_as(
                    "SELECT organization_id, role FROM organization_users WHERE user_id = $1 ORDER BY organization_id",
                )
                .bind(user.0);
                Ok(rows.fetch_all(connection).await?)
            }

            /// What keeps a person from being erased: only organizations that they founded or accepted.
            async fn conflict(
                connection: &mut $connection,
                user: UserId,
                now: DateTime<Utc>,
            ) -> Result<Option<ErasureConflict>, StoreError> {
                let rows: Vec<LastAdminRow> = sqlx::query_as(
                    "SELECT m.organization_id, (SELECT count(*) FROM organization_users c \
                     JOIN users p ON p.id = c.user_id AND p.kind = 'person' \
                     WHERE c.organization_id = m.organization_id AND c.user_id <> $1) AS others, \
                     (SELECT count(*) FROM events e WHERE e.org_id = m.organization_id AND e.deleted_at IS NULL \
                     AND (e.status = 'ongoing' OR e.status = 'upcoming' AND e.event_date > $2)) AS upcoming \
                     FROM organization_users m JOIN organizations o ON o.id = m.organization_id \
                     WHERE m.user_id = $1 AND m.role = 'orgAdmin' AND o.deleted_at IS NULL \
                     AND o.owner_id = $1 AND o.owner_accepted AND NOT EXISTS \
                     (SELECT 1 FROM organization_users a JOIN users p ON p.id = a.user_id AND p.kind = 'person' \
                     WHERE a.organization_id = m.organization_id AND a.user_id <> $1 AND a.role = 'orgAdmin' \
                     AND p.status = 'active' AND p.issuer_state = 'active') ORDER BY m.organization_id",
                )
                .bind(user.0)
                .bind(now)
                .fetch_all(connection)
                .await?;
                Ok(rows.into_iter().find_map(|row| {
                    let organization = OrganizationId(row.organization_id);
                    if row.others > 0 {
                        return Some(ErasureConflict::LastOrgAdmin(organization));
                    }
                    (row.upcoming > 0).then(|| ErasureConflict::UpcomingEvents(organization, count(row.upcoming)))
                }))
            }

            /// Closes an organization if nobody but `user` is in it, service accounts apart. What they wrote of it goes: its name
            /// is made of their address, unless they gave it another one. One with events to come, which is none that they
            /// founded or accepted, stays without members: an operator decides.
            async fn close_if_alone(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let left = sqlx::query(
                    "UPDATE organizations SET name = $4, name_folded = $4, domain = NULL, settings = '{}', updated_at = $3 \
                     WHERE id = $1 AND deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM organization_users c JOIN users p ON p.id = c.user_id \
                     AND p.kind = 'person' WHERE c.organization_id = $1 AND c.user_id <> $2)",
                )
                .bind(organization.0)
                .bind(user.0)
                .bind(by.now)
                .bind(format!("erased-{organization}"))
                .execute(&mut *connection)
                .await?;
                if left.rows_affected() == 0 {
                    return Ok(());
                }
                let sql = AssertSqlSafe(format!("SELECT count(*) FROM events WHERE {UPCOMING}"));
                let upcoming: i64 =
                    sqlx::query_scalar(sql).bind(organization.0).bind(by.now).fetch_one(&mut *connection).await?;
                if upcoming > 0 {
                    return Self::queue(connection, &KeycloakTask::Organization(organization), by).await;
                }
                sqlx::query("UPDATE organizations SET deleted_at = $2 WHERE id = $1")
                    .bind(organization.0)
                    .bind(by.now)
                    .execute(&mut *connection)
                    .await?;
                let ended = sqlx::query_as(
                    "DELETE FROM organization_invites WHERE organization_id = $1 AND status = 'pending' \
                     RETURNING id, organization_id",
                )
                .bind(organization.0)
                .fetch_all(&mut *connection)
                .await?;
                Self::record_ended(&mut *connection, ended, by).await?;
                let entry = AuditEntry {
                    action: "organization.deleted",
                    organization: Some(organization),
                    target: ("organization", organization.to_string()),
                    old: None,
                    new: None,
                };
                Self::record(&mut *connection, by, &entry).await?;
                Self::queue(connection, &KeycloakTask::Organization(organization), by).await
            }

            /// Takes a person's address and words out of invites, and open invites to them back. Invites that they did not
            /// answer are theirs only if they proved to have the address: they might be somebody else's.
            async fn clear_invites(
                connection: &mut $connection,
                erasure: &Erasure,
                anonymous: &str,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let (user, email) = (erasure.user, erasure.email.clone());
                let ended = sqlx::query_as(
                    "DELETE FROM organization_invites WHERE (user_id = $2 OR user_id IS NULL AND email = $1) \
                     AND status IN ('pending', 'expired') RETURNING id, organization_id",
                )
                .bind(email.clone())
                .bind(user.0)
                .fetch_all(&mut *connection)
                .await?;
                Self::record_ended(&mut *connection, ended, by).await?;
                // What was written to them is theirs as much as what they wrote.
                let to_them = "UPDATE organization_invites SET email = $3, message = NULL WHERE email = $1 OR answered_by = $2 OR user_id = $2";
                sqlx::query(to_them)
                    .bind(email)
                    .bind(user.0)
                    .bind(anonymous.to_owned())
                    .execute(&mut *connection)
                    .await?;
                sqlx::query("DELETE FROM invite_blocks WHERE user_id = $1")
                    .bind(user.0)
                    .execute(&mut *connection)
                    .await?;
                // What the person wrote, and what was written to them.
                sqlx::query(
                    "UPDATE organization_invites SET message = NULL \
                     WHERE invited_by = $1 OR answered_by = $1 OR user_id = $1 OR email = $2",
                )
                .bind(user.0)
                .bind(anonymous.to_owned())
                .execute(connection)
                .await?;
                Ok(())
            }

            /// Forgets answers that are kept for requests that may come again and speak of the person: their own sign-up, an
            /// invite to their address, what they published. Such a request, if it comes again, is a new one.
            async fn forget_answers_about(
                connection: &mut $connection,
                person: &User,
            ) -> Result<(), StoreError> {
                let spoken_of = [person.id.to_string(), address_key(&person.email), person.email.clone()];
                for text in spoken_of.iter().filter(|text| !text.is_empty()) {
                    // As it stands in JSON.
                    let quoted = serde_json::to_string(text).map_err(|error| StoreError::Defect(error.to_string()))?;
                    sqlx::query("DELETE FROM idempotency_keys WHERE is_personal AND body LIKE $1 ESCAPE '\\'")
                        .bind(within(quoted.trim_matches('"')))
                        .execute(&mut *connection)
                        .await?;
                }
                Ok(())
            }

            /// What is left of a person: an id that names nobody.
            async fn anonymize(
                connection: &mut $connection,
                user: UserId,
                anonymous: &str,
                now: DateTime<Utc>,
            ) -> Result<(), StoreError> {
                sqlx::query(
                    "UPDATE users SET keycloak_id = $2, username = $3, username_folded = $3, email = $4, email_folded = $4, \
                     first_name = NULL, last_name = NULL, \
                     phone = NULL, avatar_url = NULL, status = 'suspended', profile_at = NULL, erased_at = $5, \
                     updated_at = $5 WHERE id = $1",
                )
                .bind(user.0)
                .bind(format!("erased:{user}"))
                .bind(format!("erased-{user}"))
                .bind(anonymous.to_owned())
                .bind(now)
                .execute(connection)
                .await?;
                Ok(())
            }

            /// Refuses the tokens of before, keeps a suspension, has the account deleted if that was asked for, and writes it
            /// down.
            async fn seal_erasure(
                connection: &mut $connection,
                erasure: &Erasure,
                person: User,
                by: &Actor,
            ) -> Result<(), StoreError> {
                sqlx::query(
                    "INSERT INTO erased_subjects (subject_hash, erased_at, suspended) VALUES ($1, $2, $3) \
                     ON CONFLICT (subject_hash) DO UPDATE SET erased_at = excluded.erased_at, \
                     suspended = excluded.suspended",
                )
                .bind(erasure.subject_hash.clone())
                .bind(by.now)
                .bind(person.status == UserStatus::Suspended)
                .execute(&mut *connection)
                .await?;
                if erasure.account {
                    let task = KeycloakTask::Account { user: erasure.user, subject: person.keycloak_id };
                    Self::queue(&mut *connection, &task, by).await?;
                }
                let entry = AuditEntry {
                    action: "user.erased",
                    organization: None,
                    target: ("user", erasure.user.to_string()),
                    old: None,
                    new: Some(serde_json::json!({ "keycloak_account": erasure.account })),
                };
                Self::record(connection, by, &entry).await
            }
        }

        #[async_trait]
        impl Privacy for $store {
            async fn export_user(
                &self,
                user: UserId,
                email: Option<&str>,
                by: &Actor,
            ) -> Result<Option<PersonalData>, StoreError> {
                self.export(user, email, by).await
            }

            async fn find_erasure_conflict(&self, user: UserId, now: DateTime<Utc>) -> Result<Option<ErasureConflict>, StoreError> {
                let mut connection = self.read().acquire().await?;
                Self::conflict(&mut connection, user, now).await
            }

            async fn erase_user(&self, erasure: &Erasure, by: &Actor) -> Result<Option<ErasureConflict>, StoreError> {
                let user = erasure.user;
                let mut transaction = self.begin().await?;
                // Organizations before people, and in order: as everybody else who locks them.
                let locked = Self::memberships_in_order(&mut transaction, user).await?;
                for membership in &locked {
                    let organization = membership.organization_id;
                    sqlx::query(Self::LOCK_ORGANIZATION).bind(organization).execute(&mut *transaction).await?;
                }
                sqlx::query(Self::LOCK_USER).bind(user.0).execute(&mut *transaction).await?;
                if Self::memberships_in_order(&mut transaction, user).await? != locked {
                    return Err(StoreError::Contended);
                }
                let sql = AssertSqlSafe(format!("{USER} WHERE id = $1 AND erased_at IS NULL"));
                let row: Option<UserRow> = sqlx::query_as(sql).bind(user.0).fetch_optional(&mut *transaction).await?;
                let Some(person) = row.map(User::try_from).transpose()? else { return Ok(None) };
                let conflict = Self::conflict(&mut transaction, user, by.now).await?;
                if conflict.is_some() {
                    return Ok(conflict);
                }
                // All at once: events are locked in id order, whose organization they may be.
                Self::leave_lines(&mut transaction, None, user, "the account was erased", by).await?;
                for membership in &locked {
                    let (organization, role) = (OrganizationId(membership.organization_id), word(&membership.role)?);
                    Self::close_if_alone(&mut transaction, organization, user, by).await?;
                    Self::drop_member(&mut transaction, organization, user, role, by).await?;
                }
                let anonymous = format!("erased-{user}@invalid");
                Self::clear_invites(&mut transaction, erasure, &anonymous, by).await?;
                Self::forget_answers_about(&mut transaction, &person).await?;
                Self::anonymize(&mut transaction, user, &anonymous, by.now).await?;
                Self::seal_erasure(&mut transaction, erasure, person, by).await?;
                transaction.commit().await?;
                Ok(None)
            }

            async fn find_erasure(&self, subject_hash: &str) -> Result<Option<PastErasure>, StoreError> {
                let found: Option<(DateTime<Utc>, bool)> =
                    sqlx::query_as("SELECT erased_at, suspended FROM erased_subjects WHERE subject_hash = $1")
                        .bind(subject_hash.to_owned())
                        .fetch_optional(self.read())
                        .await?;
                Ok(found.map(|(at, suspended)| PastErasure { at, suspended }))
            }

            async fn forget_erasures(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
                let forget = sqlx::query("DELETE FROM erased_subjects WHERE erased_at < $1 AND NOT suspended").bind(before);
                forget.execute(self.write()).await?;
                Ok(())
            }

            async fn list_open_bookings(
                &self,
                user: UserId,
                now: DateTime<Utc>,
            ) -> Result<Vec<OpenBooking>, StoreError> {
                let sql = AssertSqlSafe(format!("{OPEN_BOOKING} b.user_id = $1 ORDER BY b.id"));
                let rows: Vec<OpenBookingRow> =
                    sqlx::query_as(sql).bind(user.0).bind(now).fetch_all(self.read()).await?;
                convert(rows)
            }

            async fn list_abandoned_bookings(
                &self,
                since: DateTime<Utc>,
                now: DateTime<Utc>,
            ) -> Result<Vec<OpenBooking>, StoreError> {
                let sql = AssertSqlSafe(format!("{OPEN_BOOKING} b.user_id IN (SELECT id FROM users WHERE erased_at >= $1) ORDER BY b.id"));
                let rows: Vec<OpenBookingRow> =
                    sqlx::query_as(sql).bind(since).bind(now).fetch_all(self.read()).await?;
                convert(rows)
            }
        }
    };
}
pub(crate) use impl_privacy;
