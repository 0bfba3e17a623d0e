//! `happening queue parked`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::ParkedMessage;

const HELP: &str = "\
A notification is here after its last try, a message because it is none that anybody could deliver.

Examples:
  happening queue parked
  happening queue parked -o json --fields id,reason,payload";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..), allow_negative_numbers = true)]
    limit: u32,
}

impl Verb for Args {
    type Output = ParkedMessage;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<ParkedMessage>> {
        let found = super::all(&app.caller()?, self.limit as usize).await?;
        if found.len() == self.limit as usize {
            app.console.note(&format!("At most {} are shown: --limit shows more.", self.limit));
        }
        Ok(Answer::list(found, "Nothing is parked."))
    }
}
