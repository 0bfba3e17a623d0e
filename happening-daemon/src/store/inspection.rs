//! What support and operators look at: bookings with their history, and whether the rows agree with each other.

use super::{Actor, StoreError};
use async_trait::async_trait;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{BookingStatus, EventBooking, EventStatus, HistoryEntry};

/// Which bookings of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookingFilter {
    /// Only those in this status.
    pub status: Option<BookingStatus>,
    /// Only of people whose username or e-mail contains this.
    pub text: Option<String>,
    /// Only older than this one.
    pub before: Option<BookingId>,
    /// At most so many.
    pub limit: u32,
}

/// What an event's row says, and what the rows say that it is made of, as of one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTotals {
    /// The event.
    pub event: EventId,
    /// Its name.
    pub name: String,
    /// Where it is in its life.
    pub status: EventStatus,
    /// Its version.
    pub version: u64,
    /// Seats that exist.
    pub total: u32,
    /// Free seats, as its row says.
    pub available: u32,
    /// Parties waiting, as its row says.
    pub waiting: u32,
    /// The number that the next party draws.
    pub next_number: u64,
    /// Booked seats.
    pub booked: u32,
    /// Booked seats, each counted once.
    pub distinct: u32,
    /// Booked seats beyond the capacity.
    pub beyond: u32,
    /// Booked seats of no booking of the event.
    pub orphaned: u32,
    /// Bookings that wait.
    pub in_line: u32,
    /// The highest number among them.
    pub last_number: u64,
}

/// A booking whose seats are not what its row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatMismatch {
    /// The booking.
    pub booking: BookingId,
    /// Of which event.
    pub event: EventId,
    /// Where it is in its life.
    pub status: BookingStatus,
    /// Seats, as its row says.
    pub seats: u32,
    /// Seats that are booked for it.
    pub held: u32,
}

/// The store's side of support.
#[async_trait]
pub trait Inspection: Send + Sync {
    /// What happened to a booking, in order.
    async fn list_history(&self, booking: BookingId) -> Result<Vec<HistoryEntry>, StoreError>;

    /// Bookings of an event, newest first.
    async fn list_bookings_at(
        &self,
        event: EventId,
        filter: &BookingFilter,
    ) -> Result<Vec<EventBooking>, StoreError>;

    /// The figures of events that are not deleted, ascending by id: of `only`, or of those after `after`.
    async fn list_event_totals(
        &self,
        only: Option<EventId>,
        after: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<EventTotals>, StoreError>;

    /// Bookings whose seats are not what their rows say, of events from `first` to `last` that are not deleted.
    async fn list_seat_mismatches(
        &self,
        first: EventId,
        last: EventId,
        limit: u32,
    ) -> Result<Vec<SeatMismatch>, StoreError>;

    /// Events that are not deleted.
    async fn count_events(&self) -> Result<u64, StoreError>;

    /// Makes the figures in an event's row what the other rows say, in the event's turn. The version moves on without a
    /// record of changes, so that every daemon reads the event anew. False if there is no such event.
    async fn recompute(&self, event: EventId, by: &Actor) -> Result<bool, StoreError>;
}
