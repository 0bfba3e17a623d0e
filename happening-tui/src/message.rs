//! Everything that can happen, as one type: keys, time, and what the effects found out.
//!
//! Add one more: a variant here, its arm in [`crate::update`].

use crate::model::{EventSnapshot, SignInStep};
use crate::trouble::Trouble;
use chrono::{DateTime, Utc};
use crossterm::event::KeyEvent;
use happening_core::id::OrganizationId;
use happening_core::wire::Event;

/// One thing that happened.
#[derive(Debug)]
pub enum Message {
    /// Time went on; the only way by which the model learns what time it is.
    Tick(DateTime<Utc>),
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size.
    Resize(u16, u16),
    /// A sign-in went on. Steps of attempts that were given up are dropped.
    SignIn {
        /// Which attempt.
        attempt: u32,
        /// What it came to.
        step: SignInStep,
    },
    /// What is watched was seen anew. Sightings of watches that were given up are dropped.
    Fresh {
        /// Which watch.
        watch: u32,
        /// What was seen.
        snapshot: Snapshot,
    },
    /// What is watched could not be seen.
    Stale {
        /// Which watch.
        watch: u32,
        /// Why.
        trouble: Trouble,
    },
    /// Names of organizations, `None` where one is not to be had.
    Organizations(Vec<(OrganizationId, Option<String>)>),
    /// The process was told to end.
    Signal(Signal),
}

/// What a watch sees.
#[derive(Debug)]
pub enum Snapshot {
    /// Every event that the caller may see.
    Events(Vec<Event>),
    /// One event with its seats and its waitlist.
    Event(Box<EventSnapshot>),
}

/// Why the process was told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM.
    Terminate,
    /// SIGHUP, or the terminal is gone.
    HangUp,
    /// SIGINT from outside: in raw mode `ctrl-c` is a key.
    Interrupt,
}

impl Signal {
    /// 128 and the signal's number, as shells have it.
    pub const fn exit_code(self) -> u8 {
        128 + match self {
            Self::HangUp => 1,
            Self::Interrupt => 2,
            Self::Terminate => 15,
        }
    }
}
