//! Bookings: make, read, cancel; and what people were told of them.

use super::{Caller, Error, Services};
use happening_core::booking::{Command, Outcome};
use happening_core::id::{BookingId, EventId, UserId};
use happening_core::wire::{
    Booking, BookingSeat, BookingStatus, BookingWithEvent, CancelAnswer, CancelSeats, CreateBooking, Done,
    Notification, SeatsCancelled, WaitingPosition,
};

impl Services {
    /// Books seats, or waits for them.
    pub async fn create_booking(&self, caller: &Caller, create: CreateBooking) -> Result<Booking, Error> {
        let actor = caller.user()?.id;
        let user = self.booker(caller, create.event_id, create.user_id).await?;
        let choice = self.choose(&create, actor, user).await?;
        let booking = self.ids.booking();
        let command = Command::Book { booking, user, choice, now: self.clock.now() };
        let decided = self.engine.submit(create.event_id, command, actor).await?;
        let (status, seats, waiting_number, assigned_seats) = match decided.outcome {
            Outcome::Confirmed { seats } => {
                self.end_holds_of(create.event_id, &seats).await;
                (BookingStatus::Confirmed, create.seats, None, Some(seats.to_vec()))
            }
            Outcome::Waiting { number, seats } => (BookingStatus::Waiting, seats, Some(number), None),
            _ => return Err(Error::internal()),
        };
        Ok(Booking {
            id: booking,
            event_id: create.event_id,
            user_id: user,
            seats,
            status,
            waiting_number,
            created_at: decided.at,
            updated_at: decided.at,
            assigned_seats,
        })
    }

    /// Whose booking it will be: the caller's own, or, when staff act for someone, a member's of the organization.
    async fn booker(
        &self,
        caller: &Caller,
        event: EventId,
        claimed: Option<UserId>,
    ) -> Result<UserId, Error> {
        let organization = self.organization_of(event).await?;
        if !caller.sees(organization) {
            return Err(Error::not_found("event"));
        }
        self.must_be_active(caller, organization).await?;
        match claimed {
            Some(user) if caller.is_staff() && !caller.is(user) => {
                let role = self.store.find_role(user, organization).await?;
                role.map(|_| user)
                    .ok_or_else(|| Error::invalid("user_id", "is no member of the event's organization"))
            }
            claimed => caller.must_be("user_id", claimed),
        }
    }

    /// One booking.
    pub async fn booking(&self, caller: &Caller, booking: BookingId) -> Result<Booking, Error> {
        self.must_be_up()?;
        let found = self.store.find_booking(booking).await?.ok_or_else(|| Error::not_found("booking"))?;
        if caller.is(found.user_id) || caller.is_staff() || self.runs_event_of(caller, &found).await? {
            return Ok(found);
        }
        Err(Error::not_found("booking"))
    }

    async fn runs_event_of(&self, caller: &Caller, booking: &Booking) -> Result<bool, Error> {
        let organization = self.organization_of(booking.event_id).await?;
        if caller.governs(organization) {
            return Ok(true);
        }
        let event = self.store.find_event(booking.event_id).await?;
        Ok(event.is_some_and(|event| caller.runs(event.org_id, event.created_by)))
    }

    /// Every seat that a booking has or had.
    pub async fn booking_seats(
        &self,
        caller: &Caller,
        booking: BookingId,
    ) -> Result<Vec<BookingSeat>, Error> {
        let booking = self.booking(caller, booking).await?;
        Ok(self.store.list_booking_seats(booking.id).await?)
    }

    /// Where a booking stands in line.
    pub async fn waiting_position(
        &self,
        caller: &Caller,
        booking: BookingId,
    ) -> Result<WaitingPosition, Error> {
        let booking = self.booking(caller, booking).await?;
        let position = self.store.find_waiting_position(booking.id).await?;
        position.ok_or_else(|| Error::not_found("booking"))
    }

    /// Someone's bookings.
    pub async fn bookings_of(&self, caller: &Caller, user: UserId) -> Result<Vec<BookingWithEvent>, Error> {
        self.must_be_up()?;
        Self::must_see_user(caller, user)?;
        Ok(self.store.list_bookings_of(user).await?)
    }

    /// What someone was told.
    pub async fn notifications_of(&self, caller: &Caller, user: UserId) -> Result<Vec<Notification>, Error> {
        self.must_be_up()?;
        Self::must_see_user(caller, user)?;
        Ok(self.store.list_notifications_of(user).await?)
    }

    /// Cancels a booking or leaves the waitlist. A cancelled one answers with its row.
    pub async fn cancel_booking(&self, caller: &Caller, booking: BookingId) -> Result<CancelAnswer, Error> {
        let before = self.booking(caller, booking).await?;
        if before.status == BookingStatus::Cancelled {
            return Ok(CancelAnswer::Already(before));
        }
        let actor = caller.user()?.id;
        self.must_be_active(caller, self.organization_of(before.event_id).await?).await?;
        let decided = self.engine.submit(before.event_id, Command::Cancel { booking }, actor).await?;
        match decided.outcome {
            // Somebody was faster.
            Outcome::AlreadyCancelled => Ok(CancelAnswer::Already(self.booking(caller, booking).await?)),
            _ => Ok(CancelAnswer::Done(Done { ok: true })),
        }
    }

    /// Gives some seats back.
    pub async fn cancel_seats(
        &self,
        caller: &Caller,
        booking: BookingId,
        cancel: CancelSeats,
    ) -> Result<SeatsCancelled, Error> {
        if cancel.seat_numbers.is_empty() {
            return Err(Error::invalid("seat_numbers", "must name at least one seat"));
        }
        let before = self.booking(caller, booking).await?;
        self.must_be_active(caller, self.organization_of(before.event_id).await?).await?;
        let command = Command::CancelSeats { booking, seats: cancel.seat_numbers };
        let decided = self.engine.submit(before.event_id, command, caller.user()?.id).await?;
        match decided.outcome {
            Outcome::SeatsCancelled { freed } => {
                Ok(SeatsCancelled { ok: true, cancelled: u32::try_from(freed.len()).unwrap_or(u32::MAX) })
            }
            _ => Err(Error::internal()),
        }
    }

    fn must_see_user(caller: &Caller, user: UserId) -> Result<(), Error> {
        if caller.is(user) || caller.is_staff() { Ok(()) } else { Err(Error::not_found("user")) }
    }
}
