//! Bookings: make, read, cancel.

use super::{Caller, Error, Page, Services, pages};
use crate::booking::{CommitExtras, Decided, Keyed};
use crate::idempotency::KeyGuard;
use happening_core::booking::{Command, Lessened, Outcome};
use happening_core::id::{BookingId, EventId, UserId};
use happening_core::wire::{
    Booking, BookingSeat, BookingStatus, BookingWithEvent, CancelAnswer, CancelQuery, CancelSeats, Cancelled,
    CreateBooking, MoveBooking, PageQuery, SeatsCancelled, WaitingPosition, WaitsForLess,
};

impl Services {
    /// Books seats, or waits for them. `key_guard` is there if the request may come again.
    pub async fn create_booking(
        &self,
        caller: &Caller,
        create: CreateBooking,
        key_guard: Option<KeyGuard>,
    ) -> Result<Booking, Error> {
        let actor = caller.user()?.id;
        let booker = self.booker(caller, create.event_id, create.user_id).await?;
        let user = booker.user;
        let selection = self.choose(&create, actor, user).await?;
        let booking = self.ids.booking();
        let command = Command::Book { booking, user, selection };
        let event = create.event_id;
        let answer = move |decided: &Decided| made(booking, event, user, decided);
        let extras = CommitExtras {
            keyed: key_guard.map(|key_guard| Keyed::new(key_guard, answer)),
            audit: booker.on_behalf.map(|_| Box::new((self.actor(caller), booker.entry(booking, &create)))),
            on_behalf: booker.on_behalf,
            any_parties: caller.is_operator(),
            ..CommitExtras::default()
        };
        let decided = self.engine.submit_with(event, command, actor, extras).await?;
        if let Outcome::Confirmed { seats } = &decided.outcome {
            self.end_holds_of(event, seats).await;
        }
        answer(&decided).ok_or_else(Error::internal)
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
    pub async fn bookings_of(
        &self,
        caller: &Caller,
        user: UserId,
        query: &PageQuery,
    ) -> Result<Page<BookingWithEvent>, Error> {
        self.must_be_up()?;
        let (size, part) = pages::part(query)?;
        Self::must_see_user(caller, user)?;
        let mut bookings = self.store.list_bookings_of(user, &part).await?;
        for booking in &mut bookings {
            hide_event(caller, booking);
        }
        Ok(Page::of(bookings, size, |last| pages::write_mark(last.created_at, last.booking_id.0)))
    }

    /// Cancels a booking or leaves the waitlist. A cancelled one answers with its row.
    pub async fn cancel_booking(
        &self,
        caller: &Caller,
        booking: BookingId,
        query: CancelQuery,
        key_guard: Option<KeyGuard>,
    ) -> Result<CancelAnswer, Error> {
        let before = self.booking(caller, booking).await?;
        if before.status == BookingStatus::Cancelled {
            return Ok(CancelAnswer::Already(before));
        }
        let actor = caller.user()?.id;
        self.must_be_theirs_or_active(caller, &before).await?;
        let answer = |decided: &Decided| match &decided.outcome {
            Outcome::Cancelled { lessened, .. } => {
                Some(CancelAnswer::Done(Cancelled { ok: true, lessened: waits_for_less(lessened) }))
            }
            _ => None,
        };
        let extras = CommitExtras {
            keyed: key_guard.map(|key_guard| Keyed::new(key_guard, answer)),
            ..CommitExtras::default()
        };
        if !query.only_waiting {
            self.give_back_in_parts(&before, actor).await?;
        }
        let command =
            if query.only_waiting { Command::Leave { booking } } else { Command::Cancel { booking } };
        let decided = self.engine.submit_with(before.event_id, command, actor, extras).await?;
        match answer(&decided) {
            Some(done) => Ok(done),
            // Somebody was faster.
            None => Ok(CancelAnswer::Already(self.booking(caller, booking).await?)),
        }
    }

    /// In a suspended organization people still give back what is their own; others change nothing for them.
    async fn must_be_theirs_or_active(&self, caller: &Caller, booking: &Booking) -> Result<(), Error> {
        if caller.is(booking.user_id) {
            return Ok(());
        }
        self.must_be_active(caller, self.organization_of(booking.event_id).await?).await
    }

    /// Gives back what a booking has beyond what one commit should free, which bookings have from before there was a
    /// limit. What is interrupted is given back in part, and can be asked for again.
    pub(super) async fn give_back_in_parts(&self, booking: &Booking, actor: UserId) -> Result<(), Error> {
        let most = self.limits.seats_at_once as usize;
        let seats = booking.assigned_seats.as_deref().unwrap_or_default();
        let beyond = seats.get(most..).unwrap_or_default();
        for part in beyond.chunks(most) {
            let command = Command::CancelSeats { booking: booking.id, seats: part.to_vec() };
            self.engine.submit(booking.event_id, command, actor).await?;
        }
        Ok(())
    }

    /// Gives some seats back.
    pub async fn cancel_seats(
        &self,
        caller: &Caller,
        booking: BookingId,
        cancel: CancelSeats,
        key_guard: Option<KeyGuard>,
    ) -> Result<SeatsCancelled, Error> {
        if cancel.seat_numbers.is_empty() {
            return Err(Error::invalid("seat_numbers", "must name at least one seat"));
        }
        let before = self.booking(caller, booking).await?;
        self.must_be_theirs_or_active(caller, &before).await?;
        let command = Command::CancelSeats { booking, seats: cancel.seat_numbers };
        let answer = |decided: &Decided| match &decided.outcome {
            Outcome::SeatsCancelled { freed, lessened } => Some(SeatsCancelled {
                ok: true,
                cancelled: u32::try_from(freed.len()).unwrap_or(u32::MAX),
                lessened: waits_for_less(lessened),
            }),
            _ => None,
        };
        let extras = CommitExtras {
            keyed: key_guard.map(|key_guard| Keyed::new(key_guard, answer)),
            ..CommitExtras::default()
        };
        let decided = self.engine.submit_with(before.event_id, command, caller.user()?.id, extras).await?;
        answer(&decided).ok_or_else(Error::internal)
    }

    /// Gives a confirmed booking other seats, all or none of them. What others hold counts as it does for a booking by name.
    pub async fn move_booking(
        &self,
        caller: &Caller,
        booking: BookingId,
        to: MoveBooking,
        key_guard: Option<KeyGuard>,
    ) -> Result<Booking, Error> {
        let before = self.booking(caller, booking).await?;
        let actor = caller.user()?.id;
        self.must_be_active(caller, self.organization_of(before.event_id).await?).await?;
        let event = before.event_id;
        self.must_not_be_held(event, &to.seat_numbers, &[actor, before.user_id]).await?;
        let command = Command::Move { booking, seats: to.seat_numbers };
        let answer = move |decided: &Decided| moved(&before, decided);
        let extras = CommitExtras {
            keyed: key_guard.map(|key_guard| Keyed::new(key_guard, answer.clone())),
            ..CommitExtras::default()
        };
        let decided = self.engine.submit_with(event, command, actor, extras).await?;
        if let Outcome::Moved { to, .. } = &decided.outcome {
            self.end_holds_of(event, to).await;
        }
        answer(&decided).ok_or_else(Error::internal)
    }

    pub(super) fn must_see_user(caller: &Caller, user: UserId) -> Result<(), Error> {
        if caller.is(user) || caller.is_staff() { Ok(()) } else { Err(Error::not_found("user")) }
    }
}

/// Somebody who may no longer see an event keeps what is confirmed there, and what a ticket says: name, date, kind and
/// size. What the event is about now, and how it sells, is for those who may see it.
pub(super) fn hide_event(caller: &Caller, booking: &mut BookingWithEvent) {
    if !caller.sees(booking.org_id) {
        booking.event_description = None;
        booking.available_slots = 0;
    }
}

/// What somebody waits for less, because they gave seats back.
fn waits_for_less(lessened: &[Lessened]) -> Vec<WaitsForLess> {
    let less = |lessened: &Lessened| WaitsForLess {
        booking_id: lessened.booking,
        by: lessened.by,
        rest: lessened.rest,
    };
    lessened.iter().map(less).collect()
}

/// The answer to a move of a booking.
fn moved(before: &Booking, decided: &Decided) -> Option<Booking> {
    let Outcome::Moved { from, to } = &decided.outcome else {
        return None;
    };
    Some(Booking {
        seats: u32::try_from(to.len()).ok()?,
        status: BookingStatus::Confirmed,
        waiting_number: None,
        updated_at: if from == to { before.updated_at } else { decided.at },
        assigned_seats: Some(to.to_vec()),
        ..before.clone()
    })
}

/// The answer to a booking.
fn made(id: BookingId, event_id: EventId, user_id: UserId, decided: &Decided) -> Option<Booking> {
    let (status, seats, waiting_number, assigned_seats) = match &decided.outcome {
        Outcome::Confirmed { seats } => {
            (BookingStatus::Confirmed, u32::try_from(seats.len()).ok()?, None, Some(seats.to_vec()))
        }
        Outcome::Waiting { place, seats, .. } => {
            (BookingStatus::Waiting, *seats, Some(u64::from(*place)), None)
        }
        _ => return None,
    };
    Some(Booking {
        id,
        event_id,
        user_id,
        seats,
        status,
        waiting_number,
        created_at: decided.at,
        updated_at: decided.at,
        assigned_seats,
    })
}
