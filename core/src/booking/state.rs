//! An event as the rules see it, and how a [`Change`] alters it, forwards and backwards.

use super::{
    Change, DEFAULT_BYPASS_LIMIT, EventStatus, Party, Pass, SeatBitmap, SeatNo, Seats, Waitlist,
    WaitlistPolicy,
};
use crate::id::{BookingId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What an organizer decides about an event, as far as bookings depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Seats that exist.
    pub capacity: u32,
    /// Where the event is in its life.
    pub status: EventStatus,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// Until when bookings are taken; `None` is until it starts.
    #[serde(default)]
    pub bookings_close_at: Option<DateTime<Utc>>,
    /// How its waitlist is served.
    pub policy: WaitlistPolicy,
    /// How often a smaller party may pass the head under `whole`; 0 is strict order.
    pub bypass_limit: u32,
    /// How many parties may wait; `None` is no limit.
    pub waitlist_limit: Option<u32>,
    /// The most seats that one booking may have; `None` is the limit of the installation, which is never exceeded.
    pub max_seats: Option<u32>,
    /// Whether new bookings are refused for the time being. The waitlist and cancellations go on.
    pub sales_paused: bool,
    /// Out of every list, for good.
    pub deleted: bool,
}

impl Terms {
    /// Terms of an upcoming event with the default waitlist.
    pub fn upcoming(capacity: u32, starts_at: DateTime<Utc>) -> Self {
        Self {
            capacity,
            status: EventStatus::Upcoming,
            starts_at,
            bookings_close_at: None,
            policy: WaitlistPolicy::Split,
            bypass_limit: DEFAULT_BYPASS_LIMIT,
            waitlist_limit: None,
            max_seats: None,
            sales_paused: false,
            deleted: false,
        }
    }

    /// Whether the event is still to take place or takes place, whatever the hour: what people may decide by hand.
    pub fn is_live(&self) -> bool {
        !self.deleted && self.status.is_live()
    }

    /// Whether seats that come free at `now` go to those who wait. An event that has begun gives none, unless it still takes
    /// bookings.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.is_live() && (self.starts_at > now || self.bookings_close_at() > now)
    }

    /// Whether those who come may book at `now`, unless the sale is paused.
    pub fn is_on_sale(&self, now: DateTime<Utc>) -> bool {
        self.is_live() && self.bookings_close_at() > now
    }

    /// Until when bookings are taken.
    pub fn bookings_close_at(&self) -> DateTime<Utc> {
        self.bookings_close_at.unwrap_or(self.starts_at)
    }
}

/// A confirmed booking's holder and seats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    pub user: UserId,
    pub seats: Seats,
}

/// One event: its terms, its seats, who holds them and who waits.
#[derive(Debug, Clone)]
pub struct EventState {
    pub(super) terms: Terms,
    pub(super) seats: SeatBitmap,
    pub(super) holders: HashMap<BookingId, Holder>,
    pub(super) waitlist: Waitlist,
    /// The number that the next party draws.
    pub(super) next_number: u64,
    /// For each time that somebody went before others: everyone with a lower number was passed.
    pub(super) passes: Vec<u64>,
    /// For each time that a party got a part of its seats: its number.
    pub(super) rests: Vec<u64>,
    version: u64,
    /// No amendment is newer than this version. It may be older, where the event was read from a store.
    pub(super) amended: u64,
}

impl EventState {
    /// An event with nothing booked.
    pub fn new(terms: Terms) -> Self {
        let seats = SeatBitmap::new(terms.capacity);
        Self {
            terms,
            seats,
            holders: HashMap::new(),
            waitlist: Waitlist::default(),
            next_number: 1,
            passes: Vec::new(),
            rests: Vec::new(),
            version: 0,
            amended: 0,
        }
    }

    /// An event as it was stored. Rows that contradict each other (a seat twice, a seat beyond the capacity) are an
    /// error: the rules are never run on such a state.
    pub fn restore(
        terms: Terms,
        version: u64,
        next_number: u64,
        passes: Vec<u64>,
        rests: Vec<u64>,
        booked: impl IntoIterator<Item = (BookingId, UserId, SeatNo)>,
        waiting: impl IntoIterator<Item = Party>,
    ) -> Result<Self, SeatNo> {
        let mut state = Self { next_number, passes, rests, version, amended: version, ..Self::new(terms) };
        for (booking, user, seat) in booked {
            if !state.seats.take(seat) {
                return Err(seat);
            }
            state
                .holders
                .entry(booking)
                .or_insert_with(|| Holder { user, seats: Seats::new() })
                .seats
                .push(seat);
        }
        for holder in state.holders.values_mut() {
            holder.seats.sort_unstable();
        }
        for party in waiting {
            state.next_number = state.next_number.max(party.number + 1);
            state.waitlist.insert(party);
        }
        state.forget_gone();
        Ok(state)
    }

    /// The event's terms.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The number of the last commit that this state contains.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Free and taken seats.
    pub fn seats(&self) -> &SeatBitmap {
        &self.seats
    }

    /// Who waits.
    pub fn waitlist(&self) -> &Waitlist {
        &self.waitlist
    }

    /// The number that the next waiting party draws.
    pub fn next_number(&self) -> u64 {
        self.next_number
    }

    /// The passes that still count, see [`Pass::before`].
    pub fn passes(&self) -> &[u64] {
        &self.passes
    }

    /// The seats of a confirmed booking.
    pub fn seats_of(&self, booking: BookingId) -> Option<&Seats> {
        self.holders.get(&booking).map(|holder| &holder.seats)
    }

    /// Confirmed bookings and the seats they hold: what the state costs to keep in memory.
    pub fn weight(&self) -> usize {
        64 + self.holders.len() * 2 + self.waitlist.len() * 2 + self.seats.capacity() as usize / 64
    }

