//! `happening status`.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Part};
use happening_core::wire::Health;

const HELP: &str = "\
Anyone may ask. Exit 1 if the daemon is down.";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {}

impl Verb for Args {
    type Output = Part;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Part>> {
        let readiness = app.anonymous().readiness().await?;
        let answer = Answer::list(Part::all(&readiness), "No parts.");
        Ok(if readiness.status == Health::Down { answer.but(CliError::Down) } else { answer })
    }
}
