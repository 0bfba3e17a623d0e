//! What sockets may do: pick seats. Who holds is the socket itself, and its person if they may see the event.

use super::{Caller, Error, Services};
use crate::holds::{Changed, Hold, Holder, Peer, SetHolds};
use chrono::{DateTime, Utc};
use happening_core::id::EventId;
use happening_core::wire::{ErrorCode, Event, EventStatus};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long it is remembered whether an event takes bookings. A change made by this daemon is seen at once, one by another
/// daemon after this.
const REMEMBERED: Duration = Duration::from_secs(2);

/// Events of which it is remembered.
const EVENTS: u64 = 100_000;

/// What says whether an event takes bookings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sale {
    pub status: EventStatus,
    pub closes_at: DateTime<Utc>,
    pub is_paused: bool,
}

impl Sale {
    pub(super) fn of(event: &Event) -> Self {
        let closes_at = event.bookings_close_at.unwrap_or(event.event_date);
        Self { status: event.status, closes_at, is_paused: event.sales_paused }
    }
}

/// Whether events take bookings, for a moment: sockets ask often.
pub(super) struct Sales {
    known: moka::sync::Cache<EventId, Sale>,
    /// Rises with each change, so that what was read before one is not remembered after it.
    changes: AtomicU64,
}

impl Default for Sales {
    fn default() -> Self {
        let known = moka::sync::Cache::builder().max_capacity(EVENTS).time_to_live(REMEMBERED).build();
        Self { known, changes: AtomicU64::new(0) }
    }
}

impl Sales {
    /// The event was changed.
    pub(super) fn forget(&self, event: EventId) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.known.invalidate(&event);
    }

    fn note(&self, event: EventId, sale: Sale, changes: u64) {
        self.known.insert(event, sale);
        // Looked at after it is there: of this and a change, one takes it out again.
        if self.changes.load(Ordering::Acquire) != changes {
            self.known.invalidate(&event);
        }
    }
}

impl Services {
    /// As whom a socket may hold seats of an event now: as its person, if they see the event's organization, else as nobody
    /// in particular, whose hold is advice. 409 where nobody may hold any: the organization is suspended, or the event
    /// takes no bookings.
    pub async fn socket_holder(
        &self,
        event: EventId,
        socket: &str,
        caller: Option<&Caller>,
        peer: Option<Peer>,
    ) -> Result<Holder, Error> {
        let sale = self.sale_of(event).await?;
        let organization = self.organization_of(event).await?;
        self.must_be_active(caller, organization).await?;
        self.must_take_bookings(sale)?;
        let user = caller.filter(|caller| caller.sees(organization)).and_then(|caller| caller.user().ok());
        let user = user.map(|user| user.id);
        Ok(Holder::Socket { id: socket.to_owned(), user, peer: peer.filter(|_| user.is_none()) })
    }

    /// The socket's holds become these seats, less what is booked and what others hold. The caller publishes it in the rooms, after
    /// its answer.
    pub async fn set_socket_holds(
        &self,
        event: EventId,
        holder: &Holder,
        seats: &[u32],
        most: u32,
    ) -> Result<Changed<SetHolds>, Error> {
        if seats.len() > most as usize {
            let why = format!("One socket may hold {most} seats at an event: nothing was changed.");
            return Err(Error::new(ErrorCode::ValidationFailed, why));
        }
        let (total, booked) = self.booked_of(event, seats).await?;
        if seats.iter().any(|seat| !(1..=total).contains(seat)) {
            return Err(Error::new(
                ErrorCode::InvalidSeatNumbers,
                format!("Seats are numbered from 1 to {total}: nothing was changed."),
            ));
        }
        let free: Vec<u32> = seats.iter().copied().filter(|seat| !booked.contains(seat)).collect();
        let mut held = self.set_holds(event, holder, &free).await?;
        held.answer.conflicts.extend(booked);
        held.answer.conflicts.sort_unstable();
        // Before the answer leaves: a client that has it may count on it.
        self.held.note(event, &held.list, self.clock.now());
        Ok(held)
    }

