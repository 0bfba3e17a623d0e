//! The rules of invites, each a function in a unit of work: who may be invited, and what becomes of an invite.
//!
//! Who may call them is checked before, in `service/invites.rs` and `service/consent.rs`.

use super::{account_addressee, gone};
use crate::service::membership::{self, Consent};
use crate::service::organizations::rules as organizations;
use crate::service::quotas::exceeded;
use crate::service::unit_of_work::{Effect, UnitOfWork};
use crate::service::{Error, fields};
use crate::store::{AuditEntry, Constraint, NewInvite, StoreError, StoredInvite};
use chrono::{DateTime, TimeDelta, Utc};
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::{ErrorCode, Invite, InviteKind, InviteSent, InviteStatus, InviteTold, Role};

/// How long an invite may be accepted.
pub(crate) const LIFETIME: TimeDelta = TimeDelta::days(7);

/// An invite is sent again this long after it was last sent, at the earliest.
const RESEND_PAUSE: TimeDelta = TimeDelta::hours(1);

/// Invites an address, or an account, to be a member. 409 `already_member` if the account, or somebody with this address, is
/// one; 409 `invite_pending` if the address has an open invite of the organization; 409 `quota_exceeded` if the
/// organization, or the address, has as many open invites as it may.
pub(crate) async fn send(
    unit: &mut UnitOfWork,
    invite: &NewInvite,
    token: String,
) -> Result<InviteSent, Error> {
    unit.lock_organization(invite.organization).await?;
    if unit.has_member_with(invite.organization, &invite.email, invite.user).await? {
        return Err(StoreError::Conflict(Constraint::Membership).into());
    }
    insert(unit, invite, InviteKind::Membership).await?;
    hand_out(unit, invite.id, token).await
}

/// Offers the ownership of an organization, which is locked, to a member. Offers to others end: one is open at a time.
pub(crate) async fn offer_ownership(
    unit: &mut UnitOfWork,
    offer: &NewInvite,
    token: String,
) -> Result<InviteSent, Error> {
    membership::end_offers(unit, offer.organization).await?;
    insert(unit, offer, InviteKind::Ownership).await?;
    hand_out(unit, offer.id, token).await
}

/// The user becomes a member with the invite's role, or the owner. A member keeps the higher role. Accepting again is harmless
/// while the user is a member. 404 if the invite is answered otherwise, expired or gone, or if it offers ownership to somebody
/// who is no member any more. 409 `quota_exceeded` if it offers ownership to somebody who owns as many organizations as they
/// may.
pub(crate) async fn accept(unit: &mut UnitOfWork, invite: InviteId, user: UserId) -> Result<Invite, Error> {
    let found = lock(unit, invite).await?;
    let (organization, offered) = (found.invite.organization_id, found.invite.role);
    let role = unit.find_role(organization, user).await?;
    unit.forget(user).await?;
    if was_answered(&found, InviteStatus::Accepted, user) && role.is_some() {
        return Ok(found.invite);
    }
    if !is_open(&found.invite, unit.now()) {
        return Err(gone());
    }
    match (found.invite.kind, role) {
        (InviteKind::Membership, role) => {
            join(unit, organization, user, role, offered).await?;
            answer(unit, &found.invite, InviteStatus::Accepted, user).await?;
        }
        (InviteKind::Ownership, Some(role)) => {
            if unit.find_owner(organization).await?.flatten() != Some(user) {
                organizations::must_own_fewer(unit, user).await?;
            }
            // First, because the change of owner revokes the offers that are still open.
            answer(unit, &found.invite, InviteStatus::Accepted, user).await?;
            take_over(unit, organization, user, role).await?;
        }
        (InviteKind::Ownership, None) => return Err(gone()),
    }
    unit.delete_invite_block(user, organization).await?;
    // Invites to another address of theirs: the one that the issuer named last.
    membership::end_invites_to(unit, organization, user).await?;
    get(unit, invite).await
}

