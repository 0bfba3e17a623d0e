//! Invites: their rows in a unit of work, and reads of committed ones.

use super::{SqlStore, SqlTx};
use crate::store::catalogue::MAX_ROWS;
use crate::store::rows::{InviteRow, convert};
use crate::store::{InviteRows, Invites, NewInvite, StoreError, StoredInvite};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::{Invite, InviteBlock, InviteKind, InviteStatus};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// All of an invite but its token.
pub(super) const INVITE: &str = "SELECT i.id, i.organization_id, o.name AS organization_name, i.kind, i.email, i.user_id, \
     i.role, i.invited_by, u.username AS invited_by_username, i.message, i.expires_at, i.status, i.created_at, i.updated_at, \
     i.answered_by, i.sent_at \
     FROM organization_invites i JOIN organizations o ON o.id = i.organization_id \
     JOIN users u ON u.id = i.invited_by ";

/// The one of the organization $1 that the account $2 with the address $4 can accept at the time $3.
const OPEN: &str = "WHERE i.organization_id = $1 AND (i.user_id = $2 OR i.user_id IS NULL AND i.email = $4) \
     AND i.status = 'pending' AND i.expires_at > $3 AND o.deleted_at IS NULL ORDER BY i.created_at DESC LIMIT 1";

#[async_trait]
impl InviteRows for SqlTx {
    async fn find_invite(&mut self, invite: InviteId) -> Result<Option<StoredInvite>, StoreError> {
        let sql = AssertSqlSafe(format!("{INVITE} WHERE i.id = $1 AND o.deleted_at IS NULL"));
        let row: Option<InviteRow> =
            sqlx::query_as(sql).bind(invite.0).fetch_optional(self.connection()).await?;
        row.map(StoredInvite::try_from).transpose()
    }

