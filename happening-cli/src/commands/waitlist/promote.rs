//! `happening waitlist promote`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{Promote, Promoted};

const HELP: &str = "\
Without --booking the line is served by the event's policy with the seats that are free now. With it that party goes out \
of turn, if all its seats are free: exit 6 otherwise, or if it does not wait any more. Who did it stands in the booking's \
history and in the audit log.

Examples:
  happening waitlist promote EVENT
  happening waitlist promote EVENT --booking BOOKING";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    /// This waiting booking, out of turn
    #[arg(long, value_name = "BOOKING", add = crate::completion::bookings(), value_parser = crate::args::booking)]
    booking: Option<BookingId>,
}

impl Verb for Args {
    type Output = Promoted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Promoted>> {
        let client = app.caller()?.client;
        let promote = Promote { booking_id: self.booking };
        let answer = app.change(client.promote(self.event, &promote)).await;
        let promotions = answer.context("nobody was promoted")?;
        Ok(Answer::list(promotions.promoted, "Nobody waits who could be served with what is free."))
    }
}
