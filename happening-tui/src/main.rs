//! `happening-tui`: the terminal workplace of Happening's support staff.
//!
//! Why it is so: [`update::update`] decides, [`view::view`] draws, [`runner::Runner`] does, and only [`app`] knows all
//! three. So every screen in every state, and every way there, is a test without a terminal, a daemon or a clock.
//!
//! Where to begin: a key is a line in [`action`], a screen is described in [`model`], an effect in [`effect`].

mod action;
mod app;
mod cli;
mod command;
mod effect;
mod feed;
mod late;
mod layout;
mod message;
mod model;
mod runner;
mod settings;
mod snapshot;
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
/// Events, bookings, waitlists, queue, Redis and audit, kept fresh. `?` inside says what can be done, `:` finds everything.
#[derive(Debug, Parser)]
#[command(name = "happening-tui", version)]
struct Arguments {
    #[arg(long, value_name = "URL", help = SERVER_HELP)]
    server: Option<String>,

    /// The screen to begin with: overview, organizations, events, event, bookings, waitlists, queue, redis, audit, log
    #[arg(long, value_name = "NAME", value_parser = screen)]
    screen: Option<model::Screen>,

    /// The event to open, by its id
    #[arg(long, value_name = "ID")]
    event: Option<happening_core::id::EventId>,

    /// Change nothing: what would is shown and disabled
    #[arg(long)]
    read_only: bool,

    /// auto, dark, light, high-contrast, 16 or plain [default: auto, which asks the terminal for its background]
    #[arg(long, value_name = "NAME", value_parser = wanted_theme, env = "HAPPENING_TUI_THEME", hide_env_values = true)]
    theme: Option<theme::Wanted>,

    /// Print one frame as text, once the screen has all that it shows, and end
    #[arg(long)]
    snapshot: bool,

    /// How large that frame is
    #[arg(long, value_name = "COLUMNSxROWS", default_value = "160x48", value_parser = size)]
    size: (u16, u16),

    /// Keep the sign-in in a file that only you can read, where there is no keyring
    #[arg(long)]
    insecure_storage: bool,
}

fn screen(name: &str) -> Result<model::Screen, String> {
    model::Screen::named(name).ok_or_else(|| {
        let names: Vec<&str> = model::Screen::ALL.iter().map(|screen| screen.name()).collect();
        format!("there are {}", names.join(", "))
    })
}

fn wanted_theme(name: &str) -> Result<theme::Wanted, String> {
    theme::Wanted::named(name).ok_or_else(|| format!("there are {}", theme::Wanted::NAMES))
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let (columns, rows) = text.split_once(['x', '×']).ok_or("such as 160x48")?;
    match (columns.parse(), rows.parse()) {
        (Ok(columns @ 1..=500), Ok(rows @ 1..=300)) => Ok((columns, rows)),
        _ => Err("such as 160x48, at most 500x300".to_owned()),
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if !arguments.snapshot
        && let Err(why) = needs_a_terminal()
    {
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
    let settings = settings::Settings::load(config.directory()).map_err(Failure::Usage)?;
    let start = Start {
        server,
        storage,
        options: options(arguments, &settings, &config),
        theme: theme(arguments, &settings),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start")
        .map_err(Failure::Other)?;
    let ended = if arguments.snapshot {
        runtime.block_on(snapshot::run(start, config, arguments.size))
    } else {
        runtime.block_on(run(start, config))
    };
    // A request that hangs must not hold the shell back.
    runtime.shutdown_timeout(PATIENCE);
    ended.map_err(Failure::Other)
}

/// With what a run begins.
struct Start {
    server: url::Url,
    storage: Storage,
    options: model::Options,
    theme: theme::Theme,
}

fn options(arguments: &Arguments, settings: &settings::Settings, config: &Config) -> model::Options {
    let contexts = config.settings.contexts.iter();
    model::Options {
        start: arguments.screen.or(settings.start),
        event: arguments.event,
        read_only: arguments.read_only || settings.read_only,
        contexts: contexts.map(|(name, context)| (name.clone(), context.server.to_string())).collect(),
        keymap: settings.keymap.clone(),
    }
}

fn theme(arguments: &Arguments, settings: &settings::Settings) -> theme::Theme {
    let wanted = arguments.theme.or(settings.theme).unwrap_or_default();
    // A frame that is printed stands on no background.
    let ask = || if arguments.snapshot { None } else { terminal::background() };
    theme::Theme::choose(wanted, |name| env::var(name).ok(), ask)
}

async fn run(start: Start, config: Config) -> anyhow::Result<ExitCode> {
    let clock = Clock::system();
    let ((keys, typed), (sender, told)) = (mpsc::channel(app::BACKLOG), mpsc::channel(app::BACKLOG));
    let mut inbox = app::Inbox { keys: typed, told };
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    app::listen(&keys, &tasks, &stop).context("cannot listen to the terminal")?;
    app::clock_ticks(&sender, clock.clone(), &tasks, &stop);
    let mut screen = terminal::Screen::take(stop.clone()).context("cannot use this terminal")?;
    let size = screen.size().context("cannot use this terminal")?;
    let name = start.server.as_str().trim_end_matches('/').to_owned();
    let mut model = model::Model::new(clock.now(), size, &start.theme, name, start.options);
    let mut runner =
        runner::Runner::new(start.server, config, start.storage, sender, tasks.clone(), stop.clone());

    let ended = app::run(&mut screen, &mut model, &mut runner, &mut inbox, &stop).await;
    drop(screen);
    stop.cancel();
    tasks.close();
    inbox.close();
    let _late = tokio::time::timeout(PATIENCE, tasks.wait()).await;

    Ok(match ended.context("cannot draw on this terminal")? {
        Some(model::End::Quit) => ExitCode::SUCCESS,
        Some(model::End::Signal(signal)) => ExitCode::from(signal.exit_code()),
        None => ExitCode::from(101),
    })
}
