//! The decisions. Each either refuses and changes nothing, or applies its changes and lists them.

mod giving_back;
mod serving;

pub(super) use serving::served;

use super::line::Admission;
use super::{
    Adjacent, Amendment, AnySeats, Change, Command, Context, EventState, Limits, MAX_CAPACITY, Outcome,
    Refusal, SeatNo, SeatSelection, Seats, Terms, without,
};
use crate::id::{BookingId, UserId};
use chrono::{DateTime, Utc};

impl EventState {
    /// Decides a command. On `Ok` the changes are applied to the state and appended to `changes`; on `Err` nothing is.
    ///
    /// `new_id` draws ids for the bookings that a partial promotion makes.
    pub fn decide(
        &mut self,
        command: &Command,
        context: &Context,
        changes: &mut Vec<Change>,
        new_id: &mut dyn FnMut() -> BookingId,
    ) -> Result<Outcome, Refusal> {
        let gives_back =
            matches!(command, Command::Cancel { .. } | Command::Leave { .. } | Command::CancelSeats { .. });
        if self.terms.deleted && !gives_back {
            return Err(Refusal::Deleted);
        }
        let mut decision = Decision::new(self, context, changes, new_id);
        match command {
            Command::Book { booking, user, selection } => decision.book(*booking, *user, selection),
            Command::Cancel { booking } => Ok(decision.cancel(*booking)),
            Command::Leave { booking } => decision.leave(*booking),
            Command::Serve { by_hand } => decision.serve_now(*by_hand),
            Command::Promote { booking } => decision.promote_by_hand(*booking),
            Command::CancelSeats { booking, seats } => Ok(decision.cancel_seats(*booking, seats)),
            Command::Move { booking, seats } => decision.move_to(*booking, seats),
            Command::Amend(amendment) => decision.amend(amendment),
        }
    }

    /// The most seats that one booking may have.
    pub fn seats_per_booking(&self, limits: &Limits) -> u32 {
        self.terms.max_seats.map_or(limits.seats_per_booking, |own| own.min(limits.seats_per_booking))
    }
}

/// Serves the waitlist with all that is free, in as many steps as it takes.
pub(super) fn serve(
    state: &mut EventState,
    context: &Context,
    changes: &mut Vec<Change>,
    new_id: &mut dyn FnMut() -> BookingId,
) {
    loop {
        Decision::new(state, context, changes, new_id).serve_waitlist(None);
        if !state.owes_service(context.now) {
            return;
        }
    }
}

struct Decision<'a> {
    state: &'a mut EventState,
    now: DateTime<Utc>,
    limits: Limits,
    /// What was changed before this decision comes first.
    changes: &'a mut Vec<Change>,
    /// How many changes that is.
    before: usize,
    new_id: &'a mut dyn FnMut() -> BookingId,
}

impl<'a> Decision<'a> {
    fn new(
        state: &'a mut EventState,
        &Context { now, limits }: &Context,
        changes: &'a mut Vec<Change>,
        new_id: &'a mut dyn FnMut() -> BookingId,
    ) -> Self {
        let before = changes.len();
        Self { state, now, limits, changes, before, new_id }
    }
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
        selection: &SeatSelection,
    ) -> Result<Outcome, Refusal> {
        if !self.state.terms.is_on_sale(self.now) {
            return Err(Refusal::Closed);
        }
        if self.state.terms.sales_paused {
            return Err(Refusal::SalesPaused);
        }
        let admission = self.state.admission_of_newcomer(self.now);
        let seats = match selection {
            SeatSelection::Any(any) => match self.any(any, &admission)? {
                Some(seats) => seats,
                None => return self.wait(booking, user, any.count),
            },
            SeatSelection::Named(wanted) => self.named(wanted, &admission)?,
        };
        let pass = match admission {
            Admission::Passing(pass) => Some(pass),
            Admission::Open | Admission::Closed => None,
        };
        self.change(Change::Booked { booking, user, seats: seats.clone(), pass });
        Ok(Outcome::Confirmed { seats })
    }

    /// Seats for those who name none; `None` if they have to wait.
    fn any(&mut self, any: &AnySeats, admission: &Admission) -> Result<Option<Seats>, Refusal> {
        let capacity = self.state.seats.capacity();
        if !(1..=capacity).contains(&any.count) {
            return Err(Refusal::SeatCount { capacity });
        }
        must_be_few(any.count as usize, self.state.seats_per_booking(&self.limits))?;
        let seats = if matches!(admission, Admission::Closed) { None } else { self.state.seats.pick(any) };
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

    fn named(&self, wanted: &[SeatNo], admission: &Admission) -> Result<Seats, Refusal> {
        must_be_few(wanted.len(), self.state.seats_per_booking(&self.limits))?;
        let seats = self.existing(wanted)?;
        let is_closed = matches!(admission, Admission::Closed);
        let unavailable: Seats =
            seats.iter().copied().filter(|&seat| is_closed || !self.state.seats.is_free(seat)).collect();
        if unavailable.is_empty() { Ok(seats) } else { Err(Refusal::SeatsConflict { unavailable }) }
    }

    fn wait(&mut self, booking: BookingId, user: UserId, seats: u32) -> Result<Outcome, Refusal> {
        let ahead = u32::try_from(self.state.waitlist.len()).unwrap_or(u32::MAX);
        self.must_have_room(user, ahead)?;
        let number = self.state.next_number();
        self.change(Change::Waitlisted { booking, user, number, ahead, seats });
        Ok(Outcome::Waiting { number, place: ahead.saturating_add(1), seats })
    }

    /// Refuses one more party of a person where `waiting` parties wait.
    fn must_have_room(&self, user: UserId, waiting: u32) -> Result<(), Refusal> {
        if self.state.terms.waitlist_limit.is_some_and(|limit| waiting >= limit) {
            return Err(Refusal::SoldOut);
        }
        let own = self.state.waitlist.len_of(user);
        match self.limits {
            Limits { parties: Some(limit), .. } if waiting >= limit => {
                Err(Refusal::WaitlistFull { waiting, limit })
            }
            Limits { parties_of_one: Some(limit), .. } if own >= limit => {
                Err(Refusal::TooManyParties { waiting: own, limit })
            }
            _ => Ok(()),
        }
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
        // The event's own limit is for who comes: a booking that was made before it is moved as it is.
        must_be_few(wanted.len(), self.limits.seats_per_booking)?;
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
            bookings_close_at: amendment.bookings_close_at.unwrap_or(from.bookings_close_at),
            policy: amendment.policy.unwrap_or(from.policy),
            bypass_limit: amendment.bypass_limit.unwrap_or(from.bypass_limit),
            waitlist_limit: amendment.waitlist_limit.unwrap_or(from.waitlist_limit),
            max_seats: amendment.max_seats.unwrap_or(from.max_seats),
            sales_paused: amendment.sales_paused.unwrap_or(from.sales_paused),
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
        let head = self.state.head().copied();
        self.change(Change::Amended { from: from.clone(), to: to.clone() });
        // A head that the event can no longer hold makes way as if it had left.
        let serves = to.capacity > from.capacity
            || (to.policy, to.bypass_limit) != (from.policy, from.bypass_limit)
            || to.is_open(self.now) && !from.is_open(self.now)
            || self.state.head() != head.as_ref();
        if serves {
            self.serve_waitlist(None);
        }
        Ok(Outcome::Amended { terms: to })
    }
}

fn must_be_few(seats: usize, limit: u32) -> Result<(), Refusal> {
    if seats > limit as usize { Err(Refusal::TooManySeats { limit }) } else { Ok(()) }
}
