//! Seats that are given back, and places in line: the same decision serves the waitlist.

use super::Decision;
use crate::booking::{Change, Lessened, Outcome, Party, Refusal, SeatNo, Seats};
use crate::id::{BookingId, UserId};

impl Decision<'_> {
    pub(super) fn cancel(&mut self, booking: BookingId) -> Outcome {
        if let Some(holder) = self.state.holders.get(&booking) {
            let (user, freed) = (holder.user, holder.seats.clone());
            let lessened = self.give_back(booking, user, &freed, 0);
            return Outcome::Cancelled { freed, lessened };
        }
        let Some(&Party { number, user, seats, .. }) = self.state.waitlist.get(booking) else {
            return Outcome::AlreadyCancelled;
        };
        let ahead = self.state.waitlist.ahead_of(booking).unwrap_or(0);
        self.change(Change::LeftWaitlist { booking, user, number, ahead, seats });
        self.serve_waitlist(None);
        Outcome::Cancelled { freed: Seats::new(), lessened: Vec::new() }
    }

    pub(super) fn leave(&mut self, booking: BookingId) -> Result<Outcome, Refusal> {
        if self.state.holders.contains_key(&booking) {
            return Err(Refusal::NotWaiting);
        }
        Ok(self.cancel(booking))
    }

    pub(super) fn cancel_seats(&mut self, booking: BookingId, named: &[SeatNo]) -> Outcome {
        let nothing = Outcome::SeatsCancelled { freed: Seats::new(), lessened: Vec::new() };
        let Some(holder) = self.state.holders.get(&booking) else {
            return nothing;
        };
        let mut freed: Seats =
            named.iter().copied().filter(|seat| holder.seats.binary_search(seat).is_ok()).collect();
        freed.sort_unstable();
        freed.dedup();
        if freed.is_empty() {
            return nothing;
        }
        let user = holder.user;
        let kept = u32::try_from(holder.seats.len() - freed.len()).unwrap_or(u32::MAX);
        let lessened = self.give_back(booking, user, &freed, kept);
        Outcome::SeatsCancelled { freed, lessened }
    }

    fn give_back(&mut self, booking: BookingId, user: UserId, freed: &Seats, kept: u32) -> Vec<Lessened> {
        let seats = freed.clone();
        self.change(if kept == 0 {
            Change::Cancelled { booking, user, seats }
        } else {
            Change::SeatsCancelled { booking, user, seats, kept }
        });
        self.lessen(user, u32::try_from(freed.len()).unwrap_or(u32::MAX));
        self.serve_waitlist(Some(user));
        lessened(&self.changes[self.before..])
    }

    /// Who gives seats back does not want them: what is left of a party that was served in part shrinks by as many. A
    /// party that got nothing yet is another wish.
    fn lessen(&mut self, user: UserId, mut given: u32) {
        let is_served = self.state.terms.is_open(self.now);
        for number in self.state.rests() {
            let Some(&party) = self.state.waitlist.numbered(number).filter(|party| party.user == user) else {
                continue;
            };
            let by = party.seats.min(given);
            if by == 0 {
                break;
            }
            given -= by;
            // The head's turn is next, and there it leaves the line with all that it waits for.
            let is_next = is_served && self.state.head().is_some_and(|head| head.number == number);
            if !is_next {
                self.lessen_by(&party, by);
            }
        }
    }

    /// A party waits for fewer seats; for none, it leaves the line.
    pub(super) fn lessen_by(&mut self, party: &Party, by: u32) {
        let &Party { booking, user, number, seats } = party;
        let ahead = self.state.waitlist.ahead_of(booking).unwrap_or(0);
        self.change(Change::Lessened { booking, user, number, ahead, by, rest: seats - by });
    }
}

/// Whose request became smaller by the changes of a decision, each once.
fn lessened(changes: &[Change]) -> Vec<Lessened> {
    let mut all: Vec<Lessened> = Vec::new();
    for change in changes {
        let &Change::Lessened { booking, by, rest, .. } = change else { continue };
        match all.iter_mut().find(|known| known.booking == booking) {
            Some(known) => (known.by, known.rest) = (known.by + by, rest),
            None => all.push(Lessened { booking, by, rest }),
        }
    }
    all
}
