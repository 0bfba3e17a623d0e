//! The rules of organizations, each a function in a unit of work: what founding, changing and closing one means.
//!
//! Who may call them is checked before, in `service/organizations.rs` and `service/governance.rs`.

use crate::service::Error;
use crate::service::membership::{self};
use crate::service::quotas::too_many_organizations;
use crate::service::unit_of_work::{Effect, UnitOfWork};
use crate::store::{AuditEntry, Differences, KeycloakTask, NewOrganization, Wording};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{
    Organization, OrganizationSettings, OrganizationStatus, Role, UpdateSettings, WaitlistPolicy,
};
use serde_json::json;

/// Founds an organization. Its owner, a person, is the first orgAdmin. 409 `quota_exceeded` if they own as many as they may.
pub(crate) async fn found(unit: &mut UnitOfWork, organization: &NewOrganization) -> Result<(), Error> {
    must_own_fewer(unit, organization.owner).await?;
    insert(unit, organization).await
}

/// Founds an organization, however many its owner has.
pub(crate) async fn insert(unit: &mut UnitOfWork, organization: &NewOrganization) -> Result<(), Error> {
    let (id, owner) = (organization.id, organization.owner);
    unit.insert_organization(organization).await?;
    let new = Some(json!({ "owner": owner }));
    unit.record(&AuditEntry { new, ..AuditEntry::of_organization("organization.founded", id) }).await?;
    unit.put_member(id, owner, Role::OrgAdmin, true).await?;
    unit.forget(owner).await?;
    membership::queue(unit, id, owner).await
}

/// Refuses one more organization of a user who owns as many as they may. The user is locked: what else they found or accept
/// waits.
pub(crate) async fn must_own_fewer(unit: &mut UnitOfWork, user: UserId) -> Result<(), Error> {
    let Some(limit) = unit.quotas().owned else { return Ok(()) };
    unit.lock_user(user).await?;
    let owned = unit.count_owned(user).await?;
    if owned >= limit { Err(too_many_organizations(owned, limit)) } else { Ok(()) }
}

/// Sets name and some settings of an organization; `None` keeps what is. 412 unless it is as `from` says, where that is given.
pub(crate) async fn update(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    from: Option<&Wording>,
    name: Option<&str>,
    settings: Option<&UpdateSettings>,
) -> Result<(), Error> {
    let before = lock(unit, organization, from).await?;
    let after = Wording {
        name: name.unwrap_or(&before.name).to_owned(),
        // Of the row that is locked: two edits of different settings both stay.
        settings: settings
            .map_or_else(|| before.settings.clone(), |update| update.applied_to(&before.settings)),
    };
    let Some((old, new)) = differences(&before, &after).into_values() else { return Ok(()) };
    unit.set_wording(organization, &after).await?;
    let entry = AuditEntry::of_organization("organization.updated", organization);
    unit.record(&AuditEntry { old: Some(old), new: Some(new), ..entry }).await?;
    // Memberships show the name.
    unit.after_commit(Effect::ForgetEverybody);
    if after.name != before.name {
        unit.queue(&KeycloakTask::Organization(organization)).await?;
    }
    Ok(())
}

/// Suspends an organization or lets it go on.
pub(crate) async fn set_status(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    status: OrganizationStatus,
) -> Result<(), Error> {
    unit.lock_organization(organization).await?;
    let before = unit.find_status(organization).await?.ok_or_else(unknown)?;
    unit.after_commit(Effect::ForgetStanding(organization));
    if before == status {
        return Ok(());
    }
    unit.set_status(organization, status).await?;
    let action = match status {
        OrganizationStatus::Suspended => "organization.suspended",
        OrganizationStatus::Active => "organization.resumed",
    };
    let (old, new) = (Some(json!({ "status": before })), Some(json!({ "status": status })));
    unit.record(&AuditEntry { old, new, ..AuditEntry::of_organization(action, organization) }).await?;
    unit.queue(&KeycloakTask::Organization(organization)).await
}

/// What became of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// It is deleted.
    Done,
    /// So many events are still to take place; nothing was done.
    HasEvents(u32),
}

/// Deletes an organization that has no events that are still to take place. 412 unless it is as `from` says, where that is
/// given.
pub(crate) async fn delete(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    from: Option<&Wording>,
) -> Result<Deletion, Error> {
    lock(unit, organization, from).await?;
    let upcoming = unit.count_upcoming_events(organization).await?;
    if upcoming > 0 {
        return Ok(Deletion::HasEvents(upcoming));
    }
    close(unit, organization).await?;
    Ok(Deletion::Done)
}

/// Closes an organization, which is locked. Its row stays: bookings and the audit log speak of it.
pub(crate) async fn close(unit: &mut UnitOfWork, organization: OrganizationId) -> Result<(), Error> {
    unit.delete_organization(organization).await?;
    unit.record(&AuditEntry::of_organization("organization.deleted", organization)).await?;
    unit.after_commit(Effect::ForgetStanding(organization));
    unit.after_commit(Effect::ForgetEverybody);
    unit.queue(&KeycloakTask::Organization(organization)).await
}

/// An organization as the answer shows it.
pub(crate) async fn get(unit: &mut UnitOfWork, organization: OrganizationId) -> Result<Organization, Error> {
    unit.find_organization(organization).await?.ok_or_else(unknown)
}

/// What orgAdmins wrote about an organization, which is locked from here on.
async fn lock(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    from: Option<&Wording>,
) -> Result<Wording, Error> {
    unit.lock_organization(organization).await?;
    let before = unit.find_wording(organization).await?.ok_or_else(unknown)?;
    if from.is_some_and(|from| *from != before) {
        return Err(Error::stale());
    }
    Ok(before)
}

fn differences(before: &Wording, after: &Wording) -> Differences {
    let mut differences = Differences::default();
    let (old, new) = (&before.settings, &after.settings);
    // By itself it is made of its founder's address.
    differences.withhold("name", Some(&before.name), Some(&after.name));
    differences.compare("timezone", old.timezone.clone(), new.timezone.clone());
    let policy = |settings: &OrganizationSettings| settings.waitlist_policy.map(WaitlistPolicy::as_str);
    differences.compare("waitlist_policy", policy(old), policy(new));
    differences.withhold("contact", old.contact.as_deref(), new.contact.as_deref());
    differences.compare("language", old.language.clone(), new.language.clone());
    differences.compare("event_minutes", old.event_minutes, new.event_minutes);
    differences.compare("color", old.color.clone(), new.color.clone());
    differences
}

fn unknown() -> Error {
    Error::not_found("organization")
}
