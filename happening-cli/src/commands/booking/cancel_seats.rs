//! `happening booking cancel-seats`.

use crate::app::App;
use crate::args::Seats;
use crate::output::{CancelledSeats, seat_ranges};
use crate::prompt;
use anyhow::Context as _;
use happening_core::id::BookingId;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The booking's id
    booking: BookingId,
    /// Which seats: 3, 3,4 or 3-5; may be repeated
    #[arg(long, value_name = "NUMBERS", required = true)]
    seat: Vec<Seats>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

pub async fn run(args: Args, app: &App<'_>) -> anyhow::Result<()> {
    prompt::require_answer(args.yes)?;
    let client = app.caller()?.client;
    let seats = Seats::join(&args.seat);
    if !args.yes {
        let question = format!("Give back seats {} of booking {}?", seat_ranges(&seats), args.booking);
        prompt::confirm(app.console, &question).await?;
    }
    let answer =
        app.change(client.cancel_seats(args.booking, seats)).await.context("no seats were cancelled")?;
    if answer.cancelled == 0 {
        app.console.warn("the booking has none of these seats: nothing was changed");
    }
    // It is done, whether or not we hear how the booking stands now.
    let booking = client.booking(args.booking).await.ok();
    app.console.item(&CancelledSeats { booking_id: args.booking, cancelled: answer.cancelled, booking })?;
    Ok(())
}
