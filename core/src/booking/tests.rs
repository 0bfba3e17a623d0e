//! The rules against a slow model that is obviously right, and each rule of the waitlist by example.
//!
//! `model.rs` says what must come of a command, `steps.rs` draws commands, `world.rs` runs both side by side and checks
//! what must hold after each. To add a command: its arm in the model, a step that draws it.

mod cost;
mod examples;
mod explain;
pub(super) mod model;
mod properties;
mod steps;
mod world;

use super::{
    AnySeats, Change, Command, Context, EventState, Limits, Outcome, Refusal, SeatNo, SeatSelection, Terms,
};
use crate::booking::WaitlistPolicy;
use crate::id::{BookingId, UserId};
use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

/// The hour at which everything is asked.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("an hour that exists")
}

/// The usual circumstances of a decision.
fn context() -> Context {
    Context { now: now(), limits: Limits::default() }
}

/// Terms of an event that starts tomorrow.
fn terms(capacity: u32, policy: WaitlistPolicy, bypass_limit: u32) -> Terms {
    Terms { policy, bypass_limit, ..Terms::upcoming(capacity, now() + Duration::days(1)) }
}

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

fn booking(number: u128) -> BookingId {
    BookingId(Uuid::from_u128(number))
}

fn book_any(number: u128, seats: u32) -> Command {
    Command::Book {
        booking: booking(number),
        user: user(number),
        selection: SeatSelection::Any(AnySeats::lowest(seats)),
    }
}

fn book_named(number: u128, seats: &[SeatNo]) -> Command {
    let selection = SeatSelection::Named(seats.to_vec());
    Command::Book { booking: booking(number), user: user(number), selection }
}

fn cancel(number: u128) -> Command {
    Command::Cancel { booking: booking(number) }
}

/// Ids that count up: what promotions make of parts.
fn ids_from(first: u128) -> impl FnMut() -> BookingId {
    let mut next = first;
    move || {
        next += 1;
        booking(next - 1)
    }
}

/// Runs one command; ids of partial promotions count up from 1,000 past the number of changes so far.
fn run(state: &mut EventState, changes: &mut Vec<Change>, command: &Command) -> Result<Outcome, Refusal> {
    let first = 1_000 + changes.len() as u128;
    state.decide(command, &context(), changes, &mut ids_from(first))
}
