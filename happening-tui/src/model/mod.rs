//! All that the screens show. Only [`crate::update`] changes it, and nothing in it does I/O.

pub mod alarms;
pub mod data;
mod feeds;
mod log;
mod moment;
mod overlay;
mod rights;
pub mod rows;
mod screen;
mod seats;
mod select;
mod series;
mod signin;
mod table;

pub use data::Data;
pub use feeds::Feeds;
pub use log::{Call, Log};
pub use moment::Moment;
pub use overlay::{
    Chooser, ChooserKind, Dialog, DialogState, Field, FieldKind, Foretold, Form, Item, Overlay, Purpose, Then,
};
pub use rights::Who;
pub use screen::{Location, Pane, Screen, Trail};
pub use seats::{EventScreen, Seat, Zoom};
pub use series::{Figure, LONGEST, Series};
pub use signin::{DeviceCode, SignInScreen, SignInState, SignInStep};
pub use table::{Cell, Column, Row, RowKey, Show, Table, Tone, fuzzy};

use crate::action::Keymap;
use crate::command::Command;
use crate::feed::AuditWanted;
use crate::message::Signal;
use crate::theme::Theme;
use crate::trouble::Trouble;
use chrono::{DateTime, TimeDelta, Utc};
use happening_core::id::{EventId, JobId};
use std::collections::{BTreeMap, HashSet};

/// How long a toast stays.
pub const TOAST: TimeDelta = TimeDelta::seconds(6);

/// What was asked for on the command line and in the settings.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The screen to begin with.
    pub start: Option<Screen>,
    /// The event to open.
    pub event: Option<EventId>,
    /// Nothing may be changed.
    pub read_only: bool,
    /// Other daemons, by name: their addresses.
    pub contexts: BTreeMap<String, String>,
    /// Keys that a person wants otherwise.
    pub keymap: Keymap,
}

/// Everything.
#[derive(Debug, Clone)]
pub struct Model {
    /// What time it is, as the last tick told.
    pub now: DateTime<Utc>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// How things look.
    pub theme: Theme,
    /// The daemon's address.
    pub server: String,
    /// What was asked for.
    pub options: Options,
    /// Who is signed in.
    pub who: Option<Who>,
    /// The sign-in, which covers the rest while nobody is.
    pub signin: Option<SignInScreen>,
    /// Counts sign-in attempts.
    pub attempt: u32,
    /// Counts sessions, watches and dialogs: what belongs to an earlier one is not heard.
    pub ticket: u32,
    /// The watch of the event that is open.
    pub watch: u32,
    /// The screen.
    pub screen: Screen,
    /// Which pane of each screen has the keys.
    pub focus: [usize; Screen::ALL.len()],
    /// The way that the person has gone.
    pub trail: Trail,
    /// What the daemon said.
    pub data: Data,
    /// What it was asked.
    pub feeds: Feeds,
    /// The tables.
    pub tables: BTreeMap<Pane, Table>,
    /// Tables whose rows are to be made again.
    pub dirty: HashSet<Pane>,
    /// Events whose figures have changed since the tables were made.
    pub moved: HashSet<EventId>,
    /// Something that may be seen has changed since the frame before.
    pub touched: bool,
    /// Goes on while something is awaited, and turns what turns.
    pub beat: i64,
    /// The event that is open.
    pub event: Option<EventScreen>,
    /// The event that is told of by its stream.
    pub event_stream: Link,
    /// The stream of everything.
    pub stream: Link,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// People that are looked for.
    pub people_wanted: String,
    /// Keys that are looked for.
    pub keys_wanted: String,
    /// The part of the audit log that is looked at.
    pub audit_wanted: AuditWanted,
    /// Errors that nobody has dismissed yet, oldest first.
    pub notices: Vec<Notice>,
    /// What went well, and until when it is said.
    pub toast: Option<(String, DateTime<Utc>)>,
    /// How the last change is taken back.
    pub undo: Option<Vec<Command>>,
    /// The job that was begun here, whose end is told.
    pub job: Option<JobId>,
    /// Figures over time.
    pub series: Series,
    /// Calls that were made.
    pub log: Log,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// Set when it is over.
    pub end: Option<End>,
}

/// How a stream is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Link {
    /// It is not asked for, or has not told anything yet.
    #[default]
    Off,
    /// It tells.
    Up,
    /// It broke off, and is connected again by itself.
    Lost,
}

/// What has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// Signing in.
    SignIn,
    /// A pane of a screen.
    Pane(Screen, Pane),
    /// The filter of a table is being typed.
    Filter,
    /// A dialog.
    Dialog,
    /// A form.
    Form,
    /// A list to choose from.
    Chooser,
}

/// An error that stays until it is dismissed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What went wrong.
    pub trouble: Trouble,
    /// How often, one after the other.
    pub times: u32,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The person is done.
    Quit,
    /// The process was told to.
    Signal(Signal),
}

