//! `happening event reassign`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::id::EventId;
use happening_core::wire::{Event, ReassignEvent};

const HELP: &str = "\
Only an orgAdmin of its organization can.

Example:
  happening event reassign EVENT --to organizer@example.org";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    /// Who takes over, by id, username or e-mail address
    #[arg(long, value_name = "USER")]
    to: String,
}

impl Verb for Args {
    type Output = Event;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Event>> {
        let caller = app.caller()?;
        let reassign = ReassignEvent { new_created_by: caller.user(&self.to).await?, requested_by: None };
        let event = app.change(caller.client.reassign_event(self.event, &reassign)).await;
        Ok(Answer::item(event.context("the event was not handed over")?))
    }
}
