//! Long work at the daemon: looking at a job until it has ended. It goes on without us.

use crate::app::App;
use crate::exit::CliError;
use crate::output::visible;
use crate::wait::is_passing;
use happening_core::client::Client;
use happening_core::wire::{Job, JobState};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Follows a job to its end. One that failed or was cancelled is an error. `--timeout` and Ctrl-C leave it alone; `way_back`
/// says how to come back.
pub async fn follow(app: &App<'_>, client: &Client, job: Job, way_back: &str) -> anyhow::Result<Job> {
    app.goes_on(Some(format!("interrupted: the job goes on at the daemon; {way_back}")));
    let deadline = app.time_limit().map(|limit| Instant::now() + limit);
    let bar = app.console.bar(0);
    let mut job = job;
    while !job.state.is_final() {
        bar.set_length(job.total.unwrap_or(0));
        bar.set_position(job.done);
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            bar.finish_and_clear();
            return Err(CliError::TimedOut(format!("the job goes on at the daemon; {way_back}")).into());
        }
        sleep(PAUSE).await;
        match client.job(job.id).await.map_err(anyhow::Error::from) {
            Ok(looked) => job = looked,
            // A daemon that is away for a moment is no end of the waiting.
            Err(error) if is_passing(&error) => {}
            Err(error) => return Err(error),
        }
    }
    bar.finish_and_clear();
    app.goes_on(None);
    match job.state {
        JobState::Failed => Err(failure(&job)),
        JobState::Cancelled => {
            let why = "the job was cancelled before its end; what it had done stays done";
            Err(CliError::Conflict(why.to_owned()).into())
        }
        JobState::Done | JobState::Waiting | JobState::Running => Ok(job),
    }
}

/// Why a job has failed.
pub fn failure(job: &Job) -> anyhow::Error {
    let why = job.error.as_deref().unwrap_or("the daemon does not say why");
    anyhow::anyhow!("the job has failed: {}", visible(why))
}
