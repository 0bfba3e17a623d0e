//! `happening event hold`.

use crate::app::App;
use crate::args::Seats;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::id::EventId;
use happening_core::wire::{CreateHold, Hold};

const HELP: &str = "\
Nobody else gets them until the hold ends, which is soon: book them by its token before that.

Example:
  TOKEN=$(happening event hold EVENT --seat 3-5 -o name)
  happening booking create EVENT --seat 3-5 --hold $TOKEN";

/// How many, or which.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct What {
    /// How many seats, whichever are free
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seats: Option<u32>,
    /// Which seats: 3, 3,4 or 3-5; may be repeated
    #[arg(long, value_name = "NUMBERS", allow_negative_numbers = true)]
    seat: Vec<Seats>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    #[command(flatten)]
    what: What,
}

impl Verb for Args {
    type Output = Hold;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Hold>> {
        let client = app.caller()?.client;
        let named = Seats::join(&self.what.seat);
        let create = CreateHold {
            seats: (!named.is_empty()).then_some(named),
            count: self.what.seats,
            ..CreateHold::default()
        };
        let hold = app.change(client.create_hold(self.event, &create)).await;
        Ok(Answer::item(hold.context("nothing is held")?))
    }
}
