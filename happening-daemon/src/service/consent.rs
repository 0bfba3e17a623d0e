//! How somebody becomes a member, an owner or a mapped service account: by saying yes.
//!
//! A role is changed at once where there is one. Whoever has none is invited to it, by an invite that is for their account and
//! nobody else's, and is a member once they accept. Only an operator adds people and hands organizations over without asking.
//! What nobody agreed to also binds nobody: such an owner's erasure waits for nothing (`conflict` in
//! `store/shared/privacy.rs`), and such a member inherits no ownership (`pass_on` in `store/shared/membership.rs`).

use super::invites::LIFETIME;
use super::{Caller, Error, Precondition, Services, fields};
use crate::store::{Constraint, NewInvite, RoleChange, StoreError, Transfer};
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
        if self.change_role(caller, organization, user, role).await? {
            return Ok(MemberSet::done());
        }
        // A service account is asked by its client's id.
        let found = if caller.is_operator() {
            self.store.find_user(user).await?
        } else {
            self.store.find_person(user).await?
        };
        let user = found.ok_or_else(|| Error::not_found("user"))?;
        self.admit(caller, organization, &user, role).await
    }

    /// Changes the role of a member. False if the user is none.
    pub(super) async fn change_role(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: UserId,
        role: Role,
    ) -> Result<bool, Error> {
        match self.store.change_role(organization, user, role, &self.actor(caller)).await? {
            RoleChange::NoMember => Ok(false),
            RoleChange::LastAdmin => Err(last_admin()),
            RoleChange::Done => {
                self.forget_person(user).await;
                Ok(true)
            }
        }
    }

    /// Lets somebody in who is no member.
    pub(super) async fn admit(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: &User,
        role: Role,
    ) -> Result<MemberSet, Error> {
        if caller.is_operator() {
            self.store.add_member(organization, user.id, role, &self.actor(caller)).await?;
            self.forget_person(user.id).await;
            return Ok(MemberSet::done());
        }
        let (invite, token) = self.invite_to_account(caller, organization, user, role)?;
        match self.store.create_invite(&invite, &self.actor(caller)).await {
            Ok(()) => Ok(MemberSet::invited(self.handed_out(invite.id, token).await?.invite)),
            // Asked for twice, it is invited once.
            Err(StoreError::Conflict(Constraint::PendingInvite)) => {
                let open = self.open_invite(organization, user).await?;
                let same = open.filter(|open| open.role == role);
                Ok(MemberSet::invited(same.ok_or(StoreError::Conflict(Constraint::PendingInvite))?))
            }
            Err(error) => Err(error.into()),
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
        let not_theirs = || Error::forbidden("Only its owner gives an organization to somebody else.");
        if !caller.is_operator() && found.owner_id != Some(caller.user()?.id) {
            return Err(not_theirs());
        }
        Self::must_go_on(caller, found.status)?;
        let no_member = || Error::invalid("user_id", "must be a person who is a member of the organization");
        let heir = self.store.find_person(heir).await?.ok_or_else(no_member)?;
        let by = self.actor(caller);
        let (outcome, offer) = if caller.is_operator() {
            (self.store.transfer_organization(organization, None, heir.id, &by).await?, None)
        } else {
            let (offer, token) = self.invite_to_account(caller, organization, &heir, Role::OrgAdmin)?;
            (self.store.offer_organization(&offer, heir.id, &by).await?, Some((offer.id, token)))
        };
        let offer = match (outcome, offer) {
            (Transfer::NotTheirs, _) => return Err(not_theirs()),
            (Transfer::NoMember, _) => return Err(no_member()),
            (Transfer::Made, Some((id, token))) => Some(self.handed_out(id, token).await?.invite),
            (Transfer::Offered, _) => self.open_invite(organization, &heir).await?,
            (Transfer::Made | Transfer::Done, _) => None,
        };
        self.forget_person(heir.id).await;
        Ok(Transferred { organization: self.organization(caller, organization).await?, offer })
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
            expires_at: self.clock.now() + LIFETIME,
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

pub(super) fn last_admin() -> Error {
    Error::new(ErrorCode::LastOrgAdmin, "This is the last orgAdmin: make somebody else orgAdmin first.")
}

/// What an invite to an account names: the address in lower case; service accounts have none, and a username that is nobody
/// else's.
fn address_of(user: &User) -> String {
    if user.email.is_empty() { user.username.clone() } else { address_key(&user.email) }
}
