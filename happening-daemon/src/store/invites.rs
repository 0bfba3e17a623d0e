//! Invites to organizations.

use super::{Actor, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::{Invite, InviteBlock, Role};

/// An invite to be made.
#[derive(Debug, Clone)]
pub struct NewInvite {
    /// The id to give.
    pub id: InviteId,
    /// Where to.
    pub organization: OrganizationId,
    /// The address of whom, in lower case.
    pub email: String,
    /// The account, if it is one's that is known; else it is for whoever proves to have the address.
    pub user: Option<UserId>,
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
    /// Makes an invite to be a member. [`super::Constraint::Membership`] if the account, or somebody with this address, is a
    /// member, [`super::Constraint::PendingInvite`] if the address has an open invite already.
    async fn create_invite(&self, invite: &NewInvite, by: &Actor) -> Result<(), StoreError>;

    /// An invite.
    async fn find_invite(&self, invite: InviteId) -> Result<Option<Invite>, StoreError>;

    /// The invite whose token has this hash.
    async fn find_invite_by_token(&self, token_hash: &str) -> Result<Option<Invite>, StoreError>;

    /// Invites that a user can accept now, newest first: those to their account, and those to an address in lower case that
    /// is theirs. Not those of organizations that they blocked.
    async fn list_invites_to(
        &self,
        user: UserId,
        email: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Invite>, StoreError>;

    /// The invite of an organization that an account with this address, in lower case, can accept now.
    async fn find_open_invite(
        &self,
        organization: OrganizationId,
        user: UserId,
        email: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Invite>, StoreError>;

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

    /// Gives an open or expired invite that was last sent at or before `sent_before` a new token and a new end. False if there
    /// is none such;
    /// [`super::Constraint::PendingInvite`] if the address has another open one, [`super::Constraint::Membership`] if a
    /// member has it.
    async fn renew_invite(
        &self,
        invite: InviteId,
        token_hash: &str,
        expires_at: DateTime<Utc>,
        sent_before: DateTime<Utc>,
        by: &Actor,
    ) -> Result<bool, StoreError>;

    /// Keeps an organization's invites from a user from now on; accepting one ends it.
    async fn block_invites(
        &self,
        user: UserId,
        organization: OrganizationId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Lets an organization's invites reach a user again. False if they were not kept away.
    async fn unblock_invites(&self, user: UserId, organization: OrganizationId) -> Result<bool, StoreError>;

    /// Organizations whose invites are kept from a user, oldest block first.
    async fn list_invite_blocks(&self, user: UserId) -> Result<Vec<InviteBlock>, StoreError>;

    /// Marks what nobody answered in time. Returns how many.
    async fn expire_invites(&self, now: DateTime<Utc>) -> Result<u64, StoreError>;
}
