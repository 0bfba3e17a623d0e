//! The rules of people, each a function in a unit of work: who comes, what is known of them, whether they may act.
//!
//! Who may call them is checked before, in `service/people.rs`, `service/profiles.rs` and `service/access.rs`.

use crate::service::unit_of_work::UnitOfWork;
use crate::service::{Error, organizations};
use crate::store::{
    AuditEntry, Contact, ContactUpdate, IS_SUSPENDED, NewOrganization, NewUser, Profile, subject_hash,
};
use happening_core::id::{EventId, UserId};
use happening_core::wire::{User, UserStatus};
use serde_json::json;

/// Makes somebody known, with an organization of their own. Who was suspended when they were erased is suspended again.
pub(crate) async fn sign_up(
    unit: &mut UnitOfWork,
    user: &NewUser,
    own: Option<&NewOrganization>,
) -> Result<(), Error> {
    let is_barred = unit.is_barred(&subject_hash(&user.subject)).await?;
    let status = if is_barred { UserStatus::Suspended } else { UserStatus::Active };
    unit.insert_user(user, status).await?;
    let new = is_barred.then(|| json!({ "status": status }));
    unit.record(&AuditEntry { new, ..AuditEntry::of_user("user.signed_up", user.id) }).await?;
    if let Some(own) = own {
        organizations::rules::insert(unit, own).await?;
        // A first sign-in comes before everything else that Keycloak is to be sent.
        unit.queue_first(own.id).await?;
    }
    Ok(())
}

/// Takes over what a token says of a person, unless the profile is from a later one. True if it was.
pub(crate) async fn refresh_profile(
    unit: &mut UnitOfWork,
    user: UserId,
    profile: &Profile,
) -> Result<bool, Error> {
    let is_newer = unit.update_profile(user, profile).await?;
    if is_newer {
        unit.record(&AuditEntry::of_user("user.profile_refreshed", user)).await?;
    }
    Ok(is_newer)
}

/// Changes what a person says of themselves. 412 unless they say what `from` says, where that is given.
pub(crate) async fn update_contact(
    unit: &mut UnitOfWork,
    user: UserId,
    from: Option<&Contact>,
    update: ContactUpdate,
) -> Result<(), Error> {
    let User { phone, avatar_url, .. } = lock(unit, user).await?;
    let before = Contact { phone, avatar_url };
    if from.is_some_and(|from| *from != before) {
        return Err(Error::stale());
    }
    let after = Contact {
        phone: update.phone.unwrap_or(before.phone),
        avatar_url: update.avatar_url.unwrap_or(before.avatar_url),
    };
    unit.set_contact(user, &after).await?;
    unit.record(&AuditEntry::of_user("user.updated", user)).await?;
    unit.forget(user).await
}

/// Suspends somebody, who then leaves every waitlist, or lets them act again. Returns the events whose waitlists they left.
pub(crate) async fn set_status(
    unit: &mut UnitOfWork,
    user: UserId,
    status: UserStatus,
) -> Result<Vec<EventId>, Error> {
    let before = lock(unit, user).await?.status;
    unit.forget(user).await?;
    if before == status {
        return Ok(Vec::new());
    }
    unit.set_user_status(user, status).await?;
    let (action, left) = match status {
        UserStatus::Active => ("user.activated", Vec::new()),
        UserStatus::Suspended => ("user.suspended", unit.leave_lines(None, user, IS_SUSPENDED).await?),
    };
    unit.record(&AuditEntry::of_user(action, user)).await?;
    Ok(left)
}

/// A person as the answer shows them: with their memberships.
pub(crate) async fn get(unit: &mut UnitOfWork, user: UserId) -> Result<User, Error> {
    let found = unit.find_user(user).await?.ok_or_else(unknown)?;
    let memberships = unit.list_memberships(user).await?;
    Ok(User { organizations: Some(memberships), ..found })
}

async fn lock(unit: &mut UnitOfWork, user: UserId) -> Result<User, Error> {
    unit.lock_user(user).await?;
    unit.find_user(user).await?.ok_or_else(unknown)
}

fn unknown() -> Error {
    Error::not_found("user")
}
