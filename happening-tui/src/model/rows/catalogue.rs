//! Events, their waitlists, their bookings.

use crate::model::data::of;
use crate::model::table::{Cell, Column, Row, RowKey, Show, Tone, number, text};
use crate::model::{Model, data};
use chrono::{DateTime, Utc};
use happening_core::id::EventId;
use happening_core::wire::{BookingStatus, Event, EventStatus};

pub const EVENTS: &[Column] = &[
    text("event", 14, 0, 10),
    text("organization", 8, 18, 3),
    text("date (UTC)", 12, 21, 8),
    Column { title: "", right: false, least: 5, most: 12, weight: 5 },
    number("free", 4, 9),
    number("waiting", 4, 7),
    text("status", 9, 9, 6),
    text("by", 6, 14, 1),
    text("category", 8, 9, 0),
];

pub const WAITING_EVENTS: &[Column] =
    &[text("event", 12, 0, 9), number("free", 4, 5), number("waiting", 4, 8), text("policy", 5, 6, 2)];

pub const LINE: &[Column] = &[
    number("#", 2, 9),
    text("person", 8, 0, 10),
    number("seats", 5, 8),
    text("waits", 7, 8, 5),
    number("number", 6, 1),
];

pub const BOOKINGS: &[Column] = &[
    text("person", 8, 0, 10),
    text("status", 9, 9, 7),
    number("seats", 5, 6),
    text("which", 5, 18, 8),
    text("e-mail", 10, 26, 2),
    text("made", 7, 8, 3),
];

/// Whether an event takes no more part in the day's work.
pub fn is_over(event: &Event, now: DateTime<Utc>) -> bool {
    match event.status {
        EventStatus::Ongoing => false,
        EventStatus::Upcoming => event.event_date < now,
        EventStatus::Completed | EventStatus::Cancelled => true,
    }
}

/// What is to come, soonest first, then what is over, latest first.
pub fn events(model: &Model) -> Vec<Row> {
    let mut sorted: Vec<&Event> = model.data.events.iter().collect();
    let now = model.minute();
    let order = |event: &Event| {
        let (over, when) = (is_over(event, now), event.event_date.timestamp());
        (over, if over { -when } else { when })
    };
    sorted.sort_by(|a, b| {
        order(a).cmp(&order(b)).then_with(|| a.name.cmp(&b.name)).then_with(|| a.id.cmp(&b.id))
    });
    sorted.into_iter().map(|event| event_row(model, event)).collect()
}

pub fn event_row(model: &Model, event: &Event) -> Row {
    let taken = event.total_slots.saturating_sub(event.available_slots);
    let scarce = scarcity(event.available_slots, event.total_slots);
    let cells = vec![
        Cell::text(&event.name),
        Cell::text(model.data.organization(event.org_id)).tone(Tone::Muted),
        Cell::at(event.event_date),
        Cell { show: Show::Bar(taken, event.total_slots), tone: scarce },
        Cell { show: Show::Share(event.available_slots, event.total_slots), tone: scarce },
        waiting(event),
        Cell::text(status(event)).tone(status_tone(event)),
        Cell::maybe(event.organizer_username.as_deref()).tone(Tone::Muted),
        Cell::maybe(event.category.map(happening_core::wire::Category::as_str)).tone(Tone::Muted),
    ];
    Row::new(RowKey::Event(event.id), cells).over(is_over(event, model.minute()))
}

fn waiting(event: &Event) -> Cell {
    match event.waiting {
        0 => Cell::none(),
        waiting => Cell::number(waiting).tone(Tone::Warn),
    }
}

/// The word for where an event is.
pub fn status(event: &Event) -> &'static str {
    if event.sales_paused && event.status != EventStatus::Cancelled {
        "paused"
    } else {
        event.status.as_str()
    }
}