    /// The numbers of the waiting parties that got a part of their seats, ascending.
    pub fn rests(&self) -> Vec<u64> {
        let waits = |number: &u64| self.waitlist.numbered(*number).is_some();
        let mut rests: Vec<u64> = self.rests.iter().copied().filter(waits).collect();
        rests.sort_unstable();
        rests.dedup();
        rests
    }

    /// Whether a party got a part of its seats and waits for the rest.
    pub(super) fn is_rest(&self, party: &Party) -> bool {
        self.rests.contains(&party.number)
    }

    /// The changes up to `version` are committed: nothing before it will be reverted.
    pub fn settle(&mut self, version: u64) {
        self.version = version;
        self.forget_gone();
    }

    /// Drops what is noted of parties that no longer matter. A pass counts for those with a lower number who still
    /// wait, and is kept as long as it counts for the head.
    fn forget_gone(&mut self) {
        let head = self.head().map(|head| head.number);
        self.passes.retain(|&before| head.is_some_and(|number| before > number));
        if !self.rests.is_empty() {
            self.rests = self.rests();
        }
    }

    /// Applies a change that was decided on this very state, here or by another daemon.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Booked { booking, user, seats, pass } => {
                self.seat(*booking, *user, seats);
                self.passes.extend(pass.map(|pass| pass.before));
            }
            Change::Waitlisted { booking, user, number, seats, .. } => {
                self.next_number = number + 1;
                self.waitlist.insert(Party {
                    number: *number,
                    booking: *booking,
                    user: *user,
                    seats: *seats,
                });
            }
            Change::Promoted { waiting, booking, user, number, seats, rest, pass, .. } => {
                self.waitlist.set_seats(*waiting, *rest);
                if *rest > 0 {
                    self.rests.push(*number);
                }
                self.seat(*booking, *user, seats);
                self.passes.extend(pass.map(|pass| pass.before));
            }
            Change::Cancelled { booking, seats, .. } | Change::SeatsCancelled { booking, seats, .. } => {
                self.unseat(*booking, seats);
            }
            Change::LeftWaitlist { booking, .. } => {
                self.waitlist.set_seats(*booking, 0);
            }
            Change::Lessened { booking, rest, .. } => {
                self.waitlist.set_seats(*booking, *rest);
            }
            Change::Amended { to, .. } => {
                self.set_terms(to);
                self.amended = self.version + 1;
            }
            Change::Moved { booking, user, from, to } => self.reseat(*booking, *user, from, to),
        }
    }

    /// Takes a change back. Changes are reverted in the opposite order of their application.
    pub fn revert(&mut self, change: &Change) {
        match change {
            Change::Booked { booking, seats, pass, .. } => {
                self.unseat(*booking, seats);
                self.unpass(pass.as_ref());
            }
            Change::Waitlisted { booking, number, .. } => {
                self.waitlist.set_seats(*booking, 0);
                self.next_number = *number;
            }
            Change::Promoted { waiting, booking, user, number, seats, rest, pass, .. } => {
                self.unseat(*booking, seats);
                let wanted = rest + self.count(seats);
                self.waitlist.insert(Party {
                    number: *number,
                    booking: *waiting,
                    user: *user,
                    seats: wanted,
                });
                if *rest > 0 {
                    self.rests.pop();
                }
                self.unpass(pass.as_ref());
            }
            Change::Cancelled { booking, user, seats }
            | Change::SeatsCancelled { booking, user, seats, .. } => {
                self.seat(*booking, *user, seats);
            }
            Change::LeftWaitlist { booking, user, number, seats, .. } => {
                self.waitlist.insert(Party {
                    number: *number,
                    booking: *booking,
                    user: *user,
                    seats: *seats,
                });
            }
            Change::Lessened { booking, user, number, by, rest, .. } => {
                self.waitlist.insert(Party {
                    number: *number,
                    booking: *booking,
                    user: *user,
                    seats: by + rest,
                });
            }
            Change::Amended { from, .. } => {
                self.set_terms(from);
                self.amended = self.version;
            }
            Change::Moved { booking, user, from, to } => self.reseat(*booking, *user, to, from),
        }
    }

    fn unpass(&mut self, pass: Option<&Pass>) {
        if pass.is_some() {
            self.passes.pop();
        }
    }

    fn seat(&mut self, booking: BookingId, user: UserId, seats: &Seats) {
        for &seat in seats {
            self.seats.take(seat);
        }
        let holder = self.holders.entry(booking).or_insert_with(|| Holder { user, seats: Seats::new() });
        holder.seats.extend_from_slice(seats);
        holder.seats.sort_unstable();
    }

    fn unseat(&mut self, booking: BookingId, seats: &Seats) {
        for &seat in seats {
            self.seats.release(seat);
        }
        if let Some(holder) = self.holders.get_mut(&booking) {
            holder.seats.retain(|seat| seats.binary_search(seat).is_err());
            if holder.seats.is_empty() {
                self.holders.remove(&booking);
            }
        }
    }

    fn reseat(&mut self, booking: BookingId, user: UserId, from: &Seats, to: &Seats) {
        self.unseat(booking, from);
        self.seat(booking, user, to);
    }

    fn set_terms(&mut self, terms: &Terms) {
        if terms.capacity != self.seats.capacity() {
            self.seats.resize(terms.capacity);
        }
        self.terms = terms.clone();
    }

    /// A number of seats as the rules count them. Seats are numbered in `u32`, so there are never more.
    #[expect(clippy::unused_self, reason = "reads as the state's own arithmetic")]
    fn count(&self, seats: &Seats) -> u32 {
        u32::try_from(seats.len()).unwrap_or(u32::MAX)
    }
}
