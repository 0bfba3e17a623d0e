//! What becomes of an event that gets another number of seats.

use super::{Cell, Column, Record, Style, Tone, seat_ranges, table};
use happening_core::id::BookingId;
use happening_core::wire::{Before, Event, EventBooking, ResizePlan, WaitingParty};
use serde::Serialize;
use std::fmt;

/// The event as it is now, or what would become of it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Resized {
    Done(Event),
    Planned(ResizeForeseen),
}

impl Record for Resized {
    const COLUMNS: &'static [Column<'static>] = <Event as Record>::COLUMNS;

    fn fields() -> Vec<&'static str> {
        Vec::new()
    }

    fn name(&self) -> String {
        match self {
            Self::Done(event) => event.name(),
            Self::Planned(foreseen) => foreseen.plan.event_id.to_string(),
        }
    }

    fn cells(&self) -> Vec<Cell> {
        match self {
            Self::Done(event) => event.cells(),
            Self::Planned(_) => Vec::new(),
        }
    }

    fn portrait(&self, style: Style) -> String {
        match self {
            Self::Done(event) => event.portrait(style),
            Self::Planned(foreseen) => foreseen.portrait(style),
        }
    }
}

/// A plan, with the names of those whom it concerns.
#[derive(Debug, Serialize)]
pub struct ResizeForeseen {
    #[serde(flatten)]
    plan: ResizePlan,
    /// As in the plan's `promoted`, where the person's name is known.
    served: Vec<Served>,
    /// As in the plan's `too_large`, where the person's name is known.
    not_held: Vec<NotHeld>,
    /// Those because of whom it is refused.
    in_the_way: Vec<InTheWay>,
}

/// A party that would wait for more seats than the event has.
#[derive(Debug, Serialize)]
struct NotHeld {
    booking_id: BookingId,
    username: Option<String>,
    seats: u32,
}

#[derive(Debug, Serialize)]
struct Served {
    booking_id: BookingId,
    username: Option<String>,
    seats: u32,
    assigned_seats: Vec<u32>,
    rest: u32,
}

/// A booking beyond the wanted seats.
#[derive(Debug, Serialize)]
pub struct InTheWay {
    booking_id: BookingId,
    username: Option<String>,
    seats: Vec<u32>,
}

impl InTheWay {
    /// The booking, if it has seats beyond so many.
    pub fn beyond(seats: u32, found: EventBooking) -> Option<Self> {
        let mut beyond = found.booking.assigned_seats.unwrap_or_default();
        beyond.retain(|seat| *seat > seats);
        let (booking_id, username) = (found.booking.id, found.username);
        (!beyond.is_empty()).then_some(Self { booking_id, username, seats: beyond })
    }
}

impl fmt::Display for InTheWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (who, seats) = (self.username.as_deref().unwrap_or("somebody"), seat_ranges(&self.seats));
        write!(f, "{who} has seat {seats}, booking {}", self.booking_id)
    }
}

impl ResizeForeseen {
    /// `line` is the event's waitlist.
    pub fn new(plan: ResizePlan, line: &[WaitingParty], in_the_way: Vec<InTheWay>) -> Self {
        let name_of = |id: BookingId| line.iter().find(|party| party.booking_id == id)?.username.clone();
        let served = plan.promoted.iter().map(|one| Served {
            booking_id: one.booking_id,
            username: name_of(one.booking_id),
            seats: one.seats,
            assigned_seats: one.assigned_seats.clone(),
            rest: one.rest,
        });
        let not_held = plan.too_large.iter().map(|one| NotHeld {
            booking_id: one.booking_id,
            username: name_of(one.booking_id),
            seats: one.seats,
        });
        Self { served: served.collect(), not_held: not_held.collect(), plan, in_the_way }
    }

    fn portrait(&self, style: Style) -> String {
        let plan = &self.plan;
        let figure = |figure: &Before<u32>| Cell::new(format!("{} → {}", figure.from, figure.to));
        let verdict = match &plan.refusal {
            None => Cell::new("yes").tone(Tone::Good),
            Some(why) => Cell::new(format!("no: {why}")).tone(Tone::Bad),
        };
        let mut members = vec![
            ("Seats", figure(&plan.total_slots)),
            ("Possible", verdict),
            ("Free", figure(&plan.available_slots)),
            ("Waiting", figure(&plan.waiting)),
        ];
        members.extend(self.served.iter().map(|one| ("Served", Cell::new(one))));
        members.extend(self.not_held.iter().map(|one| ("Not served", Cell::new(one))));
        members.extend(self.in_the_way.iter().map(|one| ("In the way", Cell::new(one))));
        table::details(&members, style)
    }
}

impl fmt::Display for NotHeld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = self.username.as_deref().unwrap_or("somebody");
        write!(f, "{who} waits for {}, more than the event has, booking {}", self.seats, self.booking_id)
    }
}

impl fmt::Display for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = self.username.as_deref().unwrap_or("somebody");
        write!(f, "{who} gets {}", self.seats)?;
        if !self.assigned_seats.is_empty() {
            write!(f, " ({})", seat_ranges(&self.assigned_seats))?;
        }
        if self.rest > 0 {
            write!(f, " and waits for {} more", self.rest)?;
        }
        write!(f, ", booking {}", self.booking_id)
    }
}
