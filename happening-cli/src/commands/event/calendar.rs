//! `happening event calendar`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{self, Answer, Document};
use anyhow::Context as _;
use happening_core::id::EventId;

const HELP: &str = "\
Prints iCalendar (RFC 5545). The entry is the same one as in mails: a calendar that has both shows one.

Example:
  happening event calendar EVENT > event.ics";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
}

impl Verb for Args {
    type Output = Document;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Document>> {
        let client = app.caller()?.client;
        let calendar = client.event_calendar(self.event).await;
        let calendar = calendar.with_context(|| format!("event {}", self.event))?;
        if !app.console.is_for_people() {
            return Ok(Answer::item(Document::Text(calendar)));
        }
        // As it came: readers of the format want its line ends.
        output::print(&calendar)?;
        Ok(Answer::nothing())
    }
}
