//! The composition root: the one place that knows which technology each part is.

use crate::booking::{Engine, Parts, Reconciler};
use crate::config::{Config, list};
use crate::counters::{Counters, memory::MemoryCounters, redis::RedisCounters};
use crate::demo;
use crate::http::{Api, Server, router};
use crate::identity::{Verifier, VerifierSettings, builtin};
use crate::ids::Ids;
use crate::lifecycle::Lifecycle;
use crate::outbox::{Handoff, Relay};
use crate::queue::{Queue, memory::MemoryQueue, rabbit::RabbitQueue};
use crate::service::Services;
use crate::store::{Store, StoreError, pg::PgStore, sqlite::SqliteStore};
use crate::vital::Vital;
use crate::worker::{LogChannel, Worker};
use anyhow::Context;
use chrono::Duration as Span;
use happening_core::clock::Clock;
use happening_core::wire::{Discovery, DiscoveryClients};
use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the store is asked whether it answers, and for how long each time.
const PULSE: Duration = Duration::from_millis(500);
const PULSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Changes older than this are forgotten: a daemon that is further behind reads events anew.
const CHANGES_KEPT: Span = Span::hours(1);

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Roles {
    /// Deliver notifications.
    pub worker: bool,
    /// Bring in the demo organization, once.
    pub demo: bool,
}

/// The parts that every role needs.
#[derive(Clone)]
pub struct Foundation {
    store: Arc<dyn Store>,
    store_vital: Vital,
    queue: Arc<dyn Queue>,
    queue_vital: Vital,
    clock: Clock,
    lifecycle: Lifecycle,
    /// Held while this daemon is the one that the SQLite file serves.
    _exclusive: Option<Arc<File>>,
}

impl Foundation {
    /// Opens store and queue. Neither needs to answer yet.
    pub fn open(config: &Config, lifecycle: &Lifecycle) -> anyhow::Result<Self> {
        let mut exclusive = None;
        let store: Arc<dyn Store> = if let Some(url) = config.postgres() {
            Arc::new(PgStore::open(&url, config.db_readers, config.db_committers + 2)?)
        } else {
            std::fs::create_dir_all(&config.data_dir)
                .with_context(|| format!("cannot make the data directory {}", config.data_dir.display()))?;
            exclusive = Some(Arc::new(lock(config)?));
            Arc::new(SqliteStore::open(&config.data_dir.join("happening.db"), 4))
        };
        let queue: Arc<dyn Queue> = match &config.rabbitmq_url {
            Some(url) => Arc::new(RabbitQueue::new(url, &config.notifications_queue)),
            None => Arc::new(MemoryQueue::default()),
        };
        Ok(Self {
            store,
            store_vital: Vital::new("store"),
            queue,
            queue_vital: Vital::new("queue"),
            clock: Clock::system(),
            lifecycle: lifecycle.clone(),
            _exclusive: exclusive,
        })
    }

    /// Brings the schema up to date. A database that is away is waited for; one that refuses is an error.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        loop {
            match self.store.migrate().await {
                Ok(()) => return Ok(()),
                Err(StoreError::Unavailable(reason)) => {
                    self.store_vital.miss(&reason);
                    tokio::select! {
                        () = tokio::time::sleep(PULSE) => {}
                        () = self.lifecycle.soft().cancelled_owned() => anyhow::bail!("ended before the database answered"),
                    }
                }
                Err(error) => {
                    return Err(error).context("the database schema could not be brought up to date");
                }
            }
        }
    }

    /// Starts what watches the store.
    pub fn watch(&self) {
        let (store, vital) = (self.store.clone(), self.store_vital.clone());
        self.lifecycle.spawn_until_soft(async move {
            let mut misses = 0;
            loop {
                let started = Instant::now();
                match tokio::time::timeout(PULSE_TIMEOUT, store.ping()).await {
                    Ok(Ok(_)) => {
                        misses = 0;
                        vital.beat(started.elapsed());
                    }
                    Ok(Err(error)) => vital.miss(&error),
                    // One slow answer is a busy machine, two are a database that does not answer.
                    Err(_) if misses == 0 => misses += 1,
                    Err(_) => vital.miss(&"no answer to two pings"),
                }
                tokio::time::sleep(PULSE).await;
            }
        });
    }

    /// Starts the worker.
    pub fn start_worker(&self) {
        let worker = Worker::new(
            self.store.clone(),
            self.queue.clone(),
            self.queue_vital.clone(),
            vec![Box::new(LogChannel)],
        );
        self.lifecycle.spawn_until_soft(worker.run());
    }
}

/// SQLite serves one daemon: the second one is told so, rather than left to corrupt what the first one has in memory.
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

