//! How many rows a command is expected to write: what decides whether it shares a commit.
//!
//! The figure is an estimate made before the rules decide. A command that writes more than was expected is committed all the
//! same; its commit only gets more time (`Attempt::decide` counts the rows that there are).

use super::Job;
use happening_core::booking::{Amendment, Command, EventState, SeatSelection};
use std::time::Duration;

/// Rows of one shared commit. A full batch of ordinary bookings has fewer.
pub(super) const ROWS: usize = 4_096;

/// A command that writes more rows is committed alone, beside the batches.
pub(super) const LARGE: usize = 64;

/// Rows that a party costs apart from its seats: booking, history, notification, outbox.
const PARTY: usize = 4;

/// How long a commit may take before its fate counts as unknown, and what each row adds.
const DEADLINE: Duration = Duration::from_millis(2_500);
const EACH: Duration = Duration::from_micros(100);

/// The time that a commit of so many rows has.
pub(super) fn deadline(rows: usize) -> Duration {
    DEADLINE + EACH * u32::try_from(rows).unwrap_or(u32::MAX)
}

/// The rows that a command is expected to write at an event in this state; of an event that is not in memory, as far as the
/// command tells.
pub(super) fn expected(job: &Job, state: Option<&EventState>) -> usize {
    PARTY + of_command(&job.command, state)
}

fn of_command(command: &Command, state: Option<&EventState>) -> usize {
    match (command, state) {
        (Command::Book { selection: SeatSelection::Any(any), .. }, _) => size(any.count),
        (Command::Book { selection: SeatSelection::Named(seats), .. }, _) => seats.len(),
        (Command::Move { seats, .. }, _) => 2 * seats.len(),
        (Command::CancelSeats { seats, .. }, state) => given_back(seats.len(), state),
        (Command::Cancel { booking }, Some(state)) => {
            given_back(state.seats_of(*booking).map_or(&[][..], |seats| seats).len(), Some(state))
        }
        (Command::Promote { booking }, Some(state)) => {
            state.waitlist().get(*booking).map_or(0, |party| size(party.seats))
        }
        (Command::Serve { .. }, Some(state)) => served(size(state.seats().free()), state),
        (Command::Amend(amendment), Some(state)) => served(opened(amendment, state), state),
        // One party moves, or the event is not in memory.
        _ => 0,
    }
}

/// Seats that come free serve the line in the same commit.
fn given_back(freed: usize, state: Option<&EventState>) -> usize {
    freed + state.map_or(0, |state| served(freed, state))
}

/// Seats, and the parties that get them, if so many can be given.
fn served(open: usize, state: &EventState) -> usize {
    let parties = state.waitlist().len().min(open);
    if parties == 0 { 0 } else { open + PARTY * parties }
}

/// Seats that an amendment may give to the line.
fn opened(amendment: &Amendment, state: &EventState) -> usize {
    let capacity = state.terms().capacity;
    let added = amendment.capacity.unwrap_or(capacity).saturating_sub(capacity);
    let serves_anew = amendment.status.is_some()
        || amendment.starts_at.is_some()
        || amendment.bookings_close_at.is_some()
        || amendment.policy.is_some()
        || amendment.bypass_limit.is_some();
    let free = if serves_anew { state.seats().free() } else { 0 };
    size(added.saturating_add(free))
}

fn size(seats: u32) -> usize {
    usize::try_from(seats).unwrap_or(usize::MAX)
}
