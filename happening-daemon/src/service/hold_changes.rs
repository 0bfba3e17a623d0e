//! Holds that go on: they last longer, or become other seats.

use super::holds::conflict;
use super::sockets::Sale;
use super::{Caller, Error, Services};
use crate::holds::{Changed, Holder, SetHolds};
use happening_core::id::EventId;
use happening_core::wire::{self, ChangeHold};
use uuid::Uuid;

impl Services {
    /// Has a hold of the caller's last longer, or be of other seats: all of them or none. 404 once it is over.
    pub async fn change_hold(
        &self,
        caller: &Caller,
        event: EventId,
        token: Uuid,
        change: ChangeHold,
    ) -> Result<wire::Hold, Error> {
        let holder = self.holder(caller, event, token).await?;
        let event = self.event(caller, event).await?;
        self.must_be_active(caller, event.org_id).await?;
        self.must_take_bookings(Sale::of(&event))?;
        let Changed { answer: allowed, list } = match change.seats {
            None => self.keep_holds(event.id, &holder).await?,
            Some(seats) => self.exchange_seats(event.id, &holder, seats).await?,
        };
        self.holds_changed(event.id, list).await;
        if allowed.is_empty() {
            return Err(Error::not_found("hold"));
        }
        Ok(self.told(token, SetHolds { allowed, ..SetHolds::default() }))
    }

    /// Whatever the holder still holds lasts longer, less what was booked or taken out of the event: that is nobody's.
    /// Returns those seats, ascending.
    pub(super) async fn keep_holds(
        &self,
        event: EventId,
        holder: &Holder,
    ) -> Result<Changed<Vec<u32>>, Error> {
        let mut kept = self.ask_holds(self.holds.extend(event, holder, self.hold_rules.ttl)).await?;
        if kept.answer.is_empty() {
            return Ok(kept);
        }
        let (total, booked) = self.booked_of(event, &kept.answer).await?;
        let is_gone = |seat: &mut u32| *seat > total || booked.contains(seat);
        let gone: Vec<u32> = kept.answer.extract_if(.., is_gone).collect();
        if !gone.is_empty() {
            kept.list = self.ask_holds(self.holds.drop_seats(event, &gone)).await?;
        }
        Ok(kept)
    }

    /// The event has fewer seats now: nobody holds those beyond the last.
    pub(super) async fn end_holds_beyond(&self, event: EventId, last: u32) {
        if !self.held.any_held(event, self.clock.now()) {
            return;
        }
        // Where holds do not answer, these end by themselves, and count for nothing until then.
        let Ok(holds) = self.list_holds(event).await else { return };
        let beyond: Vec<u32> = holds.iter().map(|hold| hold.seat).filter(|seat| *seat > last).collect();
        self.end_holds_of(event, &beyond).await;
    }

    /// The holder's holds become these seats, all of them or none, and last as if they were new. Returns them, ascending;
    /// none if the hold is over.
    async fn exchange_seats(
        &self,
        event: EventId,
        holder: &Holder,
        seats: Vec<u32>,
    ) -> Result<Changed<Vec<u32>>, Error> {
        let (booked, free) = self.named_seats(event, seats).await?;
        if !booked.is_empty() {
            return Err(conflict(booked));
        }
        let wish = self.wish(holder, &free);
        let Changed { answer, list }: Changed<SetHolds> =
            self.ask_holds(self.holds.exchange(event, holder, wish)).await?;
        if answer.exceeds {
            return Err(self.too_many(holder));
        }
        if answer.conflicts.is_empty() {
            Ok(Changed { answer: answer.allowed, list })
        } else {
            Err(conflict(answer.conflicts))
        }
    }
}
