//! Questions about a state, which change nothing: why somebody still waits, and what would happen if.
//!
//! The rules answer themselves, on a copy.

use super::decide::serve;
use super::{Change, Command, EventState, Outcome, Party, Refusal};
use crate::id::BookingId;
use crate::wire::{WaitReason, WaitlistPolicy};
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
    /// Seats that those ahead want together.
    pub seats_ahead: u64,
    /// What keeps it waiting.
    pub reason: WaitReason,
    /// So many seats coming free at once serve everyone ahead and then the party, whole; absent if none ever will.
    pub must_come_free: Option<u64>,
    /// The fewest seats coming free at once that give the party any; absent if that is not known.
    pub first_seats_after: Option<u64>,
}

/// What a command would do.
#[derive(Debug, Clone)]
pub struct Foreseen {
    /// What would become of the command.
    pub outcome: Outcome,
    /// What it would change. Bookings that partial promotions would make have the nil id.
    pub changes: Vec<Change>,
    /// The event afterwards.
    pub state: EventState,
}

impl EventState {
    /// Why a booking still waits; `None` if it does not.
    pub fn standing(&self, booking: BookingId) -> Option<Standing> {
        let party = *self.waitlist().get(booking)?;
        let ahead: Vec<Party> =
            self.waitlist().iter().copied().take_while(|other| other.number < party.number).collect();
        let seats_ahead = ahead.iter().map(|other| u64::from(other.seats)).sum();
        let reason = self.wait_reason(&ahead);
        let free = u64::from(self.seats().free());
        // The line is served when seats come free: at least one has to.
        let to_free = |wanted: u64| wanted.saturating_sub(free).max(1);
        let must_come_free =
            (reason != WaitReason::Closed).then(|| to_free(seats_ahead + u64::from(party.seats)));
        let first_seats_after = must_come_free.and_then(|all| match self.terms().policy {
            WaitlistPolicy::Split => Some(to_free(seats_ahead + 1)),
            WaitlistPolicy::Whole if ahead.is_empty() => Some(all),
            WaitlistPolicy::Whole => self.fewest_that_serve(&party, all),
        });
        Some(Standing { party, ahead, seats_ahead, reason, must_come_free, first_seats_after })
    }

    fn wait_reason(&self, ahead: &[Party]) -> WaitReason {
        let terms = self.terms();
        if !terms.is_live() {
            WaitReason::Closed
        } else if ahead.is_empty() {
            WaitReason::SeatsNeeded
        } else if terms.policy == WaitlistPolicy::Whole && self.head_passed() >= terms.bypass_limit {
            WaitReason::GatheringForHead
        } else {
            WaitReason::BehindOthers
        }
    }

    fn fewest_that_serve(&self, party: &Party, all: u64) -> Option<u64> {
        if self.weight() > LARGEST_TRIED {
            return None;
        }
        let tried = u32::try_from(all.min(TRIED.into())).unwrap_or(TRIED);
        let serves = |seats: &u32| {
            let promoted = |change: &Change| matches!(change, Change::Promoted { waiting, .. } if *waiting == party.booking);
            self.if_free(*seats).changes.iter().any(promoted)
        };
        (1..=tried).find(serves).map(u64::from)
    }

    /// What would happen if so many of the booked seats came free at once.
    pub fn if_free(&self, seats: u32) -> Foreseen {
        let mut state = self.clone();
        let freed: super::Seats = self.seats().taken_seats().take(seats as usize).collect();
        for &seat in &freed {
            state.seats.release(seat);
        }
        let mut changes = Vec::new();
        serve(&mut state, &mut changes, &mut || BookingId(Uuid::nil()));
        Foreseen { outcome: Outcome::Cancelled { freed }, changes, state }
    }

    /// What a command would do.
    pub fn foresee(&self, command: &Command) -> Result<Foreseen, Refusal> {
        let mut state = self.clone();
        let mut changes = Vec::new();
        let outcome = state.decide(command, &mut changes, &mut || BookingId(Uuid::nil()))?;
        Ok(Foreseen { outcome, changes, state })
    }
}