    /// Whatever the socket holds lasts longer. Returns the seats of the event that are held then, by anybody.
    pub async fn extend_socket_holds(&self, event: EventId, holder: &Holder) -> Result<Vec<u32>, Error> {
        self.sale_of(event).await?;
        let list = self.keep_holds(event, holder).await?.list;
        let held = self.open_seats(event, &list.holds).await?;
        self.holds_changed(event, list).await;
        Ok(held)
    }

    /// The socket holds nothing any more. Returns whether it held anything; then it is published in the room.
    pub async fn release_socket_holds(&self, event: EventId, holder: &Holder) -> Result<bool, Error> {
        let Changed { answer: freed, list } = self.ask_holds(self.holds.release(event, holder)).await?;
        if !freed.is_empty() {
            self.holds_changed(event, list).await;
        }
        Ok(!freed.is_empty())
    }

    /// Seats of an event that are held, ascending, as it is published in its room: what is booked, or no longer there, is not held.
    pub async fn held_seats(&self, event: EventId) -> Result<Vec<u32>, Error> {
        self.sale_of(event).await?;
        let holds = self.list_holds(event).await?;
        self.open_seats(event, &holds).await
    }

    /// The same as the event's room knows it, which costs no question.
    pub async fn held_seats_seen(&self, event: EventId) -> Result<Vec<u32>, Error> {
        self.sale_of(event).await?;
        match self.live.look(event, &[]).await {
            Some(seen) => Ok(seen.held),
            None => self.held_seats(event).await,
        }
    }

    /// The seats of these holds that could be booked.
    pub async fn open_seats(&self, event: EventId, holds: &[Hold]) -> Result<Vec<u32>, Error> {
        let mut held: Vec<u32> = holds.iter().map(|hold| hold.seat).collect();
        let (total, booked) = self.booked_of(event, &held).await?;
        held.retain(|seat| *seat <= total && !booked.contains(seat));
        Ok(held)
    }

    /// How many seats an event has, and which of these are booked: as was published in its room, which costs no question, or else as
    /// the store has it.
    pub(super) async fn booked_of(
        &self,
        event: EventId,
        seats: &[u32],
    ) -> Result<(u32, BTreeSet<u32>), Error> {
        if let Some(seen) = self.live.look(event, seats).await {
            return Ok((seen.total, seen.booked.into_iter().collect()));
        }
        self.must_be_up()?;
        let map = self.store.find_seats(event).await?.ok_or_else(|| Error::not_found("event"))?;
        let is_booked = |seat: &u32| map.taken.binary_search(seat).is_ok();
        Ok((map.total, seats.iter().copied().filter(is_booked).collect()))
    }

    /// What says whether an event takes bookings.
    async fn sale_of(&self, event: EventId) -> Result<Sale, Error> {
        if let Some(sale) = self.sales.known.get(&event) {
            return Ok(sale);
        }
        self.must_be_up()?;
        let changes = self.sales.changes.load(Ordering::Acquire);
        let found = self.store.find_event(event).await?.ok_or_else(|| Error::not_found("event"))?;
        let sale = Sale::of(&found);
        self.sales.note(event, sale, changes);
        Ok(sale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const EVENT: EventId = EventId(Uuid::from_u128(7));
    const SALE: Sale =
        Sale { status: EventStatus::Upcoming, closes_at: DateTime::UNIX_EPOCH, is_paused: false };

    #[test]
    fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let sales = Sales::default();
        let changes = || sales.changes.load(Ordering::Acquire);
        let before = changes();
        sales.note(EVENT, SALE, before);
        assert!(sales.known.get(&EVENT).is_some());
        sales.forget(EVENT);
        assert!(sales.known.get(&EVENT).is_none());
        sales.note(EVENT, SALE, before);
        assert!(sales.known.get(&EVENT).is_none(), "read before, and late");
        sales.note(EVENT, SALE, changes());
        assert!(sales.known.get(&EVENT).is_some());
    }
}
