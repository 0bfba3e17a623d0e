//! Questions about a state, which change nothing: why somebody still waits, and what would happen if.
//!
//! The rules answer themselves, on a copy.

use super::decide::{serve, served};
use super::{
    Change, Command, Context, EventState, Outcome, Party, Refusal, Served, WaitReason, WaitlistPolicy,
};
use crate::id::BookingId;
use uuid::Uuid;

/// So many numbers of freed seats are tried to find the fewest that serve a party out of turn.
const TRIED: u32 = 64;

/// Each try copies the event: larger ones, in units of [`EventState::weight`], are not tried.
const LARGEST_TRIED: usize = 20_000;

/// Where a party stands, and what it waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The party.
    pub party: Party,
    /// Those ahead of it, the head first.
    pub ahead: Vec<Party>,
    /// Seats that those ahead want together whom the event can hold: the others stand in nobody's way.
    pub seats_ahead: u64,
    /// What keeps it waiting.
    pub reason: WaitReason,
    /// So many seats coming free at once serve everyone ahead and then the party, whole; absent if none ever will.
    pub must_come_free: Option<u64>,
    /// The fewest seats coming free at once that give the party any; absent if that is not known.
    pub first_seats_after: Option<u64>,
}

/// What commands would do.
#[derive(Debug, Clone)]
pub struct Foreseen {
    /// What would become of each command.
    pub outcomes: Vec<Outcome>,
    /// What it would change. Bookings that partial promotions would make have the nil id.
    pub changes: Vec<Change>,
    /// The event afterwards.
    pub state: EventState,
}

impl Foreseen {
    /// Who would be served, in this order, each with its place in line before.
    pub fn served(&self) -> Vec<Served> {
        served(&self.changes)
    }
}

impl EventState {
    /// Why a booking still waits; `None` if it does not.
    pub fn standing(&self, booking: BookingId, context: &Context) -> Option<Standing> {
        let party = *self.waitlist().get(booking)?;
        let ahead: Vec<Party> =
            self.waitlist().iter().copied().take_while(|other| other.number < party.number).collect();
        let in_the_way: Vec<Party> =
            ahead.iter().copied().filter(|other| !self.is_too_large(other)).collect();
        let seats_ahead = in_the_way.iter().map(|other| u64::from(other.seats)).sum();
        let reason = self.wait_reason(&party, &in_the_way, context);
        let free = u64::from(self.seats().free());
        // The line is served when seats come free: at least one has to.
        let to_free = |wanted: u64| wanted.saturating_sub(free).max(1);
        let is_served = !matches!(reason, WaitReason::Closed | WaitReason::TooLarge);
        let must_come_free = is_served.then(|| to_free(seats_ahead + u64::from(party.seats)));
        let first_seats_after = must_come_free.and_then(|all| match self.terms().policy {
            WaitlistPolicy::Split => Some(to_free(seats_ahead + 1)),
            WaitlistPolicy::Whole if in_the_way.is_empty() && self.takes_parts(&party) => Some(to_free(1)),
            WaitlistPolicy::Whole if in_the_way.is_empty() => Some(all),
            WaitlistPolicy::Whole => self.fewest_that_serve(&party, all, context),
        });
        Some(Standing { party, ahead, seats_ahead, reason, must_come_free, first_seats_after })
    }

    fn wait_reason(&self, party: &Party, ahead: &[Party], context: &Context) -> WaitReason {
        let terms = self.terms();
        if !terms.is_open(context.now) {
            WaitReason::Closed
        } else if self.is_too_large(party) {
            WaitReason::TooLarge
        } else if ahead.is_empty() {
            WaitReason::SeatsNeeded
        } else if !self.takes_parts(&ahead[0]) && self.head_passed() >= terms.bypass_limit {
            WaitReason::GatheringForHead
        } else {
            WaitReason::BehindOthers
        }
    }

    fn fewest_that_serve(&self, party: &Party, all: u64, context: &Context) -> Option<u64> {
        if self.weight() > LARGEST_TRIED {
            return None;
        }
        let tried = u32::try_from(all.min(TRIED.into())).unwrap_or(TRIED);
        let serves = |seats: &u32| {
            let promoted = |change: &Change| matches!(change, Change::Promoted { waiting, .. } if *waiting == party.booking);
            self.if_free(*seats, context).changes.iter().any(promoted)
        };
        (1..=tried).find(serves).map(u64::from)
    }

    /// What would happen if so many of the booked seats came free at once.
    pub fn if_free(&self, seats: u32, context: &Context) -> Foreseen {
        let mut state = self.clone();
        let freed: super::Seats = self.seats().taken_seats().take(seats as usize).collect();
        for &seat in &freed {
            state.seats.release(seat);
        }
        let mut changes = Vec::new();
        serve(&mut state, context, &mut changes, &mut || BookingId(Uuid::nil()));
        Foreseen { outcomes: vec![Outcome::Cancelled { freed, lessened: Vec::new() }], changes, state }
    }

    /// What a command would do, with all that it leaves to later decisions.
    pub fn foresee(&self, command: &Command, context: &Context) -> Result<Foreseen, Refusal> {
        self.foresee_all(std::slice::from_ref(command), context)
    }

    /// What commands would do one after the other. The first refusal is the answer to all.
    pub fn foresee_all(&self, commands: &[Command], context: &Context) -> Result<Foreseen, Refusal> {
        let mut state = self.clone();
        let mut changes = Vec::new();
        let mut new_id = || BookingId(Uuid::nil());
        let mut outcomes = Vec::with_capacity(commands.len());
        for command in commands {
            outcomes.push(state.decide(command, context, &mut changes, &mut new_id)?);
            if state.owes_service(context.now) {
                serve(&mut state, context, &mut changes, &mut new_id);
            }
        }
        Ok(Foreseen { outcomes, changes, state })
    }
}
