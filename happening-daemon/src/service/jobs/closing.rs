//! Deleting an organization with many upcoming events: each is deleted through the engine, so that those who booked are
//! told, and then the organization. An event that is deleted is no longer listed, so nothing is done twice.

use super::{Journal, broken};
use crate::service::governance::{AT_ONCE, ROUNDS};
use crate::service::organizations::rules::{self, Deletion};
use crate::service::{Caller, Error, Services};
use crate::store::{ClaimedJob, Wording};
use futures::{StreamExt as _, TryStreamExt as _};
use happening_core::id::{EventId, OrganizationId};
use happening_core::wire::{Closed, ErrorCode, Job, JobKind, Role, UserStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Upcoming events of an organization that one request deletes, also for those who would rather have a job.
pub(in crate::service) const SYNCHRONOUS: usize = 100;

/// After so many events it is looked at whether who asked still may.
const CHUNK: usize = 256;

/// What was asked for.
#[derive(Debug, Serialize, Deserialize)]
struct Closing {
    /// Only if the organization is so at the end.
    from: Option<Wording>,
    /// Whether an operator asked: what the token said then.
    by_operator: bool,
}

impl Services {
    /// Starts to delete an organization for somebody who may.
    pub(in crate::service) async fn start_closing(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        from: Option<Wording>,
    ) -> Result<Job, Error> {
        let closing = Closing { from, by_operator: caller.is_operator() };
        self.start_job(caller, JobKind::CloseOrganization, organization.0, &closing).await
    }

    pub(super) async fn close_organization(
        &self,
        job: &ClaimedJob,
        journal: &Journal,
    ) -> Result<Value, Error> {
        let closing: Closing = serde_json::from_value(job.wish.clone()).map_err(|error| broken(&error))?;
        let organization = OrganizationId(job.scope);
        let mut upcoming = 0;
        for _ in 0..ROUNDS {
            self.delete_events_of(organization, job, &closing, journal).await?;
            self.persist(|_| self.must_still_govern(organization, job, &closing)).await?;
            let from = closing.from.as_ref();
            match self.persist(|_| self.delete_for_closing(organization, from, job)).await? {
                Deletion::Done => {
                    let closed = Closed { deleted_events: journal.done() };
                    return serde_json::to_value(closed).map_err(|error| broken(&error));
                }
                Deletion::HasEvents(count) => upcoming = count,
            }
        }
        let detail = format!("{upcoming} events are still to take place: somebody keeps publishing.");
        Err(Error::new(ErrorCode::UpcomingEvents, detail))
    }

    async fn delete_for_closing(
        &self,
        organization: OrganizationId,
        from: Option<&Wording>,
        job: &ClaimedJob,
    ) -> Result<Deletion, Error> {
        let mut unit = self.units.begin(self.acting(job)).await?;
        match rules::delete(&mut unit, organization, from).await {
            Ok(Deletion::Done) => unit.commit().await.map(|()| Deletion::Done),
            // In the life of this job before, or by somebody who was faster.
            Err(error) if error.code == ErrorCode::NotFound => Ok(Deletion::Done),
            refused => refused,
        }
    }

    async fn delete_events_of(
        &self,
        organization: OrganizationId,
        job: &ClaimedJob,
        closing: &Closing,
        journal: &Journal,
    ) -> Result<(), Error> {
        let listing =
            |_| async move { Ok(self.store.list_upcoming_events(organization, self.clock.now()).await?) };
        let events = self.persist(listing).await?;
        // What was deleted since the last note is no longer listed.
        let left = events.len() as u64;
        let done = journal.expected().map_or(0, |total| total.saturating_sub(left)).max(journal.done());
        journal.begin(done, done + left);
        for chunk in events.chunks(CHUNK) {
            self.persist(|_| self.must_still_govern(organization, job, closing)).await?;
            let deleting = futures::stream::iter(chunk.to_vec())
                .map(|event| async move {
                    self.persist(|_| self.delete_for_job(event, job)).await?;
                    journal.advance();
                    Ok::<(), Error>(())
                })
                .buffer_unordered(AT_ONCE);
            deleting.try_collect::<()>().await?;
        }
        Ok(())
    }

    async fn delete_for_job(&self, event: EventId, job: &ClaimedJob) -> Result<(), Error> {
        let Some(before) = self.store.find_event(event).await? else { return Ok(()) };
        match self.delete_for(self.acting(job), &before, None).await {
            // Somebody else was faster.
            Err(error) if error.code == ErrorCode::NotFound => Ok(()),
            done => done,
        }
    }

    /// Who asked may have lost the right since, and the organization may have been suspended.
    async fn must_still_govern(
        &self,
        organization: OrganizationId,
        job: &ClaimedJob,
        closing: &Closing,
    ) -> Result<(), Error> {
        // Once it is deleted there is nothing left to do.
        let status = self.store.find_organization_status(organization).await?;
        let Some(status) = status else { return Ok(()) };
        let Some(user) = job.by.user else { return Err(lost()) };
        let person = self.store.find_user(user).await?;
        if person.is_none_or(|person| person.status != UserStatus::Active) {
            return Err(lost());
        }
        if closing.by_operator {
            return Ok(());
        }
        if self.store.find_role(user, organization).await? != Some(Role::OrgAdmin) {
            return Err(lost());
        }
        Self::must_go_on(None, status)
    }
}

fn lost() -> Error {
    Error::forbidden("Whoever asked for this may no longer do it.")
}
