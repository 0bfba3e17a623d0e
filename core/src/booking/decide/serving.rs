//! The waitlist is served: by the rules when seats come free, or because people say so.

use super::Decision;
use crate::booking::{Change, Outcome, Party, Pass, Refusal, Served};
use crate::id::{BookingId, UserId};

impl Decision<'_> {
    /// Serves the waitlist from its head with all that is free, in the very commit that freed it. An event that gives no
    /// seats at this hour promotes nobody. `giver` is who gave seats back by this decision.
    pub(super) fn serve_waitlist(&mut self, giver: Option<UserId>) {
        if self.state.terms.is_open(self.now) {
            self.serve_line(giver);
        }
    }

    /// Stops after so many seats, see [`crate::booking::Limits::seats_at_once`]. It stops only before a party that fits
    /// whole, so that the state says that it did ([`crate::booking::EventState::owes_service`]).
    ///
    /// Who gives seats back is not given seats for it: the rest of a party that the giver has in part leaves the line when
    /// its turn comes. It is not passed over, since seats go to parties in the order of the line.
    fn serve_line(&mut self, giver: Option<UserId>) {
        let mut served = 0_u32;
        while let Some((party, pass)) = self.state.next_in_line() {
            if giver == Some(party.user) && self.state.is_rest(&party) {
                self.lessen_by(&party, party.seats);
                continue;
            }
            let count = party.seats.min(self.state.seats.free());
            let is_whole = count == party.seats;
            if served > 0 && is_whole && served.saturating_add(count) > self.limits.seats_at_once {
                return;
            }
            served = served.saturating_add(count);
            self.promote(party, count, pass);
        }
    }

    pub(super) fn serve_now(&mut self, by_hand: bool) -> Result<Outcome, Refusal> {
        let terms = &self.state.terms;
        if !(terms.is_open(self.now) || by_hand && terms.is_live()) {
            return Err(Refusal::Closed);
        }
        self.serve_line(None);
        Ok(self.served())
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
        self.promote(party, party.seats, None);
        Ok(self.served())
    }

    fn promote(&mut self, party: Party, count: u32, pass: Option<Pass>) {
        let Some(seats) = self.state.seats.lowest_free(count) else {
            return;
        };
        let Party { booking: waiting, user, number, seats: wanted } = party;
        let rest = wanted - count;
        let booking = if rest == 0 { waiting } else { (self.new_id)() };
        let ahead = self.state.waitlist.ahead_of(waiting).unwrap_or(0);
        self.change(Change::Promoted { waiting, booking, user, number, ahead, seats, rest, pass });
    }

    fn served(&self) -> Outcome {
        Outcome::Served { parties: served(&self.changes[self.before..]) }
    }
}

/// Who was served by the changes of a decision, in order, each with the place that it had before the decision.
pub(in crate::booking) fn served(changes: &[Change]) -> Vec<Served> {
    // The numbers that left the line so far, ascending.
    let mut gone: Vec<u64> = Vec::new();
    let mut parties = Vec::new();
    for change in changes {
        let (number, ahead, rest) = match change {
            Change::Promoted { number, ahead, rest, .. } | Change::Lessened { number, ahead, rest, .. } => {
                (*number, *ahead, *rest)
            }
            Change::LeftWaitlist { number, ahead, .. } => (*number, *ahead, 0),
            _ => continue,
        };
        let at = gone.partition_point(|&other| other < number);
        if let Change::Promoted { waiting, booking, user, seats, pass, .. } = change {
            let left = u32::try_from(at).unwrap_or(u32::MAX);
            parties.push(Served {
                waiting: *waiting,
                booking: *booking,
                user: *user,
                place: ahead.saturating_add(left).saturating_add(1),
                seats: seats.clone(),
                rest,
                passes_head: pass.is_some(),
            });
        }
        if rest == 0 {
            gone.insert(at, number);
        }
    }
    parties
}
