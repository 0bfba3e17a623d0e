//! The rules of membership, each a function in a unit of work: who has which role in an organization, whose it is once its
//! owner no longer governs it, and what ends with a membership.
//!
//! Who may call them is checked before, in `service/consent.rs`, `service/organizations.rs` and `service/privacy.rs`.

use super::Error;
use super::unit_of_work::UnitOfWork;
use crate::store::{AuditEntry, KeycloakTask, NO_MEMBER, StoreError};
use happening_core::fields::address_key;
use happening_core::id::{EventId, InviteId, OrganizationId, UserId};
use happening_core::wire::{ErrorCode, Role};
use serde_json::json;

/// Whether somebody agreed to be a member. Who did not inherits no ownership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// They agreed.
    Given,
    /// They were not asked now. What they agreed to before counts.
    NotAsked,
}

/// Changes the role of a member. False if the user is none. 409 `last_org_admin` as for [`set_role`].
pub(crate) async fn change_role(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
    role: Role,
) -> Result<bool, Error> {
    unit.lock_organization(organization).await?;
    let is_member = unit.find_role(organization, user).await?.is_some();
    if is_member {
        give_role(unit, organization, user, role, Consent::NotAsked).await?;
    }
    Ok(is_member)
}

/// Makes a user a member with a role, or sets the role of a member. 409 `last_org_admin` if no person were left as orgAdmin
/// who may act.
pub(crate) async fn set_role(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
    role: Role,
    consent: Consent,
) -> Result<(), Error> {
    unit.lock_organization(organization).await?;
    give_role(unit, organization, user, role, consent).await
}

/// Removes a member; removing again is harmless. Returns the events whose waitlists the user left. 409 `last_org_admin` as
/// for [`set_role`].
pub(crate) async fn remove(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
) -> Result<Vec<EventId>, Error> {
    unit.lock_organization(organization).await?;
    unit.forget(user).await?;
    let Some(role) = unit.find_role(organization, user).await? else { return Ok(Vec::new()) };
    if role == Role::OrgAdmin {
        must_leave_an_admin(unit, organization, user).await?;
    }
    end(unit, organization, user, role).await
}

/// Gives a user a role in an organization, which is locked. An open invite to them ends: an older offer is not to say
/// otherwise later.
pub(crate) async fn give_role(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
    role: Role,
    consent: Consent,
) -> Result<(), Error> {
    unit.forget(user).await?;
    let before = unit.find_role(organization, user).await?;
    if before == Some(role) {
        return Ok(());
    }
    if before == Some(Role::OrgAdmin) {
        must_leave_an_admin(unit, organization, user).await?;
    }
    put(unit, organization, user, before, role, consent).await?;
    end_invites_to(unit, organization, user).await
}

/// Refuses an orgAdmin to go or to step down who is the last person to govern. Service accounts may, and govern nobody alone.
async fn must_leave_an_admin(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), Error> {
    let is_person = find_subject(unit, user).await?.is_some();
    if is_person && !has_other_admin(unit, organization, user).await? {
        return Err(last_admin());
    }
    Ok(())
}

/// Whether a person other than `user` is orgAdmin and may act.
pub(crate) async fn has_other_admin(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
) -> Result<bool, Error> {
    let governors = unit.list_governors(organization).await?;
    Ok(governors.iter().any(|governor| governor.may_act && governor.user != user))
}

/// Gives a user a role, as a new member or instead of `before`.
pub(crate) async fn put(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
    before: Option<Role>,
    role: Role,
    consent: Consent,
) -> Result<(), Error> {
    unit.put_member(organization, user, role, consent == Consent::Given).await?;
    record(unit, organization, user, before, Some(role)).await?;
    pass_on(unit, organization).await
}

/// Ends a membership, and with it the user's invites, ownership, and places in line at the organization's events. Returns
/// these events.
pub(crate) async fn end(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
    before: Role,
) -> Result<Vec<EventId>, Error> {
    unit.delete_member(organization, user).await?;
    record(unit, organization, user, Some(before), None).await?;
    end_invites_to(unit, organization, user).await?;
    let offers = unit.delete_offers(organization, Some(user)).await?;
    record_revoked(unit, organization, offers).await?;
    pass_on(unit, organization).await?;
    Ok(unit.leave_lines(Some(organization), user, NO_MEMBER).await?)
}

