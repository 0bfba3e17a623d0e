//! `happening booking move`.

use crate::app::App;
use crate::args::Seats;
use crate::frame::Verb;
use crate::output::{Answer, BookingDetail};
use anyhow::Context as _;
use happening_core::id::BookingId;

const HELP: &str = "\
All of the seats or none: if somebody has or holds one of them, the booking keeps those that it has (exit 6). It may keep \
some of its seats by naming them. Whoever it belongs to is told.

Example:
  happening booking move BOOKING --seats 5,6";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The booking's id
    #[arg(add = crate::completion::bookings(), value_parser = crate::args::booking)]
    booking: BookingId,
    /// Its seats from now on, as many as it has: 3, 3,4 or 3-5; may be repeated
    #[arg(long, value_name = "NUMBERS", required = true, allow_negative_numbers = true)]
    seats: Vec<Seats>,
}

impl Verb for Args {
    type Output = BookingDetail;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<BookingDetail>> {
        let client = app.caller()?.client;
        let moved = app.change(client.move_booking(self.booking, Seats::join(&self.seats))).await;
        let booking = moved.with_context(|| format!("booking {} was not moved", self.booking))?;
        Ok(Answer::item(BookingDetail { booking, position: None }))
    }
}
