//! Invites: an orgAdmin offers a place in the organization to an e-mail address, and whoever proves to have the address
//! takes it or does not.
//!
//! The token finds an invite and nothing more: only the invited person answers it, however many hold the token.

use super::fields;
use super::{Caller, Error, Page, Services, pages};
use crate::store::NewInvite;
use chrono::{DateTime, TimeDelta, Utc};
use happening_core::fields::address_key;
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::{
    CreateInvite, ErrorCode, Invite, InviteBlock, InviteSent, InviteStatus, InviteTold, PageQuery, Role,
};

/// How long an invite may be accepted.
pub(super) const LIFETIME: TimeDelta = TimeDelta::days(7);

/// An invite is sent again this long after it was last sent, at the earliest.
const RESEND_PAUSE: TimeDelta = TimeDelta::hours(1);

impl Services {
    /// Invites somebody.
    pub async fn send_invite(&self, caller: &Caller, create: CreateInvite) -> Result<InviteSent, Error> {
        let invited_by = caller.user()?.id;
        if create.invited_by.as_ref().is_some_and(|claimed| *claimed != caller.claims.subject) {
            return Err(Error::forbidden("invited_by is not your own."));
        }
        let organization = match create.organization_id {
            Some(organization) => organization,
            None => own_organization(caller)?,
        };
        self.must_govern(caller, organization).await?;
        let (token, now) = (self.ids.secret(), self.clock.now());
        let invite = NewInvite {
            id: self.ids.invite(),
            organization,
            email: address_key(&fields::email(&create.email)?),
            user: None,
            role: create.role,
            invited_by,
            token_hash: fields::digest(&token),
            message: create.message.as_deref().map(fields::message).transpose()?.flatten(),
            expires_at: now + LIFETIME,
        };
        self.store.create_invite(&invite, &self.actor(caller)).await?;
        self.handed_out(invite.id, token).await
    }

    /// Invites again: a new token, and as much time as at first. At most once an hour.
    pub async fn resend_invite(&self, caller: &Caller, invite: InviteId) -> Result<InviteSent, Error> {
        self.governed_invite(caller, invite).await?;
        let (token, now) = (self.ids.secret(), self.clock.now());
        let (hash, expires_at) = (fields::digest(&token), now + LIFETIME);
        let sent_before = now - RESEND_PAUSE;
        if !self.store.renew_invite(invite, &hash, expires_at, sent_before, &self.actor(caller)).await? {
            let found = self.store.find_invite(invite).await?;
            return Err(found.map_or_else(|| Error::not_found("invite"), |found| not_again(&found, now)));
        }
        self.handed_out(invite, token).await
    }

    /// What the inviter gets. The invite is committed: whoever is to be told of it at once is told here.
    pub(super) async fn handed_out(&self, invite: InviteId, token: String) -> Result<InviteSent, Error> {
        let invite = self.store.find_invite(invite).await?.ok_or_else(|| Error::not_found("invite"))?;
        let told = InviteTold {
            from: invite.invited_by_username.clone(),
            organization_name: invite.organization_name.clone(),
            message: invite.message.clone(),
            invite_id: invite.id.0,
            organization_id: Some(invite.organization_id),
        };
        self.live.invited(&addressee(&invite), told);
        Ok(InviteSent {
            message: format!("{} is invited to {}.", invite.email, invite.organization_name),
            organization_name: invite.organization_name.clone(),
            invite: Invite { token: Some(token), ..invite },
        })
    }

    /// Takes an invite back.
    pub async fn revoke_invite(&self, caller: &Caller, invite: InviteId) -> Result<(), Error> {
        self.governed_invite(caller, invite).await?;
        let revoked = self.store.revoke_invite(invite, &self.actor(caller)).await?;
        if revoked { Ok(()) } else { Err(Error::not_found("invite")) }
    }

