//! What tables show: their columns, and their rows made from what the daemon said.
//!
//! Add a table: its columns and its rows here or in a file beside this one.

mod catalogue;
pub use catalogue::{is_over, scarcity, status, status_tone};
mod operations;
mod people;

use super::table::{Column, Row};
use super::{Model, Pane};
use happening_core::id::EventId;
use std::collections::HashSet;

/// The columns of a table.
pub fn columns(pane: Pane) -> &'static [Column] {
    match pane {
        Pane::Charts | Pane::Seats => &[],
        Pane::Events => catalogue::EVENTS,
        Pane::WaitingEvents => catalogue::WAITING_EVENTS,
        Pane::Organizations => people::ORGANIZATIONS,
        Pane::Members => people::MEMBERS,
        Pane::Invites => people::INVITES,
        Pane::ServiceAccounts => people::SERVICE_ACCOUNTS,
        Pane::People => people::PEOPLE,
        Pane::Told => people::TOLD,
        Pane::PersonBookings => people::PERSON_BOOKINGS,
        Pane::Line | Pane::Parties => catalogue::LINE,
        Pane::EventBookings => catalogue::BOOKINGS,
        Pane::Parked => operations::PARKED,
        Pane::Undelivered => operations::UNDELIVERED,
        Pane::Counters => operations::COUNTERS,
        Pane::Keys => operations::KEYS,
        Pane::Audit => operations::AUDIT,
        Pane::Log => operations::LOG,
    }
}

/// The rows of these events in the list of events, where only their figures have changed: its order does not depend on
/// them.
pub fn of_events(model: &Model, events: &HashSet<EventId>) -> Vec<Row> {
    events
        .iter()
        .filter_map(|id| model.data.event(*id))
        .map(|event| catalogue::event_row(model, event))
        .collect()
}

/// The rows of a table.
pub fn make(model: &Model, pane: Pane) -> Vec<Row> {
    match pane {
        Pane::Charts | Pane::Seats => Vec::new(),
        Pane::Events => catalogue::events(model),
        Pane::WaitingEvents => catalogue::waiting_events(model),
        Pane::Organizations => people::organizations(model),
        Pane::Members => people::members(model),
        Pane::Invites => people::invites(model),
        Pane::ServiceAccounts => people::service_accounts(model),
        Pane::People => people::people(model),
        Pane::Told => people::told(model),
        Pane::PersonBookings => people::person_bookings(model),
        Pane::Line => catalogue::line(model, model.event.as_ref().map(|event| event.id)),
        Pane::Parties => catalogue::line(model, model.selected_event(Pane::WaitingEvents)),
        Pane::EventBookings => catalogue::bookings(model),
        Pane::Parked => operations::parked(model),
        Pane::Undelivered => operations::undelivered(model),
        Pane::Counters => operations::counters(model),
        Pane::Keys => operations::keys(model),
        Pane::Audit => operations::audit(model),
        Pane::Log => operations::log(model),
    }
}
