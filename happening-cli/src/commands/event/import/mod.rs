//! `happening event import`.

mod rows;

use crate::app::App;
use crate::caller::Caller;
use crate::creation::{Made, once, still};
use crate::csv_file::{CsvFile, Row, Source, refusal};
use crate::declare::Fate;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Imported, visible};
use anyhow::Context as _;
use chrono_tz::Tz;
use happening_core::client::{Client, ClientError};
use happening_core::wire::{CreateEvent, ErrorCode, Event, EventStatus};
use rows::Reading;
use serde_json::json;
use std::path::{Path, PathBuf};

const HELP: &str = "\
The first line names the columns, in any order: name and date, and seats unless --seats says it, and perhaps end, \
bookings_close_at, description, category, waitlist_policy, bypass_limit, waitlist_limit, max_seats_per_booking. Files with commas, semicolons or tabs are read.

All lines are checked before anything is sent. A file that was sent only in part may be sent again within a day: what was \
created is told to be there, and what was deleted since is created again. A line that was corrected meanwhile is another \
event: correct the event that its first version created with `happening event update`. Exit 9 if some events were created \
and others not. If it is interrupted, it tells how far it has come, and --failed has the rest.

Examples:
  happening event import season.csv --org Demo --dry-run
  happening event import season.csv --org Demo --failed again.csv
  printf 'name,date,seats\\nGala,2030-06-01T19:00,120\\n' | happening event import -";

/// What whoever interrupts it is told.
const REST: &str = "the same file may be sent again within a day: what was created is not created again";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The file, - for standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: Source,
    /// The organization, by id or name; may be left out if you may publish in one only
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
    /// Seats of events whose line does not say
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seats: Option<u32>,
    /// The zone of dates without an offset, such as Europe/Berlin; the organization's if left out
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<Tz>,
    /// Write the lines that failed to this file, which must not exist yet
    #[arg(long, value_name = "FILE")]
    failed: Option<PathBuf>,
}

impl Verb for Args {
    type Output = Imported;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Imported>> {
        let csv_file = CsvFile::read(&self.file.read().await?, rows::COLUMNS, rows::REQUIRED)?;
        let reading = Reading { csv_file: &csv_file, seats: self.seats, zone: self.time_zone };
        let events = reading.events().map_err(|mistakes| refusal(&mistakes))?;
        if let Some(file) = self.failed.as_ref().filter(|file| file.exists()) {
            let file = visible(&file.display().to_string());
            return Err(CliError::Usage(format!("{file} exists already: --failed writes a new file")).into());
        }
        let caller = app.caller()?;
        let org = match &self.org {
            Some(org) => caller.organization(org).await?,
            None => caller.publishing_organization().await?,
        };
        let events: Vec<_> =
            events.into_iter().map(|(row, event)| (row, CreateEvent { org_id: org, ..event })).collect();
        let mut sending =
            Sending { app, csv_file: &csv_file, failed: self.failed.as_deref(), told: Vec::new() };
        let failure = sending.send(&caller, &events).await;
        sending.write_failed();
        let told = std::mem::take(&mut sending.told);
        let (done, total) = (told.iter().filter(|one| one.is_done()).count(), told.len());
        let answer = Answer::list(told, "No events in this file.");
        Ok(match failure {
            None => answer,
            Some(error) if done == 0 => answer.but(error.context("no event was created")),
            Some(_) => answer.but(CliError::PartlyDone { failed: total - done, of: total }),
        })
    }
}

fn imported(row: &Row, event: &CreateEvent, outcome: &'static str) -> Imported {
    Imported { line: row.line, name: event.name.clone(), outcome, event_id: None, why: None }
}

/// A file that is being sent. If that is interrupted, the lines that failed are written all the same.
struct Sending<'a> {
    app: &'a App<'a>,
    csv_file: &'a CsvFile,
    /// To be written, once.
    failed: Option<&'a Path>,
    /// What became of the lines so far.
    told: Vec<Imported>,
}