    /// Invites of an organization, for those who govern it and for staff.
    pub async fn invites_of(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        query: &PageQuery,
    ) -> Result<Page<Invite>, Error> {
        let (size, part) = pages::part(query)?;
        self.organization(caller, organization).await?;
        if !caller.is_staff() && !caller.governs(organization) {
            return Err(Error::forbidden("Only an orgAdmin does this."));
        }
        let after = part.before.map(|(made, id)| (made, InviteId(id)));
        let invites = self.store.list_invites_of(organization, after, part.limit).await?;
        let now = self.clock.now();
        let invites = invites.into_iter().map(|invite| as_of(invite, now)).collect();
        Ok(Page::of(invites, size, |invite: &Invite| pages::write_mark(invite.created_at, invite.id.0)))
    }

    /// Invites that wait for somebody's answer: those to their account, and those to their address. An address that the issuer
    /// has not verified is not believed: nothing waits for it.
    pub async fn pending_invites(&self, caller: &Caller, user: UserId) -> Result<Vec<Invite>, Error> {
        self.must_be_up()?;
        let email = if caller.is(user) {
            caller.claims.email.clone().filter(|_| caller.claims.email_verified)
        } else if caller.is_staff() {
            self.store.find_person(user).await?.map(|user| user.email)
        } else {
            return Err(Error::not_found("user"));
        };
        let email = email.map(|email| address_key(&email));
        Ok(self.store.list_invites_to(user, email.as_deref(), self.clock.now()).await?)
    }

    /// The invite with this token, for whoever holds it.
    pub async fn invite_by_token(&self, token: &str) -> Result<Invite, Error> {
        self.must_be_up()?;
        let found = self.store.find_invite_by_token(&fields::digest(token)).await?;
        let found = found.ok_or_else(|| Error::not_found("invite"))?;
        Ok(as_of(found, self.clock.now()))
    }

    /// The invited person becomes a member. Harmless the second time.
    pub async fn accept_invite(&self, caller: &Caller, invite: InviteId) -> Result<Invite, Error> {
        let (user, organization) = self.invited(caller, invite).await?;
        self.must_be_active(caller, organization).await?;
        let accepted = self.store.accept_invite(invite, user, &self.actor(caller)).await?;
        self.forget_person(user).await;
        self.answered(invite, accepted).await
    }

    /// The invited person declines. Harmless the second time. With `block` no invite of the organization reaches them any more:
    /// it is made as any other, and who made it learns only that nobody answers.
    pub async fn reject_invite(
        &self,
        caller: &Caller,
        invite: InviteId,
        block: bool,
    ) -> Result<Invite, Error> {
        let (user, organization) = self.invited(caller, invite).await?;
        if block {
            self.store.block_invites(user, organization, self.clock.now()).await?;
        }
        let rejected = self.store.reject_invite(invite, user, &self.actor(caller)).await?;
        self.answered(invite, rejected).await
    }

    /// Organizations whose invites do not reach a person, for themselves and staff.
    pub async fn invite_blocks(&self, caller: &Caller, user: UserId) -> Result<Vec<InviteBlock>, Error> {
        self.must_be_up()?;
        if !caller.is(user) && !caller.is_staff() {
            return Err(Error::not_found("user"));
        }
        Ok(self.store.list_invite_blocks(user).await?)
    }

