//! `happening reconcile`.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::id::EventId;
use happening_core::wire::{Drift, Reconciled};

const HELP: &str = "\
Compares bookings, seats, the figures in events and the counters, and tells of each difference how it most likely came \
about. --fix heals what is derived from the bookings, and offers seats that were found free to those who wait; it asks \
nothing, because nothing is lost by it. What only people can decide is told and left alone.

Exit 0 if there is no difference, or none any more; 10 if there is.

Examples:
  happening reconcile
  happening reconcile EVENT --fix";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id; all of them if left out
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: Option<EventId>,
    /// Heal what is derived from the bookings
    #[arg(long)]
    fix: bool,
}

impl Verb for Args {
    type Output = Drift;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Drift>> {
        let client = app.caller()?.client;
        let report = if self.fix {
            app.change(client.reconcile(self.event)).await
        } else {
            client.examine(self.event).await
        };
        let report = report.with_context(|| match self.event {
            Some(event) => format!("event {event}"),
            None => "the events could not be compared".to_owned(),
        })?;
        tell(app, &report);
        let left = report.drifts.iter().filter(|drift| !drift.fixed).count();
        let can_heal = report.drifts.iter().any(|drift| drift.fixable && !drift.fixed);
        let answer = Answer::list(report.drifts, "Everything agrees.");
        Ok(if left > 0 || report.truncated { answer.but(differences(left, can_heal)) } else { answer })
    }
}

fn tell(app: &App<'_>, report: &Reconciled) {
    let events = report.events;
    app.console.note(&format!("{events} event{} compared.", if events == 1 { "" } else { "s" }));
    if let Some(note) = &report.note {
        app.console.warn(&crate::output::visible(note));
    }
    if report.truncated {
        app.console.warn("there are more differences than are told at once: look again after these");
    }
}

fn differences(left: usize, can_heal: bool) -> CliError {
    let what =
        if left == 1 { "one difference is left".to_owned() } else { format!("{left} differences are left") };
    let next = if can_heal {
        "`happening reconcile --fix` heals those that are derived from the bookings"
    } else {
        "only people can decide who is right"
    };
    CliError::Differences(format!("{what}: {next}"))
}
