//! `happening reconcile cancel`.

use super::find_job;
use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::id::JobId;
use happening_core::wire::Job;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The job's id; the newest one if left out
    #[arg(value_parser = crate::args::job)]
    job: Option<JobId>,
}

impl Verb for Args {
    type Output = Job;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Job>> {
        let client = app.caller()?.client;
        let id = match self.job {
            Some(id) => id,
            None => find_job(&client, None).await?.id,
        };
        Ok(Answer::item(app.change(client.cancel_job(id)).await?))
    }
}
