//! Steps of the demo.

use super::record::Tone;
use super::{Cell, Column, Document, Record, Style, failure, visible};
use serde::Serialize;

/// Something that was done.
#[derive(Debug, Serialize)]
pub struct Step {
    /// Its number, from 1.
    #[serde(rename = "step")]
    pub number: usize,
    /// What it is about.
    pub about: String,
    /// The command that does it.
    pub command: String,
    /// What the command answered.
    pub output: Document,
    /// What that means.
    pub outcome: String,
}

impl Step {
    /// What stands above the command's output.
    pub fn head(&self, style: Style) -> String {
        let number = failure::label(&format!("{}.", self.number), Tone::Good, style.color);
        let prompt = failure::label("$", Tone::Faint, style.color);
        format!("{number} {}\n\n{prompt} {}\n", visible(&self.about), visible(&self.command))
    }

    /// What stands below it.
    pub fn foot(&self, style: Style) -> String {
        let mark = failure::label(if style.unicode { "→" } else { "->" }, Tone::Good, style.color);
        format!("\n{mark} {}\n\n", visible(&self.outcome))
    }
}

impl Record for Step {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::number("STEP"), Column::text("COMMAND"), Column::text("OUTCOME")];

    fn fields() -> Vec<&'static str> {
        vec!["step", "about", "command", "output", "outcome"]
    }

    fn name(&self) -> String {
        self.number.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::new(self.number), Cell::new(&self.command), Cell::new(&self.outcome)]
    }
}
