//! Waiting for something to come true at the daemon, by looking again and again.

use crate::app::App;
use crate::exit::CliError;
use happening_core::client::ClientError;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two looks: quick enough for a script, and nothing to a daemon.
const PAUSE: Duration = Duration::from_secs(1);

/// What a look has shown.
pub enum Progress<T> {
    /// It is so.
    Done(T),
    /// Not yet; this is how it stands.
    Waiting(String),
    /// It can no longer be, and why.
    Hopeless(String),
}

/// Looks until it is so, or `--timeout` is over. A daemon that is away for a moment is no end of the waiting.
pub async fn wait<T>(
    app: &App<'_>,
    look: impl AsyncFn() -> anyhow::Result<Progress<T>>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + app.patience();
    let spinner = app.console.spinner();
    let mut last = String::new();
    loop {
        match look().await {
            Ok(Progress::Done(found)) => {
                spinner.finish_and_clear();
                return Ok(found);
            }
            Ok(Progress::Hopeless(why)) => return Err(CliError::Hopeless(why).into()),
            Ok(Progress::Waiting(state)) => last = state,
            Err(error) if is_passing(&error) && !last.is_empty() => {}
            Err(error) => return Err(error),
        }
        spinner.set_message(format!("Waiting: {last}"));
        if Instant::now() + PAUSE >= deadline {
            // The last look is at the very end, so that what comes true in time is seen.
            if Instant::now() >= deadline {
                return Err(CliError::TimedOut(format!("waited in vain: {last}")).into());
            }
            sleep(deadline.saturating_duration_since(Instant::now())).await;
        } else {
            sleep(PAUSE).await;
        }
    }
}

/// Whether it may be otherwise in a moment: a daemon that is away or busy.
pub fn is_passing(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<ClientError>() {
        Some(ClientError::Unreachable { .. } | ClientError::TimedOut { .. } | ClientError::Proxy(_)) => true,
        Some(ClientError::Refused { problem, .. }) => problem.status >= 500 || problem.status == 429,
        _ => false,
    }
}
