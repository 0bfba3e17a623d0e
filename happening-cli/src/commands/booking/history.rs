//! `happening booking history`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::id::BookingId;
use happening_core::wire::HistoryEntry;

const HELP: &str = "\
In the order in which it happened. Without a name it was the waitlist's rules, not a person.

Example:
  happening booking history BOOKING --jq '.[] | select(.action == \"moved\") | .reason'";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The booking's id
    #[arg(add = crate::completion::bookings(), value_parser = crate::args::booking)]
    booking: BookingId,
}

impl Verb for Args {
    type Output = HistoryEntry;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<HistoryEntry>> {
        let client = app.caller()?.client;
        let history = client.booking_history(self.booking).await;
        let history = history.with_context(|| format!("booking {}", self.booking))?;
        Ok(Answer::list(history, "Nothing is on record."))
    }
}
