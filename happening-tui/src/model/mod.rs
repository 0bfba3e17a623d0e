//! All that the screens show. Only [`crate::update`] changes it, and nothing in it does I/O.
//!
//! Add a screen: its state in a file here, a variant of [`Place`] and of [`Context`], a file in `update/` and one in
//! `view/`, its keys in [`crate::action`].

mod event;
mod events;
mod fresh;
mod signin;

pub use event::{EventScreen, EventSnapshot, Pane, Seat};
pub use events::{EventsScreen, Names, is_over};
pub use fresh::Fresh;
pub use signin::{DeviceCode, SignInScreen, SignInState, SignInStep};

use crate::message::Signal;
use crate::theme::Theme;
use crate::trouble::Trouble;
use chrono::{DateTime, Utc};
use happening_core::id::OrganizationId;

/// Everything.
#[derive(Debug)]
pub struct Model {
    /// What time it is, as the last tick told.
    pub now: DateTime<Utc>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// How things look.
    pub theme: Theme,
    /// The daemon's address.
    pub server: String,
    /// Who is signed in.
    pub who: Option<String>,
    /// The sign-in, which covers the rest while nobody is.
    pub signin: Option<SignInScreen>,
    /// Counts sign-in attempts.
    pub attempt: u32,
    /// Counts watches.
    pub watch: u32,
    /// The screen.
    pub place: Place,
    /// The list of events.
    pub events: EventsScreen,
    /// The event that is open.
    pub event: Option<EventScreen>,
    /// What organizations are called; `None` while that is being asked, or is not to be had.
    pub organizations: Names,
    /// The help, and how far it is scrolled.
    pub help: Option<usize>,
    /// Errors that nobody has dismissed yet, oldest first.
    pub notices: Vec<Notice>,
    /// Set when it is over.
    pub end: Option<End>,
}

/// The screen, under sign-in and help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The list of events.
    Events,
    /// The event that is open.
    Event,
}

/// What has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// Signing in.
    SignIn,
    /// The list of events.
    Events,
    /// The filter of the list is being typed.
    Filter,
    /// One event.
    Event,
    /// The help.
    Help,
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
    pub fn new(now: DateTime<Utc>, size: (u16, u16), theme: &Theme, server: String) -> Self {
        Self {
            now,
            size,
            theme: *theme,
            server,
            who: None,
            signin: Some(SignInScreen::default()),
            attempt: 0,
            watch: 0,
            place: Place::Events,
            events: EventsScreen::default(),
            event: None,
            organizations: Names::new(),
            help: None,
            notices: Vec::new(),
            end: None,
        }
    }

    /// What has the keys.
    pub fn context(&self) -> Context {
        if self.help.is_some() { Context::Help } else { self.under_help() }
    }

    /// What has the keys once the help is put away.
    pub fn under_help(&self) -> Context {
        if self.signin.is_some() {
            Context::SignIn
        } else if self.place == Place::Event && self.event.is_some() {
            Context::Event
        } else if self.events.filter.editing {
            Context::Filter
        } else {
            Context::Events
        }
    }

    /// How fresh is what the screen shows.
    pub fn freshness(&self) -> Option<Freshness<'_>> {
        match (&self.signin, self.place, &self.event) {
            (Some(_), _, _) => None,
            (None, Place::Event, Some(event)) => Some(event.fresh.freshness(self.now)),
            (None, _, _) => Some(self.events.fresh.freshness(self.now)),
        }
    }

    /// What an organization is called, as briefly as can be.
    pub fn organization(&self, id: OrganizationId) -> String {
        match self.organizations.get(&id) {
            Some(Some(name)) => crate::text::visible(name),
            _ => id.to_string().chars().take(8).collect(),
        }
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
    Stale(chrono::TimeDelta, Option<&'a Trouble>),
    /// Never seen.
    Absent(&'a Trouble),
}
