//! `happening queue status`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::QueueStatus;

const HELP: &str = "\
Examples:
  happening queue status
  happening queue status --jq .outbox.pending";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {}

impl Verb for Args {
    type Output = QueueStatus;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<QueueStatus>> {
        Ok(Answer::item(app.caller()?.client.queue_status().await?))
    }
}