/// The user rejects the invite; rejecting again is harmless. `None` if it can no longer be rejected. With `block` no invite of
/// the organization reaches them any more, even then.
pub(crate) async fn reject(
    unit: &mut UnitOfWork,
    invite: InviteId,
    user: UserId,
    block: bool,
) -> Result<Option<Invite>, Error> {
    let found = lock(unit, invite).await?;
    if block {
        unit.insert_invite_block(user, found.invite.organization_id).await?;
    }
    if was_answered(&found, InviteStatus::Rejected, user) {
        return Ok(Some(found.invite));
    }
    if !is_open(&found.invite, unit.now()) {
        return Ok(None);
    }
    answer(unit, &found.invite, InviteStatus::Rejected, user).await?;
    Ok(Some(get(unit, invite).await?))
}

/// Revokes an invite that nobody answered: it is gone. 404 if it was answered.
pub(crate) async fn revoke(unit: &mut UnitOfWork, invite: InviteId) -> Result<(), Error> {
    let found = lock(unit, invite).await?.invite;
    if !is_unanswered(&found) {
        return Err(gone());
    }
    unit.delete_invite(invite).await?;
    record(unit, "invite.revoked", invite, found.organization_id, None).await
}

/// Sends an invite that nobody answered again: with another token, and as much time as at first. 404 if it was answered, 429
/// within an hour after it was sent, 409 `invite_pending` if the address has another open invite, 409 `already_member` if a
/// member has the address, 409 `quota_exceeded` if it is not open any more and there is no room for one more.
pub(crate) async fn resend(
    unit: &mut UnitOfWork,
    invite: InviteId,
    token: String,
) -> Result<InviteSent, Error> {
    let StoredInvite { invite: found, sent_at, .. } = lock(unit, invite).await?;
    if !is_unanswered(&found) {
        return Err(gone());
    }
    let now = unit.now();
    if let Some(earliest) = sent_at.map(|sent| sent + RESEND_PAUSE).filter(|earliest| *earliest > now) {
        return Err(too_soon(earliest - now));
    }
    let organization = found.organization_id;
    // The one to be sent again may be pending itself.
    if found.status == InviteStatus::Expired && unit.has_pending_invite(organization, &found.email).await? {
        return Err(StoreError::Conflict(Constraint::PendingInvite).into());
    }
    let is_to_member = unit.has_member_with(organization, &found.email, found.user_id).await?;
    // Ownership is offered to members only.
    if is_to_member && found.kind == InviteKind::Membership {
        return Err(StoreError::Conflict(Constraint::Membership).into());
    }
    if !is_open(&found, now) {
        must_have_room(unit, organization, &found.email).await?;
    }
    unit.renew_invite(invite, &fields::digest(&token), now + LIFETIME).await?;
    record(unit, "invite.resent", invite, organization, None).await?;
    hand_out(unit, invite, token).await
}

/// The invite, its organization locked: nobody else answers it, and no membership changes meanwhile.
async fn lock(unit: &mut UnitOfWork, invite: InviteId) -> Result<StoredInvite, Error> {
    let found = unit.find_invite(invite).await?.ok_or_else(gone)?;
    unit.lock_organization(found.invite.organization_id).await?;
    unit.find_invite(invite).await?.ok_or_else(gone)
}

async fn get(unit: &mut UnitOfWork, invite: InviteId) -> Result<Invite, Error> {
    Ok(unit.find_invite(invite).await?.ok_or_else(gone)?.invite)
}

/// Whether the user gave this very answer before.
fn was_answered(found: &StoredInvite, answer: InviteStatus, user: UserId) -> bool {
    found.invite.status == answer && found.answered_by == Some(user)
}

/// Whether it can be answered. One that has expired is not always marked so.
fn is_open(invite: &Invite, now: DateTime<Utc>) -> bool {
    invite.status == InviteStatus::Pending && invite.expires_at > now
}

fn is_unanswered(invite: &Invite) -> bool {
    matches!(invite.status, InviteStatus::Pending | InviteStatus::Expired)
}

fn too_soon(wait: TimeDelta) -> Error {
    let wait = wait.num_seconds().clamp(1, RESEND_PAUSE.num_seconds());
    let mut error = Error::new(ErrorCode::RateLimited, "An invite is sent again at most once an hour.");
    error.members.push(("retry_after", wait.into()));
    error
}

