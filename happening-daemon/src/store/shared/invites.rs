//! Invites to organizations.

/// Implements [`super::super::Invites`]; `$connection` is one inside a transaction.
macro_rules! impl_invites {
    ($store:ty, $connection:ty) => {
        const INVITE: &str = "SELECT i.id, i.organization_id, o.name AS organization_name, i.kind, i.email, i.user_id, i.role, \
             i.invited_by, \
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
                    "SELECT i.organization_id, i.kind, i.role, i.status, i.answered_by, i.expires_at \
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

            /// Whether the invited account is a member; of an invite to an address, anybody who has it.
            async fn has_member_at(
                connection: &mut $connection,
                organization: OrganizationId,
                email: &str,
                user: Option<UserId>,
            ) -> Result<bool, StoreError> {
                let members: i64 = sqlx::query_scalar(
                    "SELECT count(*) FROM organization_users m JOIN users u ON u.id = m.user_id \
                     WHERE m.organization_id = $1 AND ($3 IS NULL AND lower(u.email) = $2 OR u.id = $3)",
                )
                .bind(organization.0)
                .bind(email.to_owned())
                .bind(user.map(|user| user.0))
                .fetch_one(connection)
                .await?;
                Ok(members > 0)
            }

            /// Writes an invite down. One to the same address that has expired and is not marked yet does not prevent it.
            async fn insert_invite(
                connection: &mut $connection,
                invite: &NewInvite,
                kind: InviteKind,
                by: &Actor,
            ) -> Result<(), StoreError> {
                sqlx::query(
                    "UPDATE organization_invites SET status = 'expired', updated_at = $3 WHERE organization_id = $1 \
                     AND email = $2 AND status = 'pending' AND expires_at <= $3",
                )
                .bind(invite.organization.0)
                .bind(invite.email.clone())
                .bind(by.now)
                .execute(&mut *connection)
                .await?;
                sqlx::query(
                    "INSERT INTO organization_invites (id, organization_id, kind, email, user_id, role, invited_by, \
                     token_hash, message, expires_at, sent_at, created_at, updated_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $11)",
                )
                .bind(invite.id.0)
                .bind(invite.organization.0)
                .bind(kind.as_str())
                .bind(invite.email.clone())
                .bind(invite.user.map(|user| user.0))
                .bind(invite.role.as_str())
                .bind(invite.invited_by.0)
                .bind(invite.token_hash.clone())
                .bind(invite.message.clone())
                .bind(invite.expires_at)
                .bind(by.now)
                .execute(&mut *connection)
                .await?;
                let action = match kind {
                    InviteKind::Membership => "invite.sent",
                    InviteKind::Ownership => "ownership.offered",
                };
                let (id, organization) = (invite.id, invite.organization);
                Self::record_invite(connection, action, id, organization, Some(invite.role), by).await
            }

            /// Makes somebody a member with a role, or raises theirs; they said yes.
            async fn join(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                before: Option<Role>,
                role: Role,
                by: &Actor,
            ) -> Result<(), StoreError> {
                if before < Some(role) {
                    return Self::put_member(connection, organization, user, before, role, true, by).await;
                }
                sqlx::query(
                    "UPDATE organization_users SET accepted_at = coalesce(accepted_at, $3) \
                     WHERE organization_id = $1 AND user_id = $2",
                )
                .bind(organization.0)
                .bind(user.0)
                .bind(by.now)
                .execute(connection)
                .await?;
                Ok(())
            }

            /// Makes a member the owner, who said yes. Nobody else inherits it meanwhile.
            async fn take_over(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                before: Role,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let owner: Option<Uuid> = sqlx::query_scalar("SELECT owner_id FROM organizations WHERE id = $1")
                    .bind(organization.0)
                    .fetch_one(&mut *connection)
                    .await?;
                Self::set_owner(&mut *connection, organization, Some(user), true, by).await?;
                Self::join(&mut *connection, organization, user, Some(before), Role::OrgAdmin, by).await?;
                Self::record_transfer(connection, organization, owner.map(UserId), Some(user), by).await
            }
        }

        #[async_trait]
        impl Invites for $store {
            async fn create_invite(&self, invite: &NewInvite, by: &Actor) -> Result<(), StoreError> {
                let mut transaction = self.begin().await?;
                sqlx::query(Self::LOCK_ORGANIZATION).bind(invite.organization.0).execute(&mut *transaction).await?;
                let (organization, email) = (invite.organization, &invite.email);
                if Self::has_member_at(&mut transaction, organization, email, invite.user).await? {
                    return Err(StoreError::Conflict(Constraint::Membership));
                }
                Self::insert_invite(&mut transaction, invite, InviteKind::Membership, by).await?;
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

            async fn list_invites_to(
                &self,
                user: UserId,
                email: Option<&str>,
                now: DateTime<Utc>,
            ) -> Result<Vec<Invite>, StoreError> {
                let sql = AssertSqlSafe(format!(
                    "{INVITE} WHERE (i.user_id = $1 OR i.user_id IS NULL AND i.email = $2) AND i.status = 'pending' \
                     AND i.expires_at > $3 AND o.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM invite_blocks b \
                     WHERE b.user_id = $1 AND b.organization_id = i.organization_id) \
                     ORDER BY i.created_at DESC, i.id DESC LIMIT $4"
                ));
                let rows: Vec<InviteRow> = sqlx::query_as(sql)
                    .bind(user.0)
                    .bind(email.map(str::to_owned))
                    .bind(now)
                    .bind(MAX_ROWS)
                    .fetch_all(self.read())
                    .await?;
                convert(rows)
            }

            async fn find_open_invite(
                &self,
                organization: OrganizationId,
                user: UserId,
                email: &str,
                now: DateTime<Utc>,
            ) -> Result<Option<Invite>, StoreError> {
                let sql = AssertSqlSafe(format!(
                    "{INVITE} WHERE i.organization_id = $1 AND (i.user_id = $2 OR i.user_id IS NULL AND i.email = $4) \
                     AND i.status = 'pending' AND i.expires_at > $3 AND o.deleted_at IS NULL \
                     ORDER BY i.created_at DESC LIMIT 1"
                ));
                let row: Option<InviteRow> = sqlx::query_as(sql)
                    .bind(organization.0)
                    .bind(user.0)
                    .bind(now)
                    .bind(email.to_owned())
                    .fetch_optional(self.read())
                    .await?;
                row.map(Invite::try_from).transpose()
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
                let kind: InviteKind = word(&row.kind)?;
                let answer = InviteStatus::Accepted;
                match (kind, before) {
                    (InviteKind::Membership, _) => {
                        Self::join(&mut transaction, organization, user, before, role, by).await?;
                        Self::settle_invite(&mut transaction, invite, organization, answer, user, by).await?;
                    }
                    // Answered first: what is still open ends with the old owner's ownership.
                    (InviteKind::Ownership, Some(before)) => {
                        Self::settle_invite(&mut transaction, invite, organization, answer, user, by).await?;
                        Self::take_over(&mut transaction, organization, user, before, by).await?;
                    }
                    // Offered to members alone.
                    (InviteKind::Ownership, None) => return Ok(false),
                }
                sqlx::query("DELETE FROM invite_blocks WHERE user_id = $1 AND organization_id = $2")
                    .bind(user.0)
                    .bind(organization.0)
                    .execute(&mut *transaction)
                    .await?;
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
                sent_before: DateTime<Utc>,
                by: &Actor,
            ) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let Some(row) = Self::lock_invite(&mut transaction, invite).await? else { return Ok(false) };
                let renewed: Option<(String, Option<Uuid>, String)> = sqlx::query_as(
                    "UPDATE organization_invites SET token_hash = $2, expires_at = $3, status = 'pending', \
                     updated_at = $4, sent_at = $4 WHERE id = $1 AND status IN ('pending', 'expired') \
                     AND (sent_at IS NULL OR sent_at <= $5) \
                     RETURNING email, user_id, kind",
                )
                .bind(invite.0)
                .bind(token_hash.to_owned())
                .bind(expires_at)
                .bind(by.now)
                .bind(sent_before)
                .fetch_optional(&mut *transaction)
                .await?;
                let Some((email, user, kind)) = renewed else { return Ok(false) };
                let organization = OrganizationId(row.organization_id);
                let is_member =
                    Self::has_member_at(&mut transaction, organization, &email, user.map(UserId)).await?;
                if is_member && kind == InviteKind::Membership.as_str() {
                    return Err(StoreError::Conflict(Constraint::Membership));
                }
                Self::record_invite(&mut transaction, "invite.resent", invite, organization, None, by).await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn block_invites(
                &self,
                user: UserId,
                organization: OrganizationId,
                now: DateTime<Utc>,
            ) -> Result<(), StoreError> {
                sqlx::query(
                    "INSERT INTO invite_blocks (user_id, organization_id, created_at) VALUES ($1, $2, $3) \
                     ON CONFLICT (user_id, organization_id) DO NOTHING",
                )
                .bind(user.0)
                .bind(organization.0)
                .bind(now)
                .execute(self.write())
                .await?;
                Ok(())
            }

            async fn unblock_invites(
                &self,
                user: UserId,
                organization: OrganizationId,
            ) -> Result<bool, StoreError> {
                let gone = sqlx::query("DELETE FROM invite_blocks WHERE user_id = $1 AND organization_id = $2")
                    .bind(user.0)
                    .bind(organization.0)
                    .execute(self.write())
                    .await?;
                Ok(gone.rows_affected() > 0)
            }

            async fn list_invite_blocks(&self, user: UserId) -> Result<Vec<InviteBlock>, StoreError> {
                let rows: Vec<(Uuid, String, DateTime<Utc>)> = sqlx::query_as(
                    "SELECT b.organization_id, o.name, b.created_at FROM invite_blocks b \
                     JOIN organizations o ON o.id = b.organization_id WHERE b.user_id = $1 \
                     ORDER BY b.created_at, b.organization_id LIMIT $2",
                )
                .bind(user.0)
                .bind(MAX_ROWS)
                .fetch_all(self.read())
                .await?;
                let block = |(id, organization_name, created_at)| InviteBlock {
                    organization_id: OrganizationId(id),
                    organization_name,
                    created_at,
                };
                Ok(rows.into_iter().map(block).collect())
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
