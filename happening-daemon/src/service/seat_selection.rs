//! Which seats a booking is for, and what the holds of others have to do with it.
//!
//! A hold of a person keeps others from booking its seats by name; one of nobody in particular is advice. Neither is
//! given to who asks for any seats, unless nothing else is free. None of it is the truth: while holds do not answer,
//! bookings go on as if there were none, and the rules alone decide.

use super::{Error, Services};
use crate::holds::{Held, Holder};
use happening_core::booking::{AnySeats, Avoid, Refusal, SeatSelection};
use happening_core::id::{EventId, UserId};
use happening_core::wire::{Adjacent, CreateBooking, ErrorCode};

impl Services {
    /// What a booking of `user`, made by `actor`, asks the rules for. The holds of these two are in nobody's way.
    pub(super) async fn choose(
        &self,
        create: &CreateBooking,
        actor: UserId,
        user: UserId,
    ) -> Result<SeatSelection, Error> {
        if create.seats == 0 {
            return Err(Error::invalid("seats", "must be at least 1"));
        }
        // The web client sends an empty list for "any".
        let named = create.seat_numbers.as_deref().filter(|numbers| !numbers.is_empty());
        if create.adjacent != Adjacent::No && (named.is_some() || create.hold_token.is_some()) {
            return Err(Error::invalid("adjacent", "is for seats that are neither named nor held"));
        }
        if let Some(token) = create.hold_token {
            return self.choose_held(create, named, &Holder::Person { user: actor, token }).await;
        }
        let Some(numbers) = named else {
            let Held { by_strangers, by_people } =
                self.held.held_by_others(create.event_id, &[actor, user], self.clock.now());
            let avoid = Avoid::new(by_strangers, by_people);
            return Ok(SeatSelection::Any(AnySeats {
                count: create.seats,
                adjacent: create.adjacent,
                avoid,
            }));
        };
        must_be_as_many(create, numbers)?;
        self.must_not_be_held(create.event_id, numbers, &[actor, user]).await?;
        Ok(SeatSelection::Named(numbers.to_vec()))
    }

    /// The seats of a hold, or those of them that are named.
    async fn choose_held(
        &self,
        create: &CreateBooking,
        named: Option<&[u32]>,
        holder: &Holder,
    ) -> Result<SeatSelection, Error> {
        let holds = match (self.list_holds(create.event_id).await, named) {
            (Ok(holds), _) => holds,
            (Err(_), Some(numbers)) => {
                must_be_as_many(create, numbers)?;
                return Ok(SeatSelection::Named(numbers.to_vec()));
            }
            (Err(error), None) => return Err(error),
        };
        let own: Vec<u32> =
            holds.into_iter().filter(|hold| hold.holder == *holder).map(|hold| hold.seat).collect();
        let wanted = named.unwrap_or(&own);
        if own.is_empty() || wanted.iter().any(|seat| !own.contains(seat)) {
            let detail = "This hold is over, or not of these seats. Please choose again.";
            return Err(Error::new(ErrorCode::HoldGone, detail));
        }
        must_be_as_many(create, wanted)?;
        Ok(SeatSelection::Named(wanted.to_vec()))
    }

    /// Refuses seats that another person holds. Only where somebody is known to hold any does it cost a question.
    pub(super) async fn must_not_be_held(
        &self,
        event: EventId,
        seats: &[u32],
        own: &[UserId],
    ) -> Result<(), Error> {
        if !self.held.any_held(event, self.clock.now()) {
            return Ok(());
        }
        let Ok(holds) = self.list_holds(event).await else {
            return Ok(());
        };
        let is_anothers = |user: UserId| !own.contains(&user);
        let of_others = holds.into_iter().filter(|hold| hold.holder.user().is_some_and(is_anothers));
        let unavailable: Vec<u32> =
            of_others.map(|hold| hold.seat).filter(|seat| seats.contains(seat)).collect();
        if unavailable.is_empty() {
            return Ok(());
        }
        Err(Refusal::SeatsConflict { unavailable: unavailable.into() }.into())
    }

    /// Seats were booked: nobody holds them any more.
    pub(super) async fn end_holds_of(&self, event: EventId, booked: &[u32]) {
        if !self.held.any_of_held(event, booked, self.clock.now()) {
            return;
        }
        // Where holds do not answer, these end by themselves.
        if let Ok(left) = self.ask_holds(self.holds.drop_seats(event, booked)).await {
            self.holds_changed(event, left).await;
        }
    }
}

fn must_be_as_many(create: &CreateBooking, numbers: &[u32]) -> Result<(), Error> {
    if numbers.len() == create.seats as usize {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::InvalidSeatNumbers,
        format!("{} seats were asked for, but {} are named or held.", create.seats, numbers.len()),
    ))
}
