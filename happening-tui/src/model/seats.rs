//! The event that is open: its seats, as the stream tells of them, and what a person does on the map.

use crate::layout::Grid;
use chrono::{DateTime, TimeDelta, Utc};
use happening_core::id::{EventId, UserId};
use happening_core::wire::SeatMap;
use std::collections::{BTreeSet, HashMap};

/// No event has more seats than this, whatever a broken answer says.
const MOST_SEATS: u32 = 1_000_000;

/// For so long a seat that changed hands is shown as such.
const JUST: TimeDelta = TimeDelta::seconds(4);

/// Seats whose change is remembered at once; of a whole house that is sold in seconds nobody sees each.
const MOST_CHANGES: usize = 2_000;

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

/// How near the map is: seats of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zoom {
    /// A seat a cell, with air between them.
    Seats,
    /// A seat a cell.
    Dense,
    /// Ten seats a cell: how many of them are taken.
    Blocks,
    /// A hundred seats a cell.
    Density,
}

impl Zoom {
    /// From near to far.
    pub const ALL: [Self; 4] = [Self::Seats, Self::Dense, Self::Blocks, Self::Density];

    /// Seats of a cell.
    pub const fn unit(self) -> usize {
        match self {
            Self::Seats | Self::Dense => 1,
            Self::Blocks => 10,
            Self::Density => 100,
        }
    }

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Seats | Self::Dense => "seats",
            Self::Blocks => "blocks of 10",
            Self::Density => "blocks of 100",
        }
    }
}

/// The event that is open.
#[derive(Debug, Clone)]
pub struct EventScreen {
    /// Which.
    pub id: EventId,
    /// Every seat, in order.
    pub seats: Vec<Seat>,
    /// Whether they were seen.
    pub seen: bool,
    /// The commit that they are after.
    pub version: u64,
    /// How many are held.
    pub held: u32,
    /// How many are taken.
    pub taken: u32,
    /// The seat under the cursor, counted from 0.
    pub cursor: usize,
    /// The seat that the map begins with, counted from 0.
    pub first: usize,
    /// How near; absent: as near as all of it can be seen.
    pub zoom: Option<Zoom>,
    /// Seats that a person has picked, by number.
    pub picked: BTreeSet<u32>,
    /// Where a range that is being picked began, by number.
    pub anchor: Option<u32>,
    /// Seats that changed hands, and when, by number.
    pub changed: HashMap<u32, DateTime<Utc>>,
    /// Whose seats are shown.
    pub person: Option<(UserId, String)>,
    /// Why there is nothing to show.
    pub gone: bool,
}

impl EventScreen {
    /// Opens an event.
    pub fn new(id: EventId) -> Self {
        Self {
            id,
            seats: Vec::new(),
            seen: false,
            version: 0,
            held: 0,
            taken: 0,
            cursor: 0,
            first: 0,
            zoom: None,
            picked: BTreeSet::new(),
            anchor: None,
            changed: HashMap::new(),
            person: None,
            gone: false,
        }
    }

    /// Takes all seats, and whether any is another than before. Those that changed hands since they were seen last have just
    /// changed.
    pub fn see(&mut self, map: &SeatMap, now: DateTime<Utc>) -> bool {
        let before = std::mem::replace(&mut self.seats, vec![Seat::Free; map.total.min(MOST_SEATS) as usize]);
        // A seat that is booked stays booked, even where somebody still points at it.
        for (numbers, what) in [(&map.held, Seat::Held), (&map.taken, Seat::Taken)] {
            for number in numbers {
                if let Some(seat) = self.seats.get_mut((*number as usize).wrapping_sub(1)) {
                    *seat = what;
                }
            }
        }
        let is_new = !self.seen || before != self.seats;
        if self.seen {
            let both = before.iter().zip(&self.seats).enumerate();
            let taken = |seat: &Seat| *seat == Seat::Taken;
            let changed: Vec<u32> = both
                .filter(|(_, (was, is))| taken(was) != taken(is))
                .filter_map(|(at, _)| u32::try_from(at + 1).ok())
                .collect();
            self.note(&changed, now);
        }
        self.seen = true;
        self.count();
        is_new
    }

