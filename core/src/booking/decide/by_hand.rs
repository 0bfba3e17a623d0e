//! What people decide about the waitlist: who leaves it, and who is served now.

use super::Decision;
use crate::booking::{Change, Outcome, Refusal, Served};
use crate::id::BookingId;

impl Decision<'_> {
    pub(super) fn leave(&mut self, booking: BookingId) -> Result<Outcome, Refusal> {
        if self.state.holders.contains_key(&booking) {
            return Err(Refusal::NotWaiting);
        }
        Ok(self.cancel(booking))
    }

    pub(super) fn serve_now(&mut self) -> Result<Outcome, Refusal> {
        if !self.state.terms.is_live() {
            return Err(Refusal::Closed);
        }
        let before = self.changes.len();
        self.serve_waitlist();
        Ok(self.served_since(before))
    }

    pub(super) fn promote_by_hand(&mut self, booking: BookingId) -> Result<Outcome, Refusal> {
        if !self.state.terms.is_live() {
            return Err(Refusal::Closed);
        }
        let &party = self.state.waitlist.get(booking).ok_or(Refusal::NotWaiting)?;
        let free = self.state.seats.free();
        if party.seats > free {
            return Err(Refusal::NotEnoughSeats { wanted: party.seats, free });
        }
        let before = self.changes.len();
        self.promote(party, party.seats, None);
        Ok(self.served_since(before))
    }

    fn served_since(&self, before: usize) -> Outcome {
        let served = self.changes[before..].iter().filter_map(|change| match change {
            Change::Promoted { waiting, booking, user, number, seats, rest, .. } => Some(Served {
                waiting: *waiting,
                booking: *booking,
                user: *user,
                number: *number,
                seats: seats.clone(),
                rest: *rest,
            }),
            _ => None,
        });
        Outcome::Served { parties: served.collect() }
    }
}
