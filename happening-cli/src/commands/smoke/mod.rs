//! `happening smoke`: the story of the README as a check of a daemon, for CI.

mod aftermath;
mod reports;
mod story;

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Check, SmokeReport, Verdict};
use crate::trial::{Checklist, Purpose, Stage, must_be_real};
use reports::Reports;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

const HELP: &str = "\
Publishes an event, books, over-books, cancels, and checks each answer and what is there afterwards. That takes place in an \
organization of its own, which is removed again, whatever happens. A service account founds none: name one where it may \
publish with --org; then only the event is made and removed.

Exit 0 if all is well, 1 if a check failed; if it could not even begin, as every command. The checks have --timeout \
[default: 30s] together.

Examples:
  happening smoke --timeout 10s
  happening smoke --junit smoke.xml --report smoke.json
  HAPPENING_CLIENT_ID=ci HAPPENING_CLIENT_SECRET=… happening smoke --org Demo -o json";

/// To remove what was made, even if the time is up.
const REMOVAL: Duration = Duration::from_secs(10);

/// An organization that is older than this trial may be is removed by the next.
const LONGEST: Duration = Duration::from_mins(30);

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// An organization to publish the event in, by id or name, rather than one of its own
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
    /// Write the checks as JUnit XML, too
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    junit: Option<PathBuf>,
    /// Write the report as JSON, too
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    report: Option<PathBuf>,
}

impl Verb for Args {
    type Output = SmokeReport;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<SmokeReport>> {
        must_be_real(app)?;
        if app.patience() > LONGEST {
            let why = format!("--timeout is at most {} minutes here", LONGEST.as_secs() / 60);
            return Err(CliError::Usage(why).into());
        }
        let reports = Reports { junit: self.junit, json: self.report };
        reports.begin(&app.clock)?;
        let stage = Stage::put_up(app, Purpose::Smoke, self.org.as_deref()).await?;
        let report = examine(app, &stage).await;
        reports.write(&report)?;
        let (failed, of) = (report.failed, report.checks.len());
        let answer = Answer::item(report);
        Ok(if failed > 0 { answer.but(CliError::ChecksFailed { failed, of }) } else { answer })
    }
}

async fn examine(app: &App<'_>, stage: &Stage) -> SmokeReport {
    let (started_at, begun) = (app.clock.now(), Instant::now());
    let mut list = Checklist::new(app, story::PLAN);
    let mut event_id = None;
    // What stopped it is on the list.
    let _ = story::play(app, stage, &mut list, &mut event_id).await;
    list.extend_to(Instant::now() + REMOVAL);
    let _ = story::leave(app, stage, &mut list, event_id).await;
    let checks = list.finish();
    let count = |is: fn(&Check) -> bool| checks.iter().filter(|check| is(check)).count();
    SmokeReport {
        server: app.server.url.to_string(),
        organization_id: stage.organization,
        event_id,
        started_at,
        took_ms: begun.elapsed().as_secs_f64() * 1e3,
        passed: count(|check| check.verdict == Verdict::Passed),
        failed: count(Check::has_failed),
        skipped: count(|check| matches!(check.verdict, Verdict::Skipped { .. })),
        checks,
    }
}
