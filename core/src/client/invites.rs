//! `/org-invites`, and the invites of an organization.

use super::{Client, ClientError, Page};
use crate::id::{InviteId, OrganizationId, UserId};
use crate::wire::{CreateInvite, Done, Invite, InviteBlock, InviteSent, PageQuery};

impl Client {
    /// Invites somebody. Only this answer holds the token.
    pub async fn send_invite(&self, create: &CreateInvite) -> Result<InviteSent, ClientError> {
        self.post("/org-invites", create).await
    }

    /// Invites again: a new token, and seven more days.
    pub async fn resend_invite(&self, invite: InviteId) -> Result<InviteSent, ClientError> {
        self.post_empty(&format!("/org-invites/{invite}/resend")).await
    }

    /// Takes an invite back.
    pub async fn revoke_invite(&self, invite: InviteId) -> Result<Done, ClientError> {
        self.delete(&format!("/org-invites/{invite}")).await
    }

    /// Invites that wait for a user's answer.
    pub async fn pending_invites(&self, user: UserId) -> Result<Vec<Invite>, ClientError> {
        self.get(&format!("/org-invites/pending/{user}")).await
    }

    /// The invite with this token.
    pub async fn invite_by_token(&self, token: &str) -> Result<Invite, ClientError> {
        self.get(&format!("/org-invites/{token}")).await
    }

    /// Becomes a member.
    pub async fn accept_invite(&self, invite: InviteId) -> Result<Invite, ClientError> {
        self.post_empty(&format!("/org-invites/accept/{invite}")).await
    }

    /// Declines.
    pub async fn reject_invite(&self, invite: InviteId) -> Result<Invite, ClientError> {
        self.post_empty(&format!("/org-invites/reject/{invite}")).await
    }

    /// Declines, and gets no invites of this organization any more, which it does not learn.
    pub async fn block_invites(&self, invite: InviteId) -> Result<Invite, ClientError> {
        self.post_empty(&format!("/org-invites/reject/{invite}?block=true")).await
    }

    /// Organizations whose invites a user gets no more.
    pub async fn invite_blocks(&self, user: UserId) -> Result<Vec<InviteBlock>, ClientError> {
        self.get(&format!("/users/{user}/invite-blocks")).await
    }

    /// Gets an organization's invites again.
    pub async fn unblock_invites(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Done, ClientError> {
        self.delete(&format!("/users/{user}/invite-blocks/{organization}")).await
    }

    /// Invites of an organization, newest first, in pages.
    pub async fn find_invites(
        &self,
        organization: OrganizationId,
        query: &PageQuery,
    ) -> Result<Page<Invite>, ClientError> {
        self.get_page(&format!("/organizations/{organization}/invites"), query).await
    }

    /// Invites of an organization, newest first.
    pub async fn invites_of(&self, organization: OrganizationId) -> Result<Vec<Invite>, ClientError> {
        self.get(&format!("/organizations/{organization}/invites")).await
    }
}
