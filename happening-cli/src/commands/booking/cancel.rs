//! `happening booking cancel`.

use crate::app::App;
use crate::output::{CancelledBooking, seat_ranges, visible};
use crate::prompt;
use anyhow::Context as _;
use happening_core::client::{Client, ClientError};
use happening_core::id::BookingId;
use happening_core::wire::{BookingStatus, CancelAnswer};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The booking's id
    booking: BookingId,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

pub async fn run(args: Args, app: &App<'_>) -> anyhow::Result<()> {
    prompt::require_answer(args.yes)?;
    let client = app.caller()?.client;
    if !args.yes {
        let question =
            question(&client, args.booking).await.with_context(|| format!("booking {}", args.booking))?;
        prompt::confirm(app.console, &question).await?;
    }
    let answer =
        app.change(client.cancel_booking(args.booking)).await.context("the booking was not cancelled")?;
    app.console.item(&CancelledBooking {
        booking_id: args.booking,
        status: BookingStatus::Cancelled,
        already: matches!(answer, CancelAnswer::Already(_)),
    })?;
    Ok(())
}

/// Names what will be gone.
async fn question(client: &Client, id: BookingId) -> Result<String, ClientError> {
    let booking = client.booking(id).await?;
    let event = client.event(booking.event_id).await?;
    let seats = match (booking.status, &booking.assigned_seats) {
        (BookingStatus::Waiting, _) => format!("leave the waitlist ({} seats wanted)", booking.seats),
        (_, Some(seats)) if !seats.is_empty() => format!("give back seats {}", seat_ranges(seats)),
        _ => format!("give back {} seats", booking.seats),
    };
    Ok(format!("Cancel this booking at `{}` and {seats}?", visible(&event.name)))
}