/// An address has one open invite of an organization. One whose time is over is in nobody's way, marked or not.
async fn insert(unit: &mut UnitOfWork, invite: &NewInvite, kind: InviteKind) -> Result<(), Error> {
    unit.expire_invite_to(invite.organization, &invite.email).await?;
    if unit.has_pending_invite(invite.organization, &invite.email).await? {
        return Err(StoreError::Conflict(Constraint::PendingInvite).into());
    }
    must_have_room(unit, invite.organization, &invite.email).await?;
    unit.insert_invite(invite, kind).await?;
    let action = match kind {
        InviteKind::Membership => "invite.sent",
        InviteKind::Ownership => "ownership.offered",
    };
    record(unit, action, invite.id, invite.organization, Some(invite.role)).await
}

/// Refuses one more open invite of an organization, which is locked, or to an address. How many others invited the address is
/// not for the sender to know; organizations that send to it at once may each have the last place, since a lock for each
/// address would cost more than a few invites too many.
async fn must_have_room(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    email: &str,
) -> Result<(), Error> {
    let quotas = unit.quotas();
    if let Some(limit) = quotas.invites_of_organization {
        let open = unit.count_open_invites_of(organization).await?;
        if open >= limit {
            return Err(exceeded(&format!("This organization has {open} open invites"), open, limit));
        }
    }
    if let Some(limit) = quotas.invites_to_address
        && unit.count_open_invites_to(email).await? >= limit
    {
        let detail = "This address cannot be invited for now: too many invites to it are open.";
        return Err(Error::new(ErrorCode::QuotaExceeded, detail));
    }
    Ok(())
}

async fn answer(
    unit: &mut UnitOfWork,
    invite: &Invite,
    answer: InviteStatus,
    user: UserId,
) -> Result<(), Error> {
    unit.answer_invite(invite.id, answer, user).await?;
    let action = if answer == InviteStatus::Accepted { "invite.accepted" } else { "invite.rejected" };
    record(unit, action, invite.id, invite.organization_id, None).await
}

async fn record(
    unit: &mut UnitOfWork,
    action: &'static str,
    invite: InviteId,
    organization: OrganizationId,
    role: Option<Role>,
) -> Result<(), Error> {
    Ok(unit.record(&AuditEntry::of_invite(action, invite, organization, role)).await?)
}

/// What the inviter gets, the only answer with the token. The invited person's sockets are sent the invite after the commit.
async fn hand_out(unit: &mut UnitOfWork, invite: InviteId, token: String) -> Result<InviteSent, Error> {
    let invite = get(unit, invite).await?;
    let told = InviteTold {
        from: invite.invited_by_username.clone(),
        organization_name: invite.organization_name.clone(),
        message: invite.message.clone(),
        invite_id: invite.id.0,
        organization_id: Some(invite.organization_id),
    };
    let addressee = invite.user_id.map_or_else(|| invite.email.clone(), account_addressee);
    unit.after_commit(Effect::PublishInvite { addressee, invite: told });
    Ok(InviteSent {
        message: format!("{} is invited to {}.", invite.email, invite.organization_name),
        organization_name: invite.organization_name.clone(),
        invite: Invite { token: Some(token), ..invite },
    })
}

/// Makes somebody who agreed a member with a role, or raises theirs.
async fn join(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
    before: Option<Role>,
    role: Role,
) -> Result<(), Error> {
    if before < Some(role) {
        return membership::put(unit, organization, user, before, role, Consent::Given).await;
    }
    Ok(unit.mark_accepted(organization, user).await?)
}

/// Makes a member who agreed the owner. Nobody else inherits it meanwhile.
async fn take_over(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
    before: Role,
) -> Result<(), Error> {
    let owner = unit.find_owner(organization).await?.flatten();
    membership::set_owner(unit, organization, Some(user), Consent::Given).await?;
    join(unit, organization, user, Some(before), Role::OrgAdmin).await?;
    membership::record_transfer(unit, organization, owner, Some(user)).await
}
