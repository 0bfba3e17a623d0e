//! `happening demo`: the story of the README, told step by step by the commands themselves.

mod stage;
mod story;

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Step};
use crate::prompt;
use crate::trial::{must_be_real, sweep};
use stage::Narrator;

const HELP: &str = "\
Each step is a command that you could type, and what it really answers. The story takes place in an organization of its own, \
of which you are the orgAdmin and which is removed at the end; you book yourself, as often as it takes. A service account \
founds none: name one where it may publish with --org; then only the event is removed.

Examples:
  happening demo
  happening demo --step
  happening demo --keep -o json --jq '.[].command'";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Wait for Enter between two steps
    #[arg(long)]
    step: bool,
    /// Leave everything there at the end
    #[arg(long)]
    keep: bool,
    /// An organization to publish the event in, by id or name, rather than one of its own
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
}

impl Verb for Args {
    type Output = Step;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Step>> {
        must_be_real(app)?;
        if self.step && !prompt::can_ask() {
            let why = "--step waits for Enter, and there is no terminal".to_owned();
            return Err(CliError::Usage(why).into());
        }
        let caller = app.caller()?;
        let me = caller.me().await?;
        let org = match &self.org {
            Some(org) => Some(caller.organization(org).await?),
            None => None,
        };
        sweep(app, &caller.client, &me).await?;
        let mut narrator = Narrator::new(app, caller.client.clone(), self.step);
        story::tell(&mut narrator, org, self.keep).await?;
        if self.keep {
            app.cleanup.keep();
        }
        Ok(narrator.end())
    }
}
