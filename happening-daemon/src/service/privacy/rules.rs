//! The rules of erasure, each a function in a unit of work: what keeps a person from being erased, and what goes with them.

use crate::service::unit_of_work::{Effect, UnitOfWork};
use crate::service::{Error, membership, organizations};
use crate::store::{AuditEntry, Erasure, IS_ERASED, KeycloakTask, StoreError};
use happening_core::fields::address_key;
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::{ErrorCode, Role, User, UserStatus};
use serde_json::json;
use std::collections::BTreeSet;

/// Refuses a person to be erased who governs alone what they founded or agreed to own. 409 `last_org_admin` if the
/// organization has other members, 409 `upcoming_events` if it has events that are still to take place. What nobody agreed to
/// binds nobody.
pub(crate) async fn must_be_erasable(unit: &mut UnitOfWork, user: UserId) -> Result<(), Error> {
    for organization in unit.list_accepted_ownerships(user).await? {
        let governs = unit.find_role(organization, user).await? == Some(Role::OrgAdmin);
        if !governs || membership::has_other_admin(unit, organization, user).await? {
            continue;
        }
        if unit.count_other_people(organization, user).await? > 0 {
            return Err(last_of_others(organization));
        }
        let upcoming = unit.count_upcoming_events(organization).await?;
        if upcoming > 0 {
            return Err(events_to_come(organization, upcoming));
        }
    }
    Ok(())
}

/// Erases a person: their memberships end, organizations of theirs alone are closed, and what is left names nobody. Bookings
/// stay. Erasing again is harmless. Returns the events whose waitlists they left. 409 as for [`must_be_erasable`].
pub(crate) async fn erase(unit: &mut UnitOfWork, erasure: &Erasure) -> Result<Vec<EventId>, Error> {
    let user = erasure.user;
    let memberships = lock(unit, erasure).await?;
    let Some(person) = unit.find_user(user).await? else { return Ok(Vec::new()) };
    must_be_erasable(unit, user).await?;
    unit.after_commit(Effect::ForgetPerson(person.keycloak_id.clone()));
    // All at once: events are locked in the order of their ids, whichever organization they are of.
    let left = unit.leave_lines(None, user, IS_ERASED).await?;
    for (organization, role) in memberships {
        close_if_alone(unit, organization, user).await?;
        membership::end(unit, organization, user, role).await?;
    }
    let anonymous = format!("erased-{user}@invalid");
    clear_invites(unit, erasure, &anonymous).await?;
    forget_answers_about(unit, &person).await?;
    unit.anonymize_user(user, &anonymous).await?;
    unit.put_erased_subject(&erasure.subject_hash, person.status == UserStatus::Suspended).await?;
    if erasure.account {
        unit.queue(&KeycloakTask::Account { user, subject: person.keycloak_id }).await?;
    }
    let new = Some(json!({ "keycloak_account": erasure.account }));
    unit.record(&AuditEntry { new, ..AuditEntry::of_user("user.erased", user) }).await?;
    Ok(left)
}

/// Locks the organizations whose members and invites are to change, and then the person. Returns the memberships. A request
/// that lost against another change of these may be sent again.
async fn lock(unit: &mut UnitOfWork, erasure: &Erasure) -> Result<Vec<(OrganizationId, Role)>, Error> {
    let (user, email) = (erasure.user, erasure.email.as_deref());
    let memberships = unit.list_roles_of(user).await?;
    let mut organizations: BTreeSet<_> = memberships.iter().map(|(organization, _)| *organization).collect();
    organizations.extend(unit.list_organizations_with_invites(user, email).await?);
    for organization in &organizations {
        unit.lock_organization(*organization).await?;
    }
    unit.lock_user(user).await?;
    let invites = unit.list_organizations_with_invites(user, email).await?;
    let are_locked = invites.iter().all(|organization| organizations.contains(organization));
    if !are_locked || unit.list_roles_of(user).await? != memberships {
        return Err(StoreError::Contended.into());
    }
    Ok(memberships)
}

/// Closes an organization if `user` alone is in it, service accounts apart. What they wrote of it goes: its name is made
/// of their address, unless they gave it another one. One with events to come, which is none that they founded or agreed to
/// own, stays without members: an operator decides.
async fn close_if_alone(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), Error> {
    let is_there = unit.find_owner(organization).await?.is_some();
    if !is_there || unit.count_other_people(organization, user).await? > 0 {
        return Ok(());
    }
    unit.blank_organization(organization, &format!("erased-{organization}")).await?;
    if unit.count_upcoming_events(organization).await? > 0 {
        return unit.queue(&KeycloakTask::Organization(organization)).await;
    }
    let invites = unit.delete_pending_invites(organization).await?;
    membership::record_revoked(unit, organization, invites).await?;
    organizations::rules::close(unit, organization).await
}

/// Removes a person's address and words from invites, and revokes open invites to them. Invites that they did not answer are
/// theirs only if they proved to have the address: they might be somebody else's. What was written to them is theirs as much
/// as what they wrote.
async fn clear_invites(unit: &mut UnitOfWork, erasure: &Erasure, anonymous: &str) -> Result<(), Error> {
    let (user, email) = (erasure.user, erasure.email.as_deref());
    let mut ended = unit.delete_invites_of_person(user, email).await?;
    ended.sort_unstable_by_key(|(_, invite)| *invite);
    for (organization, invite) in ended {
        membership::record_revoked(unit, organization, vec![invite]).await?;
    }
    unit.anonymize_invites(user, email, anonymous).await?;
    Ok(unit.delete_invite_blocks_of(user).await?)
}

/// Deletes answers that are kept for requests that may come again and speak of the person: their own sign-up, an invite to
/// their address, what they published. Such a request, if it comes again, is a new one.
async fn forget_answers_about(unit: &mut UnitOfWork, person: &User) -> Result<(), Error> {
    let spoken_of = [person.id.to_string(), address_key(&person.email), person.email.clone()];
    for text in spoken_of.iter().filter(|text| !text.is_empty()) {
        unit.delete_answers_with(text).await?;
    }
    Ok(())
}

fn last_of_others(organization: OrganizationId) -> Error {
    let detail =
        "This is the last orgAdmin of an organization with other members: make one of them orgAdmin first.";
    let members = vec![("organization_id", organization.to_string().into())];
    Error { members, ..Error::new(ErrorCode::LastOrgAdmin, detail) }
}

fn events_to_come(organization: OrganizationId, upcoming: u32) -> Error {
    let detail = "An organization that would be closed has events that are still to take place: delete them, or make \
                  somebody else orgAdmin, first.";
    let members =
        vec![("organization_id", organization.to_string().into()), ("upcoming_events", upcoming.into())];
    Error { members, ..Error::new(ErrorCode::UpcomingEvents, detail) }
}
