//! `happening`: the command line of Happening.
//!
//! The way of a command: [`cli`] parses it, [`commands`] has a file for it that calls the daemon through the typed client
//! of `happening-core`, [`output`] renders what came back, and [`exit`] maps what went wrong to an exit code; [`frame`]
//! holds these together. Nothing is done before the arguments are parsed, so that `--help` is instant.

mod app;
mod args;
mod browser;
mod caller;
mod cleanup;
mod cli;
mod commands;
mod completion;
mod creation;
mod csv_file;
mod declare;
mod exit;
mod frame;
mod job;
mod list_limit;
mod many;
mod output;
mod prompt;
mod trace;
mod trial;
mod wait;
mod watch;

use app::App;
use clap::Parser as _;
use cli::Cli;
use exit::{CliError, Exit};
use output::Console;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::Duration;

/// How long what a command has made for itself may take to remove.
const REMOVAL: Duration = Duration::from_secs(15);

fn main() -> ExitCode {
    match completion::answered() {
        Ok(false) => {}
        Ok(true) => return Exit::Ok.into(),
        // A shell shows what a completion complains of in the middle of the line that is being typed.
        Err(_) => return Exit::Usage.into(),
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refusal) => return explain(&refusal),
    };
    let console = Console::new(&cli.global);
    let asks_who = matches!(cli.command, cli::Command::Whoami(_));
    match run(cli, &console) {
        Ok(()) => Exit::Ok.into(),
        // Whoever read our output has seen enough: no error, and nobody left to tell.
        Err(error) if exit::is_broken_pipe(&error) => Exit::Ok.into(),
        Err(error) => match exit::halted(&error) {
            Some(code) => code.into(),
            None => console.failure(&error, asks_who).into(),
        },
    }
}

fn run(cli: Cli, console: &Console) -> anyhow::Result<()> {
    if cli.global.dry_run && !cli.command.can_be_tried() {
        let why = "--dry-run is for one change at the daemon: this command cannot be tried";
        return Err(exit::CliError::Usage(why.to_owned()).into());
    }
    let Some(command) = commands::run_alone(cli.command)? else {
        return Ok(());
    };
    let app = App::new(&cli.global, console)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = panic::catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            tokio::select! {
                result = commands::run(command, &app) => result,
                () = stopped() => Err(app.interrupted().into()),
            }
        })
    }));
    let removed = runtime.block_on(remove_leftovers(&app));
    // A name that is still being looked up must not hold up the end.
    runtime.shutdown_background();
    match ended {
        Ok(Err(error)) if removed && exit::of(&error) == Exit::Interrupted => {
            Err(CliError::InterruptedAndRemoved.into())
        }
        Ok(result) => result,
        Err(defect) => panic::resume_unwind(defect),
    }
}

/// Ctrl-C, or SIGTERM, by which CI calls off what it has started.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = interrupted => return,
            _ = terminated.recv() => return,
        }
    }
    // If it cannot be listened for, the command goes on.
    if interrupted.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Removes what the command has made for itself and not removed. A second Ctrl-C leaves it there. True if there was
/// something, and it is gone.
async fn remove_leftovers(app: &App<'_>) -> bool {
    if app.cleanup.is_empty() {
        return false;
    }
    let removed = tokio::select! {
        removed = tokio::time::timeout(REMOVAL, app.cleanup.remove()) => removed,
        () = stopped() => {
            app.console.warn("interrupted again: what was made for this is still there");
            return false;
        }
    };
    let why = match removed {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => output::visible(&error.to_string()),
        Err(_) => "it took too long".to_owned(),
    };
    app.console.warn(&format!("what was made for this is still there: {why}; the next run removes it"));
    false
}

/// Help and version are data for stdout; a mistake is for stderr and counts as usage.
fn explain(refusal: &clap::Error) -> ExitCode {
    if output::refused(refusal) {
        return Exit::Usage.into();
    }
    // If nobody reads it, there is nothing more to do.
    let _ = refusal.print();
    if refusal.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() }
}
