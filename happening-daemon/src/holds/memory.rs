//! Holds in this process: for a daemon that has no Redis, and as the model that Redis is tested against.

use super::{Changed, Hold, HoldList, Holder, Holds, HoldsError, SetHolds, Wish};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::clock::Clock;
use happening_core::id::EventId;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug)]
struct Entry {
    holder: Holder,
    until: DateTime<Utc>,
}

impl Entry {
    fn hold(&self, seat: u32, now: DateTime<Utc>) -> Hold {
        let expires_in = (self.until - now).to_std().unwrap_or_default();
        Hold { seat, holder: self.holder.clone(), expires_in }
    }
}

/// An event's held seats.
type Seats = BTreeMap<u32, Entry>;

/// The in-process holds.
#[derive(Debug)]
pub struct MemoryHolds {
    clock: Clock,
    /// Calls so far: the order of lists.
    calls: AtomicU64,
    events: Mutex<HashMap<EventId, Seats>>,
}

impl MemoryHolds {
    /// Nobody holds anything.
    pub fn new(clock: Clock) -> Self {
        Self { clock, calls: AtomicU64::new(0), events: Mutex::default() }
    }

    fn events(&self) -> MutexGuard<'_, HashMap<EventId, Seats>> {
        // Every update leaves the map whole, so a panic elsewhere does not spoil it.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on an event's holds, those that have ended left out. Returns what is left of them, too.
    fn on<T>(&self, event: EventId, work: impl FnOnce(&mut Seats, DateTime<Utc>) -> T) -> Changed<T> {
        let now = self.clock.now();
        let mut events = self.events();
        if !events.contains_key(&event) {
            // The first to come to an event clears away those that everybody has left.
            events.retain(|_, seats| seats.values().any(|entry| entry.until > now));
        }
        let seats = events.entry(event).or_default();
        seats.retain(|_, entry| entry.until > now);
        let answer = work(seats, now);
        let holds = seats.iter().map(|(seat, entry)| entry.hold(*seat, now)).collect();
        if seats.is_empty() {
            events.remove(&event);
        }
        // Counted under the lock, so that the order is that of the calls.
        let order = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        Changed { answer, list: HoldList { order, holds } }
    }
}

fn own(seats: &Seats, holder: &Holder) -> BTreeSet<u32> {
    seats.iter().filter(|(_, entry)| entry.holder == *holder).map(|(seat, _)| *seat).collect()
}

/// Of the seats that a holder wishes for, those that they may have, and those that somebody else holds.
fn wish(seats: &Seats, holder: &Holder, wanted: &[u32]) -> (BTreeSet<u32>, BTreeSet<u32>) {
    let may_have = |seat: &u32| seats.get(seat).is_none_or(|entry| entry.holder.gives_way_to(holder));
    wanted.iter().copied().partition(may_have)
}

/// Whether the holder's group would hold more than it may with these seats. Fewer than before is never too many, should the
/// limit have been lowered.
fn exceeds(seats: &Seats, holder: &Holder, allowed: &BTreeSet<u32>, limit: u32) -> bool {
    let is_own = |(_, entry): &(&u32, &Entry)| entry.holder == *holder;
    let is_beside =
        |(_, entry): &(&u32, &Entry)| entry.holder != *holder && entry.holder.is_grouped_with(holder);
    let before = seats.iter().filter(|held| is_own(held) || is_beside(held)).count();
    let beside = seats.iter().filter(|held| is_beside(held) && !allowed.contains(held.0)).count();
    let count = beside + allowed.len();
    count > limit as usize && count >= before
}

/// The holder's seats become these, unless they are too many.
fn become_holder(
    seats: &mut Seats,
    holder: &Holder,
    (allowed, conflicts): (BTreeSet<u32>, BTreeSet<u32>),
    limit: u32,
    until: DateTime<Utc>,
) -> SetHolds {
    if exceeds(seats, holder, &allowed, limit) {
        return SetHolds { exceeds: true, ..SetHolds::default() };
    }
    let before = own(seats, holder);
    for seat in before.difference(&allowed) {
        seats.remove(seat);
    }
    for &seat in &allowed {
        seats.insert(seat, Entry { holder: holder.clone(), until });
    }
    SetHolds {
        changed: before != allowed,
        allowed: allowed.into_iter().collect(),
        conflicts: conflicts.into_iter().collect(),
        exceeds: false,
    }
}

#[async_trait]
impl Holds for MemoryHolds {
    async fn set(
        &self,
        event: EventId,
        holder: &Holder,
        wished: Wish<'_>,
    ) -> Result<Changed<SetHolds>, HoldsError> {
        Ok(self.on(event, |seats, now| {
            let parted = wish(seats, holder, wished.seats);
            become_holder(seats, holder, parted, wished.limit, now + wished.ttl)
        }))
    }

    async fn exchange(
        &self,
        event: EventId,
        holder: &Holder,
        wished: Wish<'_>,
    ) -> Result<Changed<SetHolds>, HoldsError> {
        Ok(self.on(event, |seats, now| {
            let (allowed, conflicts) = wish(seats, holder, wished.seats);
            if own(seats, holder).is_empty() {
                SetHolds::default()
            } else if conflicts.is_empty() {
                become_holder(seats, holder, (allowed, conflicts), wished.limit, now + wished.ttl)
            } else {
                SetHolds { conflicts: conflicts.into_iter().collect(), ..SetHolds::default() }
            }
        }))
    }

    async fn extend(
        &self,
        event: EventId,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<Changed<Vec<u32>>, HoldsError> {
        Ok(self.on(event, |seats, now| {
            let own = seats.iter_mut().filter(|(_, entry)| entry.holder == *holder);
            own.map(|(seat, entry)| {
                entry.until = now + ttl;
                *seat
            })
            .collect()
        }))
    }

    async fn release(&self, event: EventId, holder: &Holder) -> Result<Changed<Vec<u32>>, HoldsError> {
        Ok(self.on(event, |seats, _| {
            let freed = own(seats, holder);
            seats.retain(|_, entry| entry.holder != *holder);
            freed.into_iter().collect()
        }))
    }

    async fn list(&self, event: EventId) -> Result<HoldList, HoldsError> {
        Ok(self.on(event, |_, _| ()).list)
    }

    async fn drop_seats(&self, event: EventId, booked: &[u32]) -> Result<HoldList, HoldsError> {
        let dropped = self.on(event, |seats, _| {
            for seat in booked {
                seats.remove(seat);
            }
        });
        Ok(dropped.list)
    }
}