impl Model {
    /// Nothing seen yet, nobody signed in.
    pub fn new(
        now: DateTime<Utc>,
        size: (u16, u16),
        theme: &Theme,
        server: String,
        options: Options,
    ) -> Self {
        let screen = match (options.event, options.start) {
            (Some(_), _) => Screen::Event,
            (None, start) => start.unwrap_or(Screen::Events),
        };
        Self {
            now,
            size,
            theme: *theme,
            server,
            event: options.event.map(EventScreen::new),
            options,
            who: None,
            signin: Some(SignInScreen::default()),
            attempt: 0,
            ticket: 0,
            watch: 0,
            screen,
            focus: [0; Screen::ALL.len()],
            trail: Trail::default(),
            data: Data::default(),
            feeds: Feeds::default(),
            tables: Pane::TABLES.into_iter().map(|pane| (pane, Table::new(rows::columns(pane)))).collect(),
            dirty: HashSet::new(),
            moved: HashSet::new(),
            touched: true,
            beat: 0,
            event_stream: Link::Off,
            stream: Link::Off,
            overlay: None,
            people_wanted: String::new(),
            keys_wanted: "event:*".to_owned(),
            audit_wanted: AuditWanted::default(),
            notices: Vec::new(),
            toast: None,
            undo: None,
            job: None,
            series: Series::default(),
            log: Log::default(),
            mouse: true,
            end: None,
        }
    }

    /// What has the keys.
    pub fn context(&self) -> Context {
        match (&self.overlay, &self.signin) {
            (Some(Overlay::Dialog(_)), _) => Context::Dialog,
            (Some(Overlay::Form(_)), _) => Context::Form,
            (Some(Overlay::Chooser(_)), _) => Context::Chooser,
            (None, Some(_)) => Context::SignIn,
            (None, None) => self.under_overlay(),
        }
    }

    /// What has the keys once what lies over the screen is put away.
    pub fn under_overlay(&self) -> Context {
        if self.signin.is_some() {
            return Context::SignIn;
        }
        match self.table() {
            Some(table) if table.filter.editing => Context::Filter,
            _ => Context::Pane(self.screen, self.pane()),
        }
    }

    /// The pane that has the keys.
    pub fn pane(&self) -> Pane {
        let panes = self.screen.panes();
        panes[self.focus[self.screen.index()].min(panes.len() - 1)]
    }

    /// The table that has the keys.
    pub fn table(&self) -> Option<&Table> {
        self.tables.get(&self.pane())
    }

    /// The same to change it.
    pub fn table_mut(&mut self) -> Option<&mut Table> {
        let pane = self.pane();
        self.tables.get_mut(&pane)
    }

    /// A table. [`Pane::Charts`] and [`Pane::Seats`] have none.
    pub fn table_of(&self, pane: Pane) -> Option<&Table> {
        self.tables.get(&pane)
    }

    /// Who is signed in; nobody may do anything.
    pub fn me(&self) -> Who {
        self.who.clone().unwrap_or_default()
    }

    /// Whether the person may look at what the screen shows.
    pub fn may_look(&self) -> bool {
        !self.screen.is_staffs() || self.who.as_ref().is_some_and(Who::is_staff)
    }

    /// Where the person is.
    pub fn location(&self) -> Location {
        Location { screen: self.screen, event: self.event.as_ref().map(|event| event.id) }
    }

    /// The next ticket.
    pub fn draw_ticket(&mut self) -> u32 {
        self.ticket = self.ticket.wrapping_add(1);
        self.ticket
    }

    /// Whether somebody waits for an answer, and something turns on the screen meanwhile.
    pub fn is_animated(&self) -> bool {
        let loading = matches!(self.freshness(), Some(Freshness::Loading));
        let trying = matches!(&self.overlay, Some(Overlay::Dialog(dialog))
            if matches!(dialog.state, DialogState::Trying | DialogState::Running(_)));
        let signing_in = self
            .signin
            .as_ref()
            .is_some_and(|signin| matches!(signin.state, SignInState::Looking | SignInState::Waiting(_)));
        loading || trying || signing_in
    }

    /// The beginning of this minute, by which ages and dates are told: so they change once a minute, and all at once.
    pub fn minute(&self) -> DateTime<Utc> {
        let into = self.now.timestamp_millis().rem_euclid(60_000);
        self.now
            - TimeDelta::milliseconds(into)
            - TimeDelta::nanoseconds(i64::from(self.now.timestamp_subsec_nanos() % 1_000_000))
    }

    /// Whether a frame would show anything else than the one that was drawn at this moment.
    pub fn wants_frame(&self, drawn: &Moment) -> bool {
        self.touched || Moment::of(self) != *drawn
    }

    /// How fresh is what the screen shows: as fresh as the question that it waited for longest.
    pub fn freshness(&self) -> Option<Freshness<'_>> {
        if self.signin.is_some() || !self.may_look() {
            return None;
        }
        let (query, age, live) = crate::update::feeds::main(self)?;
        let freshness = self.feeds.freshness(&query, age, self.now);
        Some(match (freshness, live) {
            // Nothing was told since, so nothing has changed since.
            (Freshness::Stale(_, None), Link::Up) => Freshness::Live,
            (Freshness::Live, Link::Lost) => {
                let seen = self.feeds.of(&query).seen.unwrap_or(self.now);
                Freshness::Stale(self.now - seen, None)
            }
            (freshness, _) => freshness,
        })
    }
}

/// How fresh something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness<'a> {
    /// Not seen yet, and nothing wrong.
    Loading,
    /// As it is now.
    Live,
    /// Seen this long ago, and why not since, if that is known.
    Stale(TimeDelta, Option<&'a Trouble>),
    /// Never seen.
    Absent(&'a Trouble),
}
