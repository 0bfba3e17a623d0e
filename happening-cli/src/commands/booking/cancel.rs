//! `happening booking cancel`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, CancelledBooking, seat_ranges, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::client::Client;
use happening_core::id::BookingId;
use happening_core::wire::BookingStatus;

const HELP: &str = "\
Example:
  happening booking cancel BOOKING --yes";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The booking's id
    #[arg(add = crate::completion::bookings(), value_parser = crate::args::booking)]
    booking: BookingId,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = CancelledBooking;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<CancelledBooking>> {
        let client = app.caller()?.client;
        self.confirmation.obtain(app.console, question(&client, self.booking)).await?;
        let answer = app.change(client.cancel_booking(self.booking)).await;
        let answer = answer.context("the booking was not cancelled")?;
        Ok(Answer::item(CancelledBooking::of(self.booking, &answer)))
    }
}

/// Names what will be gone.
async fn question(client: &Client, id: BookingId) -> anyhow::Result<String> {
    let booking = client.booking(id).await.with_context(|| format!("booking {id}"))?;
    let event = client.event(booking.event_id).await?;
    let seats = match (booking.status, &booking.assigned_seats) {
        (BookingStatus::Waiting, _) => format!("leave the waitlist ({} seats wanted)", booking.seats),
        (_, Some(seats)) if !seats.is_empty() => format!("give back seats {}", seat_ranges(seats)),
        _ => format!("give back {} seats", booking.seats),
    };
    Ok(format!("Cancel this booking at `{}` and {seats}?", visible(&event.name)))
}
