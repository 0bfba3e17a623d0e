//! Does what the update asks for: each effect is a tracked task that sends [`Message`]s back.
//!
//! Add an effect: a variant of [`Effect`], a method here or a file beside this one.

mod ask;
mod change;
mod memory;
mod observer;
mod signin;
mod watch;

use crate::effect::Effect;
use crate::message::Message;
use crate::trouble::{Trouble, TroubleKind};
use happening_core::client::Client;
use happening_core::clock::Clock;
use happening_core::signin::{Config, Storage, address, logout};
use observer::Observer;
use std::future::Future;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

/// Someone is looking at the screen: better to say soon that there is no answer.
const TIMEOUT: Duration = Duration::from_secs(8);

/// What it takes to do things.
pub struct Runner {
    context: Arc<TaskContext>,
    tasks: TaskTracker,
    stop: CancellationToken,
    signin: CancellationToken,
    event: CancellationToken,
    session: CancellationToken,
}

/// What every task needs.
struct TaskContext {
    server: Mutex<Url>,
    config: Config,
    storage: Storage,
    clock: Clock,
    messages: Sender<Message>,
    /// The client of whoever is signed in.
    client: Mutex<Option<Client>>,
}

impl TaskContext {
    fn server(&self) -> Url {
        self.server.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_server(&self, server: Url) {
        *self.server.lock().unwrap_or_else(PoisonError::into_inner) = server;
        self.set_client(None);
    }

    /// The client of whoever is signed in, for one question or change: its calls are logged.
    fn client(&self) -> Option<Client> {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let observer = Observer::new(self.clock.clone(), self.messages.clone());
        Some(client.observed_by(Arc::new(observer)))
    }

    fn set_client(&self, client: Option<Client>) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client;
    }

    async fn tell(&self, message: Message) {
        // Nobody listens any more: it is over, and the task is about to be told.
        let _over = self.messages.send(message).await;
    }
}

impl Runner {
    /// A runner whose tasks end when `stop` says so.
    pub fn new(
        server: Url,
        config: Config,
        storage: Storage,
        messages: Sender<Message>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let context = TaskContext {
            server: Mutex::new(server),
            config,
            storage,
            clock: Clock::system(),
            messages,
            client: Mutex::new(None),
        };
        let child = || stop.child_token();
        let (signin, event, session) = (child(), child(), child());
        Self { context: Arc::new(context), tasks, signin, event, session, stop }
    }

    /// Begins an effect.
    pub fn run(&mut self, effect: Effect) {
        let context = Arc::clone(&self.context);
        match effect {
            Effect::SignIn { attempt, from } => {
                self.signin.cancel();
                self.signin = self.stop.child_token();
                self.spawn(self.signin.clone(), signin::run(context, attempt, from));
            }
            Effect::SignOut => self.spawn(self.stop.clone(), sign_out(context)),
            Effect::Ask { attempt, query } => {
                self.spawn(self.session.clone(), ask::run(context, attempt, query));
            }
            Effect::WatchEverything => self.spawn(self.session.clone(), watch::everything(context)),
            Effect::WatchEvent { watch, event } => {
                self.event.cancel();
                self.event = self.session.child_token();
                self.spawn(self.event.clone(), watch::event(context, watch, event));
            }
            Effect::UnwatchEvent => self.event.cancel(),
            Effect::Silence => {
                self.session.cancel();
                self.session = self.stop.child_token();
            }
            // A change that was begun is not broken off when the person goes elsewhere.
            Effect::Foretell { ticket, commands } => {
                self.spawn(self.session.clone(), change::foretell(context, ticket, commands));
            }
            Effect::Perform { ticket, commands } => {
                self.spawn(self.stop.clone(), change::perform(context, ticket, commands));
            }
            Effect::Write { path, text } => self.spawn(self.stop.clone(), write(context, path, text)),
            Effect::Connect(server) => match address(&server) {
                Ok(server) => context.set_server(server),
                Err(error) => {
                    let trouble = Trouble::new(TroubleKind::Refused, error.to_string());
                    self.spawn(self.stop.clone(), async move {
                        context.tell(Message::SignedOut(Err(trouble))).await;
                    });
                }
            },
            Effect::Copy(_) | Effect::Mouse(_) | Effect::Suspend => {}
        }
    }

    fn spawn(&self, until: CancellationToken, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(async move { until.run_until_cancelled(task).await });
    }
}

/// Gives the session back. What came from the environment cannot be.
async fn sign_out(context: Arc<TaskContext>) {
    let result = match logout(&context.server(), &context.config).await {
        Ok(_) => {
            context.set_client(None);
            Ok(())
        }
        Err(error) => Err(Trouble::from(&error)),
    };
    context.tell(Message::SignedOut(result)).await;
}

/// Writes a file that does not exist yet.
async fn write(context: Arc<TaskContext>, path: PathBuf, text: String) {
    let shown = path.display().to_string();
    let write = move || {
        let mut file = std::fs::File::create_new(&path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    let written = match tokio::task::spawn_blocking(write).await {
        Ok(Ok(())) => Ok(shown),
        Ok(Err(error)) => Err(format!("{shown} was not written: {error}")),
        Err(error) => Err(format!("{shown} was not written: {error}")),
    };
    context.tell(Message::Written(written)).await;
}
