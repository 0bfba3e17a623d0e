//! What does not agree with what.

use super::document::members_of;
use super::{Cell, Column, Record, Tone};
use happening_core::wire::Drift;

impl Record for Drift {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::text("EVENT"),
        Column::whole("WHAT"),
        Column::text("EXPECTED"),
        Column::text("FOUND"),
        Column::whole("STATE"),
        Column::text("LIKELY CAUSE"),
        Column::whole("BOOKING").spare(),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.event_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let (state, tone) = match (self.fixed, self.fixable) {
            (true, _) => ("healed", Tone::Good),
            (false, true) => ("can be healed", Tone::Attention),
            (false, false) => ("for people to decide", Tone::Bad),
        };
        vec![
            Cell::new(&self.event_name),
            Cell::new(self.kind),
            Cell::new(&self.expected),
            Cell::new(&self.found),
            Cell::new(state).tone(tone),
            Cell::new(&self.cause),
            Cell::maybe(self.booking_id),
        ]
    }
}
