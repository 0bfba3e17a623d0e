//! Bookings.

use super::document::members_of;
use super::{Cell, Column, Record, Tone, seat_ranges};
use happening_core::id::BookingId;
use happening_core::wire::{
    Booking, BookingStatus, BookingWithEvent, CancelAnswer, EventBooking, HistoryEntry, WaitsForLess,
};
use serde::Serialize;

impl Record for BookingWithEvent {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("ID"),
        Column::text("EVENT"),
        Column::text("DATE"),
        Column::number("SEATS"),
        Column::whole("STATUS"),
        Column::number("NUMBER").spare(),
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
            Cell::new(&self.event_name),
            Cell::time(self.event_date),
            Cell::new(self.seats),
            status(self.status),
            Cell::maybe(self.waiting_number),
        ]
    }
}

/// A booking, and its place in line if it waits.
#[derive(Debug, Serialize)]
pub struct BookingDetail {
    /// The booking.
    #[serde(flatten)]
    pub booking: Booking,
    /// 1 for the head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
}

impl Record for BookingDetail {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::whole("ID"), Column::whole("EVENT"), Column::number("SEATS"), Column::whole("STATUS")];

    fn fields() -> Vec<&'static str> {
        [members_of::<Booking>(), vec!["position"]].concat()
    }

    fn name(&self) -> String {
        self.booking.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let booking = &self.booking;
        vec![
            Cell::new(booking.id),
            Cell::new(booking.event_id),
            Cell::new(booking.seats),
            status(booking.status),
        ]
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        let booking = &self.booking;
        let mut details = vec![
            ("Booking", Cell::new(booking.id)),
            ("Event", Cell::new(booking.event_id)),
            ("Status", status(booking.status)),
            ("Seats", Cell::new(booking.seats)),
        ];
        if let Some(seats) = &booking.assigned_seats {
            details.push(("Seat numbers", Cell::new(seat_ranges(seats))));
        }
        if let Some(place) = self.position.map(u64::from).or(booking.waiting_number) {
            details.push(("Place in line", Cell::new(place)));
        }
        details.push(("Booked", Cell::time(booking.created_at)));
        details.push(("Changed", Cell::time(booking.updated_at)));
        details
    }
}

/// A booking with the event's name, as `booking export` lists it.
#[derive(Debug, Serialize)]
pub struct BookingAtEvent {
    /// The booking, and whose it is.
    #[serde(flatten)]
    pub booking: EventBooking,
    /// The event's name.
    pub event_name: String,
}

impl Record for BookingAtEvent {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("ID"),
        Column::text("EVENT"),
        Column::text("WHO"),
        Column::text("SEATS"),
        Column::whole("STATUS"),
        Column::number("NUMBER").spare(),
    ];

    fn fields() -> Vec<&'static str> {
        [members_of::<Booking>(), vec!["username", "email", "event_name"]].concat()
    }

    fn name(&self) -> String {
        self.booking.booking.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let booking = &self.booking.booking;
        let seats = booking.assigned_seats.as_deref().map_or_else(|| booking.seats.to_string(), seat_ranges);
        vec![
            Cell::new(booking.id),
            Cell::new(&self.event_name),
            Cell::new(self.booking.username.clone().unwrap_or(booking.user_id.to_string())),
            Cell::new(seats),
            status(booking.status),
            Cell::maybe(booking.waiting_number),
        ]
    }
}

impl Record for HistoryEntry {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::text("WHEN"),
        Column::text("WHO"),
        Column::whole("ACTION"),
        Column::number("SEATS"),
        Column::text("WHY"),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.action.clone()
    }

    fn cells(&self) -> Vec<Cell> {
        let who = self.actor_username.clone().or(self.actor_id.map(|id| id.to_string()));
        vec![
            Cell::time(self.at),
            Cell::new(who.unwrap_or_else(|| "the rules".to_owned())),
            Cell::new(&self.action),
            Cell::new(self.seats),
            Cell::maybe(self.reason.as_ref()),
        ]
    }
}

/// What `booking cancel` did.
#[derive(Debug, Serialize)]
pub struct CancelledBooking {
    /// Which one.
    pub booking_id: BookingId,
    /// `cancelled`.
    pub status: BookingStatus,
    /// It had been cancelled before.
    pub already: bool,
    /// What the same person waits for less now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lessened: Vec<WaitsForLess>,
}

