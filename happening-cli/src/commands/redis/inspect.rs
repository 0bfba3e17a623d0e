//! `happening redis inspect`.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::id::EventId;
use happening_core::wire::InspectedEvent;

const HELP: &str = "\
Exit 0 however they are, or with --check 10 if they differ: while people book, the counters are a moment behind.

Examples:
  happening redis inspect EVENT
  happening redis inspect EVENT --check || happening reconcile EVENT --fix";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    /// Exit 10 if the two differ
    #[arg(long)]
    check: bool,
}

impl Verb for Args {
    type Output = InspectedEvent;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<InspectedEvent>> {
        let client = app.caller()?.client;
        let inspected =
            client.inspect_event(self.event).await.with_context(|| format!("event {}", self.event))?;
        let differs = self.check && !inspected.agrees;
        let answer = Answer::item(inspected);
        Ok(if differs {
            answer.but(CliError::Differences(format!(
                "the counters differ from the database: `happening reconcile {} --fix` sets them",
                self.event
            )))
        } else {
            answer
        })
    }
}
