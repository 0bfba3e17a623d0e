//! `happening export`.

use crate::app::App;
use crate::declare::whole;
use crate::frame::Verb;
use crate::output::{Answer, Exported, visible};
use anyhow::Context as _;
use happening_core::declare::export;

const HELP: &str = "\
YAML, or JSON with -o json: what `happening apply` reads. Applying it changes nothing. There are no secrets in it, and it \
is the same each time as long as nothing changes, so that it can be kept under version control.

Examples:
  happening export Demo > demo.yaml
  happening export Demo | happening diff -f -";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
}

impl Verb for Args {
    type Output = Exported;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Exported>> {
        let caller = app.caller()?;
        let id = caller.organization(&self.org).await?;
        let read = whole(&caller, id).await.with_context(|| format!("organization {}", visible(&self.org)));
        let (organization, actual) = read?;
        Ok(Answer::item(Exported(export(&organization, &actual))))
    }
}
