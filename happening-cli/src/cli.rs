//! The grammar: noun, verb, options. To add a command: a file in [`crate::commands`] and a line in its noun's `mod.rs`. To
//! add a noun: a folder there, and a line here.

use crate::args;
use crate::commands::{
    api, apply, audit, booking, completion, config, context, demo, diff, doctor, event, export, help, invite,
    load, login, logout, man, notification, org, queue, reconcile, redis, smoke, status, user, waitlist,
    whoami,
};
use crate::output::{ColorChoice, Format};
use clap::{Args, Parser, Subcommand};
use std::time::Duration;

const AFTER_HELP: &str = "\
First steps:
  happening login
  happening event list
  happening booking create EVENT --seats 2

`happening help exit-codes`, `help environment` and `help formats` tell what scripts need to know.";

/// Book seats at events, and look after the events.
#[derive(Debug, Parser)]
#[command(
    name = "happening", version, after_help = AFTER_HELP, max_term_width = 110,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Global {
    /// The daemon's address [default: `HAPPENING_SERVER`, the current context, `http://127.0.0.1:5000`]
    #[arg(long, global = true, value_name = "URL", conflicts_with = "context")]
    pub server: Option<String>,
    /// The daemon by the name of its context
    #[arg(long, global = true, value_name = "NAME", add = crate::completion::contexts())]
    pub context: Option<String>,
    /// How data is printed [default: table]
    #[arg(short, long, global = true, value_name = "FORMAT", value_enum)]
    pub output: Option<Format>,
    /// Only these members, in this order
    #[arg(long, global = true, value_name = "A,B", value_delimiter = ',')]
    pub fields: Option<Vec<String>>,
    /// With `-o csv`: a byte order mark and CR LF, as Excel wants it
    #[arg(long, global = true)]
    pub bom: bool,
    /// Print what a jq filter makes of the JSON
    #[arg(long, global = true, value_name = "FILTER")]
    pub jq: Option<String>,
    /// Have the daemon say what would become of a change, and change nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// How long an answer, or what is waited for, may take, such as 500ms, 30s, 2m or 1h [default: 30s]
    #[arg(long, global = true, value_name = "DURATION", value_parser = args::duration, allow_negative_numbers = true)]
    pub timeout: Option<Duration>,
    /// No notes and hints, only data and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Show requests and answers; -vv with headers and bodies
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Show each request as a command for curl, as it is made
    #[arg(long, global = true)]
    pub curl: bool,
    /// Colours; `auto` is on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub color: ColorChoice,
    /// Never page what is longer than the terminal
    #[arg(long, global = true)]
    pub no_pager: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sign in, with a code that you approve in a browser
    Login(login::Args),
    /// Sign out: give the sign-in back and forget it
    Logout(logout::Args),
    /// Who you are here, and where the token comes from
    Whoami(whoami::Args),
    /// Events: publish, list, change, cancel
    #[command(subcommand)]
    Event(event::Command),
    /// Bookings: make, list, cancel
    #[command(subcommand)]
    Booking(booking::Command),
    /// Those who wait for seats
    #[command(subcommand)]
    Waitlist(waitlist::Command),
    /// Organizations and their members
    #[command(subcommand)]
    Org(org::Command),
    /// Invites to organizations
    #[command(subcommand)]
    Invite(invite::Command),
    /// People
    #[command(subcommand)]
    User(user::Command),
    /// What people were told
    #[command(subcommand)]
    Notification(notification::Command),
    /// Redis, or what stands in for it, beside the truth; for operators and support
    #[command(subcommand)]
    Redis(redis::Command),
    /// The way of notifications: queue, outbox, what is parked; for operators and support
    #[command(subcommand)]
    Queue(queue::Command),
    /// What does not agree with what, and making it right; for operators and support
    Reconcile(reconcile::Args),
    /// How the daemon and its parts are
    Status(status::Args),
    /// What is wrong between you and the daemon, and how to mend it
    Doctor(doctor::Args),
    /// Make an organization what a file says it is
    Apply(apply::Args),
    /// What `apply` would change
    Diff(diff::Args),
    /// An organization as a file for `apply`
    Export(export::Args),
    /// What was done anywhere, for operators and support
    Audit(audit::Args),
    /// A story of bookings, told step by step
    Demo(demo::Args),
    /// Check a daemon by playing a story of bookings, for CI
    Smoke(smoke::Args),
    /// Let a crowd book at once, and check that nothing went wrong
    Load(load::Args),
    /// Any request to the daemon, as whoever is signed in
    Api(api::Args),
    /// Daemons by name
    #[command(subcommand)]
    Context(context::Command),
    /// Settings, and where they come from
    #[command(subcommand)]
    Config(config::Command),
    /// Completion for your shell
    Completion(completion::Args),
    /// The manual, for man
    Man(man::Args),
    /// Help on a command, or on exit-codes, environment, formats
    Help(help::Args),
}

impl Command {
    /// Whether the daemon can be asked to try what it does: not where it changes files of this machine, nor where it does
    /// one thing upon another, of which the first would have to be there.
    pub fn can_be_tried(&self) -> bool {
        !matches!(
            self,
            Self::Login(_)
                | Self::Logout(_)
                | Self::Context(_)
                | Self::Config(_)
                | Self::Completion(_)
                | Self::Man(_)
                | Self::Help(_)
                | Self::Demo(_)
                | Self::Smoke(_)
                | Self::Load(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;
    use std::any::TypeId;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    /// Each command below this one.
    fn each(command: &clap::Command, check: &impl Fn(&clap::Command)) {
        for inner in command.get_subcommands() {
            check(inner);
            each(inner, check);
        }
    }

    #[test]
    fn every_command_says_what_it_does() {
        let root = Cli::command();
        each(&root, &|command| assert!(command.get_about().is_some(), "{}", command.get_name()));
    }

    #[test]
    fn a_number_below_nought_reaches_its_option() {
        let numbers =
            [TypeId::of::<u32>(), TypeId::of::<u64>(), TypeId::of::<f64>(), TypeId::of::<Duration>()];
        each(&Cli::command(), &|command| {
            for option in command.get_opts() {
                let is_number = numbers.iter().any(|number| option.get_value_parser().type_id() == *number);
                let is_refused = is_number && !option.is_allow_negative_numbers_set();
                assert!(!is_refused, "{} {}", command.get_name(), option.get_id());
            }
        });
    }

    /// They are wrapped as the terminal is wide: wrapped here too, words would stand alone on lines.
    #[test]
    fn paragraphs_of_help_are_one_line() {
        let is_prose = |line: &&str| !line.is_empty() && !line.starts_with(' ') && !line.ends_with(':');
        each(&Cli::command(), &|command| {
            let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let is_wrapped = lines.windows(2).any(|pair| pair.iter().all(is_prose));
            assert!(!is_wrapped, "{}: {text}", command.get_name());
            let is_long = lines.iter().any(|line| line.starts_with(' ') && line.chars().count() > 100);
            assert!(!is_long, "{}: {text}", command.get_name());
        });
    }
}