/// Gives an organization whose owner no longer governs it to the orgAdmin who agreed to be a member and is one for longest:
/// if possible one who may act. Where there is none, nobody owns it.
async fn pass_on(unit: &mut UnitOfWork, organization: OrganizationId) -> Result<(), Error> {
    let Some(owner) = unit.find_owner(organization).await? else { return Ok(()) };
    if let Some(owner) = owner
        && unit.find_role(organization, owner).await? == Some(Role::OrgAdmin)
    {
        return Ok(());
    }
    let governors = unit.list_governors(organization).await?;
    let agreed = governors.iter().filter(|governor| governor.agreed);
    let heir = agreed.min_by_key(|governor| (!governor.may_act, governor.since, governor.user));
    let heir = heir.map(|heir| heir.user);
    if heir == owner {
        return Ok(());
    }
    set_owner(unit, organization, heir, Consent::NotAsked).await?;
    record_transfer(unit, organization, owner, heir).await
}

/// Sets the owner of an organization, which is locked. What the owner before offered to others is revoked.
pub(crate) async fn set_owner(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    owner: Option<UserId>,
    consent: Consent,
) -> Result<(), Error> {
    unit.set_owner(organization, owner, consent == Consent::Given).await?;
    end_offers(unit, organization).await
}

/// Revokes the open offers of an organization's ownership.
pub(crate) async fn end_offers(unit: &mut UnitOfWork, organization: OrganizationId) -> Result<(), Error> {
    let offers = unit.delete_offers(organization, None).await?;
    record_revoked(unit, organization, offers).await
}

/// Revokes the open invites of an organization to a user: to the account, and to a person's address.
pub(crate) async fn end_invites_to(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), Error> {
    let person = if unit.is_person(user).await? { unit.find_user(user).await? } else { None };
    // As invites have it; the databases disagree about letters beyond ASCII.
    let email = person.map(|person| address_key(&person.email));
    let invites = unit.delete_invites_to(organization, user, email.as_deref()).await?;
    record_revoked(unit, organization, invites).await
}

/// Records that invites of an organization were revoked together.
pub(crate) async fn record_revoked(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    invites: Vec<InviteId>,
) -> Result<(), Error> {
    for invite in invites {
        unit.record(&AuditEntry::of_invite("invite.revoked", invite, organization, None)).await?;
    }
    Ok(())
}

/// Records that an organization has another owner.
pub(crate) async fn record_transfer(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    before: Option<UserId>,
    after: Option<UserId>,
) -> Result<(), Error> {
    let entry = AuditEntry::of_organization("organization.transferred", organization);
    let (old, new) = (Some(json!({ "owner": before })), Some(json!({ "owner": after })));
    Ok(unit.record(&AuditEntry { old, new, ..entry }).await?)
}

/// The audit log and Keycloak hear of a member who came, went or got another role.
async fn record(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
    before: Option<Role>,
    after: Option<Role>,
) -> Result<(), Error> {
    let action = match (before, after) {
        (None, _) => "member.added",
        (_, None) => "member.removed",
        _ => "member.role_changed",
    };
    let role = |role: Role| json!({ "role": role });
    let (old, new) = (before.map(role), after.map(role));
    let entry = AuditEntry::of_user(action, user);
    unit.record(&AuditEntry { organization: Some(organization), old, new, ..entry }).await?;
    queue(unit, organization, user).await
}

/// Queues what Keycloak is to be sent of a member who came, went or got another role.
pub(crate) async fn queue(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), Error> {
    // Keycloak's Organizations have people as members only.
    let Some(subject) = find_subject(unit, user).await? else { return Ok(()) };
    // The organization too: it says at Keycloak who has which role.
    unit.queue(&KeycloakTask::Organization(organization)).await?;
    unit.queue(&KeycloakTask::Member { organization, user, subject }).await
}

/// The `sub` of a person; `None` for a service account. Who is erased at this moment is no longer there: the request may be
/// sent again, and will not find them.
async fn find_subject(unit: &mut UnitOfWork, user: UserId) -> Result<Option<String>, Error> {
    let found = unit.find_user(user).await?.ok_or(StoreError::Contended)?;
    Ok(unit.is_person(user).await?.then_some(found.keycloak_id))
}

pub(super) fn last_admin() -> Error {
    Error::new(ErrorCode::LastOrgAdmin, "This is the last orgAdmin: make somebody else orgAdmin first.")
}

#[cfg(test)]
mod tests;
