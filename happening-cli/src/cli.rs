//! The grammar: noun, verb, options. To add a command: a variant here or in its noun's `mod.rs`, and a file in
//! [`crate::commands`].

use crate::args;
use crate::commands::{booking, event, login, waitlist};
use crate::output::{ColorChoice, Format};
use clap::{Args, Parser, Subcommand};
use std::time::Duration;

const AFTER_HELP: &str = "\
Exit codes: 0 ok, 1 server or unexpected, 2 usage, 3 not found, 4 not signed in, 5 forbidden, 6 conflict (seat taken, \
sold out, stale), 7 timed out, 8 network, 11 cancelled at the prompt, 130 interrupted.

Environment: HAPPENING_SERVER, HAPPENING_TOKEN, HAPPENING_CLIENT_ID and HAPPENING_CLIENT_SECRET, \
HAPPENING_CONFIG_DIR, NO_COLOR.

First steps: happening login, happening event list, happening booking create EVENT --seats 2";

/// Book seats at events, and look after the events.
#[derive(Debug, Parser)]
#[command(name = "happening", version, propagate_version = true, after_help = AFTER_HELP, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The daemon's address [default: `HAPPENING_SERVER`, the current context, `http://127.0.0.1:5000`]
    #[arg(long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// How data is printed; under json, errors are JSON on stderr
    #[arg(short, long, global = true, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: Format,
    /// No notes and hints, only data and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Colours; `auto` is on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub color: ColorChoice,
    /// How long the daemon may take to answer, such as 500ms, 30s or 2m
    #[arg(long, global = true, value_name = "DURATION", default_value = "30s", value_parser = args::duration)]
    pub timeout: Duration,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sign in, with a code that you approve in a browser
    Login(login::Args),
    /// Sign out: give the sign-in back and forget it
    Logout,
    /// Who you are here, and where the token comes from
    Whoami,
    /// How the daemon and its parts are
    Status,
    /// Events
    #[command(subcommand)]
    Event(event::Command),
    /// Bookings
    #[command(subcommand)]
    Booking(booking::Command),
    /// Those who wait for seats
    #[command(subcommand)]
    Waitlist(waitlist::Command),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }
}
