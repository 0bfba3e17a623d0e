//! `happening org delete`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, Deleted, visible};
use crate::prompt::Confirmation;
use happening_core::client::{Client, ClientError, Deletion};
use happening_core::id::OrganizationId;
use happening_core::wire::{ErrorCode, Job};

const HELP: &str = "\
Its members lose their roles in it. One with events that are still to take place is deleted only with --force, and those \
who booked are told. Where there are many, a job at the daemon deletes them, and its progress is shown on a terminal. \
Ctrl-C leaves the job running; the same command comes back to it.

Example:
  happening org delete \"Jazz Club\" --yes --ignore-missing";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
    /// Even if events are still to take place: delete those first
    #[arg(long)]
    force: bool,
    /// Succeed if there is no such organization, or none that you may see
    #[arg(long)]
    ignore_missing: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = Deleted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Deleted>> {
        let caller = app.caller()?;
        let client = &caller.client;
        let id = if self.ignore_missing {
            let Some(id) = caller.organization_if_any(&self.org).await? else {
                return Ok(Answer::item(Deleted { id: self.org, deleted: false }));
            };
            id
        } else {
            caller.organization(&self.org).await?
        };
        let question = async {
            let organization = client.organization(id).await?;
            let events = if self.force { " and all its upcoming events" } else { "" };
            let (name, members) = (visible(&organization.name), organization.member_count);
            Ok(format!("Delete the organization `{name}` of {members} members{events}?"))
        };
        self.confirmation.obtain(app.console, question).await?;
        if let Some(job) = delete(app, client, id, self.force).await? {
            // Its report says no more than that it is done.
            crate::job::follow(app, client, job, "the same command comes back to it").await?;
        }
        Ok(Answer::item(Deleted { id: id.to_string(), deleted: true }))
    }
}

/// Deletes it, or has a job do so: one that was begun before, too.
async fn delete(
    app: &App<'_>,
    client: &Client,
    id: OrganizationId,
    force: bool,
) -> anyhow::Result<Option<Job>> {
    loop {
        match app.change(client.begin_to_delete_organization(id, force)).await {
            Ok(Deletion::Done) => return Ok(None),
            Ok(Deletion::Begun(job)) => return Ok(Some(*job)),
            // It has more events than one request deletes: each goes on where the last one ended.
            Err(error) if is_under_way(&error) => {}
            Err(error) => {
                if let Some(running) = error.running_job()
                    && let Ok(job) = client.job(running).await
                {
                    return Ok(Some(job));
                }
                return Err(anyhow::Error::from(error).context("the organization was not deleted"));
            }
        }
    }
}

/// Whether some of its events were deleted, and others are left.
fn is_under_way(error: &ClientError) -> bool {
    let problem = error.problem().filter(|problem| problem.known_code() == Some(ErrorCode::UpcomingEvents));
    let deleted = problem.and_then(|problem| problem.members.get("deleted_events")?.as_u64());
    deleted.is_some_and(|deleted| deleted > 0)
}
