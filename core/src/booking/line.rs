//! Who may take free seats, by the policy of the waitlist.
//!
//! A party that wants more seats than the event has stands in nobody's way: it is no head, gathers no seats and is not
//! passed. If the event grows again, it has its old place.

use super::{EventState, Party, Pass, WaitlistPolicy};
use chrono::{DateTime, Utc};

/// Who may take what is free.
pub(super) enum Admission {
    /// Anyone.
    Open,
    /// Anyone, but it is a pass of the head.
    Passing(Pass),
    /// Nobody who comes later: somebody in line has a right to it.
    Closed,
}

impl EventState {
    /// The first party in line that the event could hold.
    pub fn head(&self) -> Option<&Party> {
        self.waitlist.first_fit(self.terms.capacity)
    }

    /// Whether the event has fewer seats than a party wants.
    pub fn is_too_large(&self, party: &Party) -> bool {
        party.seats > self.terms.capacity
    }

    /// Whether a party takes any seats that come free, or only all that it wants at once. Under `whole` a party does that
    /// got a part before the policy changed: with its own seats it may want more than the event has.
    pub(super) fn takes_parts(&self, party: &Party) -> bool {
        self.terms.policy == WaitlistPolicy::Split || self.is_rest(party)
    }

    /// How often the head of the waitlist has been passed.
    pub fn head_passed(&self) -> u32 {
        let Some(head) = self.head() else {
            return 0;
        };
        let passed = self.passes.iter().filter(|&&before| before > head.number).count();
        u32::try_from(passed).unwrap_or(u32::MAX)
    }

    /// Whether a party that is to be served fits whole into the seats that are free at `now`. It is so only while a
    /// decision has left serving to the next one, see [`super::Limits::seats_at_once`]: until then nobody else takes
    /// these seats.
    pub fn owes_service(&self, now: DateTime<Utc>) -> bool {
        self.terms.is_open(now)
            && self.next_in_line().is_some_and(|(party, _)| party.seats <= self.seats.free())
    }

    /// Who is served next with what is free, by the event's policy, and whether that passes the head.
    pub(super) fn next_in_line(&self) -> Option<(Party, Option<Pass>)> {
        let free = self.seats.free();
        let &head = self.head().filter(|_| free > 0)?;
        let is_next = head.seats <= free || self.takes_parts(&head);
        let next = if is_next { head } else { *self.waitlist.first_fit(free)? };
        match self.admission(next.number) {
            Admission::Open => Some((next, None)),
            Admission::Passing(pass) => Some((next, Some(pass))),
            Admission::Closed => None,
        }
    }

    /// What a newcomer may take at `now`.
    pub(super) fn admission_of_newcomer(&self, now: DateTime<Utc>) -> Admission {
        if self.owes_service(now) { Admission::Closed } else { self.admission(self.next_number) }
    }

    /// What the party with this number may take, or a newcomer who would draw it.
    fn admission(&self, number: u64) -> Admission {
        let Some(head) = self.head() else {
            return Admission::Open;
        };
        if self.terms.policy == WaitlistPolicy::Split || head.number == number {
            return Admission::Open;
        }
        let passed = self.head_passed();
        if passed >= self.terms.bypass_limit {
            return Admission::Closed;
        }
        Admission::Passing(Pass {
            head: head.booking,
            head_seats: head.seats,
            count: passed + 1,
            limit: self.terms.bypass_limit,
            before: number,
        })
    }
}
