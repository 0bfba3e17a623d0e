//! `happening event watch`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, Moment};
use crate::watch::watch;
use happening_core::id::EventId;

const HELP: &str = "\
Prints a line for each change, until Ctrl-C, or until --timeout is over if it is given. Under json and jsonl it is the \
message of the stream, under yaml a document each, and under csv a line below a header of all members that there are.

Examples:
  happening event watch EVENT
  happening event watch EVENT --jq 'select(.type == \"promotion\") | .seats'";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
}

impl Verb for Args {
    type Output = Moment;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Moment>> {
        watch(app, self.event, |_| true).await
    }
}
