//! Rules in units of their own, for tests on a store.

use super::admin::parked;
use super::consent::{self, Offer};
use super::events::rules as events;
use super::invites::rules as invites;
use super::membership::{self, Consent};
use super::organizations::rules as organizations;
use super::people::rules as people;
use super::privacy::rules as erasure;
use super::unit_of_work::{UnitOfWork, Units};
use super::{Error, Quotas, service_accounts};
use crate::store::contract::kit::Kit;
use crate::store::{
    Actor, Contact, ContactUpdate, Erasure, NewEvent, NewInvite, NewOrganization, NewServiceAccount, NewUser,
    Profile, Store, Wording,
};
use chrono::{DateTime, Utc};
use happening_core::id::{InviteId, NotificationId, OrganizationId, ParkedId, UserId};
use happening_core::wire::{
    ErrorCode, OrganizationSettings, OrganizationStatus, Role, UpdateSettings, UserStatus,
};
use std::sync::Arc;

/// The token of every invite that is made here.
pub(crate) const TOKEN: &str = "a token";

/// Units on a store, whose effects reach nobody.
pub(crate) fn units(store: &Arc<dyn Store>) -> Units {
    Units::without_effects(Arc::clone(store))
}

/// What became of a change of a member's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoleChange {
    /// The member has the role.
    Done,
    /// No person would be left as orgAdmin who may act.
    LastAdmin,
    /// The user is no member.
    NoMember,
}

/// Why a person cannot be erased yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErasureConflict {
    /// An organization with other members would be left without an orgAdmin.
    LastOrgAdmin(OrganizationId),
    /// An organization of theirs alone has so many events that are still to take place.
    UpcomingEvents(OrganizationId, u32),
}

impl ErasureConflict {
    /// What a refusal says; another error stays one.
    fn of(result: Result<(), Error>) -> Result<Option<Self>, Error> {
        let Err(error) = result else { return Ok(None) };
        let said = |name| error.members.iter().find(|(member, _)| *member == name).map(|(_, value)| value);
        let organization =
            said("organization_id").and_then(|id| id.as_str()?.parse().ok()).map(OrganizationId);
        let upcoming = said("upcoming_events").and_then(|count| u32::try_from(count.as_u64()?).ok());
        match (error.code, organization, upcoming) {
            (ErrorCode::LastOrgAdmin, Some(organization), None) => Ok(Some(Self::LastOrgAdmin(organization))),
            (ErrorCode::UpcomingEvents, Some(organization), Some(upcoming)) => {
                Ok(Some(Self::UpcomingEvents(organization, upcoming)))
            }
            _ => Err(error),
        }
    }
}

/// False if it was refused because no person would be left as orgAdmin who may act.
fn allowed<T>(result: Result<T, Error>) -> Result<bool, Error> {
    match result {
        Ok(_) => Ok(true),
        Err(error) if error.code == ErrorCode::LastOrgAdmin => Ok(false),
        Err(error) => Err(error),
    }
}

/// What became of an update of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Update {
    /// It is as wanted.
    Done,
    /// It is not what the update starts from.
    Stale,
    /// There is no such organization, or no longer.
    Absent,
}

/// What became of a deletion of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// It is deleted.
    Done,
    /// It is not what the deletion starts from.
    Stale,
    /// So many events are still to take place.
    HasEvents(u32),
    /// There is no such organization, or no longer.
    Absent,
}

/// What became of an organization to be founded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Founding {
    /// It is there.
    Done,
    /// The founder owns so many organizations, and may own at most so many.
    Full { owned: u32, most: u32 },
}

/// What became of an event to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Publication {
    /// It is published.
    Done,
    /// There is no such organization, or no longer.
    Absent,
    /// The organization has so many open events, and may have at most so many.
    Full { open: u32, most: u32 },
}

/// The rules on a store, each in a unit of its own.
#[derive(Clone)]
pub(crate) struct Rules(Units);

/// The rules on a store.
pub(crate) fn rules(store: &Arc<dyn Store>) -> Rules {
    Rules(units(store))
}

impl Rules {
    async fn begin(&self, by: &Actor) -> Result<UnitOfWork, Error> {
        self.0.begin(by.clone()).await
    }

    pub(crate) async fn create_user(
        self,
        user: &NewUser,
        own: Option<(OrganizationId, String, String)>,
        by: &Actor,
    ) -> Result<(), Error> {
        let settings = OrganizationSettings::default();
        let own = own.map(|(id, name, domain)| NewOrganization {
            id,
            name,
            domain: Some(domain),
            settings,
            owner: user.id,
        });
        let mut unit = self.begin(by).await?;
        people::sign_up(&mut unit, user, own.as_ref()).await?;
        unit.commit().await
    }

