//! `happening event seats`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::id::EventId;
use happening_core::wire::SeatMap;

const HELP: &str = "\
Example:
  happening event seats EVENT --jq '.taken | length'";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
}

impl Verb for Args {
    type Output = SeatMap;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<SeatMap>> {
        let client = app.caller()?.client;
        let seats = client.seats(self.event).await.with_context(|| format!("event {}", self.event))?;
        Ok(Answer::item(seats))
    }
}
