//! What [`crate::update`] wants done outside of the model. [`crate::runner`] does it; what concerns the terminal,
//! [`crate::app`].
//!
//! Add one more: a variant here, its task in the runner, and a [`crate::message::Message`] with what it found out.

use crate::command::Command;
use crate::feed::Query;
use happening_core::id::EventId;
use std::path::PathBuf;

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Sign in; replaces an attempt that is under way.
    SignIn {
        /// Comes back with each step.
        attempt: u32,
        /// Whether a token at hand will do.
        from: SignInFrom,
    },
    /// Forget who is signed in.
    SignOut,
    /// Ask the daemon.
    Ask {
        /// Comes back with the answer.
        attempt: u32,
        /// What.
        query: Query,
    },
    /// Listen to what happens everywhere, until [`Effect::Silence`].
    WatchEverything,
    /// Listen to what happens to an event; replaces the one before.
    WatchEvent {
        /// Comes back with all that is heard.
        watch: u32,
        /// Which event.
        event: EventId,
    },
    /// Listen to no event.
    UnwatchEvent,
    /// Listen to nothing.
    Silence,
    /// Try changes, and find out what would happen.
    Foretell {
        /// Comes back with it.
        ticket: u32,
        /// What is to be tried.
        commands: Vec<Command>,
    },
    /// Make changes, one after the other.
    Perform {
        /// Comes back with each answer.
        ticket: u32,
        /// What is to be done.
        commands: Vec<Command>,
    },
    /// Write a file, which must not exist yet.
    Write {
        /// Where.
        path: PathBuf,
        /// What.
        text: String,
    },
    /// Go to another daemon.
    Connect(String),
    /// Put a text into the clipboard of the terminal.
    Copy(String),
    /// Take the mouse, or free it.
    Mouse(bool),
    /// Stop the process, as shells do on `ctrl-z`.
    Suspend,
}

/// Where a sign-in begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SignInFrom {
    /// A token from the environment or a stored session will do.
    #[default]
    AtHand,
    /// What was at hand has been refused: ask the person.
    Scratch,
}