    /// True if the profile was newer.
    pub(crate) async fn refresh_profile(
        self,
        user: UserId,
        profile: &Profile,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await?;
        let is_newer = people::refresh_profile(&mut unit, user, profile).await?;
        unit.commit().await?;
        Ok(is_newer)
    }

    /// False if they say something else, or are not there.
    pub(crate) async fn update_contact(
        self,
        user: UserId,
        from: Option<&Contact>,
        update: &ContactUpdate,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await?;
        match people::update_contact(&mut unit, user, from, update.clone()).await {
            Ok(()) => unit.commit().await.map(|()| true),
            Err(error) if matches!(error.code, ErrorCode::Stale | ErrorCode::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// False if they are not there.
    pub(crate) async fn set_user_status(
        self,
        user: UserId,
        status: UserStatus,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await?;
        let is_set = found(people::set_status(&mut unit, user, status).await)?;
        unit.commit().await?;
        Ok(is_set)
    }

    pub(crate) async fn ensure_service_account(
        self,
        organization: OrganizationId,
        account: NewServiceAccount<'_>,
        by: &Actor,
    ) -> Result<UserId, Error> {
        let mut unit = self.begin(by).await?;
        unit.lock_organization(organization).await?;
        let user = service_accounts::ensure(&mut unit, organization, account).await?;
        unit.commit().await?;
        Ok(user)
    }

    pub(crate) async fn recognize_service_account(
        self,
        user: UserId,
        client: &str,
        subject: &str,
        by: &Actor,
    ) -> Result<(), Error> {
        let mut unit = self.begin(by).await?;
        service_accounts::recognize(&mut unit, user, client, subject).await?;
        unit.commit().await
    }

    /// Founds an organization of an owner who may have fewer than `most`. Absent is any number.
    pub(crate) async fn found_organization(
        self,
        organization: OrganizationId,
        name: &str,
        settings: &OrganizationSettings,
        owner: UserId,
        most: Option<u32>,
        by: &Actor,
    ) -> Result<Founding, Error> {
        let (name, settings) = (name.to_owned(), settings.clone());
        let new = NewOrganization { id: organization, name, domain: None, settings, owner };
        let units = self.0.with_quotas(Quotas { owned: most, ..Quotas::default() });
        let mut unit = units.begin(by.clone()).await?;
        match organizations::found(&mut unit, &new).await {
            Ok(()) => unit.commit().await.map(|()| Founding::Done),
            Err(error) if error.code == ErrorCode::QuotaExceeded => {
                let (count, most) = quota(&error);
                Ok(Founding::Full { owned: count, most })
            }
            Err(error) => Err(error),
        }
    }

    /// Publishes an event of an organization with fewer than `most` open events. Absent is any number.
    pub(crate) async fn publish_event(
        self,
        event: &NewEvent,
        most: Option<u32>,
        by: &Actor,
    ) -> Result<Publication, Error> {
        let units = self.0.with_quotas(Quotas { open_events: most, ..Quotas::default() });
        let mut unit = units.begin(by.clone()).await?;
        match events::publish(&mut unit, event).await {
            Ok(()) => unit.commit().await.map(|()| Publication::Done),
            Err(error) if error.code == ErrorCode::NotFound => Ok(Publication::Absent),
            Err(error) if error.code == ErrorCode::QuotaExceeded => {
                let (open, most) = quota(&error);
                Ok(Publication::Full { open, most })
            }
            Err(error) => Err(error),
        }
    }

    /// The same, however many there are. False, and nothing done, if there is no such organization, or no longer.
    pub(crate) async fn create_event(self, event: &NewEvent, by: &Actor) -> Result<bool, Error> {
        Ok(self.publish_event(event, None, by).await? == Publication::Done)
    }

    /// The same, however many the owner has.
    pub(crate) async fn create_organization(
        self,
        organization: OrganizationId,
        name: &str,
        settings: &OrganizationSettings,
        owner: UserId,
        by: &Actor,
    ) -> Result<(), Error> {
        self.found_organization(organization, name, settings, owner, None, by).await.map(drop)
    }

    pub(crate) async fn update_organization(
        self,
        organization: OrganizationId,
        from: Option<&Wording>,
        name: Option<&str>,
        settings: Option<&UpdateSettings>,
        by: &Actor,
    ) -> Result<Update, Error> {
        let mut unit = self.begin(by).await?;
        match organizations::update(&mut unit, organization, from, name, settings).await {
            Ok(()) => unit.commit().await.map(|()| Update::Done),
            Err(error) if error.code == ErrorCode::Stale => Ok(Update::Stale),
            Err(error) if error.code == ErrorCode::NotFound => Ok(Update::Absent),
            Err(error) => Err(error),
        }
    }

    /// False if there is no such organization, or no longer.
    pub(crate) async fn set_organization_status(
        self,
        organization: OrganizationId,
        status: OrganizationStatus,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await?;
        let is_set = found(organizations::set_status(&mut unit, organization, status).await)?;
        unit.commit().await?;
        Ok(is_set)
    }

    pub(crate) async fn delete_organization(
        self,
        organization: OrganizationId,
        from: Option<&Wording>,
        by: &Actor,
    ) -> Result<Deletion, Error> {
        let mut unit = self.begin(by).await?;
        match organizations::delete(&mut unit, organization, from).await {
            Ok(organizations::Deletion::Done) => unit.commit().await.map(|()| Deletion::Done),
            Ok(organizations::Deletion::HasEvents(upcoming)) => Ok(Deletion::HasEvents(upcoming)),
            Err(error) if error.code == ErrorCode::Stale => Ok(Deletion::Stale),
            Err(error) if error.code == ErrorCode::NotFound => Ok(Deletion::Absent),
            Err(error) => Err(error),
        }
    }

    /// False if no notification is parked under this id.
    pub(crate) async fn requeue_notification(self, id: ParkedId, by: &Actor) -> Result<bool, Error> {
        let mut unit = self.begin(by).await?;
        let requeued = found(parked::requeue(&mut unit, id).await)?;
        if requeued {
            unit.commit().await?;
        }
        Ok(requeued)
    }

    /// False if there is no such notification.
    pub(crate) async fn resend_notification(self, id: NotificationId, by: &Actor) -> Result<bool, Error> {
        let mut unit = self.begin(by).await?;
        let resent = found(parked::resend(&mut unit, id).await)?;
        if resent {
            unit.commit().await?;
        }
        Ok(resent)
    }

    /// False if it is not there, or was parked again.
    pub(crate) async fn unpark(
        self,
        id: ParkedId,
        times: u32,
        action: &'static str,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await?;
        let is_deleted = parked::unpark(&mut unit, id, times, action).await?;
        unit.commit().await?;
        Ok(is_deleted)
    }

    /// Sets the role of somebody who agreed. False if the last orgAdmin would go.
    pub(crate) async fn set_member(
        self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        by: &Actor,
    ) -> Result<bool, Error> {
        self.put_in(organization, user, role, Consent::Given, by).await
    }

    async fn put_in(
        self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        consent: Consent,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await?;
        if !allowed(membership::set_role(&mut unit, organization, user, role, consent).await)? {
            return Ok(false);
        }
        unit.commit().await?;
        Ok(true)
    }

    /// Removes a member. False if the last orgAdmin would go.
    pub(crate) async fn remove_member(
        self,
        organization: OrganizationId,
        user: UserId,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await?;
        if !allowed(membership::remove(&mut unit, organization, user).await)? {
            return Ok(false);
        }
        unit.commit().await?;
        Ok(true)
    }
}

/// How many there are, and how many there may be.
fn quota(error: &Error) -> (u32, u32) {
    let said = |name| {
        let member = error.members.iter().find(|(member, _)| *member == name);
        member.and_then(|(_, value)| u32::try_from(value.as_u64()?).ok()).expect("a number")
    };
    (said("count"), said("limit"))
}

/// False if it was refused because there is no such thing.
fn found<T>(result: Result<T, Error>) -> Result<bool, Error> {
    match result {
        Ok(_) => Ok(true),
        Err(error) if error.code == ErrorCode::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

impl Kit {
    /// The rules on its store.
    pub(crate) fn rules(&self) -> Rules {
        rules(&self.store)
    }

    pub(crate) async fn begin(&self, by: &Actor) -> UnitOfWork {
        units(&self.store).begin(by.clone()).await.expect("a unit")
    }

    pub(crate) async fn set_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        by: &Actor,
    ) -> Result<bool, Error> {
        self.rules().set_member(organization, user, role, by).await
    }

    /// The same for somebody who was not asked.
    pub(crate) async fn add_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        by: &Actor,
    ) -> Result<bool, Error> {
        self.rules().put_in(organization, user, role, Consent::NotAsked, by).await
    }

    pub(crate) async fn change_role(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        by: &Actor,
    ) -> Result<RoleChange, Error> {
        let mut unit = self.begin(by).await;
        match membership::change_role(&mut unit, organization, user, role).await {
            Ok(false) => Ok(RoleChange::NoMember),
            changed if !allowed(changed.clone())? => Ok(RoleChange::LastAdmin),
            _ => unit.commit().await.map(|()| RoleChange::Done),
        }
    }

    pub(crate) async fn remove_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        by: &Actor,
    ) -> Result<bool, Error> {
        self.rules().remove_member(organization, user, by).await
    }

    /// What keeps a person from being erased.
    pub(crate) async fn find_erasure_conflict(
        &self,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<Option<ErasureConflict>, Error> {
        let mut unit = self.begin(&Actor::daemon(now)).await;
        ErasureConflict::of(erasure::must_be_erasable(&mut unit, user).await)
    }

    /// Erases a person, unless something is in the way.
    pub(crate) async fn erase_user(
        &self,
        erasure: &Erasure,
        by: &Actor,
    ) -> Result<Option<ErasureConflict>, Error> {
        let mut unit = self.begin(by).await;
        let erased = erasure::erase(&mut unit, erasure).await.map(drop);
        if let Some(conflict) = ErasureConflict::of(erased)? {
            return Ok(Some(conflict));
        }
        unit.commit().await?;
        Ok(None)
    }

    pub(crate) async fn create_invite(&self, invite: &NewInvite, by: &Actor) -> Result<(), Error> {
        let mut unit = self.begin(by).await;
        invites::send(&mut unit, invite, TOKEN.to_owned()).await?;
        unit.commit().await
    }

    /// Whether the user is a member by it.
    pub(crate) async fn accept_invite(
        &self,
        invite: InviteId,
        user: UserId,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await;
        let accepted = found(invites::accept(&mut unit, invite, user).await)?;
        if accepted {
            unit.commit().await?;
        }
        Ok(accepted)
    }

    /// Whether the user rejected it.
    pub(crate) async fn reject_invite(
        &self,
        invite: InviteId,
        user: UserId,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await;
        let rejected = invites::reject(&mut unit, invite, user, false).await?;
        unit.commit().await?;
        Ok(rejected.is_some())
    }

    /// Whether there was an invite to revoke.
    pub(crate) async fn revoke_invite(&self, invite: InviteId, by: &Actor) -> Result<bool, Error> {
        let mut unit = self.begin(by).await;
        let revoked = found(invites::revoke(&mut unit, invite).await)?;
        if revoked {
            unit.commit().await?;
        }
        Ok(revoked)
    }

    /// Whether there was an invite to send again.
    pub(crate) async fn resend_invite(
        &self,
        invite: InviteId,
        token: &str,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await;
        let sent = found(invites::resend(&mut unit, invite, token.to_owned()).await)?;
        if sent {
            unit.commit().await?;
        }
        Ok(sent)
    }

    pub(crate) async fn block_invites(&self, user: UserId, by: &Actor) -> Result<(), Error> {
        let mut unit = self.begin(by).await;
        unit.insert_invite_block(user, self.organization).await?;
        unit.commit().await
    }

    /// Whether there was a block to end.
    pub(crate) async fn unblock_invites(&self, user: UserId, by: &Actor) -> Result<bool, Error> {
        let mut unit = self.begin(by).await;
        let unblocked = unit.delete_invite_block(user, self.organization).await?;
        unit.commit().await?;
        Ok(unblocked)
    }

    pub(crate) async fn offer_organization(&self, offer: &NewInvite, heir: UserId, by: &Actor) -> Transfer {
        let mut unit = self.begin(by).await;
        let offered = consent::offer_organization(&mut unit, offer, heir, TOKEN.to_owned()).await;
        let outcome = match offered {
            Ok(Offer::Made(_)) => Transfer::Made,
            Ok(Offer::Open) => Transfer::Offered,
            Ok(Offer::NotNeeded) => Transfer::Done,
            Err(error) => return Transfer::refused(&error),
        };
        unit.commit().await.expect("a commit");
        outcome
    }

    /// Hands the organization over; with `owner` only if it is theirs.
    pub(crate) async fn hand_over(&self, owner: Option<UserId>, heir: UserId, by: &Actor) -> Transfer {
        let mut unit = self.begin(by).await;
        let done = consent::hand_over(&mut unit, self.organization, owner, heir).await;
        if let Err(error) = done {
            return Transfer::refused(&error);
        }
        unit.commit().await.expect("a commit");
        Transfer::Done
    }
}

/// What became of a transfer of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// It is the heir's.
    Done,
    /// It is offered to the heir.
    Made,
    /// It was offered to the heir before.
    Offered,
    NotTheirs,
    NoMember,
}

impl Transfer {
    fn refused(error: &Error) -> Self {
        match error.code {
            ErrorCode::Forbidden => Self::NotTheirs,
            ErrorCode::ValidationFailed => Self::NoMember,
            _ => panic!("{error:?}"),
        }
    }
}
