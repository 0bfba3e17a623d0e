//! Everything that can happen, as one type: keys, time, and what the effects found out.
//!
//! Add one more: a variant here, its arm in [`crate::update`].

use crate::command::Command;
use crate::feed::{Answer, Query};
use crate::model::{Call, Foretold, SignInStep};
use crate::trouble::Trouble;
use chrono::{DateTime, Utc};
use crossterm::event::{KeyEvent, MouseEvent};
use happening_core::wire::{Job, LiveMessage};
use serde_json::Value;

/// One thing that happened.
#[derive(Debug)]
pub enum Message {
    /// Time went on; the only way by which the model learns what time it is.
    Tick(DateTime<Utc>),
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was used.
    Mouse(MouseEvent),
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
    /// A question was answered. Answers to another session are dropped.
    Answered {
        /// Which session: the attempt that began it.
        attempt: u32,
        /// What was asked.
        query: Query,
        /// What was answered.
        answer: Result<Answer, Trouble>,
    },
    /// A stream told something. What streams tell that were given up is dropped.
    Heard {
        /// Which stream: [`EVERYTHING`], or the watch of an event.
        watch: u32,
        /// What.
        heard: Result<LiveMessage, Trouble>,
    },
    /// Changes were tried.
    Foretold {
        /// For which dialog.
        ticket: u32,
        /// What would happen.
        foretold: Result<Box<Foretold>, Trouble>,
    },
    /// A change takes the daemon long: it has begun.
    Begun {
        /// For which dialog.
        ticket: u32,
        /// The job that makes it.
        job: Box<Job>,
    },
    /// A change was made, or refused.
    Done {
        /// For which dialog.
        ticket: u32,
        /// What was to be done.
        command: Command,
        /// What was answered.
        answer: Result<Value, Trouble>,
    },
    /// A file was written, or was not.
    Written(Result<String, String>),
    /// A call was made.
    Called(Box<Call>),
    /// The person was signed out, or was not.
    SignedOut(Result<(), Trouble>),
    /// The process was told to end.
    Signal(Signal),
}

/// The watch of the stream of everything.
pub const EVERYTHING: u32 = 0;

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
