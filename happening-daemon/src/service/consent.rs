//! How somebody becomes a member, an owner or a mapped service account: by saying yes.
//!
//! A role is changed at once where there is one. Who has none is invited to it, by an invite that is for their account and
//! nobody else's, and is a member once they accept. Only an operator adds people and hands organizations over without asking.
//! What nobody agreed to also binds nobody: such an owner's erasure waits for nothing (`must_be_erasable` in
//! `service/privacy/rules.rs`), and such a member inherits no ownership (`pass_on` in `service/membership.rs`).

use super::invites::rules as invites;
use super::membership::{self, Consent};
use super::unit_of_work::UnitOfWork;
use super::{Caller, Error, Precondition, Services, fields};
use crate::store::NewInvite;
use happening_core::fields::address_key;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{ErrorCode, Invite, MemberSet, Role, Transferred, User};

impl Services {
    /// Sets a member's role. Who is not a member is invited; by an operator they are added. Of the preconditions, only that
    /// there is no membership yet means something here.
    pub async fn set_member(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        precondition: &Precondition,
    ) -> Result<MemberSet, Error> {
        self.must_govern(caller, organization).await?;
        if self.store.find_role(user, organization).await?.is_some() {
            precondition.must_admit_any()?;
        }
        let mut unit = self.begin(caller).await?;
        if membership::change_role(&mut unit, organization, user, role).await? {
            unit.commit().await?;
            return Ok(MemberSet::done());
        }
        // A service account is asked by its client's id.
        let found = unit.find_user(user).await?.ok_or_else(unknown)?;
        if !caller.is_operator() && !unit.is_person(user).await? {
            return Err(unknown());
        }
        let admitted = self.admit(caller, &mut unit, organization, &found, role).await?;
        unit.commit().await?;
        Ok(admitted)
    }

    /// Lets somebody in who is no member of the organization, which is locked: by an operator at once, else by an invite.
    pub(super) async fn admit(
        &self,
        caller: &Caller,
        unit: &mut UnitOfWork,
        organization: OrganizationId,
        user: &User,
        role: Role,
    ) -> Result<MemberSet, Error> {
        if caller.is_operator() {
            membership::set_role(unit, organization, user.id, role, Consent::NotAsked).await?;
            return Ok(MemberSet::done());
        }
        let (invite, token) = self.invite_to_account(caller, organization, user, role)?;
        match invites::send(unit, &invite, token).await {
            // Asked for twice, it is invited once.
            Err(error) if error.code == ErrorCode::InvitePending => {
                let open = unit.find_open_invite(organization, user.id, &invite.email).await?;
                let same = open.filter(|open| open.role == role);
                Ok(MemberSet::invited(same.ok_or(error)?))
            }
            sent => Ok(MemberSet::invited(sent?.invite)),
        }
    }

    /// Offers an organization to a member, who has to accept. An operator hands it over at once.
    pub async fn transfer_organization(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        heir: UserId,
    ) -> Result<Transferred, Error> {
        let found = self.writable(caller, organization).await?;
        if !caller.is_operator() && found.owner_id != Some(caller.user()?.id) {
            return Err(not_theirs());
        }
        Self::must_go_on(caller, found.status)?;
        let heir = self.store.find_person(heir).await?.ok_or_else(no_member)?;
        let mut unit = self.begin(caller).await?;
        let offer = if caller.is_operator() {
            hand_over(&mut unit, organization, None, heir.id).await?;
            Offer::NotNeeded
        } else {
            let (offer, token) = self.invite_to_account(caller, organization, &heir, Role::OrgAdmin)?;
            offer_organization(&mut unit, &offer, heir.id, token).await?
        };
        let offer = match offer {
            Offer::Made(invite) => Some(*invite),
            Offer::Open => unit.find_open_invite(organization, heir.id, &address_of(&heir)).await?,
            Offer::NotNeeded => None,
        };
        let organization = unit.find_organization(organization).await?.ok_or_else(not_theirs)?;
        unit.commit().await?;
        Ok(Transferred { organization, offer })
    }

