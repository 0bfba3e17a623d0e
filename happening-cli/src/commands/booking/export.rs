//! `happening booking export`.

use crate::app::App;
use crate::caller::Caller;
use crate::frame::Verb;
use crate::output::{Answer, BookingAtEvent, Parts};
use anyhow::Context as _;
use happening_core::client::Page;
use happening_core::id::EventId;
use happening_core::wire::{BookingStatus, BookingsQuery, Event, EventBooking, EventsQuery};
use indicatif::ProgressBar;

const HELP: &str = "\
Newest first, event by event. Bookings are printed as they arrive, so there may be any number of them. On a terminal it is \
a table for each page, else CSV unless -o says otherwise. --jq sees one booking at a time.

Cells of CSV that a spreadsheet would calculate (they begin with = + - or @) get an apostrophe in front.

Examples:
  happening booking export --event EVENT > bookings.csv
  happening booking export --org Demo --status confirmed -o jsonl
  happening booking export --event EVENT -o csv --fields email,assigned_seats";

/// What the daemon is asked for at once.
const PAGE: u32 = 2_000;

/// Whose bookings.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// Of this event
    #[arg(long, value_name = "ID", add = crate::completion::events(), value_parser = crate::args::event)]
    event: Option<EventId>,
    /// Of all events of this organization, by id or name
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    of: Whose,
    /// Only these: confirmed, waiting or cancelled
    #[arg(long, add = crate::completion::words(BookingStatus::ALL))]
    status: Option<BookingStatus>,
}

impl Verb for Args {
    type Output = BookingAtEvent;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<BookingAtEvent>> {
        let caller = app.caller()?;
        let parts = Parts::of::<BookingAtEvent>(app.console)?;
        let mut export =
            Export { caller, parts, status: self.status, spinner: app.console.spinner(), count: 0 };
        if let Some(event) = self.of.event {
            let event = export.caller.client.event(event).await.with_context(|| format!("event {event}"))?;
            export.event(&event).await?;
        } else if let Some(org) = &self.of.org {
            export.organization(org).await?;
        }
        export.spinner.finish_and_clear();
        export.parts.end::<BookingAtEvent>("No bookings.")?;
        Ok(Answer::nothing())
    }
}

/// An export under way.
struct Export<'a> {
    caller: Caller,
    parts: Parts<'a>,
    status: Option<BookingStatus>,
    spinner: ProgressBar,
    count: usize,
}

impl Export<'_> {
    async fn organization(&mut self, org: &str) -> anyhow::Result<()> {
        let org_id = Some(self.caller.organization(org).await?);
        let query = EventsQuery { org_id, limit: Some(PAGE), ..EventsQuery::default() };
        let mut page = self.caller.client.find_events(&query).await?;
        loop {
            for event in &page.items {
                self.event(event).await?;
            }
            let Some(next) = page.next else { return Ok(()) };
            page = self.caller.client.next_page(&next).await?;
        }
    }

    async fn event(&mut self, event: &Event) -> anyhow::Result<()> {
        let query = BookingsQuery { status: self.status, limit: Some(PAGE), ..BookingsQuery::default() };
        let first = self.caller.client.find_bookings(event.id, &query).await;
        let mut page: Page<EventBooking> =
            first.with_context(|| format!("the bookings of event {}", event.id))?;
        loop {
            let with_event = |booking| BookingAtEvent { booking, event_name: event.name.clone() };
            let rows: Vec<_> = page.items.into_iter().map(with_event).collect();
            self.count += rows.len();
            self.parts.put(&rows, &self.spinner).await?;
            self.spinner.set_message(format!("{} bookings", self.count));
            let Some(next) = page.next else { return Ok(()) };
            page = self.caller.client.next_page(&next).await?;
        }
    }
}
