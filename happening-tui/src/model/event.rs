//! One event: its seats and who waits for them.

use super::Fresh;
use crate::trouble::Trouble;
use happening_core::wire::{Event, SeatMap, WaitingParty};

/// No event has more seats than this, whatever a broken answer says.
const MOST_SEATS: u32 = 1_000_000;

/// The event that is open.
#[derive(Debug)]
pub struct EventScreen {
    /// The event as last heard of: from the list until its own answer is there.
    pub event: Event,
    /// Seats and waitlist.
    pub fresh: Fresh<EventSnapshot>,
    /// Which pane has the keys.
    pub pane: Pane,
    /// The seat that the map begins with, counted from 0. A seat and not a row: rows change with the width.
    pub first_seat: usize,
    /// The party that the waitlist begins with.
    pub first_party: usize,
}

/// A pane of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// The seat map.
    Seats,
    /// The waitlist.
    Waitlist,
}

/// An event as it was at one moment.
#[derive(Debug)]
pub struct EventSnapshot {
    /// The event.
    pub event: Event,
    /// Every seat, in order.
    pub seats: Vec<Seat>,
    /// How many of them are held.
    pub held: u32,
    /// How many of them are taken.
    pub taken: u32,
    /// How many seats are waited for.
    pub wanted: u64,
    /// Who waits, in line; or why that is not to be had.
    pub waitlist: Result<Vec<WaitingParty>, Trouble>,
}

/// What a seat is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// Nobody's.
    Free,
    /// Somebody is picking it.
    Held,
    /// Booked.
    Taken,
}

impl Pane {
    /// The one beside it.
    pub fn other(self) -> Self {
        match self {
            Self::Seats => Self::Waitlist,
            Self::Waitlist => Self::Seats,
        }
    }
}

impl EventScreen {
    /// Opens an event.
    pub fn new(event: Event) -> Self {
        Self { event, fresh: Fresh::default(), pane: Pane::Seats, first_seat: 0, first_party: 0 }
    }

    /// How many seats the map has.
    pub fn seats(&self) -> usize {
        self.fresh.data().map_or(0, |snapshot| snapshot.seats.len())
    }

    /// How many parties the waitlist shows.
    pub fn parties(&self) -> usize {
        self.fresh.data().and_then(|snapshot| snapshot.waitlist.as_ref().ok()).map_or(0, Vec::len)
    }
}

impl EventSnapshot {
    /// Lays the seats out. Numbers that the event does not have are nobody's business here.
    pub fn new(event: Event, map: &SeatMap, waitlist: Result<Vec<WaitingParty>, Trouble>) -> Self {
        let mut seats = vec![Seat::Free; map.total.min(MOST_SEATS) as usize];
        // A seat that is booked stays booked, even where somebody still points at it.
        for (numbers, what) in [(&map.held, Seat::Held), (&map.taken, Seat::Taken)] {
            for number in numbers {
                let at = (*number as usize).wrapping_sub(1);
                if let Some(seat) = seats.get_mut(at) {
                    *seat = what;
                }
            }
        }
        let count =
            |what| u32::try_from(seats.iter().filter(|seat| **seat == what).count()).unwrap_or(u32::MAX);
        let wanted = waitlist.iter().flatten().map(|party| u64::from(party.seats)).sum();
        Self { wanted, held: count(Seat::Held), taken: count(Seat::Taken), event, seats, waitlist }
    }
}
