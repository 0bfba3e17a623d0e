//! Rows: what a table shows of a thing, and by which the thing is known.

use chrono::{DateTime, Utc};
use happening_core::id::{BookingId, EventId, InviteId, NotificationId, OrganizationId, ParkedId, UserId};

/// By which the thing in a row is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RowKey {
    /// An event.
    Event(EventId),
    /// An organization.
    Organization(OrganizationId),
    /// A person: found, or a member.
    Person(UserId),
    /// An invite.
    Invite(InviteId),
    /// A service account, by its client at the issuer.
    ServiceAccount(String),
    /// A booking, waiting or not.
    Booking(BookingId),
    /// Something parked.
    Parked(ParkedId),
    /// A notification.
    Notification(NotificationId),
    /// A key of the counters.
    Key(String),
    /// An entry of a numbered list: the audit log, or the log of calls.
    Number(u64),
}

impl RowKey {
    /// As it is copied, and written into an exported file.
    pub fn id(&self) -> String {
        match self {
            Self::Event(id) => id.to_string(),
            Self::Organization(id) => id.to_string(),
            Self::Person(id) => id.to_string(),
            Self::Invite(id) => id.to_string(),
            Self::Booking(id) => id.to_string(),
            Self::Parked(id) => id.to_string(),
            Self::Notification(id) => id.to_string(),
            Self::Key(name) | Self::ServiceAccount(name) => name.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// What a text means, from which the theme makes a style.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Ordinary.
    #[default]
    Text,
    /// What one came to read.
    Strong,
    /// Labels and units.
    Muted,
    /// Only there for the eye.
    Faint,
    /// Keys and titles.
    Accent,
    /// All is well.
    Good,
    /// Look at this.
    Warn,
    /// Wrong.
    Bad,
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// What is in it.
    pub show: Show,
    /// What it means.
    pub tone: Tone,
}

/// What is in a cell. Texts are fit for a terminal already.
#[derive(Debug, Clone, PartialEq)]
pub enum Show {
    /// A text.
    Text(String),
    /// A number, with its thousands set apart.
    Number(u64),
    /// A part of a whole, as numbers.
    Share(u32, u32),
    /// A part of a whole, as a bar.
    Bar(u32, u32),
    /// How long ago something was.
    Since(DateTime<Utc>),
    /// When something is.
    At(DateTime<Utc>),
}

impl Cell {
    /// A text of others, made fit for a terminal.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self { show: Show::Text(crate::text::visible(text.as_ref())), tone: Tone::Text }
    }

    /// A text, or a dash where there is none.
    pub fn maybe(text: Option<impl AsRef<str>>) -> Self {
        text.map_or_else(Self::none, Self::text)
    }

    /// Nothing.
    pub fn none() -> Self {
        Self { show: Show::Text("·".to_owned()), tone: Tone::Faint }
    }

    /// A number.
    pub fn number(number: impl Into<u64>) -> Self {
        Self { show: Show::Number(number.into()), tone: Tone::Text }
    }

    /// A moment that lies back.
    pub fn since(at: DateTime<Utc>) -> Self {
        Self { show: Show::Since(at), tone: Tone::Muted }
    }

    /// A moment.
    pub fn at(at: DateTime<Utc>) -> Self {
        Self { show: Show::At(at), tone: Tone::Text }
    }

    /// The same with a tone.
    #[must_use]
    pub fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// As text, for filters and files.
    pub fn plain(&self) -> String {
        match &self.show {
            Show::Text(text) if text == "·" => String::new(),
            Show::Text(text) => text.clone(),
            Show::Number(number) => number.to_string(),
            Show::Share(part, whole) | Show::Bar(part, whole) => format!("{part}/{whole}"),
            Show::Since(at) | Show::At(at) => at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        }
    }

    /// By which rows are sorted.
    pub fn order(&self) -> Order {
        match &self.show {
            // What is not there stands before everything that is.
            Show::Text(text) if text == "·" => Order::Number(i64::MIN),
            Show::Text(text) => Order::Text(text.to_lowercase()),
            Show::Number(number) => Order::Number(i64::try_from(*number).unwrap_or(i64::MAX)),
            Show::Share(part, _) => Order::Number(i64::from(*part)),
            Show::Bar(part, whole) => {
                Order::Number(i64::from(*part) * 1_000_000 / i64::from((*whole).max(1)))
            }
            Show::Since(at) | Show::At(at) => Order::Number(at.timestamp_micros()),
        }
    }
}

/// By which rows are sorted: numbers before texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// A number.
    Number(i64),
    /// A text without regard to case.
    Text(String),
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What it shows.
    pub key: RowKey,
    /// One cell for each column.
    pub cells: Vec<Cell>,
    /// It takes no more part in the day's work.
    pub over: bool,
    /// Words that a filter finds it by, beside those in its cells.
    pub words: String,
}

impl Row {
    /// A row.
    pub fn new(key: RowKey, cells: Vec<Cell>) -> Self {
        Self { key, cells, over: false, words: String::new() }
    }

    /// What a filter looks at.
    pub fn haystack(&self) -> String {
        let mut haystack = String::new();
        for cell in &self.cells {
            if let Show::Text(text) = &cell.show {
                haystack.push_str(text);
                haystack.push(' ');
            }
        }
        haystack + &self.words
    }

    /// The same, found by these words too.
    #[must_use]
    pub fn found_by(mut self, words: &str) -> Self {
        words.clone_into(&mut self.words);
        self
    }

    /// The same, muted if it is over.
    #[must_use]
    pub fn over(self, over: bool) -> Self {
        Self { over, ..self }
    }
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// What it is called.
    pub title: &'static str,
    /// Flush right.
    pub right: bool,
    /// The fewest cells with which it is of use.
    pub least: usize,
    /// The most cells that it is given, unless it is the one that takes what is left.
    pub most: usize,
    /// Which columns go first where there is no room: those with the lowest weight.
    pub weight: u8,
}

/// A column of text.
pub const fn text(title: &'static str, least: usize, most: usize, weight: u8) -> Column {
    Column { title, right: false, least, most, weight }
}

/// A column of numbers.
pub const fn number(title: &'static str, least: usize, weight: u8) -> Column {
    Column { title, right: true, least, most: 16, weight }
}
