//! `happening queue discard`.

use super::Chosen;
use crate::app::App;
use crate::frame::Verb;
use crate::many;
use crate::output::{Answer, Attempted};
use crate::prompt::Confirmation;

const HELP: &str = "\
Whoever was to be told is not. Exit 9 if some could not be discarded.

Example:
  happening queue discard ID --yes";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = Attempted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Attempted>> {
        let caller = app.caller()?;
        let ids = self.chosen.ids(&caller).await?;
        if !ids.is_empty() {
            let what = if ids.len() == 1 {
                "one thing that is".to_owned()
            } else {
                format!("{} that are", ids.len())
            };
            let question = async { Ok(format!("Throw away {what} parked? Nobody will be told of it.")) };
            self.confirmation.obtain(app.console, question).await?;
        }
        let answer = many::each(app, &ids, "discarded", async |id| caller.client.discard_parked(id).await);
        Ok(answer.await?.answer("Nothing is parked."))
    }
}
