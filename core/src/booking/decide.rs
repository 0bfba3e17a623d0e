//! The decisions. Each either refuses and changes nothing, or applies its changes and lists them.

mod by_hand;

use super::{
    Amendment, AnySeats, Change, Choice, Command, EventState, MAX_CAPACITY, Outcome, Party, Pass, Refusal,
    SeatNo, Seats, Terms, without,
};
use crate::id::{BookingId, UserId};
use crate::wire::{Adjacent, WaitlistPolicy};
use chrono::{DateTime, Utc};

impl EventState {
    /// Decides a command. On `Ok` the changes are applied to the state and appended to `changes`; on `Err` nothing is.
    ///
    /// `new_id` draws ids for the bookings that a partial promotion makes.
    pub fn decide(
        &mut self,
        command: &Command,
        changes: &mut Vec<Change>,
        new_id: &mut dyn FnMut() -> BookingId,
    ) -> Result<Outcome, Refusal> {
        let gives_back =
            matches!(command, Command::Cancel { .. } | Command::Leave { .. } | Command::CancelSeats { .. });
        if self.terms.deleted && !gives_back {
            return Err(Refusal::Deleted);
        }
        let mut decision = Decision { state: self, changes, new_id };
        match command {
            Command::Book { booking, user, choice, now } => decision.book(*booking, *user, choice, *now),
            Command::Cancel { booking } => Ok(decision.cancel(*booking)),
            Command::Leave { booking } => decision.leave(*booking),
            Command::Serve => decision.serve_now(),
            Command::Promote { booking } => decision.promote_by_hand(*booking),
            Command::CancelSeats { booking, seats } => Ok(decision.cancel_seats(*booking, seats)),
            Command::Move { booking, seats } => decision.move_to(*booking, seats),
            Command::Amend(amendment) => decision.amend(amendment),
        }
    }
}

/// Serves the waitlist with all that is free.
pub(super) fn serve(
    state: &mut EventState,
    changes: &mut Vec<Change>,
    new_id: &mut dyn FnMut() -> BookingId,
) {
    Decision { state, changes, new_id }.serve_waitlist();
}

struct Decision<'a> {
    state: &'a mut EventState,
    changes: &'a mut Vec<Change>,
    new_id: &'a mut dyn FnMut() -> BookingId,
}

/// Who may take what is free.
enum Turn {
    /// Anyone.
    Open,
    /// Anyone, but it is a pass of the head.
    Passing(Pass),
    /// Nobody but the head: it has been passed often enough.
    Gathering,
}

