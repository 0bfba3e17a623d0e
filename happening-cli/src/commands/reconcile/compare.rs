//! `happening reconcile [EVENT]`.

use super::{answer, follow};
use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::client::{Client, ClientError};
use happening_core::id::EventId;
use happening_core::wire::{Drift, Job, ReconcileQuery, Reconciled};

/// Where something could not be compared.
const UNCOMPARED: &str = "the events could not be compared";

#[derive(Debug, clap::Args)]
pub struct Compare {
    /// The event's id; all of them if left out
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: Option<EventId>,
    /// Heal what is derived from the bookings
    #[arg(long)]
    fix: bool,
    /// Print the job, and leave it to the daemon
    #[arg(long, conflicts_with = "event")]
    pub no_wait: bool,
}

impl Verb for Compare {
    type Output = Drift;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Drift>> {
        let client = app.caller()?.client;
        if let Some(event) = self.event {
            let report = if self.fix {
                app.change(client.reconcile(event)).await
            } else {
                client.examine(Some(event)).await
            };
            return Ok(answer(app, report.with_context(|| format!("event {event}"))?));
        }
        if app.console.dry_run && !self.fix {
            // A job is a change; to look is none.
            return Ok(answer(app, look(&client).await.context(UNCOMPARED)?));
        }
        let job = app.change(client.start_reconcile(self.fix)).await.context(UNCOMPARED)?;
        follow(app, &client, job).await
    }
}

/// What does not agree anywhere, part by part.
async fn look(client: &Client) -> Result<Reconciled, ClientError> {
    let mut report = Reconciled::default();
    loop {
        let query = ReconcileQuery { cursor: report.cursor, ..ReconcileQuery::default() };
        let part = client.examine_part(&query).await?;
        report.events += part.events;
        report.found += part.found;
        report.drifts.extend(part.drifts);
        report.note = part.note.or(report.note);
        report.cursor = part.cursor;
        if report.cursor.is_none() {
            return Ok(report);
        }
    }
}

/// The same without waiting for its end.
pub struct Start(pub Compare);

impl Verb for Start {
    type Output = Job;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Job>> {
        let client = app.caller()?.client;
        let job = app.change(client.start_reconcile(self.0.fix)).await.context(UNCOMPARED)?;
        Ok(Answer::item(job))
    }
}
