//! `happening event wait`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use crate::wait::{Progress, wait};
use anyhow::Context as _;
use clap::ValueEnum;
use happening_core::id::EventId;
use happening_core::wire::{Event, EventStatus};

const HELP: &str = "\
Exit 0 once it is so, 7 if --timeout is over first, 6 if it can no longer be.

Examples:
  happening event wait EVENT --for=sold-out --timeout 10m
  happening event wait EVENT --for=available && happening booking create EVENT";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    /// What to wait for
    #[arg(long = "for", value_name = "WHAT", value_enum)]
    what: What,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    SoldOut,
    Available,
}

impl Verb for Args {
    type Output = Event;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Event>> {
        let client = app.caller()?.client;
        let event = wait(app, async || {
            let event = client.event(self.event).await.with_context(|| format!("event {}", self.event))?;
            let free = event.available_slots;
            let state = format!("{free} of {} seats are free", event.total_slots);
            let is_so = match self.what {
                What::SoldOut => free == 0,
                What::Available => free > 0,
            };
            let is_over = matches!(event.status, EventStatus::Completed | EventStatus::Cancelled);
            Ok(match (is_so, is_over) {
                (true, _) => Progress::Done(event),
                (false, true) => Progress::Hopeless(format!("the event is {}, {state}", event.status)),
                (false, false) => Progress::Waiting(state),
            })
        });
        Ok(Answer::item(event.await?))
    }
}
