//! What the commands say, and where: data on stdout, everything else on stderr.
//!
//! A thing that is printed is a [`Record`]: it has columns for tables and serializes for machines. A command hands over an
//! [`Answer`] of records, and a [`View`] prints it as the options want it. To add a thing: its `Record` in a file here. To
//! add a format: a word of [`Format`] and its arms in `view.rs`.

mod attempted;
mod audit;
mod booking;
mod check;
mod color;
mod counters;
mod csv;
mod declared;
mod demo;
mod doctor;
mod document;
mod drift;
mod dry_run;
mod event;
#[cfg(test)]
mod export_tests;
mod failure;
mod filter;
mod histogram;
mod identity;
mod import;
mod invite;
mod job;
mod json;
mod load;
mod moment;
mod organization;
mod pager;
mod parked;
mod parts;
mod person;
mod qr;
mod record;
mod refusal;
mod resize;
mod seats;
mod settings;
mod status;
mod table;
mod text;
mod view;
mod waitlist;
mod yaml;

pub use attempted::Attempted;
pub use booking::{BookingAtEvent, BookingDetail, CancelledBooking, CancelledSeats};
pub use check::{Check, SmokeReport, Verdict};
pub use color::ColorChoice;
pub use declared::{Exported, Outcome};
pub use demo::Step;
pub use doctor::Finding;
pub use document::Document;
pub use dry_run::DryRunAnswer;
pub use event::EventDetail;
pub use histogram::{Bar, bars};
pub use identity::{Identity, SignedOut};
pub use import::Imported;
pub use json::escaped;
pub use load::{Latency, LoadReport};
pub use moment::Moment;
pub use organization::{ListedOrganization, Membered};
pub use parts::Parts;
pub use qr::qr_code;
pub use record::{Cell, Column, Record, Tone};
pub use refusal::refused;
pub use resize::{InTheWay, ResizeForeseen, Resized};
pub use settings::{ContextRow, Deleted, InForce};
pub use status::Part;
pub use text::{grouped, seat_ranges, visible};
pub use view::{Answer, View};
pub use waitlist::Supposed;

use crate::cli::Global;
use crate::exit::Exit;
use chrono_tz::Tz;
use clap::ValueEnum;
use failure::Failure;
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::Cell as Flag;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

/// How data is printed: for people, or for machines.
// No doc comments on the words: `--help` would take a line for each to say what `happening help formats` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Table,
    Json,
    Jsonl,
    Yaml,
    Csv,
    Name,
}

/// What of the data is printed.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// These members, in this order.
    pub fields: Option<Vec<String>>,
    /// What this filter makes of it.
    pub jq: Option<String>,
}

/// Both streams, and how to use them.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Console {
    format: Format,
    /// Whether somebody asked for it, and it is not how it is printed unless somebody does.
    is_format_asked: bool,
    /// How long a filter may take.
    limit: Option<Duration>,
    /// Whether a filter is at work, and all else is done.
    is_filtering: Flag<bool>,
    selection: Selection,
    /// CSV is for Excel.
    bom: bool,
    quiet: bool,
    /// Nothing is to be changed.
    pub dry_run: bool,
    pages: bool,
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
    /// In which times are told.
    pub zone: Tz,
    /// Whether the terminal writes more than ASCII.
    pub unicode: bool,
}

#[cfg(test)]
impl Style {
    /// Without colours, in UTC.
    pub const fn plain(width: Option<u16>) -> Self {
        Self { color: false, width, zone: Tz::UTC, unicode: true }
    }
}

impl Console {
    pub fn new(global: &Global) -> Self {
        let to_terminal = io::stdout().is_terminal();
        Self {
            format: global.output.unwrap_or_default(),
            is_format_asked: global.output.is_some(),
            limit: global.timeout,
            is_filtering: Flag::new(false),
            selection: Selection { fields: global.fields.clone(), jq: global.jq.clone() },
            bom: global.bom,
            quiet: global.quiet,
            dry_run: global.dry_run,
            pages: to_terminal && !global.no_pager,
            style: Style {
                color: global.color.on(to_terminal),
                width: to_terminal.then(table::terminal_width),
                zone: text::local_zone(std::env::var("TZ").ok().as_deref()),
                unicode: text::writes_unicode(),
            },
            color_on_stderr: global.color.on(io::stderr().is_terminal()),
        }
    }

    /// Whether `--jq` is at work: what the command is for is done.
    pub fn is_filtering(&self) -> bool {
        self.is_filtering.get()
    }

    /// Whether to show that something goes on: to a person who wants to know.
    pub fn shows_progress(&self) -> bool {
        let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        let for_people = self.format == Format::Table && self.selection.jq.is_none();
        for_people && !self.quiet && !ci && io::stderr().is_terminal()
    }

    /// A spinner on stderr, to be given its words by [`ProgressBar::set_message`] and to be cleared; hidden where nobody
    /// wants to see it.
    pub fn spinner(&self) -> ProgressBar {
        if !self.shows_progress() {
            return ProgressBar::hidden();
        }
        let spinner = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            spinner.set_style(style);
        }
        spinner.enable_steady_tick(Duration::from_millis(120));
        spinner
    }

    /// A bar on stderr for so many steps, shown where a spinner is.
    pub fn bar(&self, steps: usize) -> ProgressBar {
        if !self.shows_progress() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(steps as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left") {
            bar.set_style(style);
        }
        bar
    }

    /// What tables and maps may use.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Whether data is for people, as it comes.
    pub fn is_for_people(&self) -> bool {
        self.format == Format::Table && self.selection.jq.is_none() && self.selection.fields.is_none()
    }

    /// In which zone times are told.
    pub fn zone(&self) -> Tz {
        self.style.zone
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

    /// Tells what went wrong, and with which code to exit. Whoever `asks_who` they are is not told to ask that.
    pub fn failure(&self, error: &anyhow::Error, asks_who: bool) -> Exit {
        let failure = Failure::of(error).hinting_for(asks_who);
        if failure.exit == Exit::Interrupted && io::stderr().is_terminal() {
            // The terminal has shown `^C`, perhaps behind a question.
            tell("\n");
        }
        // A document that cannot be written is not worth a second error.
        tell(&match self.format {
            Format::Json => json::text(&failure.document()).unwrap_or_default(),
            Format::Jsonl => json::line(&failure.document()).unwrap_or_default(),
            Format::Table | Format::Yaml | Format::Csv | Format::Name => {
                failure.text(self.color_on_stderr, self.quiet)
            }
        });
        failure.exit
    }
}

/// Columns and lines of the terminal that stderr is, if it is one.
pub fn size_for_people() -> Option<(u16, u16)> {
    io::stderr().is_terminal().then(|| (table::terminal_width(), table::terminal_height()))
}

/// Prints data.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn tell(text: &str) {
    // Where nobody listens on stderr there is no other place to complain.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
