//! What became of the lines of a file.

use super::{Cell, Column, Record, Tone};
use happening_core::id::EventId;
use serde::Serialize;

/// What became of one line.
#[derive(Debug, Serialize)]
pub struct Imported {
    /// The line in the file.
    pub line: u64,
    /// What it is called.
    pub name: String,
    /// `created`, `was there`, `failed`, `not sent`, or, in a dry run, `would be created`.
    pub outcome: &'static str,
    /// The event.
    pub event_id: Option<EventId>,
    /// Why it failed, or what was changed since it was created.
    pub why: Option<String>,
}

impl Imported {
    /// Whether there is nothing left to do for it.
    pub fn is_done(&self) -> bool {
        !matches!(self.outcome, "failed" | "not sent")
    }
}

impl Record for Imported {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::number("LINE"),
        Column::text("NAME"),
        Column::whole("OUTCOME"),
        Column::whole("EVENT"),
        Column::text("WHY"),
    ];

    fn fields() -> Vec<&'static str> {
        vec!["line", "name", "outcome", "event_id", "why"]
    }

    fn name(&self) -> String {
        self.event_id.map_or_else(|| self.line.to_string(), |event| event.to_string())
    }

    fn cells(&self) -> Vec<Cell> {
        let tone = match self.outcome {
            "failed" => Tone::Bad,
            "not sent" => Tone::Attention,
            "was there" => Tone::Faint,
            _ => Tone::Good,
        };
        vec![
            Cell::new(self.line),
            Cell::new(&self.name),
            Cell::new(self.outcome).tone(tone),
            Cell::maybe(self.event_id),
            Cell::maybe(self.why.as_ref()),
        ]
    }
}
