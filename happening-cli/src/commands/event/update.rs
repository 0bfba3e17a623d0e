//! `happening event update`.

use crate::app::App;
use crate::args::edited;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use clap::ValueEnum;
use happening_core::id::EventId;
use happening_core::wire::{Category, Event, EventStatus, UpdateEvent, WaitlistPolicy};

const HELP: &str = "\
What is not named stays. More seats serve the waitlist; fewer evict nobody.

Examples:
  happening event update EVENT --seats 150
  happening event update EVENT --pause-sales
  happening event update EVENT --clear description,waitlist-limit
  happening event update EVENT --name \"Second Night\" --date 2030-06-02T19:00";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    /// Its name
    #[arg(long)]
    name: Option<String>,
    /// When it starts: 2026-12-01T19:00 in the organization's time zone, or with an offset: 2026-12-01T19:00:00Z
    #[arg(long)]
    date: Option<String>,
    /// When it ends; if only --date is given, the end moves with it
    #[arg(long, value_name = "DATE")]
    end: Option<String>,
    /// Until when it takes bookings
    #[arg(long, value_name = "DATE")]
    bookings_close_at: Option<String>,
    /// How many seats there are, not below the highest that is booked
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seats: Option<u32>,
    /// What it is about
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// webinar, concert or hackathon
    #[arg(long, add = crate::completion::words(Category::ALL))]
    category: Option<Category>,
    /// upcoming, ongoing or completed; `happening event cancel` calls it off
    #[arg(long, add = crate::completion::words(EventStatus::ALL))]
    status: Option<EventStatus>,
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
    /// Refuses new bookings and holds for the time being; the waitlist and cancellations go on
    #[arg(long, conflicts_with = "resume_sales")]
    pause_sales: bool,
    /// Takes new bookings again
    #[arg(long)]
    resume_sales: bool,
    /// What the event is to have no more; may be several, with commas
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    clear: Vec<Clearable>,
}

/// What an event may be without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Clearable {
    Description,
    Category,
    End,
    BookingsCloseAt,
    WaitlistLimit,
    MaxSeatsPerBooking,
}

impl Verb for Args {
    type Output = Event;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Event>> {
        if self.status == Some(EventStatus::Cancelled) {
            let why = "`happening event cancel` calls an event off, and asks first".to_owned();
            return Err(CliError::Usage(why).into());
        }
        let clears = |what: Clearable| self.clear.contains(&what);
        let description = edited(self.description, clears(Clearable::Description), "description")?;
        let update = UpdateEvent {
            user_id: None,
            name: self.name,
            // An empty one is none.
            description: description.map(|text| text.filter(|text| !text.is_empty())),
            category: edited(self.category, clears(Clearable::Category), "category")?,
            event_date: self.date,
            event_end: edited(self.end, clears(Clearable::End), "end")?,
            bookings_close_at: edited(
                self.bookings_close_at,
                clears(Clearable::BookingsCloseAt),
                "bookings-close-at",
            )?,
            total_slots: self.seats,
            status: self.status,
            waitlist_policy: self.waitlist_policy,
            bypass_limit: self.bypass_limit,
            waitlist_limit: edited(self.waitlist_limit, clears(Clearable::WaitlistLimit), "waitlist-limit")?,
            max_seats_per_booking: edited(
                self.max_seats_per_booking,
                clears(Clearable::MaxSeatsPerBooking),
                "max-seats-per-booking",
            )?,
            sales_paused: (self.pause_sales || self.resume_sales).then_some(self.pause_sales),
        };
        if update == UpdateEvent::default() {
            return Err(
                CliError::Usage("nothing to change: name what, such as --seats 120".to_owned()).into()
            );
        }
        let client = app.caller()?.client;
        let event = app.change(client.update_event(self.event, &update)).await;
        Ok(Answer::item(event.context("the event was not changed")?))
    }
}