impl Decision<'_> {
    fn change(&mut self, change: Change) {
        self.state.apply(&change);
        self.changes.push(change);
    }

    fn book(
        &mut self,
        booking: BookingId,
        user: UserId,
        choice: &Choice,
        now: DateTime<Utc>,
    ) -> Result<Outcome, Refusal> {
        if !self.state.terms.takes_bookings(now) {
            return Err(Refusal::Closed);
        }
        let turn = self.turn(self.state.next_number());
        let seats = match choice {
            Choice::Any(any) => match self.any(any, &turn)? {
                Some(seats) => seats,
                None => return self.wait(booking, user, any.count),
            },
            Choice::Named(wanted) => self.named(wanted, &turn)?,
        };
        let pass = match turn {
            Turn::Passing(pass) => Some(pass),
            Turn::Open | Turn::Gathering => None,
        };
        self.change(Change::Booked { booking, user, seats: seats.clone(), pass });
        Ok(Outcome::Confirmed { seats })
    }

    /// Seats for those who name none; `None` if they have to wait.
    fn any(&mut self, any: &AnySeats, turn: &Turn) -> Result<Option<Seats>, Refusal> {
        let capacity = self.state.seats.capacity();
        if !(1..=capacity).contains(&any.count) {
            return Err(Refusal::SeatCount { capacity });
        }
        let seats = if matches!(turn, Turn::Gathering) { None } else { self.state.seats.pick(any) };
        // The line promises seats, not which: who must sit side by side does not wait.
        if seats.is_none() && any.adjacent == Adjacent::Required {
            return Err(Refusal::NotAdjacent { count: any.count });
        }
        Ok(seats)
    }

    /// Named seats, ascending, if all of them exist and none is named twice.
    fn existing(&self, named: &[SeatNo]) -> Result<Seats, Refusal> {
        let capacity = self.state.seats.capacity();
        let mut seats = Seats::from_slice(named);
        seats.sort_unstable();
        let distinct = seats.windows(2).all(|pair| pair[0] != pair[1]);
        if seats.is_empty() || !distinct || seats.iter().any(|seat| !(1..=capacity).contains(seat)) {
            return Err(Refusal::SeatNumbers { capacity });
        }
        Ok(seats)
    }

    fn named(&self, wanted: &[SeatNo], turn: &Turn) -> Result<Seats, Refusal> {
        let seats = self.existing(wanted)?;
        let gathering = matches!(turn, Turn::Gathering);
        let unavailable: Seats =
            seats.iter().copied().filter(|&seat| gathering || !self.state.seats.is_free(seat)).collect();
        if unavailable.is_empty() { Ok(seats) } else { Err(Refusal::SeatsConflict { unavailable }) }
    }

    fn wait(&mut self, booking: BookingId, user: UserId, seats: u32) -> Result<Outcome, Refusal> {
        let limit = self.state.terms.waitlist_limit.map_or(usize::MAX, |limit| limit as usize);
        if self.state.waitlist.len() >= limit {
            return Err(Refusal::SoldOut);
        }
        let number = self.state.next_number();
        self.change(Change::Waitlisted { booking, user, number, seats });
        Ok(Outcome::Waiting { number, seats })
    }

    fn cancel(&mut self, booking: BookingId) -> Outcome {
        let freed = if let Some(holder) = self.state.holders.get(&booking) {
            let (user, seats) = (holder.user, holder.seats.clone());
            self.change(Change::Cancelled { booking, user, seats: seats.clone() });
            seats
        } else if let Some(&Party { number, user, seats, .. }) = self.state.waitlist.get(booking) {
            let ahead = self.state.waitlist.ahead_of(booking).unwrap_or(0);
            self.change(Change::LeftWaitlist { booking, user, number, ahead, seats });
            Seats::new()
        } else {
            return Outcome::AlreadyCancelled;
        };
        self.serve_waitlist();
        Outcome::Cancelled { freed }
    }

    fn cancel_seats(&mut self, booking: BookingId, named: &[SeatNo]) -> Outcome {
        let Some(holder) = self.state.holders.get(&booking) else {
            return Outcome::SeatsCancelled { freed: Seats::new() };
        };
        let mut freed: Seats =
            named.iter().copied().filter(|seat| holder.seats.binary_search(seat).is_ok()).collect();
        freed.sort_unstable();
        freed.dedup();
        if freed.is_empty() {
            return Outcome::SeatsCancelled { freed };
        }
        let user = holder.user;
        let kept = u32::try_from(holder.seats.len() - freed.len()).unwrap_or(u32::MAX);
        let seats = freed.clone();
        self.change(if kept == 0 {
            Change::Cancelled { booking, user, seats }
        } else {
            Change::SeatsCancelled { booking, user, seats, kept }
        });
        self.serve_waitlist();
        Outcome::SeatsCancelled { freed }
    }

    /// As many seats come free as are taken, so there is nothing to serve the waitlist with, and nobody is passed.
    fn move_to(&mut self, booking: BookingId, wanted: &[SeatNo]) -> Result<Outcome, Refusal> {
        let Some(holder) = self.state.holders.get(&booking) else {
            return Err(Refusal::NotConfirmed);
        };
        if !self.state.terms.is_live() {
            return Err(Refusal::Closed);
        }
        let (user, from) = (holder.user, holder.seats.clone());
        let to = self.existing(wanted)?;
        if to.len() != from.len() {
            let count = |seats: &Seats| u32::try_from(seats.len()).unwrap_or(u32::MAX);
            return Err(Refusal::MovedCount { held: count(&from), named: count(&to) });
        }
        let mut unavailable = without(&to, &from);
        unavailable.retain(|seat| !self.state.seats.is_free(*seat));
        if !unavailable.is_empty() {
            return Err(Refusal::SeatsConflict { unavailable });
        }
        if to != from {
            self.change(Change::Moved { booking, user, from: from.clone(), to: to.clone() });
        }
        Ok(Outcome::Moved { from, to })
    }

    fn amend(&mut self, amendment: &Amendment) -> Result<Outcome, Refusal> {
        if amendment.as_of.is_some_and(|version| version < self.state.amended) {
            return Err(Refusal::Amended);
        }
        let from = self.state.terms.clone();
        let to = Terms {
            capacity: amendment.capacity.unwrap_or(from.capacity),
            status: amendment.status.unwrap_or(from.status),
            starts_at: amendment.starts_at.unwrap_or(from.starts_at),
            policy: amendment.policy.unwrap_or(from.policy),
            bypass_limit: amendment.bypass_limit.unwrap_or(from.bypass_limit),
            waitlist_limit: amendment.waitlist_limit.unwrap_or(from.waitlist_limit),
            deleted: amendment.delete,
        };
        if !(1..=MAX_CAPACITY).contains(&to.capacity) {
            return Err(Refusal::Capacity { max: MAX_CAPACITY });
        }
        if to.capacity < from.capacity {
            let highest = self.state.seats.highest_taken();
            if to.capacity < highest {
                return Err(Refusal::CapacityBelowBooked { highest });
            }
        }
        // Recorded even where nothing differs: the event's name or description, which the rules do not know, may.
        self.change(Change::Amended { from: from.clone(), to: to.clone() });
        let serves = to.capacity > from.capacity
            || (to.policy, to.bypass_limit) != (from.policy, from.bypass_limit)
            || to.is_live() && !from.is_live();
        if serves {
            self.serve_waitlist();
        }
        Ok(Outcome::Amended { terms: to })
    }

    /// Who may take free seats, if the taker stands at `number` in line (a newcomer: at the end).
    fn turn(&self, number: u64) -> Turn {
        let terms = &self.state.terms;
        let Some(head) = self.state.waitlist.head() else {
            return Turn::Open;
        };
        if terms.policy == WaitlistPolicy::Split || head.number == number {
            return Turn::Open;
        }
        let passed = self.state.head_passed();
        if passed >= terms.bypass_limit {
            return Turn::Gathering;
        }
        Turn::Passing(Pass {
            head: head.booking,
            head_seats: head.seats,
            count: passed + 1,
            limit: terms.bypass_limit,
            before: number,
        })
    }

    /// Serves the waitlist from its head with all that is free, in the very commit that freed it.
    fn serve_waitlist(&mut self) {
        while self.state.terms.is_live() && self.state.seats.free() > 0 {
            let free = self.state.seats.free();
            let Some(&head) = self.state.waitlist.head() else {
                return;
            };
            let next = match self.state.terms.policy {
                WaitlistPolicy::Split => head,
                WaitlistPolicy::Whole if head.seats <= free => head,
                WaitlistPolicy::Whole => match self.state.waitlist.first_fit(free) {
                    Some(&party) => party,
                    None => return,
                },
            };
            let pass = match self.turn(next.number) {
                Turn::Open => None,
                Turn::Passing(pass) => Some(pass),
                Turn::Gathering => return,
            };
            self.promote(next, next.seats.min(free), pass);
        }
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
}
