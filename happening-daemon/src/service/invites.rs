//! Invites: an orgAdmin offers a place in the organization to an e-mail address, and who proves to have the address
//! takes it or does not.
//!
//! The token finds an invite and nothing more: only the invited person answers it, however many hold the token.

pub(super) mod rules;
#[cfg(test)]
mod tests;

use super::fields;
use super::{Caller, Error, Page, Services, pages};
use crate::store::NewInvite;
use chrono::{DateTime, Utc};
use happening_core::fields::address_key;
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::{CreateInvite, Invite, InviteBlock, InviteSent, InviteStatus, PageQuery, Role};

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
        let token = self.ids.secret();
        let invite = NewInvite {
            id: self.ids.invite(),
            organization,
            email: address_key(&fields::email(&create.email)?),
            user: None,
            role: create.role,
            invited_by,
            token_hash: fields::digest(&token),
            message: create.message.as_deref().map(fields::message).transpose()?.flatten(),
            expires_at: self.clock.now() + rules::LIFETIME,
        };
        let mut unit = self.begin(caller).await?;
        let sent = rules::send(&mut unit, &invite, token).await?;
        unit.commit().await?;
        Ok(sent)
    }

    /// Invites again: a new token, and as much time as at first. At most once an hour.
    pub async fn resend_invite(&self, caller: &Caller, invite: InviteId) -> Result<InviteSent, Error> {
        self.must_govern_invite(caller, invite).await?;
        let mut unit = self.begin(caller).await?;
        let sent = rules::resend(&mut unit, invite, self.ids.secret()).await?;
        unit.commit().await?;
        Ok(sent)
    }

    /// Takes an invite back.
    pub async fn revoke_invite(&self, caller: &Caller, invite: InviteId) -> Result<(), Error> {
        self.must_govern_invite(caller, invite).await?;
        let mut unit = self.begin(caller).await?;
        rules::revoke(&mut unit, invite).await?;
        unit.commit().await
    }

    /// The invited person becomes a member. Harmless the second time.
    pub async fn accept_invite(&self, caller: &Caller, invite: InviteId) -> Result<Invite, Error> {
        let (user, organization) = self.invited(caller, invite).await?;
        self.must_be_active(caller, organization).await?;
        let mut unit = self.begin(caller).await?;
        let accepted = rules::accept(&mut unit, invite, user).await?;
        unit.commit().await?;
        Ok(accepted)
    }

    /// The invited person declines. Harmless the second time. With `block` no invite of the organization reaches them any more:
    /// it is made as any other, and who made it learns only that nobody answers.
    pub async fn reject_invite(
        &self,
        caller: &Caller,
        invite: InviteId,
        block: bool,
    ) -> Result<Invite, Error> {
        let (user, _) = self.invited(caller, invite).await?;
        let mut unit = self.begin(caller).await?;
        let rejected = rules::reject(&mut unit, invite, user, block).await?;
        unit.commit().await?;
        rejected.ok_or_else(gone)
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
        let mut unit = self.begin(caller).await?;
        if !unit.delete_invite_block(user, organization).await? {
            return Err(Error::not_found("block"));
        }
        unit.commit().await
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

    /// The invite with this token, for its holder.
    pub async fn invite_by_token(&self, token: &str) -> Result<Invite, Error> {
        self.must_be_up()?;
        let found = self.store.find_invite_by_token(&fields::digest(token)).await?;
        let found = found.ok_or_else(gone)?;
        Ok(as_of(found, self.clock.now()))
    }

    /// Organizations whose invites do not reach a person, for themselves and staff.
    pub async fn invite_blocks(&self, caller: &Caller, user: UserId) -> Result<Vec<InviteBlock>, Error> {
        self.must_be_up()?;
        if !caller.is(user) && !caller.is_staff() {
            return Err(Error::not_found("user"));
        }
        Ok(self.store.list_invite_blocks(user).await?)
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

    /// The caller, if they are the invited person and proved it. To anybody else there is no such invite.
    async fn invited(&self, caller: &Caller, invite: InviteId) -> Result<(UserId, OrganizationId), Error> {
        self.must_be_up()?;
        let found = self.store.find_invite(invite).await?;
        let found = found.filter(|found| is_addressed_to(found, caller));
        let found = found.ok_or_else(gone)?;
        // An account is proven by its token.
        if found.user_id.is_none() && !caller.claims.email_verified {
            return Err(Error::forbidden(
                "Your e-mail address is not verified. Please verify it where you sign in, then sign in again. (Where the \
                 issuer verifies no addresses, the daemon's setting OIDC_TRUST_UNVERIFIED_EMAIL=true does without.)",
            ));
        }
        Ok((caller.user()?.id, found.organization_id))
    }

    /// Refuses callers who do not govern the organization of the invite.
    async fn must_govern_invite(&self, caller: &Caller, invite: InviteId) -> Result<(), Error> {
        self.must_be_up()?;
        let found = self.store.find_invite(invite).await?;
        match found {
            Some(found) if caller.sees(found.organization_id) => {
                self.must_govern(caller, found.organization_id).await
            }
            _ => Err(gone()),
        }
    }
}

/// There is no such invite, no longer, or not for the caller.
fn gone() -> Error {
    Error::not_found("invite")
}

/// Whether an invite is for the caller: for their account, or, if it is for no account, for their address.
fn is_addressed_to(invite: &Invite, caller: &Caller) -> bool {
    match invite.user_id {
        Some(user) => caller.is(user),
        None => caller.claims.email.as_ref().is_some_and(|email| address_key(email) == invite.email),
    }
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
