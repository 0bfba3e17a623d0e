//! `/bookings` and `/notifications`.

use super::{Client, ClientError, Page};
use crate::id::{BookingId, EventId, NotificationId, UserId};
use crate::wire::{
    Booking, BookingSeat, BookingWithEvent, BookingsQuery, CancelAnswer, CancelSeats, CreateBooking, Done,
    EventBooking, HistoryEntry, MoveBooking, Notification, NotificationsQuery, NotificationsRead, PageQuery,
    ReadNotifications, SeatsCancelled, Unread, WaitingPosition,
};
use uuid::Uuid;

impl Client {
    /// Books seats, or waits for them.
    pub async fn create_booking(&self, create: &CreateBooking) -> Result<Booking, ClientError> {
        self.post("/bookings", create).await
    }

    /// The same under an `Idempotency-Key` of the caller's, asked once: to see what the daemon makes of a repetition.
    pub async fn create_booking_under(
        &self,
        key: Uuid,
        create: &CreateBooking,
    ) -> Result<Booking, ClientError> {
        let once = Self { options: self.options.clone().once(), ..self.clone() };
        once.under_key(&key.to_string()).create_booking(create).await
    }

    /// One booking with its seats.
    pub async fn booking(&self, booking: BookingId) -> Result<Booking, ClientError> {
        self.get(&format!("/bookings/{booking}")).await
    }

    /// What happened to a booking, in order.
    pub async fn booking_history(&self, booking: BookingId) -> Result<Vec<HistoryEntry>, ClientError> {
        self.get(&format!("/bookings/{booking}/history")).await
    }

    /// Bookings of an event, newest first; the next page is what came before the last one of this.
    pub async fn bookings_at(
        &self,
        event: EventId,
        query: &BookingsQuery,
    ) -> Result<Vec<EventBooking>, ClientError> {
        self.get_with(&format!("/events/{event}/bookings"), query).await
    }

    /// The same in pages that know where the next one begins.
    pub async fn find_bookings(
        &self,
        event: EventId,
        query: &BookingsQuery,
    ) -> Result<Page<EventBooking>, ClientError> {
        self.get_page(&format!("/events/{event}/bookings"), query).await
    }

    /// Every seat that a booking has or had.
    pub async fn booking_seats(&self, booking: BookingId) -> Result<Vec<BookingSeat>, ClientError> {
        self.get(&format!("/bookings/{booking}/seats")).await
    }

    /// Where a booking stands in line.
    pub async fn waiting_position(&self, booking: BookingId) -> Result<WaitingPosition, ClientError> {
        self.get(&format!("/bookings/{booking}/waiting-position")).await
    }

    /// Someone's bookings, newest first.
    pub async fn bookings_of(&self, user: UserId) -> Result<Vec<BookingWithEvent>, ClientError> {
        self.get(&format!("/bookings/user/{user}")).await
    }

    /// The same in pages.
    pub async fn find_bookings_of(
        &self,
        user: UserId,
        query: &PageQuery,
    ) -> Result<Page<BookingWithEvent>, ClientError> {
        self.get_page(&format!("/bookings/user/{user}"), query).await
    }

    /// Cancels a booking or leaves the waitlist; harmless the second time.
    pub async fn cancel_booking(&self, booking: BookingId) -> Result<CancelAnswer, ClientError> {
        self.post_empty(&format!("/bookings/{booking}/cancel")).await
    }

    /// Gives some seats back.
    pub async fn cancel_seats(
        &self,
        booking: BookingId,
        seats: Vec<u32>,
    ) -> Result<SeatsCancelled, ClientError> {
        self.post(&format!("/bookings/{booking}/cancel-seats"), &CancelSeats { seat_numbers: seats }).await
    }

    /// Gives a confirmed booking other seats, all or none of them.
    pub async fn move_booking(&self, booking: BookingId, seats: Vec<u32>) -> Result<Booking, ClientError> {
        self.post(&format!("/bookings/{booking}/move"), &MoveBooking { seat_numbers: seats }).await
    }

    /// The notifications of a person, in pages.
    pub async fn find_notifications_of(
        &self,
        user: UserId,
        query: &NotificationsQuery,
    ) -> Result<Page<Notification>, ClientError> {
        self.get_page(&format!("/notifications/user/{user}"), query).await
    }

    /// The notifications of a person, newest first.
    pub async fn notifications_of(&self, user: UserId) -> Result<Vec<Notification>, ClientError> {
        self.get(&format!("/notifications/user/{user}")).await
    }

    /// How many of their newest 1,000 are unread.
    pub async fn unread_of(&self, user: UserId) -> Result<Unread, ClientError> {
        self.get(&format!("/notifications/user/{user}/unread")).await
    }

    /// Marks one of one's own as read; harmless the second time.
    pub async fn read_notification(&self, id: NotificationId) -> Result<Done, ClientError> {
        self.post_empty(&format!("/notifications/{id}/read")).await
    }

    /// Marks one's own as read, 1,000 at a time.
    pub async fn read_notifications(
        &self,
        user: UserId,
        which: &ReadNotifications,
    ) -> Result<NotificationsRead, ClientError> {
        self.post(&format!("/notifications/user/{user}/read"), which).await
    }
}
