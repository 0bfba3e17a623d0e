//! `happening event create`.

use crate::app::App;
use crate::caller::Caller;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::client::ClientError;
use happening_core::id::OrganizationId;
use happening_core::wire::{Category, CreateEvent, Event, EventStatus, EventsQuery, WaitlistPolicy};

/// Events of similar names that are read at a time.
const PAGE: u32 = 500;

const HELP: &str = "\
Examples:
  happening event create --name \"First Night\" --date 2030-06-01T19:00 --seats 120
  EVENT=$(happening event create --name Gala --date 2030-06-01T19:00:00+02:00 --seats 5 -o name)";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The organization, by id or name; may be left out if you may publish in one only
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
    /// Its name
    #[arg(long)]
    name: String,
    /// When it starts: 2026-12-01T19:00 in the organization's time zone, or with an offset: 2026-12-01T19:00:00Z
    #[arg(long)]
    date: String,
    /// When it ends; left out, it takes as long as the organization's events do
    #[arg(long, value_name = "DATE")]
    end: Option<String>,
    /// Until when it takes bookings; left out, until it starts
    #[arg(long, value_name = "DATE")]
    bookings_close_at: Option<String>,
    /// How many seats there are
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seats: u32,
    /// What it is about
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// webinar, concert or hackathon
    #[arg(long, add = crate::completion::words(Category::ALL))]
    category: Option<Category>,
    /// split: freed seats go to the head, even fewer than it wants; whole: parties are served whole
    #[arg(long, value_name = "POLICY", add = crate::completion::words(WaitlistPolicy::ALL))]
    waitlist_policy: Option<WaitlistPolicy>,
    /// How often a smaller party may pass the head of a whole waitlist
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    bypass_limit: Option<u32>,
    /// How many parties may wait
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    waitlist_limit: Option<u32>,
    /// The most seats that one booking may have
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    max_seats_per_booking: Option<u32>,
    /// If the organization has an upcoming event of this name, answer with that one
    #[arg(long)]
    if_not_exists: bool,
}

impl Verb for Args {
    type Output = Event;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Event>> {
        let caller = app.caller()?;
        let org_id = match &self.org {
            Some(org) => caller.organization(org).await?,
            None => caller.publishing_organization().await?,
        };
        if self.if_not_exists
            && let Some(event) = upcoming(&caller, org_id, &self.name).await?
        {
            app.console.note("There is an event of this name already: nothing was changed.");
            return Ok(Answer::item(event));
        }
        let create = CreateEvent {
            org_id,
            created_by: None,
            name: self.name,
            description: self.description,
            category: self.category,
            event_date: self.date,
            event_end: self.end,
            bookings_close_at: self.bookings_close_at,
            total_slots: self.seats,
            waitlist_policy: self.waitlist_policy,
            bypass_limit: self.bypass_limit,
            waitlist_limit: self.waitlist_limit,
            max_seats_per_booking: self.max_seats_per_booking,
        };
        let event = app.change(caller.client.create_event(&create)).await;
        Ok(Answer::item(event.context("the event was not created")?))
    }
}

/// An event of this name that is still to take place; one that is written so before one that differs in capitals.
async fn upcoming(
    caller: &Caller,
    organization: OrganizationId,
    name: &str,
) -> Result<Option<Event>, ClientError> {
    // The daemon trims names.
    let name = name.trim();
    let query = EventsQuery {
        org_id: Some(organization),
        status: Some(EventStatus::Upcoming),
        q: Some(name.to_owned()),
        limit: Some(PAGE),
        ..EventsQuery::default()
    };
    let first = caller.client.find_events(&query).await?;
    let mut similar = caller.all_of(first, usize::MAX).await?;
    similar.retain(|event| event.name.eq_ignore_ascii_case(name));
    let exact = similar.iter().position(|event| event.name == name);
    Ok(similar.into_iter().nth(exact.unwrap_or(0)))
}
