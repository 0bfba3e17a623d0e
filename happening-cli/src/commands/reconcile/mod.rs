//! `happening reconcile`: a command that is at once the noun of what looks after its job.

mod cancel;
mod compare;
mod status;

use crate::app::App;
use crate::exit::CliError;
use crate::frame;
use crate::output::Answer;
use happening_core::client::Client;
use happening_core::id::JobId;
use happening_core::wire::{Drift, Job, JobKind, JobsQuery, Reconciled};

const HELP: &str = "\
Compares bookings, seats, the figures in events and the counters, and tells of each difference how it most likely came \
about. --fix heals what is derived from the bookings, and offers seats that were found free to those who wait; it asks \
nothing, because nothing is lost by it. What only people can decide is told and left alone.

Of one event this is done at once. Of all events it is a job at the daemon, one at a time. Its progress is shown on a \
terminal. Ctrl-C, --timeout and --no-wait leave the job running; `reconcile status --wait` comes back to it. What came of \
it is kept for a day.

Exit 0 if there is no difference, or none any more; 10 if there is; 6 if such a job is under way already, or was cancelled; \
7 if --timeout is over before the job.

Examples:
  happening reconcile
  happening reconcile EVENT --fix
  happening reconcile --fix --no-wait -o name
  happening reconcile status --wait";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP, args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    compare: compare::Compare,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// How far a job has come, or what came of it
    Status(status::Args),
    /// End a job; what it has healed stays so
    Cancel(cancel::Args),
}

pub async fn run(args: Args, app: &App<'_>) -> anyhow::Result<()> {
    match args.command {
        None if args.compare.no_wait => frame::run(compare::Start(args.compare), app).await,
        None => frame::run(args.compare, app).await,
        Some(Command::Status(args)) if args.wait => frame::run(status::Follow(args), app).await,
        Some(Command::Status(args)) => frame::run(args, app).await,
        Some(Command::Cancel(args)) => frame::run(args, app).await,
    }
}

/// The job of this id, else the newest that compares.
async fn find_job(client: &Client, id: Option<JobId>) -> anyhow::Result<Job> {
    let id = match id {
        Some(id) => id,
        None => newest(client).await?,
    };
    Ok(client.job(id).await?)
}

async fn newest(client: &Client) -> anyhow::Result<JobId> {
    let mut page = client.jobs(&JobsQuery::default()).await?;
    loop {
        if let Some(job) = page.items.iter().find(|job| job.kind == JobKind::Reconcile) {
            return Ok(job.id);
        }
        let Some(next) = page.next else {
            let why = "nothing was compared in the last day: `happening reconcile` does it";
            return Err(CliError::NotFound(why.to_owned()).into());
        };
        page = client.next_page(&next).await?;
    }
}

/// Looks at a job until it has ended, and prints what it found.
async fn follow(app: &App<'_>, client: &Client, job: Job) -> anyhow::Result<Answer<Drift>> {
    let way_back = format!("`happening reconcile status {} --wait` comes back to it", job.id);
    let ended = crate::job::follow(app, client, job, &way_back).await?;
    let report = ended.reconciled().ok_or_else(|| anyhow::anyhow!("the job has no report"))?;
    Ok(answer(app, report))
}

/// What was found, and the failure that there are differences.
fn answer(app: &App<'_>, report: Reconciled) -> Answer<Drift> {
    tell(app, &report);
    let left = report.left();
    let difference = (left > 0).then(|| differences(&report, left));
    let answer = Answer::list(report.drifts, "Everything agrees.");
    match difference {
        Some(difference) => answer.but(difference),
        None => answer,
    }
}

fn tell(app: &App<'_>, report: &Reconciled) {
    let events = report.events;
    app.console.note(&format!("{events} event{} compared.", if events == 1 { "" } else { "s" }));
    if let Some(note) = &report.note {
        app.console.warn(&crate::output::visible(note));
    }
    let told = report.drifts.len() as u64;
    if report.found > told {
        app.console.warn(&format!("{} differences were found, {told} are listed", report.found));
    }
}

fn differences(report: &Reconciled, left: u64) -> CliError {
    let can_heal = report.drifts.iter().any(|drift| drift.fixable && !drift.fixed);
    let what =
        if left == 1 { "one difference is left".to_owned() } else { format!("{left} differences are left") };
    let next = if can_heal {
        "`happening reconcile --fix` heals those that are derived from the bookings"
    } else {
        "only people can decide who is right"
    };
    CliError::Differences(format!("{what}: {next}"))
}
