//! Rows of invites.

use super::super::StoreError;
use super::word;
use chrono::{DateTime, Utc};
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::{Invite, InviteStatus};
use sqlx::FromRow;
use uuid::Uuid;

#[derive(FromRow)]
pub(in crate::store) struct InviteRow {
    id: Uuid,
    organization_id: Uuid,
    organization_name: String,
    kind: String,
    email: String,
    user_id: Option<Uuid>,
    role: String,
    invited_by: Uuid,
    invited_by_username: String,
    message: Option<String>,
    expires_at: DateTime<Utc>,
    status: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<InviteRow> for Invite {
    type Error = StoreError;

    fn try_from(row: InviteRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: InviteId(row.id),
            organization_id: OrganizationId(row.organization_id),
            organization_name: row.organization_name,
            kind: word(&row.kind)?,
            email: row.email,
            user_id: row.user_id.map(UserId),
            role: word(&row.role)?,
            invited_by: UserId(row.invited_by),
            invited_by_username: row.invited_by_username,
            message: row.message,
            expires_at: row.expires_at,
            status: word(&row.status)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            token: None,
        })
    }
}

/// What an answer to an invite depends on.
#[derive(FromRow)]
pub(in crate::store) struct InviteStateRow {
    pub(in crate::store) organization_id: Uuid,
    pub(in crate::store) kind: String,
    pub(in crate::store) role: String,
    status: String,
    answered_by: Option<Uuid>,
    expires_at: DateTime<Utc>,
}

impl InviteStateRow {
    /// Of an invite that can no longer be answered: whether it was this user's very answer. `None` while it is open.
    pub(in crate::store) fn settled(
        &self,
        user: UserId,
        answer: InviteStatus,
        now: DateTime<Utc>,
    ) -> Option<bool> {
        if self.status == InviteStatus::Pending.as_str() {
            return (self.expires_at <= now).then_some(false);
        }
        Some(self.status == answer.as_str() && self.answered_by == Some(user.0))
    }
}
