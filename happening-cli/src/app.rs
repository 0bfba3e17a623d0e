//! What a command works with: the console, the configuration, and the way to the daemon.

use crate::caller::Caller;
use crate::cleanup::Cleanup;
use crate::cli::Global;
use crate::declare::Tally;
use crate::exit::CliError;
use crate::output::Console;
use crate::trace::Trace;
use happening_core::client::{Client, ClientOptions, DEFAULT_TIMEOUT, FixedToken};
use happening_core::clock::Clock;
use happening_core::signin::{self, Config, Environment, ServerChoice, SigninError};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The means of a command. Making it reads the configuration and asks nobody.
pub struct App<'a> {
    pub console: &'a Console,
    pub config: Config,
    pub clock: Clock,
    pub server: ServerChoice,
    options: ClientOptions,
    timeout: Option<Duration>,
    trace: Arc<Trace>,
    is_changing: Cell<bool>,
    /// What to tell of what goes on at the daemon without the command.
    going_on: RefCell<Option<String>>,
    /// How far a plan of many changes has come.
    pub tally: Tally,
    /// What the command has made for itself alone.
    pub cleanup: Cleanup,
}

impl<'a> App<'a> {
    pub fn new(global: &Global, console: &'a Console) -> Result<Self, SigninError> {
        let config = Config::load(Environment::of_process())?;
        let server = match &global.context {
            Some(name) => config.server_of_context(name)?,
            None => config.server(global.server.as_deref())?,
        };
        let tells_pauses = console.shows_progress();
        let trace = Arc::new(Trace::new(global.verbose, global.curl, tells_pauses));
        let options = ClientOptions {
            timeout: global.timeout.unwrap_or(DEFAULT_TIMEOUT),
            keys: Some(draw),
            dry_run: console.dry_run,
            observer: Some(trace.clone()),
        };
        let is_changing = Cell::new(false);
        Ok(Self {
            console,
            config,
            clock: Clock::system(),
            server,
            options,
            timeout: global.timeout,
            trace,
            is_changing,
            going_on: RefCell::default(),
            tally: Tally::default(),
            cleanup: Cleanup::default(),
        })
    }

    /// `--timeout`, for what goes on until it is told to end.
    pub fn time_limit(&self) -> Option<Duration> {
        self.timeout
    }

    /// How long to wait for what a command was told to wait for.
    pub fn patience(&self) -> Duration {
        self.timeout.unwrap_or(DEFAULT_TIMEOUT)
    }

    /// A number that nobody guesses.
    #[expect(clippy::unused_self, reason = "randomness is had from whoever has the means")]
    pub fn draw(&self) -> Uuid {
        draw()
    }

    /// Under which the daemon's log has the last request.
    pub fn last_request_id(&self) -> Option<String> {
        self.trace.last_request_id()
    }

    /// Waits for a request that changes something. If Ctrl-C comes meanwhile, that is told: nobody should have to guess
    /// whether their booking was made.
    pub async fn change<T>(&self, request: impl Future<Output = T>) -> T {
        self.is_changing.set(!self.console.dry_run);
        let answer = request.await;
        self.is_changing.set(false);
        answer
    }

    /// From here on a Ctrl-C ends the command and not what it waits for: this is what it tells. `None`: no longer.
    pub fn goes_on(&self, told: Option<String>) {
        self.going_on.replace(told);
    }

    /// What a Ctrl-C has interrupted.
    pub fn interrupted(&self) -> CliError {
        if self.console.is_filtering() {
            return CliError::InterruptedFilter;
        }
        if let Some(told) = self.going_on.take() {
            return CliError::InterruptedPlan(told);
        }
        if let Some(told) = self.tally.told() {
            return CliError::InterruptedPlan(told);
        }
        if self.is_changing.get() { CliError::InterruptedChange } else { CliError::Interrupted }
    }

    /// A client for what needs no token.
    pub fn anonymous(&self) -> Client {
        Client::with_options(self.server.url.clone(), FixedToken(None), self.options.clone())
    }

    /// A client that asks as whoever is signed in.
    pub fn caller(&self) -> Result<Caller, SigninError> {
        let session = signin::session(&self.server.url, &self.config, &self.clock)?;
        Ok(Caller { client: session.client_with(self.options.clone()), session })
    }
}

/// Keys of writes, which need no order and must not be guessed.
fn draw() -> Uuid {
    #[expect(clippy::disallowed_methods, reason = "the one place that draws keys")]
    Uuid::new_v4()
}