impl Sending<'_> {
    /// Sends one event after the other; returns the first error.
    async fn send(&mut self, caller: &Caller, events: &[(&Row, CreateEvent)]) -> Option<anyhow::Error> {
        let (app, bar) = (self.app, self.app.console.bar(events.len()));
        if !app.console.dry_run {
            app.tally.begin(REST, events.iter().map(|(_, event)| event.name.clone()));
        }
        let mut failure: Option<anyhow::Error> = None;
        let mut goes_on = true;
        for (number, (row, event)) in events.iter().enumerate() {
            if !goes_on {
                self.told.push(imported(row, event, "not sent"));
                continue;
            }
            app.tally.note(number, Fate::Asked);
            let sent = app.change(create(&caller.client, event)).await;
            app.tally.note(number, if sent.is_ok() { Fate::Made } else { Fate::Refused });
            self.told.push(match sent {
                Ok(Made { value: made, is_new: true }) => {
                    Imported { event_id: Some(made.id), ..imported(row, event, "created") }
                }
                Ok(Made { value: found, is_new: false }) => {
                    let why = changed_since(event, &found);
                    Imported { event_id: Some(found.id), why, ..imported(row, event, "was there") }
                }
                // A dry run: the daemon would do it.
                Err(ClientError::Tried(_)) => imported(row, event, "would be created"),
                Err(error) => {
                    let why = Some(visible(&error.to_string()));
                    goes_on = is_of_this_line(&error);
                    failure.get_or_insert(error.into());
                    Imported { why, ..imported(row, event, "failed") }
                }
            });
            bar.inc(1);
        }
        bar.finish_and_clear();
        app.tally.end();
        failure
    }

    /// Writes the lines that are not done, if they are wanted. What was created is to be told all the same, so that it
    /// fails is only told.
    fn write_failed(&mut self) {
        let Some(file) = self.failed.take().filter(|_| !self.app.console.dry_run) else { return };
        let is_done = |row: &Row| self.told.iter().any(|one| one.line == row.line && one.is_done());
        let failed: Vec<&Row> = self.csv_file.rows.iter().filter(|row| !is_done(row)).collect();
        if failed.is_empty() {
            return;
        }
        let bytes = self.csv_file.only(&failed).map_err(anyhow::Error::from);
        if let Err(error) = bytes.and_then(|bytes| write_new(file, &bytes)) {
            self.app.console.warn(&format!("{error:#}"));
        }
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        self.write_failed();
    }
}

/// Whether the next line may fare better: it was refused for what it says, not for who asks or when, nor because the
/// organization has as many events as it may.
fn is_of_this_line(error: &ClientError) -> bool {
    let ClientError::Refused { problem, .. } = error else { return false };
    matches!(problem.status, 400 | 409) && problem.known_code() != Some(ErrorCode::QuotaExceeded)
}

/// Creates the event of a line. What is the same event is the same request, however often and from whichever file it is
/// sent, so one that an earlier run created is found; one that was deleted since is created again.
async fn create(client: &Client, event: &CreateEvent) -> Result<Made<Event>, ClientError> {
    let ask = async |key| client.create_event_once(event, key).await;
    let look = async |made: &Event| still(client.event(made.id).await, |_| true);
    let parts = vec!["event-import".to_owned(), json!(event).to_string()];
    once(parts, ask, look, |made| made.id.to_string()).await
}

/// What is no longer as the line says: somebody changed the event after it was imported.
fn changed_since(line: &CreateEvent, found: &Event) -> Option<String> {
    let mut changed = Vec::new();
    if found.name != line.name {
        changed.push(format!("it is called {} now", visible(&found.name)));
    }
    if found.total_slots != line.total_slots {
        changed.push(format!("it has {} seats now", found.total_slots));
    }
    if matches!(found.status, EventStatus::Cancelled | EventStatus::Completed) {
        changed.push(format!("it is {} now", found.status));
    }
    (!changed.is_empty()).then(|| changed.join(", "))
}

fn write_new(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
    let written = std::fs::File::create_new(file).and_then(|mut file| file.write_all(bytes));
    written.with_context(|| format!("{} was not written", visible(&file.display().to_string())))
}
