//! `happening booking cancel-seats`.

use crate::app::App;
use crate::args::Seats;
use crate::frame::Verb;
use crate::output::{Answer, CancelledSeats, seat_ranges};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::id::BookingId;

const HELP: &str = "\
Example:
  happening booking cancel-seats BOOKING --seat 3-5 --yes";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The booking's id
    #[arg(add = crate::completion::bookings(), value_parser = crate::args::booking)]
    booking: BookingId,
    /// Which seats: 3, 3,4 or 3-5; may be repeated
    #[arg(long, value_name = "NUMBERS", required = true, allow_negative_numbers = true)]
    seat: Vec<Seats>,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = CancelledSeats;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<CancelledSeats>> {
        let client = app.caller()?.client;
        let (id, seats) = (self.booking, Seats::join(&self.seat));
        let question = async { Ok(format!("Give back seats {} of booking {id}?", seat_ranges(&seats))) };
        self.confirmation.obtain(app.console, question).await?;
        let answer = app.change(client.cancel_seats(id, seats)).await.context("no seats were cancelled")?;
        if answer.cancelled == 0 {
            app.console.warn("the booking has none of these seats: nothing was changed");
        }
        // It is done, whether or not we hear how the booking stands now.
        let booking = client.booking(id).await.ok();
        Ok(Answer::item(CancelledSeats { booking_id: id, cancelled: answer.cancelled, booking }))
    }
}
