//! What a stream tells.

use super::{Cell, Column, Record, seat_ranges};
use chrono::{DateTime, Utc};
use happening_core::wire::{EventFigures, LiveMessage};
use serde::Serialize;

/// Something that happened, and when it was heard of.
#[derive(Debug, Serialize)]
pub struct Moment {
    /// When it was heard of.
    #[serde(skip)]
    pub at: DateTime<Utc>,
    /// What happened.
    #[serde(flatten)]
    pub message: LiveMessage,
}

impl Record for Moment {
    const COLUMNS: &'static [Column<'static>] = &[Column::text("WHEN"), Column::text("WHAT")];

    /// Of every kind of message; each has some of them.
    fn fields() -> Vec<&'static str> {
        vec![
            "type",
            "event_id",
            "version",
            "total",
            "taken",
            "held",
            "available",
            "waiting",
            "booked",
            "freed",
            "withdrawn",
            "seats",
            "waiting_number",
            "rest",
            "status",
            "sales_paused",
            "events",
            "parts",
            "part",
            "state",
            "reason",
        ]
    }

    fn name(&self) -> String {
        self.message.name().to_owned()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::time(self.at), Cell::new(told(&self.message))]
    }
}

fn told(message: &LiveMessage) -> String {
    match message {
        LiveMessage::Snapshot { total, taken, held, available, waiting, .. } => format!(
            "{available} of {total} seats are free, {} booked, {} being picked, {waiting} parties wait",
            taken.len(),
            held.len()
        ),
        LiveMessage::Seats { booked, freed, withdrawn, .. } => {
            let parts = [("booked", booked), ("freed", freed), ("withdrawn", withdrawn)];
            let told = parts.iter().filter(|(_, seats)| !seats.is_empty());
            told.map(|(what, seats)| format!("{what} {}", seat_ranges(seats))).collect::<Vec<_>>().join("; ")
        }
        LiveMessage::Promotion { seats, waiting_number, rest, .. } => {
            let rest = if *rest > 0 { format!(", and waits for {rest} more") } else { String::new() };
            format!("promoted: number {waiting_number} has seats {}{rest}", seat_ranges(seats))
        }
        LiveMessage::Figures(EventFigures { available, waiting, .. }) => {
            format!("{available} free, {waiting} waiting")
        }
        LiveMessage::Holds { held, .. } if held.is_empty() => "nobody picks seats".to_owned(),
        LiveMessage::Holds { held, .. } => format!("being picked: {}", seat_ranges(held)),
        LiveMessage::Changed { status, total, sales_paused, .. } => {
            let sale = if *sales_paused { ", its sale is paused" } else { "" };
            format!("the event changed: {status}, {total} seats{sale}")
        }
        other => other.name().to_owned(),
    }
}
