//! `happening-tui`: the terminal workplace of Happening's support staff.
//!
//! Why it is so: [`update::update`] decides, [`view::view`] draws, [`runner::Runner`] does, and only [`app`] knows all
//! three. So every screen in every state, and every way there, is a test without a terminal, a daemon or a clock.
//!
//! Where to begin: a key is a line in [`action`], a screen is described in [`model`], an effect in [`effect`].

mod action;
mod app;
mod effect;
mod layout;
mod message;
mod model;
mod runner;
mod terminal;
mod text;
mod theme;
mod trouble;
mod update;
mod view;

#[cfg(test)]
mod tests;

use anyhow::Context as _;
use clap::Parser;
use happening_core::clock::Clock;
use happening_core::signin::{Config, Environment, Storage};
use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Tasks that do not end by themselves within this time end with the process.
const PATIENCE: Duration = Duration::from_secs(1);

const SERVER_HELP: &str =
    "The daemon's address [default: HAPPENING_SERVER, else the current context, else http://127.0.0.1:5000]";

/// The terminal workplace of Happening's support staff.
///
/// Shows events with their free seats and waitlists, kept fresh. `?` inside says what every key does.
#[derive(Debug, Parser)]
#[command(name = "happening-tui", version)]
struct Arguments {
    #[arg(long, value_name = "URL", help = SERVER_HELP)]
    server: Option<String>,

    /// Keep the sign-in in a file that only you can read, where there is no keyring
    #[arg(long)]
    insecure_storage: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(why) = needs_a_terminal() {
        return fail(&why, 2);
    }
    match begin(&arguments) {
        Ok(end) => end,
        Err(Failure::Usage(error)) => fail(&error, 2),
        Err(Failure::Other(error)) => fail(&format!("{error:#}"), 1),
    }
}

enum Failure {
    Usage(String),
    Other(anyhow::Error),
}

fn needs_a_terminal() -> Result<(), String> {
    let instead = "for scripts there is `happening`, with `-o json` for machines";
    if !io::stdout().is_terminal() {
        return Err(format!("stdout is not a terminal; {instead}"));
    }
    if !io::stdin().is_terminal() {
        return Err(format!("stdin is not a terminal; {instead}"));
    }
    if env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(format!("this terminal cannot move its cursor (TERM=dumb); {instead}"));
    }
    Ok(())
}

fn fail(why: &str, code: u8) -> ExitCode {
    // Where stderr is gone too, the exit code has to do.
    let _gone = writeln!(io::stderr(), "error: {}", text::visible(why));
    ExitCode::from(code)
}

fn begin(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let usage = |error: happening_core::signin::SigninError| Failure::Usage(error.to_string());
    let config = Config::load(Environment::of_process()).map_err(usage)?;
    let server = config.server(arguments.server.as_deref()).map_err(usage)?.url;
    let storage = if arguments.insecure_storage { Storage::File } else { config.storage() };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start")
        .map_err(Failure::Other)?;
    let ended = runtime.block_on(run(server, config, storage));
    // A request that hangs must not hold the shell back.
    runtime.shutdown_timeout(PATIENCE);
    ended.map_err(Failure::Other)
}

async fn run(server: url::Url, config: Config, storage: Storage) -> anyhow::Result<ExitCode> {
    let clock = Clock::system();
    let (sender, mut messages) = mpsc::channel(app::BACKLOG);
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let theme = theme::Theme::from_environment(|name| env::var(name).ok());
    app::listen(&sender, clock.clone(), &tasks, &stop).context("cannot listen to the terminal")?;
    let mut screen = terminal::Screen::take(stop.clone()).context("cannot use this terminal")?;
    let size = screen.size().context("cannot use this terminal")?;
    let name = server.as_str().trim_end_matches('/').to_owned();
    let mut model = model::Model::new(clock.now(), size, &theme, name);
    let mut runner = runner::Runner::new(server, config, storage, sender, tasks.clone(), stop.clone());

    let ended = app::run(&mut screen, &mut model, &mut runner, &mut messages, &stop).await;
    drop(screen);
    stop.cancel();
    tasks.close();
    // Whoever waits to send is let go.
    messages.close();
    let _late = tokio::time::timeout(PATIENCE, tasks.wait()).await;

    Ok(match ended.context("cannot draw on this terminal")? {
        Some(model::End::Quit) => ExitCode::SUCCESS,
        Some(model::End::Signal(signal)) => ExitCode::from(signal.exit_code()),
        None => ExitCode::from(101),
    })
}
