//! `happening waitlist simulate`.

use crate::app::App;
use crate::args::Seats;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Supposed};
use anyhow::Context as _;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::Simulate;

const HELP: &str = "\
The daemon's rules answer on the event as it is; nothing is changed. Exit 6 if the capacity would be refused.

Examples:
  happening waitlist simulate EVENT --free 4
  happening waitlist simulate EVENT --cancel BOOKING
  happening waitlist simulate EVENT --cancel BOOKING --seat 3-5
  happening waitlist simulate EVENT --capacity 250";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    #[command(flatten)]
    supposition: Supposition,
    /// Of the booking in --cancel, only these seats: 3, 3,4 or 3-5; may be repeated
    #[arg(long, value_name = "NUMBERS", requires = "cancel", allow_negative_numbers = true)]
    seat: Vec<Seats>,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Supposition {
    /// Suppose that so many booked seats came free at once
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    free: Option<u32>,
    /// Suppose that this booking were cancelled; may be repeated: one after the other
    #[arg(long, value_name = "BOOKING", add = crate::completion::bookings(), value_parser = crate::args::booking)]
    cancel: Vec<BookingId>,
    /// Suppose that the event had so many seats
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    capacity: Option<u32>,
}

impl Verb for Args {
    type Output = Supposed;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Supposed>> {
        let client = app.caller()?.client;
        let Supposition { free, cancel, capacity } = self.supposition;
        let context = || format!("event {}", self.event);
        if let Some(capacity) = capacity {
            let plan = client.plan_resize(self.event, capacity).await.with_context(context)?;
            let refusal = plan.refusal.clone();
            let answer = Answer::item(Supposed::from(plan));
            return Ok(match refusal {
                Some(why) => answer.but(CliError::Hopeless(crate::output::visible(&why))),
                None => answer,
            });
        }
        let seat_numbers = (!self.seat.is_empty()).then(|| Seats::join(&self.seat));
        let supposed = Simulate { free, cancel, seat_numbers };
        let simulation = client.simulate(self.event, &supposed).await.with_context(context)?;
        Ok(Answer::item(Supposed::from(simulation)))
    }
}
