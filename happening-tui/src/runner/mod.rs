//! Does what the update asks for: each effect is a tracked task that sends [`Message`]s back.
//!
//! Add an effect: a variant of [`Effect`], a method here or a file beside this one.

mod memory;
mod signin;
mod watch;

use crate::effect::Effect;
use crate::message::Message;
use futures::{StreamExt as _, stream};
use happening_core::client::Client;
use happening_core::clock::Clock;
use happening_core::id::OrganizationId;
use happening_core::signin::{Config, Storage};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

/// Someone is looking at the screen: better to say soon that there is no answer.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Organizations that are asked for at the same time.
const AT_ONCE: usize = 4;

/// What it takes to do things.
pub struct Runner {
    seat: Arc<Seat>,
    tasks: TaskTracker,
    stop: CancellationToken,
    signin: CancellationToken,
    watch: CancellationToken,
}

/// What every task needs.
struct Seat {
    server: Url,
    config: Config,
    storage: Storage,
    clock: Clock,
    messages: Sender<Message>,
    /// The client of whoever is signed in.
    client: Mutex<Option<Client>>,
}

impl Seat {
    fn client(&self) -> Option<Client> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        let seat =
            Seat { server, config, storage, clock: Clock::system(), messages, client: Mutex::new(None) };
        Self { seat: Arc::new(seat), tasks, signin: stop.child_token(), watch: stop.child_token(), stop }
    }

    /// Begins an effect.
    pub fn run(&mut self, effect: Effect) {
        let seat = Arc::clone(&self.seat);
        match effect {
            Effect::SignIn { attempt, from } => {
                self.signin.cancel();
                self.signin = self.stop.child_token();
                self.spawn(self.signin.clone(), signin::run(seat, attempt, from));
            }
            Effect::Watch { watch, subject } => {
                self.watch.cancel();
                self.watch = self.stop.child_token();
                self.spawn(self.watch.clone(), watch::run(seat, watch, subject));
            }
            Effect::Unwatch => self.watch.cancel(),
            Effect::LearnOrganizations(ids) => self.spawn(self.stop.clone(), organizations(seat, ids)),
        }
    }

    fn spawn(&self, until: CancellationToken, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(async move { until.run_until_cancelled(task).await });
    }
}

/// Names are an ornament: where one cannot be had, the id is shown instead and nothing is said.
async fn organizations(seat: Arc<Seat>, ids: Vec<OrganizationId>) {
    let Some(client) = seat.client() else { return };
    let names = stream::iter(ids)
        .map(|id| {
            let client = client.clone();
            async move { (id, client.organization(id).await.ok().map(|organization| organization.name)) }
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    seat.tell(Message::Organizations(names)).await;
}
