//! `happening waitlist why`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::id::BookingId;
use happening_core::wire::WhyWaiting;

const HELP: &str = "\
Examples:
  happening waitlist why BOOKING
  happening waitlist why BOOKING --jq .must_come_free";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The booking's id
    #[arg(add = crate::completion::bookings(), value_parser = crate::args::booking)]
    booking: BookingId,
}

impl Verb for Args {
    type Output = WhyWaiting;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<WhyWaiting>> {
        let client = app.caller()?.client;
        Ok(Answer::item(client.why(self.booking).await.with_context(|| format!("booking {}", self.booking))?))
    }
}
