//! Invites to organizations.

use super::{Actor, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::{Invite, Role};

/// An invite to be made.
#[derive(Debug, Clone)]
pub struct NewInvite {
    /// The id to give.
    pub id: InviteId,
    /// Where to.
    pub organization: OrganizationId,
    /// Whom, in lower case.
    pub email: String,
    /// What they will be.
    pub role: Role,
    /// By whom.
    pub invited_by: UserId,
    /// SHA-256 of the token, in hexadecimal.
    pub token_hash: String,
    /// A few words.
    pub message: Option<String>,
    /// From when on it can no longer be accepted.
    pub expires_at: DateTime<Utc>,
}

/// The invites' side of the store. An invite never comes back with its token.
#[async_trait]
pub trait Invites: Send + Sync {
    /// Makes an invite. [`super::Constraint::Membership`] if somebody with this address is a member,
    /// [`super::Constraint::PendingInvite`] if the address has an open invite already.
    async fn create_invite(&self, invite: &NewInvite, by: &Actor) -> Result<(), StoreError>;

    /// An invite.
    async fn find_invite(&self, invite: InviteId) -> Result<Option<Invite>, StoreError>;

    /// The invite whose token has this hash.
    async fn find_invite_by_token(&self, token_hash: &str) -> Result<Option<Invite>, StoreError>;

    /// Invites that an address in lower case can accept now, newest first.
    async fn list_invites_to(&self, email: &str, now: DateTime<Utc>) -> Result<Vec<Invite>, StoreError>;

    /// Invites of an organization, newest first: at most `limit` (absent: [`super::catalogue::MAX_ROWS`]), and with `after`
    /// only those behind the one that was made at this time and has this id.
    async fn list_invites_of(
        &self,
        organization: OrganizationId,
        after: Option<(DateTime<Utc>, InviteId)>,
        limit: Option<u32>,
    ) -> Result<Vec<Invite>, StoreError>;

    /// Makes a user a member with the invite's role; a member keeps the higher one. True if this user accepted it, now or
    /// before and is still a member; false, and nothing done, if it was answered otherwise or has expired.
    async fn accept_invite(&self, invite: InviteId, user: UserId, by: &Actor) -> Result<bool, StoreError>;

    /// Declines. True if this user declined it, now or before; false as for [`Self::accept_invite`].
    async fn reject_invite(&self, invite: InviteId, user: UserId, by: &Actor) -> Result<bool, StoreError>;

    /// Takes an open or expired invite back: it is gone. False if there is none such.
    async fn revoke_invite(&self, invite: InviteId, by: &Actor) -> Result<bool, StoreError>;

    /// Gives an open or expired invite a new token and a new end. False if there is none such;
    /// [`super::Constraint::PendingInvite`] if the address has another open one, [`super::Constraint::Membership`] if a
    /// member has it.
    async fn renew_invite(
        &self,
        invite: InviteId,
        token_hash: &str,
        expires_at: DateTime<Utc>,
        by: &Actor,
    ) -> Result<bool, StoreError>;

    /// Marks what nobody answered in time. Returns how many.
    async fn expire_invites(&self, now: DateTime<Utc>) -> Result<u64, StoreError>;
}
