//! The counters beside the truth.

use super::document::members_of;
use super::{Cell, Column, Record, Style, Tone, table, visible};
use happening_core::wire::{CounterKey, HeldSeat, InspectedEvent};
use serde::Serialize;

impl Record for CounterKey {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::whole("KEY"), Column::whole("KIND"), Column::number("EXPIRES IN")];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.key.clone()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::new(&self.key), Cell::new(&self.kind), Cell::maybe(self.ttl_ms.map(seconds))]
    }
}

/// One figure as both sides have it.
#[derive(Serialize)]
struct Sides {
    figure: &'static str,
    counters: String,
    database: String,
    agrees: bool,
}

impl Record for Sides {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::text("FIGURE"), Column::text("COUNTERS"), Column::text("DATABASE"), Column::whole("")];

    fn fields() -> Vec<&'static str> {
        vec!["figure", "counters", "database", "agrees"]
    }

    fn name(&self) -> String {
        self.figure.to_owned()
    }

    fn cells(&self) -> Vec<Cell> {
        let mark = if self.agrees { Cell::new("") } else { Cell::new("differs").tone(Tone::Bad) };
        vec![Cell::new(self.figure), Cell::new(&self.counters), Cell::new(&self.database), mark]
    }
}

impl Record for HeldSeat {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::number("HELD SEAT"),
        Column::whole("BY"),
        Column::number("EXPIRES IN"),
        Column::text("NOTE"),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.seat.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let note = if self.booked { "booked already: it means nothing" } else { "" };
        vec![
            Cell::new(self.seat),
            self.user_id.map_or_else(|| Cell::new("nobody in particular").tone(Tone::Faint), Cell::new),
            Cell::new(seconds(self.ttl_ms)),
            Cell::new(note),
        ]
    }
}

impl Record for InspectedEvent {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("EVENT"),
        Column::text("NAME"),
        Column::whole("KIND"),
        Column::whole("AGREES"),
        Column::number("HOLDS"),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.event_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.event_id),
            Cell::new(&self.name),
            Cell::new(&self.kind),
            Cell::new(if self.agrees { "yes" } else { "no" }),
            Cell::new(self.holds.len()),
        ]
    }

    /// Both sides in a table, then who is picking seats, then how differences came about.
    fn portrait(&self, style: Style) -> String {
        let verdict = if self.agrees { "agrees with the database" } else { "differs from the database" };
        let mut text = format!("{}: {} {verdict}\n\n", visible(&self.name), visible(&self.kind));
        text += &table::rows(&sides_of(self), style);
        if !self.holds.is_empty() {
            text += "\n";
            text += &table::rows(&self.holds, style);
        }
        if !self.drifts.is_empty() {
            text += "\n";
            text += &table::rows(&self.drifts, style);
        }
        text
    }
}

/// Figure by figure, then the line place by place.
fn sides_of(event: &InspectedEvent) -> Vec<Sides> {
    let (counters, store) = (&event.counters, &event.store);
    let unknown = || "unknown".to_owned();
    let side = |figure, counters: String, database: String| {
        let agrees = counters == database;
        Sides { figure, counters, database, agrees }
    };
    let waiting = counters.waiting.map_or_else(unknown, |waiting| waiting.to_string());
    let mut all = vec![
        side("free seats", counters.slots.clone().unwrap_or_else(unknown), store.slots.to_string()),
        side("version", counters.version.clone().unwrap_or_else(unknown), store.version.to_string()),
        side("waiting", waiting, store.waiting.to_string()),
    ];
    for place in 0..counters.waitlist.len().max(store.waitlist.len()) {
        let nobody = || "-".to_owned();
        let counted = counters.waitlist.get(place).cloned().unwrap_or_else(nobody);
        let stored = store.waitlist.get(place).map_or_else(nobody, ToString::to_string);
        all.push(side(if place == 0 { "in line" } else { "" }, counted, stored));
    }
    all
}

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_are_shown_and_what_differs_is_marked_in_words() {
        let [event, ada, mia] = ["1", "2", "3"].map(|n| format!("0197a1b2-0000-7000-8000-00000000000{n}"));
        let inspected: InspectedEvent = serde_json::from_value(serde_json::json!({
            "event_id": event, "name": "Gala\u{1b}", "kind": "redis", "agrees": false,
            "counters": {"slots": "5", "version": "7", "waiting": 1, "waitlist": [mia]},
            "store": {"total_slots": 9, "booked": 9, "slots": 0, "version": 7, "waiting": 2, "waitlist": [ada, mia]},
            "holds": [{"seat": 3, "user_id": ada, "ttl_ms": 8250, "booked": true}, {"seat": 4, "ttl_ms": 90, "booked": false}],
            "drifts": [{"kind": "counters_slots", "event_id": event, "event_name": "Gala", "expected": "0",
                "found": "5", "cause": "changed by hand", "fixable": true, "fixed": false}],
        }))
        .unwrap();
        let text = inspected.portrait(Style::plain(None));
        let words = |start: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(start));
            line.unwrap_or_else(|| panic!("{start}: {text}")).split_whitespace().collect::<Vec<_>>()
        };
        assert_eq!(words("free seats"), ["free", "seats", "5", "0", "differs"]);
        assert_eq!(words("version"), ["version", "7", "7"]);
        assert_eq!(words("in line"), ["in", "line", mia.as_str(), ada.as_str(), "differs"]);
        assert_eq!(words("-  "), ["-", mia.as_str(), "differs"], "the line's second place");
        assert_eq!(words("3 ")[..4], ["3", ada.as_str(), "8.2", "s"]);
        assert!(text.starts_with("Gala\u{241b}: redis differs"), "{text}");
    }
}
