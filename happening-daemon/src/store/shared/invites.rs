//! Invites to organizations.

/// Implements [`super::super::Invites`]; `$connection` is one inside a transaction.
macro_rules! impl_invites {
    ($store:ty, $connection:ty) => {
        const INVITE: &str = "SELECT i.id, i.organization_id, o.name AS organization_name, i.email, i.role, i.invited_by, \
             u.username AS invited_by_username, i.message, i.expires_at, i.status, i.created_at, i.updated_at \
             FROM organization_invites i JOIN organizations o ON o.id = i.organization_id \
             JOIN users u ON u.id = i.invited_by ";

        impl $store {
            /// What an answer depends on, the organization locked. Nothing of deleted organizations.
            async fn lock_invite(
                connection: &mut $connection,
                invite: InviteId,
            ) -> Result<Option<InviteStateRow>, StoreError> {
                let organization: Option<Uuid> =
                    sqlx::query_scalar("SELECT organization_id FROM organization_invites WHERE id = $1")
                        .bind(invite.0)
                        .fetch_optional(&mut *connection)
                        .await?;
                let Some(organization) = organization else { return Ok(None) };
                sqlx::query(Self::LOCK_ORGANIZATION).bind(organization).execute(&mut *connection).await?;
                let row = sqlx::query_as(
                    "SELECT i.organization_id, i.role, i.status, i.answered_by, i.expires_at \
                     FROM organization_invites i JOIN organizations o ON o.id = i.organization_id \
                     WHERE i.id = $1 AND o.deleted_at IS NULL",
                )
                .bind(invite.0);
                Ok(row.fetch_optional(connection).await?)
            }

            /// Writes down an answer.
            async fn settle_invite(
                connection: &mut $connection,
                invite: InviteId,
                organization: OrganizationId,
                answer: InviteStatus,
                user: UserId,
                by: &Actor,
            ) -> Result<(), StoreError> {
                sqlx::query(
                    "UPDATE organization_invites SET status = $2, answered_by = $3, updated_at = $4 WHERE id = $1",
                )
                .bind(invite.0)
                .bind(answer.as_str())
                .bind(user.0)
                .bind(by.now)
                .execute(&mut *connection)
                .await?;
                let action = match answer {
                    InviteStatus::Accepted => "invite.accepted",
                    _ => "invite.rejected",
                };
                Self::record_invite(connection, action, invite, organization, None, by).await
            }

            /// A line of the audit log, without the address: it is a person's.
            async fn record_invite(
                connection: &mut $connection,
                action: &'static str,
                invite: InviteId,
                organization: OrganizationId,
                role: Option<Role>,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let entry = AuditEntry {
                    action,
                    organization: Some(organization),
                    target: ("invite", invite.to_string()),
                    old: None,
                    new: role.map(|role| serde_json::json!({ "role": role })),
                };
                Self::record(connection, by, &entry).await
            }

            /// Lines of the audit log for invites that were taken back together: each with its organization.
            async fn record_ended(
                connection: &mut $connection,
                mut ended: Vec<(Uuid, Uuid)>,
                by: &Actor,
            ) -> Result<(), StoreError> {
                ended.sort_unstable();
                for (invite, organization) in ended {
                    let (invite, organization) = (InviteId(invite), OrganizationId(organization));
                    Self::record_invite(&mut *connection, "invite.revoked", invite, organization, None, by).await?;
                }
                Ok(())
            }

            async fn has_member_at(
                connection: &mut $connection,
                organization: OrganizationId,
                email: &str,
            ) -> Result<bool, StoreError> {
                let members: i64 = sqlx::query_scalar(
                    "SELECT count(*) FROM organization_users m JOIN users u ON u.id = m.user_id \
                     WHERE m.organization_id = $1 AND lower(u.email) = $2",
                )
                .bind(organization.0)
                .bind(email.to_owned())
                .fetch_one(connection)
                .await?;
                Ok(members > 0)
            }
        }

        #[async_trait]
        impl Invites for $store {
            async fn create_invite(&self, invite: &NewInvite, by: &Actor) -> Result<(), StoreError> {
                let mut transaction = self.begin().await?;
                sqlx::query(Self::LOCK_ORGANIZATION).bind(invite.organization.0).execute(&mut *transaction).await?;
                if Self::has_member_at(&mut transaction, invite.organization, &invite.email).await? {
                    return Err(StoreError::Conflict(Constraint::Membership));
                }
                // One that has expired and is not marked yet stands in nobody's way.
                sqlx::query(
                    "UPDATE organization_invites SET status = 'expired', updated_at = $3 WHERE organization_id = $1 \
                     AND email = $2 AND status = 'pending' AND expires_at <= $3",
                )
                .bind(invite.organization.0)
                .bind(invite.email.clone())
                .bind(by.now)
                .execute(&mut *transaction)
                .await?;
                sqlx::query(
                    "INSERT INTO organization_invites (id, organization_id, email, role, invited_by, token_hash, message, \
                     expires_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
                )
                .bind(invite.id.0)
                .bind(invite.organization.0)
                .bind(invite.email.clone())
                .bind(invite.role.as_str())
                .bind(invite.invited_by.0)
                .bind(invite.token_hash.clone())
                .bind(invite.message.clone())
                .bind(invite.expires_at)
                .bind(by.now)
                .execute(&mut *transaction)
                .await?;
                let (id, organization) = (invite.id, invite.organization);
                Self::record_invite(&mut transaction, "invite.sent", id, organization, Some(invite.role), by).await?;
                Ok(transaction.commit().await?)
            }

            async fn find_invite(&self, invite: InviteId) -> Result<Option<Invite>, StoreError> {
                let sql = AssertSqlSafe(format!("{INVITE} WHERE i.id = $1 AND o.deleted_at IS NULL"));
                let row: Option<InviteRow> =
                    sqlx::query_as(sql).bind(invite.0).fetch_optional(self.read()).await?;
                row.map(Invite::try_from).transpose()
            }

            async fn find_invite_by_token(&self, token_hash: &str) -> Result<Option<Invite>, StoreError> {
                let sql = AssertSqlSafe(format!("{INVITE} WHERE i.token_hash = $1 AND o.deleted_at IS NULL"));
                let row: Option<InviteRow> =
                    sqlx::query_as(sql).bind(token_hash.to_owned()).fetch_optional(self.read()).await?;
                row.map(Invite::try_from).transpose()
            }

            async fn list_invites_to(&self, email: &str, now: DateTime<Utc>) -> Result<Vec<Invite>, StoreError> {
                let sql = AssertSqlSafe(format!(
                    "{INVITE} WHERE i.email = $1 AND i.status = 'pending' AND i.expires_at > $2 \
                     AND o.deleted_at IS NULL ORDER BY i.created_at DESC, i.id DESC LIMIT $3"
                ));
                let rows: Vec<InviteRow> = sqlx::query_as(sql)
                    .bind(email.to_owned())
                    .bind(now)
                    .bind(MAX_ROWS)
                    .fetch_all(self.read())
                    .await?;
                convert(rows)
            }

            async fn list_invites_of(
                &self,
                organization: OrganizationId,
                after: Option<(DateTime<Utc>, InviteId)>,
                limit: Option<u32>,
            ) -> Result<Vec<Invite>, StoreError> {
                let sql = AssertSqlSafe(format!(
                    "{INVITE} WHERE i.organization_id = $1 AND ($3 IS NULL OR (i.created_at, i.id) < ($3, $4)) \
                     ORDER BY i.created_at DESC, i.id DESC LIMIT $2"
                ));
                let rows: Vec<InviteRow> = sqlx::query_as(sql)
                    .bind(organization.0)
                    .bind(limit.map_or(MAX_ROWS, i64::from))
                    .bind(after.map(|(made, _)| made))
                    .bind(after.map(|(_, id)| id.0))
                    .fetch_all(self.read())
                    .await?;
                convert(rows)
            }

            async fn accept_invite(&self, invite: InviteId, user: UserId, by: &Actor) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let Some(row) = Self::lock_invite(&mut transaction, invite).await? else { return Ok(false) };
                let (organization, role) = (OrganizationId(row.organization_id), word(&row.role)?);
                let before = Self::role_of(&mut transaction, organization, user).await?;
                if let Some(same) = row.settled(user, InviteStatus::Accepted, by.now) {
                    // Whoever is a member no more has nothing of having accepted.
                    return Ok(same && before.is_some());
                }
                if before < Some(role) {
                    Self::put_member(&mut transaction, organization, user, before, role, by).await?;
                }
                let answer = InviteStatus::Accepted;
                Self::settle_invite(&mut transaction, invite, organization, answer, user, by).await?;
                // Theirs by another address: the one that the issuer said last.
                Self::end_invite_to(&mut transaction, organization, user, by).await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn reject_invite(&self, invite: InviteId, user: UserId, by: &Actor) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let Some(row) = Self::lock_invite(&mut transaction, invite).await? else { return Ok(false) };
                let answer = InviteStatus::Rejected;
                if let Some(same) = row.settled(user, answer, by.now) {
                    return Ok(same);
                }
                let organization = OrganizationId(row.organization_id);
                Self::settle_invite(&mut transaction, invite, organization, answer, user, by).await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn revoke_invite(&self, invite: InviteId, by: &Actor) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let Some(row) = Self::lock_invite(&mut transaction, invite).await? else { return Ok(false) };
                let deleted = sqlx::query(
                    "DELETE FROM organization_invites WHERE id = $1 AND status IN ('pending', 'expired')",
                )
                .bind(invite.0)
                .execute(&mut *transaction)
                .await?;
                if deleted.rows_affected() == 0 {
                    return Ok(false);
                }
                let organization = OrganizationId(row.organization_id);
                Self::record_invite(&mut transaction, "invite.revoked", invite, organization, None, by).await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn renew_invite(
                &self,
                invite: InviteId,
                token_hash: &str,
                expires_at: DateTime<Utc>,
                by: &Actor,
            ) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let Some(row) = Self::lock_invite(&mut transaction, invite).await? else { return Ok(false) };
                let renewed: Option<String> = sqlx::query_scalar(
                    "UPDATE organization_invites SET token_hash = $2, expires_at = $3, status = 'pending', \
                     updated_at = $4 WHERE id = $1 AND status IN ('pending', 'expired') RETURNING email",
                )
                .bind(invite.0)
                .bind(token_hash.to_owned())
                .bind(expires_at)
                .bind(by.now)
                .fetch_optional(&mut *transaction)
                .await?;
                let Some(email) = renewed else { return Ok(false) };
                let organization = OrganizationId(row.organization_id);
                if Self::has_member_at(&mut transaction, organization, &email).await? {
                    return Err(StoreError::Conflict(Constraint::Membership));
                }
                Self::record_invite(&mut transaction, "invite.resent", invite, organization, None, by).await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn expire_invites(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
                let expired = sqlx::query(
                    "UPDATE organization_invites SET status = 'expired', updated_at = $1 \
                     WHERE status = 'pending' AND expires_at <= $1",
                )
                .bind(now)
                .execute(self.write())
                .await?;
                Ok(expired.rows_affected())
            }
        }
    };
}
pub(crate) use impl_invites;
