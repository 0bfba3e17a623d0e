//! What support and those who run an event look up: bookings of an event, and what happened to a booking.

use super::{Caller, Error, Services};
use crate::store::BookingFilter;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{BookingsQuery, EventBooking, HistoryEntry};

/// Most bookings in one answer.
const LARGEST_PAGE: u32 = 5_000;

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

    /// Bookings of an event, newest first, and where the next page begins. A page that is not full is the last.
    pub async fn bookings_at(
        &self,
        caller: &Caller,
        event: EventId,
        query: BookingsQuery,
    ) -> Result<(Vec<EventBooking>, Option<BookingId>), Error> {
        self.must_see_line(caller, event).await?;
        let limit = query.limit.unwrap_or(LARGEST_PAGE);
        if !(1..=LARGEST_PAGE).contains(&limit) {
            return Err(Error::invalid("limit", format!("must be between 1 and {LARGEST_PAGE}")));
        }
        if query.q.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(Error::invalid("q", "must not contain NUL"));
        }
        let filter = BookingFilter { status: query.status, text: query.q, before: query.cursor, limit };
        let page = self.store.list_bookings_at(event, &filter).await?;
        let next = page.last().filter(|_| page.len() >= limit as usize).map(|last| last.booking.id);
        Ok((page, next))
    }
}
