//! `happening diff`.

use super::apply::{planned, planned_all};
use crate::app::App;
use crate::declare::Files;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Outcome};

const HELP: &str = "\
Field by field, old and new; nothing is changed. Exit 10 if there are differences, 0 if there are none.

Examples:
  happening diff -f organization.yaml
  happening diff -f organization.yaml --prune -o json";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    files: Files,
    /// Also what is there and not in the file
    #[arg(long)]
    prune: bool,
}

impl Verb for Args {
    type Output = Outcome;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Outcome>> {
        let files = self.files.read()?;
        let outcomes = planned(&planned_all(&app.caller()?, &files, self.prune).await?);
        let count = outcomes.len();
        let answer = Answer::list(outcomes, "No differences.");
        Ok(if count > 0 { answer.but(CliError::Differences(differences(count))) } else { answer })
    }
}

fn differences(count: usize) -> String {
    if count == 1 { "one thing differs".to_owned() } else { format!("{count} things differ") }
}
