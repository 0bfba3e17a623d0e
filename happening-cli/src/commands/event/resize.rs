//! `happening event resize`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, InTheWay, ResizeForeseen, Resized, visible};
use anyhow::Context as _;
use happening_core::client::{Client, ClientError};
use happening_core::id::EventId;
use happening_core::wire::{BookingStatus, BookingsQuery, ErrorCode, ResizePlan, UpdateEvent};

/// Bookings asked for at a time.
const PAGE: u32 = 1_000;

const HELP: &str = "\
More seats serve the waitlist. Fewer evict nobody: below the highest booked seat it is refused, and says who sits there. \
--plan tells who would be served, and who is in the way.

Examples:
  happening event resize EVENT --seats 150 --plan
  happening event resize EVENT --seats 150";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    /// How many seats there shall be
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seats: u32,
    /// Only tell what would happen to whom
    #[arg(long)]
    plan: bool,
}

impl Verb for Args {
    type Output = Resized;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Resized>> {
        let client = app.caller()?.client;
        if self.plan {
            let plan = client.plan_resize(self.event, self.seats).await.context("nothing was planned")?;
            return Ok(Answer::item(Resized::Planned(foreseen(&client, plan).await?)));
        }
        let update = UpdateEvent { total_slots: Some(self.seats), ..UpdateEvent::default() };
        let resized = app.change(client.update_event(self.event, &update)).await;
        if let Err(error) = &resized
            && error.code() == Some(ErrorCode::CapacityBelowBooked)
        {
            // Why it was refused is told either way.
            for one in in_the_way(&client, self.event, self.seats).await.unwrap_or_default() {
                app.console.note(&visible(&one.to_string()));
            }
        }
        Ok(Answer::item(Resized::Done(resized.context("the event was not resized")?)))
    }
}

/// The plan, with the names of those whom it concerns.
async fn foreseen(client: &Client, plan: ResizePlan) -> Result<ResizeForeseen, ClientError> {
    let in_the_way = if plan.allowed {
        Vec::new()
    } else {
        in_the_way(client, plan.event_id, plan.total_slots.to).await?
    };
    let names_nobody = plan.promoted.is_empty() && plan.too_large.is_empty();
    let line = if names_nobody { Vec::new() } else { client.waitlist(plan.event_id).await? };
    Ok(ResizeForeseen::new(plan, &line, in_the_way))
}

/// Who sits beyond so many seats.
async fn in_the_way(client: &Client, event: EventId, seats: u32) -> Result<Vec<InTheWay>, ClientError> {
    let mut query = BookingsQuery {
        status: Some(BookingStatus::Confirmed),
        limit: Some(PAGE),
        ..BookingsQuery::default()
    };
    let mut found = Vec::new();
    loop {
        let page = client.bookings_at(event, &query).await?;
        query.cursor = page.last().map(|last| last.booking.id);
        let is_last = page.len() < PAGE as usize;
        found.extend(page.into_iter().filter_map(|booking| InTheWay::beyond(seats, booking)));
        if is_last {
            return Ok(found);
        }
    }
}