/// Runs the API, and with it whatever `roles` say, until the lifecycle ends. `ready` is called once it answers.
pub async fn serve(
    config: &Config,
    roles: Roles,
    lifecycle: &Lifecycle,
    ready: impl FnOnce(SocketAddr) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let address = SocketAddr::new(config.host, config.port);
    let server = Server::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let base = Foundation::open(config, lifecycle)?;
    let (verifier, issuer, discovery) = identity(config, server.address(), &base.clock)?;
    let verifier = Arc::new(verifier);
    {
        let (verifier, soft) = (verifier.clone(), lifecycle.soft());
        lifecycle.spawn(async move { verifier.run(soft).await });
    }
    let (parts, relayed) = engine_parts(config, &base)?;
    let migrated = start_background(&base, &parts, relayed, roles, discovery.issuer.clone());
    let engine = Engine::start(&parts, config.db_committers as usize, lifecycle);
    let api = Api {
        services: Arc::new(Services::new(parts, engine)),
        verifier,
        queue: base.queue.clone(),
        queue_vital: base.queue_vital.clone(),
        discovery,
        client_id: config.keycloak_client_id.clone(),
        origins: list(&config.allowed_origins),
        issuer,
        lifecycle: lifecycle.clone(),
    };
    let address = server.address();
    let serving = server.serve(router(api), lifecycle);
    let readying = async {
        // Serving already: a daemon whose database is away says so with 503, rather than not at all.
        migrated.await??;
        ready(address)
    };
    let ((), readied) = tokio::join!(serving, async {
        let readied = readying.await;
        if readied.is_err() {
            lifecycle.begin_end();
        }
        readied
    });
    lifecycle.end().await;
    readied
}

fn engine_parts(
    config: &Config,
    base: &Foundation,
) -> anyhow::Result<(Parts, tokio::sync::mpsc::Receiver<Vec<happening_core::wire::QueuedNotification>>)> {
    let counters: Arc<dyn Counters> = match &config.redis_url {
        Some(url) => Arc::new(RedisCounters::open(url)?),
        None => Arc::new(MemoryCounters::default()),
    };
    let (handoff, relayed) = Handoff::channel();
    let parts = Parts {
        store: base.store.clone(),
        store_vital: base.store_vital.clone(),
        counters,
        counters_vital: Vital::new("counters"),
        handoff,
        clock: base.clock.clone(),
        ids: Ids::default(),
    };
    Ok((parts, relayed))
}

/// Migrates, then starts everything that reads the schema.
fn start_background(
    base: &Foundation,
    parts: &Parts,
    relayed: tokio::sync::mpsc::Receiver<Vec<happening_core::wire::QueuedNotification>>,
    roles: Roles,
    issuer: String,
) -> tokio::task::JoinHandle<anyhow::Result<()>> {
    let relay = Relay::new(
        base.store.clone(),
        base.store_vital.clone(),
        base.queue.clone(),
        base.queue_vital.clone(),
        base.clock.clone(),
    );
    let (base, parts) = (base.clone(), parts.clone());
    tokio::spawn(async move {
        base.migrate().await?;
        if !base.queue.is_durable() {
            // What the last daemon's queue held is gone with it.
            base.store.release_all(base.clock.now()).await?;
        }
        if roles.demo {
            demo::bring_in(&parts, &issuer).await?;
        }
        base.watch();
        base.lifecycle.spawn_until_soft(Reconciler::new(parts).run());
        base.lifecycle.spawn(relay.run(relayed));
        let (store, clock) = (base.store.clone(), base.clock.clone());
        base.lifecycle.spawn_until_soft(async move {
            loop {
                tokio::time::sleep(Duration::from_mins(5)).await;
                if let Err(error) = store.forget_changes(clock.now() - CHANGES_KEPT).await {
                    tracing::warn!(%error, "old changes could not be forgotten");
                }
            }
        });
        if roles.worker {
            base.start_worker();
        }
        Ok(())
    })
}

fn identity(
    config: &Config,
    address: SocketAddr,
    clock: &Clock,
) -> anyhow::Result<(Verifier, Option<Arc<builtin::BuiltinIssuer>>, Discovery)> {
    let (issuer, settings) =
        if let (Some(issuer), Some(inside)) = (config.keycloak_issuer(), config.keycloak_inside()) {
            let inside_url = (inside != issuer).then_some(inside);
            (
                None,
                VerifierSettings {
                    kind: "keycloak".to_owned(),
                    issuer,
                    inside_url,
                    audience: config.keycloak_client_id.clone(),
                    trusted_clients: list(&config.oidc_trusted_clients),
                },
            )
        } else {
            std::fs::create_dir_all(&config.data_dir)?;
            let issuer = Arc::new(builtin::BuiltinIssuer::new(address, &config.data_dir, clock.clone())?);
            let settings = VerifierSettings {
                kind: "built-in".to_owned(),
                issuer: issuer.url().to_owned(),
                inside_url: None,
                audience: builtin::AUDIENCE.to_owned(),
                trusted_clients: Vec::new(),
            };
            (Some(issuer), settings)
        };
    let discovery = Discovery {
        name: "Happening".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        issuer: settings.issuer.clone(),
        clients: DiscoveryClients {
            cli: "happening-cli".to_owned(),
            web: "happening-client".to_owned(),
            demo: issuer.is_some().then(|| "happening-demo".to_owned()),
        },
        audience: settings.audience.clone(),
    };
    Ok((Verifier::new(settings, clock.clone()), issuer, discovery))
}

/// Runs the worker alone until the lifecycle ends.
pub async fn work(config: &Config, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    anyhow::ensure!(
        config.rabbitmq_url.is_some() && config.postgres().is_some(),
        "a worker of its own needs PostgreSQL (DATABASE_URL) and RabbitMQ (RABBITMQ_URL)"
    );
    let base = Foundation::open(config, lifecycle)?;
    base.migrate().await?;
    base.watch();
    base.start_worker();
    lifecycle.soft().cancelled_owned().await;
    lifecycle.end().await;
    Ok(())
}
