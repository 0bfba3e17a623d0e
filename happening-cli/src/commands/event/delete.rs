//! `happening event delete`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, Deleted, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::client::Client;
use happening_core::id::EventId;
use happening_core::wire::ErrorCode;

const HELP: &str = "\
Nothing that people booked is erased.

Example:
  happening event delete EVENT --yes --ignore-missing";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    /// Succeed if there is no such event, or none that you may see
    #[arg(long)]
    ignore_missing: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = Deleted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Deleted>> {
        let client = app.caller()?.client;
        if self.ignore_missing
            && let Err(error) = client.event(self.event).await
            && error.code() == Some(ErrorCode::NotFound)
        {
            return Ok(Answer::item(Deleted { id: self.event.to_string(), deleted: false }));
        }
        self.confirmation.obtain(app.console, question(&client, self.event, "Delete")).await?;
        app.change(client.delete_event(self.event)).await.context("the event was not deleted")?;
        Ok(Answer::item(Deleted { id: self.event.to_string(), deleted: true }))
    }
}

/// Names what will be gone.
pub(super) async fn question(client: &Client, id: EventId, what: &str) -> anyhow::Result<String> {
    let event = client.event(id).await.with_context(|| format!("event {id}"))?;
    let booked = event.total_slots.saturating_sub(event.available_slots);
    let waiting = event.waiting;
    Ok(format!(
        "{what} `{}`? {booked} seats are booked and {waiting} parties wait; all are told.",
        visible(&event.name)
    ))
}
