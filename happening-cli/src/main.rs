//! `happening`: the command line of Happening.
//!
//! The way of a command: [`cli`] parses it, [`commands`] has a file for it that calls the daemon through the typed client
//! of `happening-core`, [`output`] renders what came back, and [`exit`] maps what went wrong to an exit code; [`frame`]
//! holds these together. Nothing is done before the arguments are parsed, so that `--help` is instant.

mod app;
mod args;
mod browser;
mod cli;
mod commands;
mod completion;
mod exit;
mod frame;
mod output;
mod prompt;
mod trace;
mod wait;

use app::App;
use clap::Parser as _;
use cli::Cli;
use exit::Exit;
use output::Console;
use std::process::ExitCode;

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
    match run(cli, &console) {
        Ok(()) => Exit::Ok.into(),
        // Whoever read our output has seen enough: no error, and nobody left to tell.
        Err(error) if exit::is_broken_pipe(&error) => Exit::Ok.into(),
        Err(error) => console.failure(&error).into(),
    }
}

fn run(cli: Cli, console: &Console) -> anyhow::Result<()> {
    if cli.global.dry_run && cli.command.is_local() {
        let why = "--dry-run is for what the daemon does: this works on this machine alone";
        return Err(exit::CliError::Usage(why.to_owned()).into());
    }
    let Some(command) = commands::run_alone(cli.command)? else {
        return Ok(());
    };
    let app = App::new(&cli.global, console)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        tokio::select! {
            result = commands::run(command, &app) => result,
            _ = tokio::signal::ctrl_c() => Err(app.interrupted().into()),
        }
    });
    // A name that is still being looked up must not hold up the end.
    runtime.shutdown_background();
    result
}

/// Help and version are data for stdout; a mistake is for stderr and counts as usage.
fn explain(refusal: &clap::Error) -> ExitCode {
    // If nobody reads it, there is nothing more to do.
    let _ = refusal.print();
    if refusal.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() }
}
