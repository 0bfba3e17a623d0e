//! `happening event list`.

use crate::app::App;
use crate::frame::Verb;
use crate::list_limit::ListLimit;
use crate::output::Answer;
use happening_core::wire::{Event, EventStatus, EventsQuery};

const HELP: &str = "\
Examples:
  happening event list --org Demo --status upcoming
  happening event list -o csv --fields id,name,available_slots
  happening event list --jq '.[] | select(.available_slots > 0) | .name'";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Only events of this organization, by id or name
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
    /// Only events whose name contains this
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only events that are upcoming, ongoing, completed or cancelled
    #[arg(long, add = crate::completion::words(EventStatus::ALL))]
    status: Option<EventStatus>,
    #[command(flatten)]
    list_limit: ListLimit,
}

impl Verb for Args {
    type Output = Event;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Event>> {
        let caller = app.caller()?;
        let org_id = match &self.org {
            Some(org) => Some(caller.organization(org).await?),
            None => None,
        };
        let query = EventsQuery {
            org_id,
            status: self.status,
            q: self.search,
            limit: Some(self.list_limit.page()),
            ..EventsQuery::default()
        };
        let first = caller.client.find_events(&query).await?;
        Ok(self.list_limit.answer(&caller, first, "No events that you may see.").await?)
    }
}
