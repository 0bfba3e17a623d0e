//! A thing that commands print.

use super::text::{instant, visible};
use super::{Style, table};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// What can be printed in every format.
pub trait Record: Serialize + Sized {
    /// Columns of its table.
    const COLUMNS: &'static [Column<'static>];

    /// The members that it serializes to, in their order: what `--fields` may name. None if only the answer will tell.
    fn fields() -> Vec<&'static str>;

    /// What other commands call it: the output of `-o name`.
    fn name(&self) -> String;

    /// Its row, a cell for each column.
    fn cells(&self) -> Vec<Cell>;

    /// All that is known of it, by name. Unless it says otherwise, its row.
    fn details(&self) -> Vec<(&'static str, Cell)> {
        Self::COLUMNS.iter().map(|column| column.title).zip(self.cells()).collect()
    }

    /// How a person sees it alone.
    fn portrait(&self, style: Style) -> String {
        let named = |(name, cell)| (sentence_case(name), cell);
        table::details(&self.details().into_iter().map(named).collect::<Vec<_>>(), style)
    }

    /// How a person sees several.
    fn portraits(rows: &[Self], style: Style) -> String {
        table::rows(rows, style)
    }

    /// The same to whoever says that it is to be a table.
    fn tabulated(rows: &[Self], style: Style) -> String {
        Self::portraits(rows, style)
    }
}

/// Titles of columns are in capitals; beside a value they shout.
pub fn sentence_case(title: &str) -> String {
    let is_title = title.len() > 2 && title == title.to_uppercase();
    if is_title { title[..1].to_owned() + &title[1..].to_lowercase() } else { title.to_owned() }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// Its title.
    pub title: &'a str,
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

impl<'a> Column<'a> {
    const fn new(title: &'a str, kind: ColumnKind) -> Self {
        Self { title, kind, is_spare: false }
    }

    pub const fn text(title: &'a str) -> Self {
        Self::new(title, ColumnKind::Text)
    }

    pub const fn whole(title: &'a str) -> Self {
        Self::new(title, ColumnKind::Whole)
    }

    pub const fn number(title: &'a str) -> Self {
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
    content: Content,
    /// What it means.
    pub tone: Tone,
}

#[derive(Debug, Clone)]
enum Content {
    Text(String),
    /// Told in the viewer's zone.
    Time(DateTime<Utc>),
}

impl Cell {
    #[expect(clippy::needless_pass_by_value, reason = "most are numbers and words, which are copied")]
    pub fn new(text: impl ToString) -> Self {
        Self { content: Content::Text(visible(&text.to_string())), tone: Tone::Plain }
    }

    /// A point in time.
    pub fn time(at: DateTime<Utc>) -> Self {
        Self { content: Content::Time(at), tone: Tone::Plain }
    }

    /// What may be missing.
    pub fn maybe<T: ToString>(text: Option<T>) -> Self {
        text.map_or_else(|| Self::new("-").tone(Tone::Faint), Self::new)
    }

    pub fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// As it stands there.
    pub fn text(&self, style: Style) -> String {
        match &self.content {
            Content::Text(text) => text.clone(),
            Content::Time(at) => instant(*at, style.zone),
        }
    }
}
