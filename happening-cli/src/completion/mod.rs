//! Completion of commands, options, and of what is at the daemon.
//!
//! The shell's script runs this binary with a variable set, and prints what it answers. What is at the daemon is asked for
//! with the sign-in at hand, and within 300 ms: a person who presses Tab waits for nothing, and is never told why nothing
//! came.
//!
//! What others wrote is never put on a command line: bash puts a candidate there as it is, and a name may be a command.

mod command_line;
mod shells;

use crate::cli::Cli;
use clap::{CommandFactory as _, ValueHint};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{Fish, Shells};
use happening_core::client::Client;
use happening_core::clock::Clock;
use happening_core::signin::{self, Config, Environment, Session};
use happening_core::wire::User;
use shells::{Bash, Zsh};
use std::ffi::OsStr;
use std::fmt::Display;
use std::io;
use std::time::Duration;

/// How long a person waits for a Tab.
const PATIENCE: Duration = Duration::from_millis(300);

/// The variable by which a shell asks.
const VARIABLE: &str = "HAPPENING_COMPLETE";

/// The shells that are answered.
const SHELLS: Shells<'static> = Shells(&[&Bash, &Zsh, &Fish]);

/// Answers the shell, if it is the shell that runs us.
pub fn answered() -> clap::error::Result<bool> {
    // Bash completes names of files itself, and quotes them; what we offer it would put on the line as it is.
    let leaves_files = std::env::var_os(VARIABLE).is_some_and(|shell| shell == "bash");
    let grammar = || if leaves_files { without_files(Cli::command()) } else { Cli::command() };
    CompleteEnv::with_factory(grammar).shells(SHELLS).var(VARIABLE).try_complete(std::env::args_os(), None)
}

/// The grammar with no word of files.
fn without_files(command: clap::Command) -> clap::Command {
    let files = [ValueHint::AnyPath, ValueHint::FilePath, ValueHint::DirPath];
    command
        .mut_args(
            |arg| {
                if files.contains(&arg.get_value_hint()) { arg.value_hint(ValueHint::Other) } else { arg }
            },
        )
        .mut_subcommands(without_files)
}

/// The script for a shell.
pub fn script(shell: &str) -> io::Result<String> {
    let shell = SHELLS.completer(shell).ok_or_else(|| io::Error::other("no such shell"))?;
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, "happening", "happening", "happening", &mut script)?;
    String::from_utf8(script).map_err(io::Error::other)
}

/// Words that are always the same.
pub fn words<T: Display + Sync>(all: &'static [T]) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        all.iter().map(|word| CompletionCandidate::new(word.to_string())).collect()
    })
}

/// Topics of help, and commands.
pub fn topics(topics: &'static [(&'static str, &'static str)]) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        let all = Cli::command();
        let commands = all.get_subcommands().map(|command| command.get_name().to_owned());
        topics
            .iter()
            .map(|(topic, _)| (*topic).to_owned())
            .chain(commands)
            .map(CompletionCandidate::new)
            .collect()
    })
}

/// Names of contexts.
pub fn contexts() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let contexts = Config::load(Environment::of_process()).map(|config| config.settings.contexts);
        let contexts = contexts.unwrap_or_default();
        let named = contexts.iter().map(|(name, context)| Named {
            value: name.clone(),
            name: name.clone(),
            help: context.server.to_string(),
        });
        matching(typed, named)
    })
}

/// Ids of events, by id or name.
pub fn events() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let events = ask(async |client, _| client.events(None, None).await.ok()).unwrap_or_default();
        matching(
            typed,
            events.into_iter().map(|event| Named {
                value: event.id.to_string(),
                help: format!("{}, {} free", event.name, event.available_slots),
                name: event.name,
            }),
        )
    })
}

/// Ids of the caller's own bookings, by id or by the event's name.
pub fn bookings() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let bookings = ask(async |client, session| {
            let me = me(&client, &session).await?;
            client.bookings_of(me.id).await.ok()
        });
        matching(
            typed,
            bookings.unwrap_or_default().into_iter().map(|booking| Named {
                value: booking.booking_id.to_string(),
                help: format!("{}, {} seats, {}", booking.event_name, booking.seats, booking.status),
                name: booking.event_name,
            }),
        )
    })
}

/// The caller's organizations: by name where a shell takes the name for one word and nothing else, else by id.
pub fn organizations() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let organizations = ask(async |client, session| me(&client, &session).await?.organizations);
        matching(
            typed,
            organizations.unwrap_or_default().into_iter().map(|membership| {
                let (id, name) = (membership.organization_id, membership.organization_name);
                if command_line::is_plain(&name) {
                    Named { value: name.clone(), help: membership.role.to_string(), name }
                } else {
                    Named { value: id.to_string(), help: format!("{name}, {}", membership.role), name }
                }
            }),
        )
    })
}

/// Asks the daemon that the command line names, as whoever is signed in. Nothing if it takes too long or goes wrong.
fn ask<T>(question: impl AsyncFnOnce(Client, Session) -> Option<T>) -> Option<T> {
    let config = Config::load(Environment::of_process()).ok()?;
    let typed = command_line::typed();
    let server = match command_line::value_of(&typed, "--context") {
        Some(context) => config.server_of_context(&context),
        None => config.server(command_line::value_of(&typed, "--server").as_deref()),
    };
    let server = server.ok()?.url;
    let session = signin::session(&server, &config, &Clock::system()).ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let asking =
        async { tokio::time::timeout(PATIENCE, question(session.client(PATIENCE), session.clone())).await };
    let answer = runtime.block_on(asking).ok().flatten();
    runtime.shutdown_background();
    answer
}

async fn me(client: &Client, session: &Session) -> Option<User> {
    client.user_by_subject(&session.claims().await.ok()?.sub).await.ok()?
}

/// Something that can be put in place of what was typed.
struct Named {
    value: String,
    name: String,
    help: String,
}

fn matching(typed: &OsStr, named: impl Iterator<Item = Named>) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy().to_lowercase();
    let begins = |text: &str| text.to_lowercase().starts_with(&typed);
    named
        .filter(|one| begins(&one.value) || begins(&one.name))
        .filter(|one| command_line::is_plain(&one.value))
        .map(|one| CompletionCandidate::new(one.value).help(Some(crate::output::visible(&one.help).into())))
        .collect()
}
