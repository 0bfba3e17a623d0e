//! Completion of commands, options, and of what is at the daemon.
//!
//! The shell's script runs this binary with a variable set, and prints what it answers. What is at the daemon is asked for
//! with the sign-in at hand, and within 300 ms: a person who presses Tab waits for nothing, and is never told why nothing
//! came.

use crate::cli::Cli;
use clap::CommandFactory as _;
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;
use happening_core::client::Client;
use happening_core::clock::Clock;
use happening_core::signin::{self, Config, Environment, Session};
use happening_core::wire::User;
use std::ffi::OsStr;
use std::io;
use std::time::Duration;

/// How long a person waits for a Tab.
const PATIENCE: Duration = Duration::from_millis(300);

/// The variable by which a shell asks.
const VARIABLE: &str = "HAPPENING_COMPLETE";

/// Answers the shell, if it is the shell that runs us.
pub fn answered() -> clap::error::Result<bool> {
    CompleteEnv::with_factory(Cli::command).var(VARIABLE).try_complete(std::env::args_os(), None)
}

/// The script for a shell.
pub fn script(shell: &str) -> io::Result<String> {
    let shells = Shells::builtins();
    let shell = shells.completer(shell).ok_or_else(|| io::Error::other("no such shell"))?;
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, "happening", "happening", "happening", &mut script)?;
    String::from_utf8(script).map_err(io::Error::other)
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

/// Names of the caller's organizations.
pub fn organizations() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let organizations = ask(async |client, session| me(&client, &session).await?.organizations);
        matching(
            typed,
            organizations.unwrap_or_default().into_iter().map(|membership| Named {
                value: membership.organization_name.clone(),
                help: membership.role.to_string(),
                name: membership.organization_name,
            }),
        )
    })
}

/// Asks the daemon, as whoever is signed in. Nothing if it takes too long or goes wrong.
fn ask<T>(question: impl AsyncFnOnce(Client, Session) -> Option<T>) -> Option<T> {
    let config = Config::load(Environment::of_process()).ok()?;
    let server = config.server(None).ok()?.url;
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
        // A shell puts it on the line as it is.
        .filter(|one| crate::output::visible(&one.value) == one.value)
        .map(|one| CompletionCandidate::new(one.value).help(Some(crate::output::visible(&one.help).into())))
        .collect()
}
