//! What orgAdmins decide about their organization as a whole, and operators about anybody's.

use super::jobs::SYNCHRONOUS;
use super::organizations::rules::{self, Deletion};
use super::{Caller, Error, Precondition, Services, fields};
use crate::store::Wording;
use futures::{StreamExt as _, TryStreamExt as _};
use happening_core::id::OrganizationId;
use happening_core::wire::{ErrorCode, Job, JobKind, Organization, OrganizationStatus, UpdateOrganization};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How often upcoming events are deleted before a deletion gives up: somebody keeps publishing.
pub(super) const ROUNDS: u32 = 3;

/// Events that are deleted at once: enough to share commits, few enough to leave others their connections.
pub(super) const AT_ONCE: usize = 32;

/// How long events are deleted before the request is answered. The rest of a request's time is for the organization itself.
const CLOSING: Duration = Duration::from_secs(3);

/// How an organization is to be deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeleteOrganization {
    /// Whether upcoming events go with it.
    pub force: bool,
    /// Whether the caller would rather have a job than wait for many events.
    pub as_job: bool,
}

impl Services {
    /// Changes name or settings of an organization that meets `precondition`.
    pub async fn update_organization(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        update: UpdateOrganization,
        precondition: &Precondition,
    ) -> Result<Organization, Error> {
        self.must_govern(caller, organization).await?;
        let from = self.wording(caller, organization, precondition).await?;
        let name = update.name.as_deref().map(fields::organization_name).transpose()?;
        let settings = update.settings.map(fields::settings_update).transpose()?;
        let (name, settings) = (name.as_deref(), settings.as_ref());
        let mut unit = self.begin(caller).await?;
        rules::update(&mut unit, organization, from.as_ref(), name, settings).await?;
        let updated = rules::get(&mut unit, organization).await?;
        unit.commit().await?;
        Ok(updated)
    }

    /// What an edit of the organization starts from, if that was said and is so.
    async fn wording(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        precondition: &Precondition,
    ) -> Result<Option<Wording>, Error> {
        if !precondition.is_any() {
            return Ok(None);
        }
        let read = self.organization(caller, organization).await?;
        precondition.must_admit(&read)?;
        Ok(precondition.is_given().then_some(Wording { name: read.name, settings: read.settings }))
    }

    /// Deletes an organization that meets `precondition` and has no upcoming events. With `force` these are deleted first,
    /// one by one and through the engine, so that those who booked are notified; what is interrupted can be asked for again.
    /// Where there are many, a job deletes them for those who would rather look than wait.
    pub async fn delete_organization(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        how: DeleteOrganization,
        precondition: &Precondition,
    ) -> Result<Option<Job>, Error> {
        self.must_govern(caller, organization).await?;
        let from = self.wording(caller, organization, precondition).await?;
        if how.force && !self.engine.is_foreseeing() {
            self.must_not_run(JobKind::CloseOrganization, organization.0).await?;
            if how.as_job {
                let upcoming = self.store.list_upcoming_events(organization, self.clock.now()).await?;
                if upcoming.len() > SYNCHRONOUS {
                    caller.user()?;
                    return Ok(Some(self.start_closing(caller, organization, from).await?));
                }
            }
        }
        self.delete_now(caller, organization, how.force, from).await?;
        Ok(None)
    }

    async fn delete_now(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        force: bool,
        from: Option<Wording>,
    ) -> Result<(), Error> {
        let is_planned = force && self.engine.is_foreseeing();
        let mut upcoming = 0;
        for _ in 0..ROUNDS {
            if force && !is_planned {
                self.delete_upcoming_events(caller, organization).await?;
            }
            let mut unit = self.begin(caller).await?;
            match rules::delete(&mut unit, organization, from.as_ref()).await? {
                Deletion::Done => return unit.commit().await,
                // In a dry run they are not deleted first: who may close it may delete each.
                Deletion::HasEvents(_) if is_planned => return Ok(()),
                Deletion::HasEvents(count) => upcoming = count,
            }
            if !force {
                break;
            }
        }
        let detail = format!("{upcoming} events are still to take place: cancel them, or delete by force.");
        let members = vec![("upcoming_events", upcoming.into())];
        Err(Error { members, ..Error::new(ErrorCode::UpcomingEvents, detail) })
    }