    async fn has_pending_invite(
        &mut self,
        organization: OrganizationId,
        email: &str,
    ) -> Result<bool, StoreError> {
        let pending: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM organization_invites WHERE organization_id = $1 AND email = $2 AND status = 'pending'",
        )
        .bind(organization.0)
        .bind(email.to_owned())
        .fetch_one(self.connection())
        .await?;
        Ok(pending > 0)
    }

    async fn has_open_offer(
        &mut self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<bool, StoreError> {
        let (connection, by) = self.parts();
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM organization_invites WHERE organization_id = $1 AND user_id = $2 \
             AND kind = 'ownership' AND status = 'pending' AND expires_at > $3",
        )
        .bind(organization.0)
        .bind(user.0)
        .bind(by.now)
        .fetch_one(connection)
        .await?;
        Ok(open > 0)
    }

    async fn find_open_invite(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        email: &str,
    ) -> Result<Option<Invite>, StoreError> {
        let (connection, by) = self.parts();
        let sql = AssertSqlSafe(format!("{INVITE} {OPEN}"));
        let row: Option<InviteRow> = sqlx::query_as(sql)
            .bind(organization.0)
            .bind(user.0)
            .bind(by.now)
            .bind(email.to_owned())
            .fetch_optional(connection)
            .await?;
        row.map(Invite::try_from).transpose()
    }

    async fn insert_invite(&mut self, invite: &NewInvite, kind: InviteKind) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
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
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn answer_invite(
        &mut self,
        invite: InviteId,
        answer: InviteStatus,
        user: UserId,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        let answered = sqlx::query(
            "UPDATE organization_invites SET status = $2, answered_by = $3, updated_at = $4 WHERE id = $1",
        )
        .bind(invite.0)
        .bind(answer.as_str())
        .bind(user.0)
        .bind(by.now)
        .execute(connection)
        .await?;
        still_there(answered.rows_affected())
    }

    async fn renew_invite(
        &mut self,
        invite: InviteId,
        token_hash: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        let renewed = sqlx::query(
            "UPDATE organization_invites SET token_hash = $2, expires_at = $3, status = 'pending', updated_at = $4, \
             sent_at = $4 WHERE id = $1",
        )
        .bind(invite.0)
        .bind(token_hash.to_owned())
        .bind(expires_at)
        .bind(by.now)
        .execute(connection)
        .await?;
        still_there(renewed.rows_affected())
    }

    async fn expire_invite_to(
        &mut self,
        organization: OrganizationId,
        email: &str,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query(
            "UPDATE organization_invites SET status = 'expired', updated_at = $3 WHERE organization_id = $1 \
             AND email = $2 AND status = 'pending' AND expires_at <= $3",
        )
        .bind(organization.0)
        .bind(email.to_owned())
        .bind(by.now)
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn delete_invite(&mut self, invite: InviteId) -> Result<(), StoreError> {
        let deleted = sqlx::query("DELETE FROM organization_invites WHERE id = $1")
            .bind(invite.0)
            .execute(self.connection())
            .await?;
        still_there(deleted.rows_affected())
    }

    async fn insert_invite_block(
        &mut self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        sqlx::query(
            "INSERT INTO invite_blocks (user_id, organization_id, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id, organization_id) DO NOTHING",
        )
        .bind(user.0)
        .bind(organization.0)
        .bind(by.now)
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn delete_invite_block(
        &mut self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<bool, StoreError> {
        let deleted = sqlx::query("DELETE FROM invite_blocks WHERE user_id = $1 AND organization_id = $2")
            .bind(user.0)
            .bind(organization.0)
            .execute(self.connection())
            .await?;
        Ok(deleted.rows_affected() > 0)
    }

    async fn delete_invites_to(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        email: Option<&str>,
    ) -> Result<Vec<InviteId>, StoreError> {
        let ended: Vec<Uuid> = sqlx::query_scalar(
            "DELETE FROM organization_invites WHERE organization_id = $1 AND (email = $2 OR user_id = $3) \
             AND status = 'pending' AND kind = 'membership' RETURNING id",
        )
        .bind(organization.0)
        .bind(email.map(str::to_owned))
        .bind(user.0)
        .fetch_all(self.connection())
        .await?;
        Ok(ids(ended))
    }

    async fn delete_offers(
        &mut self,
        organization: OrganizationId,
        to: Option<UserId>,
    ) -> Result<Vec<InviteId>, StoreError> {
        let ended: Vec<Uuid> = sqlx::query_scalar(
            "DELETE FROM organization_invites WHERE organization_id = $1 AND ($2 IS NULL OR user_id = $2) \
             AND status = 'pending' AND kind = 'ownership' RETURNING id",
        )
        .bind(organization.0)
        .bind(to.map(|user| user.0))
        .fetch_all(self.connection())
        .await?;
        Ok(ids(ended))
    }

    async fn delete_pending_invites(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<InviteId>, StoreError> {
        let ended: Vec<Uuid> = sqlx::query_scalar(
            "DELETE FROM organization_invites WHERE organization_id = $1 AND status = 'pending' RETURNING id",
        )
        .bind(organization.0)
        .fetch_all(self.connection())
        .await?;
        Ok(ids(ended))
    }
}

/// Ascending: the audit log has them in this order.
fn ids(mut ended: Vec<Uuid>) -> Vec<InviteId> {
    ended.sort_unstable();
    ended.into_iter().map(InviteId).collect()
}

/// Whoever changes invites of an organization has locked it: one that was found is there.
fn still_there(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Contended) }
}

#[async_trait]
impl Invites for SqlStore {
    async fn find_invite(&self, invite: InviteId) -> Result<Option<Invite>, StoreError> {
        let sql = AssertSqlSafe(format!("{INVITE} WHERE i.id = $1 AND o.deleted_at IS NULL"));
        let row: Option<InviteRow> = sqlx::query_as(sql).bind(invite.0).fetch_optional(self.read()).await?;
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
        let sql = AssertSqlSafe(format!("{INVITE} {OPEN}"));
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
