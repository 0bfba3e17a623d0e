//! What support and those who run an event look up: bookings of an event, and what happened to a booking.

use super::{Caller, Error, Page, Services, fields, pages};
use crate::store::BookingFilter;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{BookingsQuery, EventBooking, HistoryEntry};

impl Services {
    /// What happened to a booking.
    pub async fn booking_history(
        &self,
        caller: &Caller,
        booking: BookingId,
    ) -> Result<Vec<HistoryEntry>, Error> {
        let booking = self.booking(caller, booking).await?;
        Ok(self.store.list_history(booking.id).await?)
    }

    /// Bookings of an event, newest first.
    pub async fn bookings_at(
        &self,
        caller: &Caller,
        event: EventId,
        query: BookingsQuery,
    ) -> Result<Page<EventBooking>, Error> {
        self.must_see_line(caller, event).await?;
        let size = pages::size(query.limit)?;
        let text = fields::searched("q", query.q)?;
        let filter = BookingFilter { status: query.status, text, before: query.cursor, limit: size + 1 };
        let read = self.store.list_bookings_at(event, &filter).await?;
        Ok(Page::of(read, size, |last| last.booking.id.to_string()))
    }
}
