//! Store and queue: what every role of the daemon stands on.

use crate::config::Config;
use crate::ids::Ids;
use crate::lifecycle::Lifecycle;
use crate::liveness::Liveness;
use crate::private;
use crate::queue::{Queue, memory::MemoryQueue, rabbit::RabbitQueue};
use crate::service::Operations;
use crate::store::{Store, StoreError, pg::PgStore, sqlite::SqliteStore};
use crate::worker::{
    Channel, DEADLINE, LogChannel, MailChannel, MailSettings, Retry, WebhookChannel, Worker, WorkerStats,
};
use anyhow::Context;
use happening_core::clock::Clock;
use happening_messages::Messages;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the store is asked whether it answers, and for how long each time.
const PULSE: Duration = Duration::from_millis(500);
const PULSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Readers of the embedded database.
const SQLITE_READERS: u32 = 4;

/// The parts that every role needs.
#[derive(Clone)]
pub struct Foundation {
    pub(super) store: Arc<dyn Store>,
    pub(super) store_liveness: Liveness,
    pub(super) queue: Arc<dyn Queue>,
    pub(super) queue_liveness: Liveness,
    pub(super) worker_stats: WorkerStats,
    channels: Vec<Arc<dyn Channel>>,
    messages: Arc<Messages>,
    public_url: Option<String>,
    retry: Retry,
    pub(super) clock: Clock,
    pub(super) lifecycle: Lifecycle,
    /// Held while this daemon is the one that the SQLite file serves.
    _exclusive: Option<Arc<File>>,
}

impl Foundation {
    /// Opens store and queue. Neither needs to answer yet.
    pub fn open(config: &Config, lifecycle: &Lifecycle) -> anyhow::Result<Self> {
        let mut exclusive = None;
        let store: Arc<dyn Store> = if let Some(url) = config.postgres() {
            Arc::new(PgStore::open(&url, config.db_readers, config.db_committers)?)
        } else {
            private::make_directory(&config.data_dir)
                .with_context(|| format!("cannot make the data directory {}", config.data_dir.display()))?;
            exclusive = Some(Arc::new(lock(config)?));
            keep_private(&config.data_dir)?;
            Arc::new(SqliteStore::open(&config.data_dir.join("happening.db"), SQLITE_READERS))
        };
        let queue: Arc<dyn Queue> = match &config.rabbitmq_url {
            Some(url) => {
                let queue = RabbitQueue::new(url, &config.notifications_queue);
                Arc::new(match &config.rabbitmq_management_url {
                    Some(url) => queue.with_management(url)?,
                    None => queue,
                })
            }
            None => Arc::new(MemoryQueue::default()),
        };
        let clock = Clock::system();
        let messages = Arc::new(messages(config));
        Ok(Self {
            channels: Self::channels(config, &messages, &store, &clock)?,
            messages,
            public_url: config.public_url.clone(),
            store,
            // Nobody is served before the schema is up to date.
            store_liveness: Liveness::starting("store"),
            queue,
            queue_liveness: Liveness::new("queue"),
            worker_stats: WorkerStats::default(),
            retry: Retry {
                tries: config.notification_tries,
                first_pause: Duration::from_secs(config.notification_backoff_seconds.into()),
            },
            clock,
            lifecycle: lifecycle.clone(),
            _exclusive: exclusive,
        })
    }

    /// Connections that readers have.
    pub(super) fn readers(&self, config: &Config) -> u32 {
        if self.store.is_shared() { config.db_readers } else { SQLITE_READERS }
    }

