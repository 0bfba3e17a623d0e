//! `happening event cancel`.

use super::delete::question;
use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::id::EventId;
use happening_core::wire::{Event, EventStatus, UpdateEvent};

const HELP: &str = "\
It stays in the lists as cancelled and takes no bookings any more.

Example:
  happening event cancel EVENT --yes";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = Event;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Event>> {
        let client = app.caller()?.client;
        self.confirmation.obtain(app.console, question(&client, self.event, "Call off")).await?;
        let update = UpdateEvent { status: Some(EventStatus::Cancelled), ..UpdateEvent::default() };
        let event = app.change(client.update_event(self.event, &update)).await;
        Ok(Answer::item(event.context("the event was not called off")?))
    }
}
