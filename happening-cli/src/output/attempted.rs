//! What became of one of several things.

use super::{Cell, Column, Record, Tone};
use serde::Serialize;
use std::fmt::Display;

/// One of the things that a command was to do something to.
#[derive(Debug, Serialize)]
pub struct Attempted {
    id: String,
    done: bool,
    /// Why not.
    error: Option<String>,
}

impl Attempted {
    /// Done, unless there is an error.
    pub fn new(id: &impl Display, error: Option<String>) -> Self {
        Self { id: id.to_string(), done: error.is_none(), error }
    }

    pub fn is_done(&self) -> bool {
        self.done
    }
}

impl Record for Attempted {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::whole("ID"), Column::whole("STATE"), Column::text("WHY NOT")];

    fn fields() -> Vec<&'static str> {
        vec!["id", "done", "error"]
    }

    fn name(&self) -> String {
        self.id.clone()
    }

    fn cells(&self) -> Vec<Cell> {
        let (state, tone) = if self.done { ("done", Tone::Good) } else { ("failed", Tone::Bad) };
        vec![Cell::new(&self.id), Cell::new(state).tone(tone), Cell::maybe(self.error.as_ref())]
    }
}
