//! `happening waitlist remove`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, CancelledBooking, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::client::Client;
use happening_core::id::BookingId;

const HELP: &str = "\
A booking that was promoted meanwhile keeps its seats: exit 6. `happening booking cancel` gives these back too.

Example:
  happening waitlist remove BOOKING --yes";

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
        let answer = app.change(client.leave_waitlist(self.booking)).await;
        let answer = answer.context("the booking was not removed")?;
        Ok(Answer::item(CancelledBooking::of(self.booking, &answer)))
    }
}

/// Names what will be gone.
async fn question(client: &Client, id: BookingId) -> anyhow::Result<String> {
    let booking = client.booking(id).await.with_context(|| format!("booking {id}"))?;
    let event = client.event(booking.event_id).await?;
    Ok(format!(
        "Take this booking of {} seats off the waitlist of `{}`?",
        booking.seats,
        visible(&event.name)
    ))
}
