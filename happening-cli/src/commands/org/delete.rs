//! `happening org delete`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, Deleted, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::client::ClientError;
use happening_core::wire::ErrorCode;

const HELP: &str = "\
Its members lose their roles in it. One with events that are still to take place is deleted only with --force, and those \
who booked are told.

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
        loop {
            match app.change(client.delete_organization(id, self.force)).await {
                // It has more events than one request deletes: each goes on where the last one ended.
                Err(error) if is_under_way(&error) => {}
                deleted => {
                    deleted.context("the organization was not deleted")?;
                    break;
                }
            }
        }
        Ok(Answer::item(Deleted { id: id.to_string(), deleted: true }))
    }
}

/// Whether some of its events were deleted, and others are left.
fn is_under_way(error: &ClientError) -> bool {
    let ClientError::Refused { problem, .. } = error else { return false };
    let deleted = problem.members.get("deleted_events").and_then(serde_json::Value::as_u64);
    problem.code == ErrorCode::UpcomingEvents.to_string() && deleted.is_some_and(|deleted| deleted > 0)
}
