//! A thing that commands print.

use super::text::visible;
use serde::Serialize;

/// What can be printed in every format.
pub trait Record: Serialize {
    /// Columns of its table.
    const COLUMNS: &'static [Column];

    /// Its row, a cell for each column.
    fn cells(&self) -> Vec<Cell>;

    /// All that is known of it, by name. Unless it says otherwise, its row.
    fn details(&self) -> Vec<(&'static str, Cell)> {
        Self::COLUMNS.iter().map(|column| column.title).zip(self.cells()).collect()
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its title.
    pub title: &'static str,
    /// How it behaves.
    pub kind: ColumnKind,
    /// Left out where the terminal is too narrow for all: the thing's details tell it too.
    pub is_spare: bool,
}

/// How a column behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Wraps where the terminal is narrow.
    Text,
    /// To be copied, or one word: never wraps.
    Whole,
    /// Aligned to the right; never wraps.
    Number,
}

impl Column {
    const fn new(title: &'static str, kind: ColumnKind) -> Self {
        Self { title, kind, is_spare: false }
    }

    pub const fn text(title: &'static str) -> Self {
        Self::new(title, ColumnKind::Text)
    }

    pub const fn whole(title: &'static str) -> Self {
        Self::new(title, ColumnKind::Whole)
    }

    pub const fn number(title: &'static str) -> Self {
        Self::new(title, ColumnKind::Number)
    }

    pub const fn spare(self) -> Self {
        Self { is_spare: true, ..self }
    }
}

/// What a word means to the reader; its colour only repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Attention,
    Bad,
    Faint,
}

/// What stands in a table: never with the control characters that it came with.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// What it means.
    pub tone: Tone,
}

impl Cell {
    #[expect(clippy::needless_pass_by_value, reason = "most are numbers and words, which are copied")]
    pub fn new(text: impl ToString) -> Self {
        Self { text: visible(&text.to_string()), tone: Tone::Plain }
    }

    /// What may be missing.
    pub fn maybe<T: ToString>(text: Option<T>) -> Self {
        text.map_or_else(|| Self::new("-").tone(Tone::Faint), Self::new)
    }

    pub fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}