    /// Brings the schema up to date. A database that is away is waited for; one that refuses is an error.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        let migrated = self.once_available(|| self.store.migrate()).await;
        migrated.context("the database schema could not be brought up to date")
    }

    /// Does `work` once the database answers.
    pub(super) async fn once_available<Work>(&self, work: impl Fn() -> Work) -> anyhow::Result<()>
    where
        Work: Future<Output = Result<(), StoreError>>,
    {
        let mut told = false;
        loop {
            match work().await {
                Err(StoreError::Unavailable(reason) | StoreError::Busy(reason)) => {
                    if !std::mem::replace(&mut told, true) {
                        tracing::warn!(%reason, "waiting for the database");
                    }
                    tokio::select! {
                        () = tokio::time::sleep(PULSE) => {}
                        () = self.lifecycle.soft().cancelled_owned() => anyhow::bail!("ended before the database answered"),
                    }
                }
                done => return Ok(done?),
            }
        }
    }

    /// Starts what watches the store.
    pub fn watch(&self) {
        let (store, liveness) = (self.store.clone(), self.store_liveness.clone());
        self.lifecycle.spawn_until_soft(self.lifecycle.essential("pulse", async move {
            let mut misses = 0;
            loop {
                let started = Instant::now();
                match tokio::time::timeout(PULSE_TIMEOUT, store.ping()).await {
                    Ok(Ok(_)) => {
                        misses = 0;
                        liveness.beat(started.elapsed());
                    }
                    Ok(Err(error)) => liveness.miss(&error),
                    // One slow answer is a busy machine, two are a database that does not answer.
                    Err(_) if misses == 0 => misses += 1,
                    Err(_) => liveness.miss(&"no answer to two pings"),
                }
                tokio::time::sleep(PULSE).await;
            }
        }));
    }

    /// What operators look at.
    pub fn operations(&self, has_worker: bool) -> Operations {
        Operations {
            queue: self.queue.clone(),
            queue_liveness: self.queue_liveness.clone(),
            worker: self.worker_stats.clone(),
            has_worker,
            messages: self.messages.clone(),
            public_url: self.public_url.clone(),
        }
    }

    /// The channels of notifications.
    fn channels(
        config: &Config,
        messages: &Arc<Messages>,
        store: &Arc<dyn Store>,
        clock: &Clock,
    ) -> anyhow::Result<Vec<Arc<dyn Channel>>> {
        let mut channels: Vec<Arc<dyn Channel>> = vec![Arc::new(LogChannel)];
        if let Some(webhook) = Self::webhook(config)? {
            channels.push(Arc::new(webhook));
        }
        if let Some(mail) = Self::mail(config, messages, store, clock)? {
            channels.push(Arc::new(mail));
        }
        Ok(channels)
    }

    /// The webhook, if there is one.
    pub(super) fn webhook(config: &Config) -> anyhow::Result<Option<WebhookChannel>> {
        let url = config.webhook_url.as_deref();
        url.map(|url| WebhookChannel::new(url, config.webhook_allow_private)).transpose()
    }

    /// Mail, if it is sent.
    pub(super) fn mail(
        config: &Config,
        messages: &Arc<Messages>,
        store: &Arc<dyn Store>,
        clock: &Clock,
    ) -> anyhow::Result<Option<MailChannel>> {
        let (Some(url), Some(from)) = (&config.smtp_url, &config.mail_from) else { return Ok(None) };
        let settings =
            MailSettings { url, from, public_url: config.public_url.as_deref(), messages: messages.clone() };
        MailChannel::new(&settings, store.clone(), clock.clone()).map(Some)
    }

    /// Starts the worker.
    pub fn start_worker(&self) {
        let worker = Worker {
            store: self.store.clone(),
            queue: self.queue.clone(),
            queue_liveness: self.queue_liveness.clone(),
            channels: self.channels.clone(),
            retry: self.retry,
            deadline: DEADLINE,
            clock: self.clock.clone(),
            ids: Ids::default(),
            stats: self.worker_stats.clone(),
        };
        self.lifecycle.spawn_until_soft(self.lifecycle.essential("worker", worker.run()));
    }
}

/// What messages look like.
pub(super) fn messages(config: &Config) -> Messages {
    Messages::new(config.templates_dir.clone(), Some(config.default_language.clone()))
}

/// The embedded database and what SQLite keeps beside it, for their owner alone.
fn keep_private(directory: &Path) -> anyhow::Result<()> {
    for name in ["happening.db", "happening.db-wal", "happening.db-shm"] {
        let path = directory.join(name);
        private::keep(&path).with_context(|| {
            format!("{} must be readable by its owner alone, and cannot be made so", path.display())
        })?;
    }
    Ok(())
}

/// SQLite serves one daemon: the second one is refused, rather than left to corrupt what the first one has in memory.
fn lock(config: &Config) -> anyhow::Result<File> {
    let path = config.data_dir.join("daemon.lock");
    let file = File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
    file.try_lock().map_err(|_| {
        anyhow::anyhow!(
            "another daemon uses {}: SQLite serves one; two or more need PostgreSQL (DATABASE_URL) and Redis (REDIS_URL)",
            config.data_dir.display()
        )
    })?;
    Ok(file)
}
