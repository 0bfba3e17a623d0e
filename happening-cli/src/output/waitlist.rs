//! Those who wait.

use super::document::members_of;
use super::{Cell, Column, Record, Style, seat_ranges, table};
use happening_core::id::EventId;
use happening_core::wire::{
    Before, Promoted, ResizePlan, Simulation, WaitingParty, WhyWaiting, WouldBePromoted,
};
use serde::Serialize;

impl Record for WaitingParty {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::number("PLACE"),
        Column::number("NUMBER").spare(),
        Column::whole("BOOKING"),
        Column::text("WHO"),
        Column::number("SEATS"),
        Column::text("SINCE"),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.booking_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.position),
            Cell::new(self.waiting_number),
            Cell::new(self.booking_id),
            Cell::new(self.username.clone().unwrap_or(self.user_id.to_string())),
            Cell::new(self.seats),
            Cell::time(self.created_at),
        ]
    }
}

impl Record for WhyWaiting {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("BOOKING"),
        Column::whole("STATUS"),
        Column::whole("REASON"),
        Column::number("PLACE"),
        Column::number("SEATS"),
        Column::text("EXPLANATION"),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.booking_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.booking_id),
            Cell::new(self.status),
            Cell::new(self.reason),
            Cell::maybe(self.position),
            Cell::new(self.seats),
            Cell::new(&self.explanation),
        ]
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        let limit = format!("{} of {} times", self.head_passed, self.bypass_limit);
        vec![
            ("Booking", Cell::new(self.booking_id)),
            ("Status", Cell::new(self.status)),
            ("Why", Cell::new(&self.explanation)),
            ("Place in line", Cell::maybe(self.position)),
            ("Seats", Cell::new(self.seats)),
            ("Parties ahead", Cell::new(self.parties_ahead)),
            ("Seats ahead", Cell::new(self.seats_ahead)),
            ("Free now", Cell::new(self.available_slots)),
            ("Policy", Cell::new(self.waitlist_policy)),
            ("Head passed", Cell::new(limit)),
            ("Whole once free", Cell::maybe(self.must_come_free)),
            ("First once free", Cell::maybe(self.first_seats_after)),
        ]
    }
}

impl Record for Promoted {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("BOOKING"),
        Column::number("NUMBER"),
        Column::text("SEATS"),
        Column::number("STILL WAITS FOR"),
        Column::whole("SEATS ARE IN").spare(),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.confirmed_booking_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.booking_id),
            Cell::new(self.waiting_number),
            Cell::new(seat_ranges(&self.seats)),
            Cell::new(self.rest),
            Cell::new(self.confirmed_booking_id),
        ]
    }
}

impl Record for WouldBePromoted {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("WOULD BE SERVED"),
        Column::number("NUMBER"),
        Column::number("SEATS"),
        Column::text("WHICH"),
        Column::number("WOULD STILL WAIT FOR"),
        Column::text("NOTE"),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.booking_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let note = if self.passes_head { "passes the head" } else { "" };
        vec![
            Cell::new(self.booking_id),
            Cell::new(self.waiting_number),
            Cell::new(self.seats),
            Cell::new(seat_ranges(&self.assigned_seats)),
            Cell::new(self.rest),
            Cell::new(note),
        ]
    }
}

/// What would happen; nothing did.
#[derive(Debug, Serialize)]
pub struct Supposed {
    event_id: EventId,
    /// The version that was looked at.
    version: u64,
    /// Seats now, and then, where that was the question.
    total_slots: Option<Before<u32>>,
    /// Why it would be refused.
    refusal: Option<String>,
    promoted: Vec<WouldBePromoted>,
    available_slots: Before<u32>,
    waiting: Before<u32>,
}

impl From<Simulation> for Supposed {
    fn from(simulation: Simulation) -> Self {
        let Simulation { event_id, version, promoted, available_slots, waiting, .. } = simulation;
        Self { event_id, version, total_slots: None, refusal: None, promoted, available_slots, waiting }
    }
}

impl From<ResizePlan> for Supposed {
    fn from(plan: ResizePlan) -> Self {
        let ResizePlan {
            event_id, version, total_slots, refusal, promoted, available_slots, waiting, ..
        } = plan;
        let total_slots = Some(total_slots);
        Self { event_id, version, total_slots, refusal, promoted, available_slots, waiting }
    }
}

impl Record for Supposed {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("EVENT"),
        Column::number("WOULD BE SERVED"),
        Column::text("FREE SEATS"),
        Column::text("WAITING"),
    ];

    fn fields() -> Vec<&'static str> {
        vec!["event_id", "version", "total_slots", "refusal", "promoted", "available_slots", "waiting"]
    }

    fn name(&self) -> String {
        self.event_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.event_id),
            Cell::new(self.promoted.len()),
            Cell::new(then(self.available_slots)),
            Cell::new(then(self.waiting)),
        ]
    }

    /// The figures, then who would be served.
    fn portrait(&self, style: Style) -> String {
        let mut figures = Vec::new();
        figures.extend(self.total_slots.as_ref().map(|total| ("Seats", Cell::new(then(*total)))));
        figures.push(("Free seats", Cell::new(then(self.available_slots))));
        figures.push(("Waiting", Cell::new(then(self.waiting))));
        let text = table::details(&figures, style);
        if self.promoted.is_empty() {
            return text + "\nNobody would be served.\n";
        }
        text + "\n" + &table::rows(&self.promoted, style)
    }
}

fn then(figure: Before<u32>) -> String {
    format!("{}, then {}", figure.from, figure.to)
}
