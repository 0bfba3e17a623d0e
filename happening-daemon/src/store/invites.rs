//! Invites to organizations.

use super::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::{Invite, InviteBlock, InviteKind, InviteStatus, Role};

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

/// An invite, and what only the rules need of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredInvite {
    /// The invite, without its token.
    pub invite: Invite,
    /// Who accepted or rejected it.
    pub answered_by: Option<UserId>,
    /// When it was last sent; absent in rows from before this was stored.
    pub sent_at: Option<DateTime<Utc>>,
}

/// Reads of committed invites, and what the housekeeping does. An invite never comes back with its token.
#[async_trait]
pub trait Invites: Send + Sync {
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

    /// Organizations whose invites are kept from a user, oldest block first.
    async fn list_invite_blocks(&self, user: UserId) -> Result<Vec<InviteBlock>, StoreError>;

    /// Marks what nobody answered in time. Returns how many.
    async fn expire_invites(&self, now: DateTime<Utc>) -> Result<u64, StoreError>;
}

/// Rows of invites and blocks in a unit of work. Whoever changes invites of an organization has locked its row.
#[async_trait]
pub trait InviteRows: Send {
    /// An invite of an organization that is not deleted.
    async fn find_invite(&mut self, invite: InviteId) -> Result<Option<StoredInvite>, StoreError>;

    /// Whether the address has an invite of the organization that is not answered nor marked as expired.
    async fn has_pending_invite(
        &mut self,
        organization: OrganizationId,
        email: &str,
    ) -> Result<bool, StoreError>;

    /// Whether an account has a pending offer of the organization's ownership that it can still accept.
    async fn has_open_offer(
        &mut self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<bool, StoreError>;

    /// The invite of an organization that an account with this address, in lower case, can accept now.
    async fn find_open_invite(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        email: &str,
    ) -> Result<Option<Invite>, StoreError>;

    /// Inserts a pending invite, sent now. [`super::Constraint::PendingInvite`] if the address has one.
    async fn insert_invite(&mut self, invite: &NewInvite, kind: InviteKind) -> Result<(), StoreError>;

    /// Sets the answer and who gave it.
    async fn answer_invite(
        &mut self,
        invite: InviteId,
        answer: InviteStatus,
        user: UserId,
    ) -> Result<(), StoreError>;

    /// Makes an invite pending again, sent now, with another token and end. [`super::Constraint::PendingInvite`] if the
    /// address has another pending one.
    async fn renew_invite(
        &mut self,
        invite: InviteId,
        token_hash: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Marks the pending invite of an organization to an address as expired if its time is over.
    async fn expire_invite_to(&mut self, organization: OrganizationId, email: &str)
    -> Result<(), StoreError>;

    /// Deletes an invite.
    async fn delete_invite(&mut self, invite: InviteId) -> Result<(), StoreError>;

    /// Keeps an organization's invites from a user; the first time counts.
    async fn insert_invite_block(
        &mut self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<(), StoreError>;

    /// Lets an organization's invites reach a user again. False if they were not kept away.
    async fn delete_invite_block(
        &mut self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<bool, StoreError>;

    /// Deletes the pending invites of an organization to an account, or to an address in lower case. Returns them,
    /// ascending, as the following do.
    async fn delete_invites_to(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        email: Option<&str>,
    ) -> Result<Vec<InviteId>, StoreError>;

    /// Deletes the pending offers of an organization's ownership: to one account, or all.
    async fn delete_offers(
        &mut self,
        organization: OrganizationId,
        to: Option<UserId>,
    ) -> Result<Vec<InviteId>, StoreError>;

    /// Deletes all pending invites and offers of an organization.
    async fn delete_pending_invites(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<InviteId>, StoreError>;
}