    /// Deletes what is still to take place, some at a time, for as long as a request may take. What is deleted stays deleted:
    /// where some are left, the error says so, and sending the request again goes on.
    async fn delete_upcoming_events(
        &self,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<(), Error> {
        let events = self.store.list_upcoming_events(organization, self.clock.now()).await?;
        let (all, count) = (events.len(), AtomicUsize::new(0));
        let deleted = &count;
        let deleting = futures::stream::iter(events)
            .map(|event| async move {
                match self.delete_event(caller, event, None, &Precondition::default()).await {
                    // Somebody else was faster.
                    Err(error) if error.code == ErrorCode::NotFound => {}
                    done => done?,
                }
                deleted.fetch_add(1, Ordering::Relaxed);
                Ok::<(), Error>(())
            })
            .buffer_unordered(AT_ONCE);
        let ended = tokio::time::timeout(CLOSING, deleting.try_collect::<()>()).await;
        let deleted = deleted.load(Ordering::Relaxed);
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if deleted == 0 => Err(error),
            Ok(Err(_)) | Err(_) => Err(partly(deleted, all)),
        }
    }

    /// Suspends an organization, or lets it go on.
    pub async fn set_organization_status(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        status: OrganizationStatus,
    ) -> Result<Organization, Error> {
        self.writable(caller, organization).await?;
        if !caller.is_operator() {
            return Err(Error::forbidden("Only an operator suspends an organization."));
        }
        let mut unit = self.begin(caller).await?;
        rules::set_status(&mut unit, organization, status).await?;
        let set = rules::get(&mut unit, organization).await?;
        unit.commit().await?;
        Ok(set)
    }

    /// Refuses a caller who does not govern the organization, or may not change it now.
    pub(super) async fn must_govern(
        &self,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<(), Error> {
        let found = self.writable(caller, organization).await?;
        if !caller.governs(organization) {
            return Err(Error::forbidden("Only an orgAdmin does this."));
        }
        Self::must_go_on(caller, found.status)
    }

    /// An organization that the caller sees. Staff see deleted ones too, but nobody changes them any more.
    pub(super) async fn writable(
        &self,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<Organization, Error> {
        let found = self.organization(caller, organization).await?;
        if found.deleted_at.is_some() {
            return Err(Error::not_found("organization"));
        }
        Ok(found)
    }

    /// Refuses changes in a suspended organization, operators' apart; without a caller those of nobody in particular. Asks the store once in a while only: bookings pass
    /// here.
    pub(super) async fn must_be_active<'a>(
        &self,
        caller: impl Into<Option<&'a Caller>>,
        organization: OrganizationId,
    ) -> Result<(), Error> {
        let caller = caller.into();
        if let Some(status) = self.standings.get(&organization) {
            return Self::must_go_on(caller, status);
        }
        self.must_be_up()?;
        // Once deleted, only what was booked is left, and that may be given back.
        let status = self.store.find_organization_status(organization).await?.unwrap_or_default();
        self.standings.insert(organization, status);
        Self::must_go_on(caller, status)
    }

    pub(super) fn must_go_on<'a>(
        caller: impl Into<Option<&'a Caller>>,
        status: OrganizationStatus,
    ) -> Result<(), Error> {
        if status == OrganizationStatus::Active || caller.into().is_some_and(Caller::is_operator) {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::OrganizationSuspended,
            "This organization is suspended: it can be looked at, but not changed.",
        ))
    }
}

/// Some events are deleted, others are left, and so is the organization.
fn partly(deleted: usize, all: usize) -> Error {
    let left = all - deleted;
    let detail = format!(
        "{deleted} events are deleted, {left} are still to take place. The organization is not closed yet: send this again to \
         go on."
    );
    let mut error = Error::new(ErrorCode::UpcomingEvents, detail);
    error.members.push(("upcoming_events", left.into()));
    error.members.push(("deleted_events", deleted.into()));
    error
}
