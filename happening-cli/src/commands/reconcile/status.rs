//! `happening reconcile status`.

use super::{differences, find_job, follow};
use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::id::JobId;
use happening_core::wire::{Drift, Job, JobState};

const HELP: &str = "\
Exit as `happening reconcile`, once the job has ended: 0 if there is no difference, 10 if there is. While it runs: 0.

Examples:
  happening reconcile status
  happening reconcile status --wait
  happening reconcile status JOB -o json --jq .state";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The job's id; the newest one if left out
    #[arg(value_parser = crate::args::job)]
    job: Option<JobId>,
    /// Wait for its end, and print what it found
    #[arg(long)]
    pub wait: bool,
}

impl Verb for Args {
    type Output = Job;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Job>> {
        let job = find_job(&app.caller()?.client, self.job).await?;
        let failure = match job.state {
            JobState::Failed => Some(crate::job::failure(&job)),
            _ => job.reconciled().filter(|report| report.left() > 0).map(|report| {
                let left = report.left();
                differences(&report, left).into()
            }),
        };
        let answer = Answer::item(job);
        Ok(match failure {
            Some(failure) => answer.but(failure),
            None => answer,
        })
    }
}

/// Until it has ended.
pub struct Follow(pub Args);

impl Verb for Follow {
    type Output = Drift;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Drift>> {
        let client = app.caller()?.client;
        let job = find_job(&client, self.0.job).await?;
        follow(app, &client, job).await
    }
}