    /// These seats are booked now, these free, these are gone.
    pub fn change(&mut self, booked: &[u32], freed: &[u32], withdrawn: &[u32], now: DateTime<Utc>) {
        for (numbers, what) in [(booked, Seat::Taken), (freed, Seat::Free)] {
            for number in numbers {
                let at = (*number as usize).wrapping_sub(1);
                if at >= self.seats.len() && at < MOST_SEATS as usize {
                    self.seats.resize(at + 1, Seat::Free);
                }
                if let Some(seat) = self.seats.get_mut(at) {
                    match (*seat, what) {
                        (Seat::Taken, Seat::Free) => self.taken = self.taken.saturating_sub(1),
                        (Seat::Free, Seat::Taken) => self.taken += 1,
                        (Seat::Held, Seat::Taken) => {
                            self.taken += 1;
                            self.held = self.held.saturating_sub(1);
                        }
                        (Seat::Held, Seat::Free) => self.held = self.held.saturating_sub(1),
                        _ => {}
                    }
                    *seat = what;
                }
            }
            self.note(numbers, now);
        }
        if let Some(first) = withdrawn.first().filter(|first| **first > 0) {
            self.seats.truncate((*first as usize).saturating_sub(1));
            self.count();
        }
    }

    /// These seats are being picked, and no others.
    pub fn hold(&mut self, held: &[u32]) {
        for seat in self.seats.iter_mut().filter(|seat| **seat == Seat::Held) {
            *seat = Seat::Free;
        }
        for number in held {
            if let Some(seat) = self.seats.get_mut((*number as usize).wrapping_sub(1))
                && *seat == Seat::Free
            {
                *seat = Seat::Held;
            }
        }
        self.count();
    }

    /// So many seats exist now.
    pub fn resize(&mut self, total: u32) {
        self.seats.resize(total.min(MOST_SEATS) as usize, Seat::Free);
        self.count();
    }

    fn count(&mut self) {
        let (mut held, mut taken) = (0, 0);
        for seat in &self.seats {
            held += u32::from(*seat == Seat::Held);
            taken += u32::from(*seat == Seat::Taken);
        }
        (self.held, self.taken) = (held, taken);
        self.picked.retain(|number| (*number as usize) <= self.seats.len());
    }

    fn note(&mut self, numbers: &[u32], now: DateTime<Utc>) {
        for number in numbers {
            if self.changed.len() < MOST_CHANGES {
                self.changed.insert(*number, now);
            }
        }
    }

    /// Forgets what has not just changed any more.
    pub fn forget(&mut self, now: DateTime<Utc>) {
        self.changed.retain(|_, at| now - *at < JUST);
    }

    /// The number of the seat under the cursor.
    pub fn number(&self) -> u32 {
        u32::try_from(self.cursor + 1).unwrap_or(u32::MAX)
    }

    /// What the seat under the cursor is.
    pub fn seat(&self) -> Option<Seat> {
        self.seats.get(self.cursor).copied()
    }

    /// Free seats that nobody is picking.
    pub fn free(&self) -> usize {
        self.seats.len().saturating_sub(self.taken as usize).saturating_sub(self.held as usize)
    }

    /// Moves the cursor by seats.
    pub fn move_by(&mut self, seats: isize) {
        self.cursor = self.cursor.saturating_add_signed(seats).min(self.seats.len().saturating_sub(1));
    }

    /// Picks the seat under the cursor, or leaves it; with an anchor, all free seats from there to here.
    pub fn pick(&mut self) {
        let here = self.number();
        if let Some(anchor) = self.anchor.take() {
            let (low, high) = (anchor.min(here), anchor.max(here));
            for number in low..=high {
                if self.seats.get(number as usize - 1) != Some(&Seat::Taken) {
                    self.picked.insert(number);
                }
            }
        } else if self.seat().is_some() && !self.picked.remove(&here) {
            self.picked.insert(here);
        }
    }

    /// Scrolls so that the cursor is on the screen.
    pub fn settle(&mut self, grid: &Grid) {
        self.cursor = self.cursor.min(self.seats.len().saturating_sub(1));
        let row = grid.per_row * grid.unit;
        let (at, rows) = (self.cursor / row, grid.rows.max(1));
        let all = self.seats.len().div_ceil(row);
        let top = (self.first / row).clamp((at + 1).saturating_sub(rows), at).min(all.saturating_sub(rows));
        self.first = top * row;
    }
}
