//! `happening queue requeue`.

use super::Chosen;
use crate::app::App;
use crate::frame::Verb;
use crate::many;
use crate::output::{Answer, Attempted};

const HELP: &str = "\
A notification is tried as often as a new one. Exit 9 if some could not be requeued.

Examples:
  happening queue requeue ID
  happening queue requeue --all";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    chosen: Chosen,
}

impl Verb for Args {
    type Output = Attempted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Attempted>> {
        let caller = app.caller()?;
        let ids = self.chosen.ids(&caller).await?;
        let answer = many::each(app, &ids, "requeued", async |id| caller.client.requeue_parked(id).await);
        Ok(answer.await?.answer("Nothing is parked."))
    }
}
