//! What `doctor` finds.

use super::{Cell, Column, Record, Tone};
use serde::Serialize;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Finding {
    check: String,
    state: State,
    detail: String,
    /// The command, or the step, that mends it.
    mend: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    Warning,
    Problem,
}

impl Finding {
    pub fn fine(check: &str, detail: &str) -> Self {
        Self { check: check.to_owned(), state: State::Ok, detail: detail.to_owned(), mend: None }
    }

    /// Something that is not as it should be, and keeps nothing from working.
    pub fn warning(check: &str, detail: &impl ToString, mend: &str) -> Self {
        let state = State::Warning;
        Self { check: check.to_owned(), state, detail: detail.to_string(), mend: Some(mend.to_owned()) }
    }

    /// Something that keeps something from working.
    pub fn problem(check: &str, detail: &impl ToString, mend: &str) -> Self {
        Self { state: State::Problem, ..Self::warning(check, detail, mend) }
    }

    pub fn is_problem(&self) -> bool {
        self.state == State::Problem
    }
}

impl Record for Finding {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::whole("CHECK"), Column::whole("STATE"), Column::text("FOUND"), Column::text("MENDED BY")];

    fn fields() -> Vec<&'static str> {
        vec!["check", "state", "detail", "mend"]
    }

    fn name(&self) -> String {
        self.check.clone()
    }

    fn cells(&self) -> Vec<Cell> {
        let (word, tone) = match self.state {
            State::Ok => ("ok", Tone::Good),
            State::Warning => ("warning", Tone::Attention),
            State::Problem => ("problem", Tone::Bad),
        };
        vec![
            Cell::new(&self.check),
            Cell::new(word).tone(tone),
            Cell::new(&self.detail),
            Cell::maybe(self.mend.as_ref()),
        ]
    }
}