/// Its tone.
pub fn status_tone(event: &Event) -> Tone {
    if status(event) == "paused" {
        return Tone::Warn;
    }
    match event.status {
        EventStatus::Upcoming => Tone::Text,
        EventStatus::Ongoing => Tone::Good,
        EventStatus::Completed => Tone::Muted,
        EventStatus::Cancelled => Tone::Bad,
    }
}

/// How a free count is coloured: green while there is room, amber when it gets tight, red when there is none.
pub fn scarcity(free: u32, total: u32) -> Tone {
    match free {
        0 => Tone::Bad,
        free if u64::from(free) * 10 <= u64::from(total) => Tone::Warn,
        _ => Tone::Good,
    }
}

/// Events with a waitlist, the longest first.
pub fn waiting_events(model: &Model) -> Vec<Row> {
    let mut waited: Vec<&Event> = model
        .data
        .events
        .iter()
        .filter(|event| event.waiting > 0 && !is_over(event, model.minute()))
        .collect();
    waited.sort_by_key(|event| (std::cmp::Reverse(event.waiting), event.event_date, event.id));
    waited
        .into_iter()
        .map(|event| {
            let cells = vec![
                Cell::text(&event.name),
                Cell {
                    show: Show::Share(event.available_slots, event.total_slots),
                    tone: scarcity(event.available_slots, event.total_slots),
                },
                waiting(event),
                Cell::text(event.waitlist_policy.as_str()).tone(Tone::Muted),
            ];
            Row::new(RowKey::Event(event.id), cells).found_by(&model.data.organization(event.org_id))
        })
        .collect()
}

/// Who waits, in line.
pub fn line(model: &Model, event: Option<EventId>) -> Vec<Row> {
    let Some(parties) = event.and_then(|event| of(&model.data.line, &event)) else { return Vec::new() };
    let total = event.and_then(|event| model.data.event(event)).map(|event| event.total_slots);
    parties
        .iter()
        .map(|party| {
            let person = match &party.username {
                Some(name) => Cell::text(name),
                None => Cell::text(data::short(party.user_id)).tone(Tone::Muted),
            };
            let cells = vec![
                Cell::number(party.position).tone(Tone::Muted),
                person,
                match total.filter(|total| party.seats > *total) {
                    // It waits for more seats than there are: nobody serves it.
                    Some(total) => Cell { show: Show::Share(party.seats, total), tone: Tone::Bad },
                    None => Cell::number(party.seats).tone(Tone::Strong),
                },
                Cell::since(party.created_at),
                Cell::number(party.waiting_number).tone(Tone::Muted),
            ];
            Row::new(RowKey::Booking(party.booking_id), cells).found_by(&party.user_id.to_string())
        })
        .collect()
}

/// Bookings of the event that is open, newest first.
pub fn bookings(model: &Model) -> Vec<Row> {
    let kept = model.event.as_ref().and_then(|event| of(&model.data.bookings_at, &event.id));
    let Some((bookings, _)) = kept else { return Vec::new() };
    bookings
        .iter()
        .map(|found| {
            let booking = &found.booking;
            let which = booking.assigned_seats.as_deref().map(crate::text::seats);
            let cells = vec![
                match &found.username {
                    Some(name) => Cell::text(name),
                    None => Cell::text(data::short(booking.user_id)).tone(Tone::Muted),
                },
                booking_status(booking.status),
                Cell::number(booking.seats),
                Cell::maybe(which).tone(Tone::Strong),
                Cell::maybe(found.email.as_deref()).tone(Tone::Muted),
                Cell::since(booking.created_at),
            ];
            Row::new(RowKey::Booking(booking.id), cells).over(booking.status == BookingStatus::Cancelled)
        })
        .collect()
}

/// Where a booking is.
pub fn booking_status(status: BookingStatus) -> Cell {
    Cell::text(status.as_str()).tone(match status {
        BookingStatus::Confirmed => Tone::Good,
        BookingStatus::Waiting => Tone::Warn,
        BookingStatus::Cancelled => Tone::Muted,
    })
}