impl CancelledBooking {
    pub fn of(booking_id: BookingId, answer: &CancelAnswer) -> Self {
        let (already, lessened) = match answer {
            CancelAnswer::Already(_) => (true, Vec::new()),
            CancelAnswer::Done(done) => (false, done.lessened.clone()),
        };
        Self { booking_id, status: BookingStatus::Cancelled, already, lessened }
    }
}

impl Record for CancelledBooking {
    const COLUMNS: &'static [Column<'static>] = &[Column::whole("BOOKING"), Column::whole("STATUS")];

    fn fields() -> Vec<&'static str> {
        vec!["booking_id", "status", "already", "lessened"]
    }

    fn name(&self) -> String {
        self.booking_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::new(self.booking_id), status(self.status)]
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        let note = if self.already { " (before)" } else { "" };
        let mut details = vec![
            ("Booking", Cell::new(self.booking_id)),
            ("Status", Cell::new(format!("{}{note}", self.status)).tone(Tone::Faint)),
        ];
        details.extend(self.lessened.iter().map(waits_for_less));
        details
    }
}

fn waits_for_less(less: &WaitsForLess) -> (&'static str, Cell) {
    let WaitsForLess { booking_id, by, rest } = less;
    let left = if *rest == 0 { "left the waitlist".to_owned() } else { format!("waits for {rest}") };
    ("Waits for less", Cell::new(format!("booking {booking_id}, by {by}: {left}")))
}

/// What `booking cancel-seats` did.
#[derive(Debug, Serialize)]
pub struct CancelledSeats {
    /// Which one.
    pub booking_id: BookingId,
    /// How many of the named seats it had, and has no more.
    pub cancelled: u32,
    /// What it is now, if that could be asked.
    pub booking: Option<Booking>,
}

impl Record for CancelledSeats {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("BOOKING"),
        Column::number("CANCELLED"),
        Column::whole("STATUS"),
        Column::text("REMAINING SEATS"),
    ];

    fn fields() -> Vec<&'static str> {
        vec!["booking_id", "cancelled", "booking"]
    }

    fn name(&self) -> String {
        self.booking_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let booking = self.booking.as_ref();
        let left =
            booking.and_then(|booking| booking.assigned_seats.as_deref()).filter(|seats| !seats.is_empty());
        vec![
            Cell::new(self.booking_id),
            Cell::new(self.cancelled),
            booking.map_or_else(|| Cell::maybe(None::<u32>), |booking| status(booking.status)),
            Cell::maybe(left.map(seat_ranges)),
        ]
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        ["Booking", "Cancelled", "Status", "Remaining seat numbers"].into_iter().zip(self.cells()).collect()
    }
}

fn status(status: BookingStatus) -> Cell {
    let tone = match status {
        BookingStatus::Confirmed => Tone::Good,
        BookingStatus::Waiting => Tone::Attention,
        BookingStatus::Cancelled => Tone::Faint,
    };
    Cell::new(status).tone(tone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Style;
    use happening_core::id::{EventId, UserId};

    #[test]
    fn one_that_waits_tells_its_place() {
        let at = "2026-12-01T19:00:00Z".parse().unwrap();
        let booking = Booking {
            id: BookingId("0197a1b2-0000-7000-8000-000000000001".parse().unwrap()),
            event_id: EventId("0197a1b2-0000-7000-8000-000000000002".parse().unwrap()),
            user_id: UserId("0197a1b2-0000-7000-8000-000000000003".parse().unwrap()),
            seats: 3,
            status: BookingStatus::Waiting,
            waiting_number: Some(4),
            created_at: at,
            updated_at: at,
            assigned_seats: None,
        };
        let detail = BookingDetail { booking, position: Some(4) };
        insta::assert_snapshot!(detail.portrait(Style::plain(Some(80))), @"
        Booking        0197a1b2-0000-7000-8000-000000000001
        Event          0197a1b2-0000-7000-8000-000000000002
        Status         waiting
        Seats          3
        Place in line  4
        Booked         2026-12-01 19:00 UTC
        Changed        2026-12-01 19:00 UTC
        ");
        let json = serde_json::to_value(&detail).unwrap();
        assert_eq!((&json["position"], &json["status"]), (&4.into(), &"waiting".into()));
    }
}