    /// An invite for one account alone, and its token.
    fn invite_to_account(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: &User,
        role: Role,
    ) -> Result<(NewInvite, String), Error> {
        let token = self.ids.secret();
        let invite = NewInvite {
            id: self.ids.invite(),
            organization,
            email: address_of(user),
            user: Some(user.id),
            role,
            invited_by: caller.user()?.id,
            token_hash: fields::digest(&token),
            message: None,
            expires_at: self.clock.now() + invites::LIFETIME,
        };
        Ok((invite, token))
    }

    /// What a user can accept of an organization now.
    pub(super) async fn open_invite(
        &self,
        organization: OrganizationId,
        user: &User,
    ) -> Result<Option<Invite>, Error> {
        let address = address_of(user);
        Ok(self.store.find_open_invite(organization, user.id, &address, self.clock.now()).await?)
    }
}

/// What became of an offer of ownership.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Offer {
    /// The member is invited to accept it.
    Made(Box<Invite>),
    /// It was offered to the member before, and is not answered.
    Open,
    /// The organization is the member's.
    NotNeeded,
}

/// Gives an organization to a member at once, who becomes orgAdmin. With `owner` only if it is theirs and they are orgAdmin.
pub(crate) async fn hand_over(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    owner: Option<UserId>,
    heir: UserId,
) -> Result<(), Error> {
    let before = owner_before(unit, organization, owner, heir).await?;
    unit.forget(heir).await?;
    if before == Some(heir) && unit.find_role(organization, heir).await? == Some(Role::OrgAdmin) {
        return Ok(());
    }
    // First, so that nobody else inherits it. A role that is raised leaves nobody behind: this never refuses.
    membership::set_owner(unit, organization, Some(heir), Consent::NotAsked).await?;
    membership::give_role(unit, organization, heir, Role::OrgAdmin, Consent::NotAsked).await?;
    membership::record_transfer(unit, organization, before, Some(heir)).await
}

/// Offers an organization to a member, who becomes owner and orgAdmin by accepting; until then its owner, who invites, stays.
pub(crate) async fn offer_organization(
    unit: &mut UnitOfWork,
    offer: &NewInvite,
    heir: UserId,
    token: String,
) -> Result<Offer, Error> {
    let (organization, owner) = (offer.organization, offer.invited_by);
    owner_before(unit, organization, Some(owner), heir).await?;
    if owner == heir {
        return Ok(Offer::NotNeeded);
    }
    if unit.has_open_offer(organization, heir).await? {
        return Ok(Offer::Open);
    }
    let sent = invites::offer_ownership(unit, offer, token).await?;
    Ok(Offer::Made(Box::new(sent.invite)))
}

/// The owner of an organization that may be given to `heir`, who must be a member and a person; with `owner` only if it is
/// theirs and they are orgAdmin. The organization is locked from here on.
async fn owner_before(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    owner: Option<UserId>,
    heir: UserId,
) -> Result<Option<UserId>, Error> {
    unit.lock_organization(organization).await?;
    let before = unit.find_owner(organization).await?.ok_or_else(not_theirs)?;
    if let Some(owner) = owner
        && (before != Some(owner) || unit.find_role(organization, owner).await? != Some(Role::OrgAdmin))
    {
        return Err(not_theirs());
    }
    if unit.find_role(organization, heir).await?.is_none() || !unit.is_person(heir).await? {
        return Err(no_member());
    }
    Ok(before)
}

fn unknown() -> Error {
    Error::not_found("user")
}

fn not_theirs() -> Error {
    Error::forbidden("Only its owner gives an organization to somebody else.")
}

fn no_member() -> Error {
    Error::invalid("user_id", "must be a person who is a member of the organization")
}

/// What an invite to an account names: the address in lower case; service accounts have none, and a username that is nobody
/// else's.
fn address_of(user: &User) -> String {
    if user.email.is_empty() { user.username.clone() } else { address_key(&user.email) }
}

#[cfg(test)]
mod tests;
