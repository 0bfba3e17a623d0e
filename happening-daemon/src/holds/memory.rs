//! Holds in this process: for a daemon that has no Redis, and as the model that Redis is tested against.

use super::{Hold, Holder, Holds, HoldsError, SetHolds};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::clock::Clock;
use happening_core::id::EventId;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug)]
struct Entry {
    holder: Holder,
    until: DateTime<Utc>,
}

/// An event's held seats.
type Seats = BTreeMap<u32, Entry>;

/// The in-process holds.
#[derive(Debug)]
pub struct MemoryHolds {
    clock: Clock,
    events: Mutex<HashMap<EventId, Seats>>,
}

impl MemoryHolds {
    /// Nobody holds anything.
    pub fn new(clock: Clock) -> Self {
        Self { clock, events: Mutex::default() }
    }

    fn events(&self) -> MutexGuard<'_, HashMap<EventId, Seats>> {
        // Every update leaves the map whole, so a panic elsewhere does not spoil it.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on an event's holds, those that have ended left out.
    fn on<T>(&self, event: EventId, work: impl FnOnce(&mut Seats, DateTime<Utc>) -> T) -> T {
        let now = self.clock.now();
        let mut events = self.events();
        if !events.contains_key(&event) {
            // Whoever comes first to an event clears away those that everybody has left.
            events.retain(|_, seats| seats.values().any(|entry| entry.until > now));
        }
        let seats = events.entry(event).or_default();
        seats.retain(|_, entry| entry.until > now);
        let done = work(seats, now);
        if seats.is_empty() {
            events.remove(&event);
        }
        done
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

/// The holder's seats become these.
fn become_holder(
    seats: &mut Seats,
    holder: &Holder,
    allowed: BTreeSet<u32>,
    conflicts: BTreeSet<u32>,
    until: DateTime<Utc>,
) -> SetHolds {
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
    }
}

#[async_trait]
impl Holds for MemoryHolds {
    async fn set(
        &self,
        event: EventId,
        holder: &Holder,
        wanted: &[u32],
        ttl: Duration,
    ) -> Result<SetHolds, HoldsError> {
        Ok(self.on(event, |seats, now| {
            let (allowed, conflicts) = wish(seats, holder, wanted);
            become_holder(seats, holder, allowed, conflicts, now + ttl)
        }))
    }

    async fn exchange(
        &self,
        event: EventId,
        holder: &Holder,
        wanted: &[u32],
        ttl: Duration,
    ) -> Result<SetHolds, HoldsError> {
        Ok(self.on(event, |seats, now| {
            let (allowed, conflicts) = wish(seats, holder, wanted);
            if own(seats, holder).is_empty() {
                SetHolds::default()
            } else if conflicts.is_empty() {
                become_holder(seats, holder, allowed, conflicts, now + ttl)
            } else {
                SetHolds { conflicts: conflicts.into_iter().collect(), ..SetHolds::default() }
            }
        }))
    }

    async fn extend(&self, event: EventId, holder: &Holder, ttl: Duration) -> Result<Vec<u32>, HoldsError> {
        Ok(self.on(event, |seats, now| {
            let own = seats.iter_mut().filter(|(_, entry)| entry.holder == *holder);
            own.map(|(seat, entry)| {
                entry.until = now + ttl;
                *seat
            })
            .collect()
        }))
    }

    async fn release(&self, event: EventId, holder: &Holder) -> Result<Vec<u32>, HoldsError> {
        Ok(self.on(event, |seats, _| {
            let freed = own(seats, holder);
            seats.retain(|_, entry| entry.holder != *holder);
            freed.into_iter().collect()
        }))
    }

    async fn list(&self, event: EventId) -> Result<Vec<Hold>, HoldsError> {
        Ok(self.on(event, |seats, now| {
            let hold = |(seat, entry): (&u32, &Entry)| Hold {
                seat: *seat,
                holder: entry.holder.clone(),
                expires_in: (entry.until - now).to_std().unwrap_or_default(),
            };
            seats.iter().map(hold).collect()
        }))
    }

    async fn drop_seats(&self, event: EventId, booked: &[u32]) -> Result<(), HoldsError> {
        self.on(event, |seats, _| {
            for seat in booked {
                seats.remove(seat);
            }
        });
        Ok(())
    }
}
