//! Long work.

use super::document::members_of;
use super::{Cell, Column, Record, Tone};
use happening_core::wire::{Job, JobState};

impl Record for Job {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("ID"),
        Column::whole("KIND"),
        Column::whole("STATE"),
        Column::number("DONE"),
        Column::number("TOTAL"),
        Column::text("CREATED"),
        Column::text("FINISHED").spare(),
        Column::text("ERROR").spare(),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let tone = match self.state {
            JobState::Done => Tone::Good,
            JobState::Failed => Tone::Bad,
            JobState::Waiting | JobState::Running | JobState::Cancelled => Tone::Attention,
        };
        let state = if self.cancelling && !self.state.is_final() { "ending" } else { self.state.as_str() };
        vec![
            Cell::new(self.id),
            Cell::new(self.kind),
            Cell::new(state).tone(tone),
            Cell::new(self.done),
            Cell::maybe(self.total),
            Cell::time(self.created_at),
            self.finished_at.map_or_else(|| Cell::maybe(None::<u32>), Cell::time),
            Cell::maybe(self.error.as_ref()),
        ]
    }
}
