//! What the commands say, and where: data on stdout, everything else on stderr.
//!
//! A thing that is printed is a [`Record`]: it has columns for tables and serializes for machines. To add a thing: its
//! `Record` in a file here. To add a format: a word of [`Format`] and an arm in [`Console::list`] and [`Console::item`].

mod booking;
mod event;
mod failure;
mod identity;
mod json;
mod record;
mod seats;
mod status;
mod table;
mod text;
mod waitlist;

pub use booking::{BookingDetail, CancelledBooking, CancelledSeats};
pub use identity::{Identity, SignedOut};
pub use record::{Cell, Column, Record, Tone};
pub use status::Part;
pub use text::{grouped, instant, seat_ranges, visible};

use crate::cli::Global;
use crate::exit::Exit;
use clap::ValueEnum;
use failure::Failure;
use happening_core::wire::SeatMap;
use serde::Serialize;
use std::io::{self, IsTerminal as _, Write as _};

/// How data is printed: for people, or as one document in which lists are arrays.
// No doc comments on the words: `--help` would take six lines to say what they say themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Table,
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    fn on(self, is_terminal: bool) -> bool {
        let silenced = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => is_terminal && !silenced() && !dumb(),
        }
    }
}

/// Both streams, and how to use them.
#[derive(Debug)]
pub struct Console {
    format: Format,
    quiet: bool,
    style: Style,
    color_on_stderr: bool,
}

/// What tables and maps may use.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Colours.
    pub color: bool,
    /// Columns of the terminal; absent where there is none, and lines may be as long as they like.
    pub width: Option<u16>,
}

#[cfg(test)]
impl Style {
    /// Without colours.
    pub const fn plain(width: Option<u16>) -> Self {
        Self { color: false, width }
    }
}

impl Console {
    pub fn new(global: &Global) -> Self {
        let to_terminal = io::stdout().is_terminal();
        Self {
            format: global.output,
            quiet: global.quiet,
            style: Style {
                color: global.color.on(to_terminal),
                width: to_terminal.then(table::terminal_width),
            },
            color_on_stderr: global.color.on(io::stderr().is_terminal()),
        }
    }

    /// Whether to show that something goes on: to a person who wants to know.
    pub fn shows_progress(&self) -> bool {
        let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        self.format == Format::Table && !self.quiet && !ci && io::stderr().is_terminal()
    }

    /// Prints things as rows. That there are none is a note: a script sees no rows.
    pub fn list<T: Record>(&self, rows: &[T], none: &str) -> io::Result<()> {
        match self.format {
            Format::Json => self.document(&rows),
            Format::Table if rows.is_empty() => {
                self.note(none);
                Ok(())
            }
            Format::Table => print(&table::rows(rows, self.style)),
        }
    }

    /// Prints one thing with all that is known of it.
    pub fn item<T: Record>(&self, item: &T) -> io::Result<()> {
        match self.format {
            Format::Json => self.document(item),
            Format::Table => print(&table::details(item, self.style)),
        }
    }

    /// Prints an event's seats.
    pub fn seats(&self, seats: &SeatMap) -> io::Result<()> {
        match self.format {
            Format::Json => self.document(seats),
            Format::Table => print(&seats::map(seats, self.style)),
        }
    }

    #[expect(clippy::unused_self, reason = "how documents are printed will depend on options")]
    fn document(&self, document: &impl Serialize) -> io::Result<()> {
        print(&json::text(document)?)
    }

    /// Tells something that is no data.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            tell(&format!("{text}\n"));
        }
    }

    /// Tells something that the person should not miss, also under `--quiet`.
    #[expect(clippy::unused_self, reason = "what is told is told by whoever has the console")]
    pub fn say(&self, text: &str) {
        tell(&format!("{text}\n"));
    }

    /// Warns, also under `--quiet`.
    pub fn warn(&self, text: &str) {
        tell(&format!("{} {text}\n", failure::label("warning:", Tone::Attention, self.color_on_stderr)));
    }

    /// Prints a question and stays on its line.
    #[expect(clippy::unused_self, reason = "a question is asked of whoever has the console")]
    pub fn ask(&self, question: &str) {
        tell(question);
    }

    /// Goes back up the line that Enter went down, so that a spinner is drawn over itself.
    pub fn take_back_enter(&self) {
        if self.shows_progress() {
            tell("\u{1b}[1A\r\u{1b}[2K");
        }
    }

    /// Tells what went wrong, and with which code to exit.
    pub fn failure(&self, error: &anyhow::Error) -> Exit {
        let failure = Failure::of(error);
        if failure.exit == Exit::Interrupted && io::stderr().is_terminal() {
            // The terminal has shown `^C`, perhaps behind a question.
            tell("\n");
        }
        match self.format {
            Format::Table => tell(&failure.text(self.color_on_stderr, self.quiet)),
            // A document that cannot be written is not worth a second error.
            Format::Json => tell(&json::text(&failure.document()).unwrap_or_default()),
        }
        failure.exit
    }
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn tell(text: &str) {
    // Where nobody listens on stderr there is no other place to complain.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
