//! `happening booking create`.

use crate::app::App;
use crate::args::Seats;
use crate::output::BookingDetail;
use anyhow::Context as _;
use happening_core::id::EventId;
use happening_core::wire::{BookingStatus, CreateBooking};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The event's id
    event: EventId,
    /// How many seats, whichever are free [default: 1]
    #[arg(long, value_name = "N", conflicts_with = "seat")]
    seats: Option<u32>,
    /// Which seats: 3, 3,4 or 3-5; may be repeated
    #[arg(long, value_name = "NUMBERS")]
    seat: Vec<Seats>,
}

pub async fn run(args: Args, app: &App<'_>) -> anyhow::Result<()> {
    let caller = app.caller()?;
    let named = Seats::join(&args.seat);
    let seats = match u32::try_from(named.len()) {
        Ok(0) => args.seats.unwrap_or(1),
        Ok(named) => named,
        Err(_) => u32::MAX,
    };
    let create = CreateBooking {
        seat_numbers: (!named.is_empty()).then_some(named),
        ..CreateBooking::any(args.event, seats)
    };
    let booking = app.change(caller.client.create_booking(&create)).await.context("nothing was booked")?;
    if booking.status == BookingStatus::Waiting {
        let id = booking.id;
        app.console.note(&format!(
            "Not enough free seats: the booking waits. `happening booking get {id}` tells its place."
        ));
    }
    app.console.item(&BookingDetail { booking, position: None })?;
    Ok(())
}
