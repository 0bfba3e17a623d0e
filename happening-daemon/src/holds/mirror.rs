//! What this daemon knows of holds without asking: the price of a look is a map, so that bookings on events which nobody
//! is picking seats of cost no round trip.
//!
//! A mirror may be behind: it says when it is worth to ask, and what to spare. Nobody is refused for what it says.

use super::{Hold, HoldList};
use chrono::{DateTime, Utc};
use happening_core::id::{EventId, UserId};
use happening_core::wire::HeldCounts;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// Events after which those are looked for that nobody holds anything of any more.
const SWEEP: usize = 1_024;

/// How long an event without holds is remembered: longer than any answer is under way.
const REMEMBERED: chrono::Duration = chrono::Duration::seconds(60);

/// How long an older list is refused after a newer one. The order of lists is a clock's, which may be set back.
pub const ORDERED: Duration = Duration::from_secs(5);

/// Seats of an event that others hold, by what their holds mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Of nobody in particular, ascending.
    pub by_strangers: Vec<u32>,
    /// Of people who are signed in, ascending.
    pub by_people: Vec<u32>,
}

/// A hold, and when it ends.
#[derive(Debug)]
struct Seen {
    seat: u32,
    user: Option<UserId>,
    until: DateTime<Utc>,
}

#[derive(Debug)]
struct Entry {
    /// Of the list that it was made from.
    order: u64,
    /// When that list arrived.
    noted: DateTime<Utc>,
    /// Ascending by seat.
    holds: Vec<Seen>,
    /// Forgotten after.
    until: DateTime<Utc>,
}

/// The holds of all events, as this daemon last saw them.
#[derive(Debug, Default)]
pub struct HoldMirror {
    entries: RwLock<HashMap<EventId, Entry>>,
}

impl HoldMirror {
    /// The holds of an event are these now, unless a newer list is known: of two answers the one that was read later
    /// counts, in whatever order they arrive.
    pub fn note(&self, event: EventId, list: &HoldList, now: DateTime<Utc>) {
        let seen = |hold: &Hold| Seen {
            seat: hold.seat,
            user: hold.holder.user(),
            until: now + chrono::Duration::from_std(hold.expires_in).unwrap_or(REMEMBERED),
        };
        let holds: Vec<Seen> = list.holds.iter().map(seen).collect();
        let until = holds.iter().map(|hold| hold.until).max().unwrap_or(now).max(now + REMEMBERED);
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let is_newer = |entry: &Entry| entry.order > list.order && now < entry.noted + ORDERED;
        if entries.get(&event).is_some_and(is_newer) {
            return;
        }
        entries.insert(event, Entry { order: list.order, noted: now, holds, until });
        // Doubling between two sweeps keeps them cheap.
        if entries.len() >= SWEEP && entries.len().is_power_of_two() {
            entries.retain(|_, entry| entry.until > now);
        }
    }

    /// Seats that are known to be held, and the events that they are of.
    pub fn totals(&self, now: DateTime<Utc>) -> HeldCounts {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let held = entries.values().map(|entry| entry.holds.iter().filter(|hold| hold.until > now).count());
        held.filter(|seats| *seats > 0).fold(HeldCounts::default(), |counts, seats| HeldCounts {
            seats: counts.seats + seats as u64,
            events: counts.events + 1,
        })
    }

    /// Whether anybody is known to hold a seat of the event.
    pub fn any_held(&self, event: EventId, now: DateTime<Utc>) -> bool {
        self.look(event, |holds| holds.iter().any(|hold| hold.until > now)).unwrap_or(false)
    }

    /// Whether anybody is known to hold one of these seats.
    pub fn any_of_held(&self, event: EventId, seats: &[u32], now: DateTime<Utc>) -> bool {
        self.look(event, |holds| holds.iter().any(|hold| hold.until > now && seats.contains(&hold.seat)))
            .unwrap_or(false)
    }

    /// Seats of the event that others than these people hold.
    pub fn held_by_others(&self, event: EventId, than: &[UserId], now: DateTime<Utc>) -> Held {
        self.look(event, |holds| {
            let mut held = Held::default();
            for hold in holds.iter().filter(|hold| hold.until > now) {
                match hold.user {
                    None => held.by_strangers.push(hold.seat),
                    Some(other) if !than.contains(&other) => held.by_people.push(hold.seat),
                    Some(_) => {}
                }
            }
            held
        })
        .unwrap_or_default()
    }

    fn look<T>(&self, event: EventId, look: impl FnOnce(&[Seen]) -> T) -> Option<T> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.get(&event).map(|entry| look(&entry.holds))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Holder;
    use super::*;
    use uuid::Uuid;

    fn event() -> EventId {
        EventId(Uuid::from_u128(1))
    }

    fn user(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("an hour that exists")
    }

    fn hold(seat: u32, of: Option<u128>) -> Hold {
        let holder = Holder::Socket { id: format!("s{seat}"), user: of.map(user), peer: None };
        Hold { seat, holder, expires_in: Duration::from_secs(10) }
    }

    fn list(order: u64, holds: Vec<Hold>) -> HoldList {
        HoldList { order, holds }
    }

    #[test]
    fn strangers_and_people_are_told_apart_and_oneself_is_neither() {
        let mirror = HoldMirror::default();
        assert!(!mirror.any_held(event(), now()));
        let holds = vec![hold(1, None), hold(2, Some(7)), hold(3, Some(8)), hold(4, None)];
        mirror.note(event(), &list(1, holds), now());
        assert!(mirror.any_held(event(), now()));
        let held = mirror.held_by_others(event(), &[user(7)], now());
        assert_eq!(held, Held { by_strangers: vec![1, 4], by_people: vec![3] });
        assert!(mirror.any_of_held(event(), &[9, 2], now()));
        assert!(!mirror.any_of_held(event(), &[9], now()));
    }

    #[test]
    fn what_has_ended_is_not_held() {
        let mirror = HoldMirror::default();
        mirror.note(event(), &list(1, vec![hold(1, None)]), now());
        assert_eq!(mirror.totals(now()), HeldCounts { seats: 1, events: 1 });
        let later = now() + chrono::Duration::seconds(10);
        assert_eq!(mirror.totals(later), HeldCounts::default());
        assert!(!mirror.any_held(event(), later));
        assert_eq!(mirror.held_by_others(event(), &[user(7)], later), Held::default());
    }

    #[test]
    fn an_answer_that_was_overtaken_counts_for_nothing() {
        let mirror = HoldMirror::default();
        mirror.note(event(), &list(8, vec![]), now());
        mirror.note(event(), &list(7, vec![hold(1, None)]), now());
        assert!(!mirror.any_held(event(), now()));
    }

    #[test]
    fn a_clock_that_was_set_back_is_believed_after_a_while() {
        let mirror = HoldMirror::default();
        mirror.note(event(), &list(9_000_000, vec![]), now());
        mirror.note(event(), &list(1, vec![hold(1, None)]), now() + ORDERED);
        assert!(mirror.any_held(event(), now() + ORDERED));
    }

    #[test]
    fn events_without_holds_are_forgotten() {
        let mirror = HoldMirror::default();
        let numbered = |number: usize| EventId(Uuid::from_u128(number as u128));
        for number in 1..SWEEP {
            mirror.note(numbered(number), &list(1, vec![]), now());
        }
        let later = now() + REMEMBERED + chrono::Duration::seconds(1);
        mirror.note(numbered(SWEEP), &list(1, vec![hold(1, None)]), later);
        assert_eq!(mirror.entries.read().expect("entries").len(), 1);
    }
}