    /// Lets an organization's invites reach the caller again.
    pub async fn unblock_invites(
        &self,
        caller: &Caller,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<(), Error> {
        self.must_be_up()?;
        if !caller.is(user) {
            return Err(Error::not_found("block"));
        }
        let unblocked = self.store.unblock_invites(user, organization).await?;
        if unblocked { Ok(()) } else { Err(Error::not_found("block")) }
    }

    /// Whether an invite of this organization may be shown to the caller at once.
    pub async fn hears_of_invites(
        &self,
        caller: &Caller,
        organization: Option<OrganizationId>,
    ) -> Result<bool, Error> {
        let Some(user) = caller.person.as_ref().map(|person| person.user.id) else { return Ok(true) };
        let blocks = self.store.list_invite_blocks(user).await?;
        Ok(blocks.iter().all(|block| Some(block.organization_id) != organization))
    }

    async fn answered(&self, invite: InviteId, done: bool) -> Result<Invite, Error> {
        let gone = || Error::not_found("invite");
        if !done {
            return Err(gone());
        }
        self.store.find_invite(invite).await?.ok_or_else(gone)
    }

    /// The caller, if they are the invited person and proved it. To anybody else there is no such invite.
    async fn invited(&self, caller: &Caller, invite: InviteId) -> Result<(UserId, OrganizationId), Error> {
        self.must_be_up()?;
        let found = self.store.find_invite(invite).await?;
        let found = found.filter(|found| is_addressed_to(found, caller));
        let found = found.ok_or_else(|| Error::not_found("invite"))?;
        // An account is proven by its token.
        if found.user_id.is_none() && !caller.claims.email_verified {
            return Err(Error::forbidden(
                "Your e-mail address is not verified. Please verify it where you sign in, then sign in again. (Where the \
                 issuer verifies no addresses, the daemon's setting OIDC_TRUST_UNVERIFIED_EMAIL=true does without.)",
            ));
        }
        Ok((caller.user()?.id, found.organization_id))
    }

    async fn governed_invite(&self, caller: &Caller, invite: InviteId) -> Result<(), Error> {
        self.must_be_up()?;
        let found = self.store.find_invite(invite).await?;
        match found {
            Some(found) if caller.sees(found.organization_id) => {
                self.must_govern(caller, found.organization_id).await
            }
            _ => Err(Error::not_found("invite")),
        }
    }
}

/// Why an invite is not sent again: it was answered, or sent a short while ago.
fn not_again(invite: &Invite, now: DateTime<Utc>) -> Error {
    if !matches!(invite.status, InviteStatus::Pending | InviteStatus::Expired) {
        return Error::not_found("invite");
    }
    // While it is open, its last change is that it was sent.
    let wait = (invite.updated_at + RESEND_PAUSE - now).num_seconds().clamp(1, RESEND_PAUSE.num_seconds());
    let detail = "An invite is sent again at most once an hour.";
    let mut error = Error::new(ErrorCode::RateLimited, detail);
    error.members.push(("retry_after", wait.into()));
    error
}

/// Whether an invite is for the caller: for their account, or, if it is for no account, for their address.
fn is_addressed_to(invite: &Invite, caller: &Caller) -> bool {
    match invite.user_id {
        Some(user) => caller.is(user),
        None => caller.claims.email.as_ref().is_some_and(|email| address_key(email) == invite.email),
    }
}

/// Whose sockets are sent an invite: those of an account, or of an e-mail address.
fn addressee(invite: &Invite) -> String {
    invite.user_id.map_or_else(|| invite.email.clone(), account_addressee)
}

/// How an account is named among addressees: no e-mail address is so.
pub fn account_addressee(user: UserId) -> String {
    format!("account {user}")
}

/// The organization that the caller governs: the web client names none. Memberships come with those first, and among
/// them the one that was joined first: the person's own.
fn own_organization(caller: &Caller) -> Result<OrganizationId, Error> {
    let memberships = caller.person.as_ref().map_or(&[][..], |person| &person.memberships);
    let own = memberships.iter().find(|membership| membership.role == Role::OrgAdmin);
    own.map(|own| own.organization_id).ok_or_else(|| Error::forbidden("Only an orgAdmin invites people."))
}

/// The invite as it is at a time: what has expired may not be marked yet.
fn as_of(mut invite: Invite, now: DateTime<Utc>) -> Invite {
    if invite.status == InviteStatus::Pending && invite.expires_at <= now {
        invite.status = InviteStatus::Expired;
    }
    invite
}
