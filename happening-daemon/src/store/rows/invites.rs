//! Rows of invites.

use super::super::{StoreError, StoredInvite};
use super::word;
use chrono::{DateTime, Utc};
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::Invite;
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
    answered_by: Option<Uuid>,
    sent_at: Option<DateTime<Utc>>,
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

impl TryFrom<InviteRow> for StoredInvite {
    type Error = StoreError;

    fn try_from(row: InviteRow) -> Result<Self, StoreError> {
        Ok(Self {
            answered_by: row.answered_by.map(UserId),
            sent_at: row.sent_at,
            invite: Invite::try_from(row)?,
        })
    }
}
