//! The composition root: the one place that knows which technology each part is.

pub mod doctor;
mod files;
mod foundation;
mod identity;
mod keycloak;
mod offline;

pub use foundation::Foundation;
pub use offline::reconcile;

use crate::booking::{Engine, EngineParts, EngineStats, Reconciler};
use crate::config::{Config, list};
use crate::counters::{Counters, memory::MemoryCounters, redis::RedisCounters};
use crate::demo;
use crate::holds::{HoldMirror, HoldRules, Holds, memory::MemoryHolds, redis::RedisHolds};
use crate::http::{Api, Capacity, Limits, RateLimits, Rates, Readers, Server, SharedReads, Terms, router};
use crate::idempotency::KeptAnswers;
use crate::ids::Ids;
use crate::lifecycle::Lifecycle;
use crate::live::broadcast::Broadcast;
use crate::live::memory::MemoryBroadcast;
use crate::live::redis::RedisBroadcast;
use crate::live::{Live, LiveParts, WatchedPart};
use crate::liveness::Liveness;
use crate::outbox::{Announcer, Handoff, Relay};
use crate::places::Places;
use crate::service::{Gauges, Quotas, Services};
use crate::store::Store;
use anyhow::Context;
use chrono::Duration as Span;
use happening_core::booking;
use happening_core::clock::Clock;
use happening_core::wire::Health;
use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Changes older than this are forgotten: a daemon that is further behind reads events anew.
const CHANGES_KEPT: Span = Span::hours(1);

/// Answers to requests that may be sent again are remembered for so long, and forgotten within minutes after.
const ANSWERS_KEPT: Span = Span::hours(24);

/// How often counters and queue are asked while nobody works with them, and for how long each time.
const ASKED: Duration = Duration::from_secs(1);

/// Ends once the schema is up to date and what reads it has started.
type Migrated = tokio::task::JoinHandle<Option<anyhow::Result<()>>>;

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Roles {
    /// Deliver notifications.
    pub worker: bool,
    /// Bring in the demo organization, once.
    pub demo: bool,
}

/// Runs the API, and with it whatever `roles` say, until the lifecycle ends. `ready` is called once it answers.
pub async fn serve(
    config: &Config,
    roles: Roles,
    lifecycle: &Lifecycle,
    ready: impl FnOnce(SocketAddr) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let capacity = capacity(config, files::raise_limit());
    let address = SocketAddr::new(config.host, config.port);
    let server = Server::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    let address = server.address();
    // Held to the end: with it goes the lock on the data directory.
    let base = Foundation::open(config, lifecycle)?;
    let (api, migrated) = open(config, &base, roles, address, capacity)?;
    let terms = Terms {
        capacity,
        places: api.places.clone(),
        trusted_proxies: api.trusted_proxies.clone(),
        write_timeout: seconds(config.write_timeout_seconds),
    };
    let serving = server.serve(router(api), terms, lifecycle);
    let readying = async {
        // Serving already: a daemon whose database is away says so with 503, rather than not at all.
        migrated.await?.unwrap_or_else(|| anyhow::bail!("ended before the database was up to date"))?;
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
    readied?;
    whole(lifecycle)
}

/// Whether it ended as it should.
fn whole(lifecycle: &Lifecycle) -> anyhow::Result<()> {
    lifecycle.broken().map_or(Ok(()), |task| anyhow::bail!("the {task} panicked, see the log"))
}

/// Opens every part and starts what runs beside the API. The second is done once the schema is up to date.
fn open(
    config: &Config,
    base: &Foundation,
    roles: Roles,
    address: SocketAddr,
    capacity: Capacity,
) -> anyhow::Result<(Api, Migrated)> {
    let lifecycle = &base.lifecycle;
    let (verifier, issuer, discovery) = identity::open(config, address, &base.clock)?;
    let verifier = Arc::new(verifier);
    {
        let (verifier, soft) = (verifier.clone(), lifecycle.soft());
        lifecycle.spawn(lifecycle.essential("verifier", async move { verifier.run(soft).await }));
    }
    let (holds, hold_rules) = holds(config, base)?;
    let held = Arc::new(HoldMirror::default());
    let counters_liveness = Liveness::new("counters");
    let live = start_live(config, base, &counters_liveness, (&holds, &held))?;
    let (parts, relayed) = engine_parts(config, base, counters_liveness, live)?;
    let keycloak = keycloak::open(config, base, &parts.ids)?;
    let keycloak_sync = keycloak.as_ref().map(keycloak::Keycloak::sync);
    let migrated = start_background(base, &parts, relayed, roles, keycloak, discovery.issuer.clone());
    let engine = Engine::start(&parts, config.db_committers as usize, lifecycle);
    let operations = base.operations(roles.worker);
    let services = Services::new(parts, engine, operations, keycloak_sync, holds, hold_rules, held);
    let services = Arc::new(services.tracked_by(lifecycle).with_quotas(quotas(config)));
    lifecycle.spawn_until_soft(lifecycle.essential("housekeeping", services.clone().keep_house()));
    lifecycle.spawn(lifecycle.essential("jobs", services.clone().run_jobs(lifecycle.soft())));
    let places = Places::default();
    let gauges = Gauges { places: places.clone(), parts: watched_parts(base, &services.counters_liveness) };
    lifecycle.spawn_until_soft(lifecycle.essential("gauges", services.clone().measure(gauges)));
    let rate_limits = Arc::new(RateLimits::new(rates(config)));
    let sharing = rate_limits.clone().share(base.store.clone(), services.live.clone());
    lifecycle.spawn_until_soft(lifecycle.essential("rates", sharing));
    let readers = Arc::new(Readers::of(base.readers(config)));
    let shared_reads = SharedReads::new(services.live.changes().clone(), readers.clone());
    let api = Api {
        services,
        verifier,
        queue: base.queue.clone(),
        queue_liveness: base.queue_liveness.clone(),
        discovery,
        client_id: config.keycloak_client_id.clone(),
        origins: list(&config.allowed_origins),
        trusted_proxies: config.proxies().map_err(anyhow::Error::msg)?,
        readers,
        shared_reads,
        kept_answers: KeptAnswers::new(config.answers_per_caller),
        rate_limits,
        limits: socket_limits(config, capacity),
        capacity,
        places,
        issuer,
        lifecycle: lifecycle.clone(),
    };
    Ok((api, migrated))
}

/// What is taken on, within the files that there are.
fn capacity(config: &Config, files: u64) -> Capacity {
    let wanted = Capacity {
        connections: config.max_connections,
        connections_per_address: config.connections_per_address,
        streams: config.max_streams,
        streams_per_person: config.streams_per_person,
        sockets: 0,
    };
    // Readers, committers, and what either store has beside them.
    let used = config.db_readers + 2 * config.db_committers + 8;
    let capacity = wanted.within(files, used);
    tracing::info!(files, connections = capacity.connections, streams = capacity.streams, "what is taken on");
    capacity
}

fn rates(config: &Config) -> Rates {
    Rates {
        requests_per_second: config.requests_per_second,
        anonymous_per_second: config.anonymous_requests_per_second,
        questions_per_second: config.questions_per_second,
        invites_per_hour: config.invites_per_hour,
        organizations_per_hour: config.organizations_per_hour,
    }
}

fn quotas(config: &Config) -> Quotas {
    Quotas {
        owned: quota(config.organizations_per_person),
        open_events: quota(config.upcoming_events_per_organization),
        invites_of_organization: quota(config.open_invites_per_organization),
        invites_to_address: quota(config.open_invites_per_address),
    }
}

/// How much there may be, of which 0 is any number.
fn quota(most: u32) -> Option<u32> {
    (most > 0).then_some(most)
}

/// A number of seconds, of which 0 is none.
fn seconds(number: u32) -> Option<Duration> {
    (number > 0).then(|| Duration::from_secs(number.into()))
}

fn socket_limits(config: &Config, capacity: Capacity) -> Limits {
    Limits {
        sockets: capacity.sockets,
        sockets_per_person: config.sockets_per_person,
        sockets_per_address: config.sockets_per_address,
        sockets_per_connection: config.sockets_per_connection,
        handshakes_per_second: config.socket_handshakes_per_second,
        seats: config.hold_seats_per_person,
        messages_per_second: config.socket_messages_per_second,
        payload: config.socket_payload_bytes,
    }
}

fn engine_parts(
    config: &Config,
    base: &Foundation,
    counters_liveness: Liveness,
    live: Live,
) -> anyhow::Result<(EngineParts, tokio::sync::mpsc::Receiver<Vec<happening_core::wire::QueuedNotification>>)>
{
    let counters: Arc<dyn Counters> = match &config.redis_url {
        Some(url) => Arc::new(RedisCounters::open(url)?),
        None => Arc::new(MemoryCounters::default()),
    };
    if base.store.is_shared() && config.redis_url.is_none() {
        tracing::info!(
            "counters are in this process: a second daemon on this database needs Redis (REDIS_URL)"
        );
    }
    let (handoff, relayed) = Handoff::channel();
    let parts = EngineParts {
        store: base.store.clone(),
        store_liveness: base.store_liveness.clone(),
        counters,
        counters_liveness,
        handoff,
        live,
        clock: base.clock.clone(),
        ids: Ids::default(),
        limits: booking::Limits {
            seats_per_booking: config.max_seats_per_booking,
            parties: quota(config.waiting_parties_per_event),
            parties_of_one: quota(config.waiting_parties_per_person),
            ..booking::Limits::default()
        },
        stats: EngineStats::default(),
    };
    Ok((parts, relayed))
}

fn holds(config: &Config, base: &Foundation) -> anyhow::Result<(Arc<dyn Holds>, HoldRules)> {
    let holds: Arc<dyn Holds> = match &config.redis_url {
        Some(url) => Arc::new(RedisHolds::open(url)?),
        None => Arc::new(MemoryHolds::new(base.clock.clone())),
    };
    let rules = HoldRules {
        ttl: Duration::from_secs(config.hold_ttl_seconds.into()),
        seats_per_person: config.hold_seats_per_person,
        seats_per_address: config.hold_seats_per_address,
    };
    Ok((holds, rules))
}

/// Parts whose health operators watch, and what the daemon is without them.
fn watched_parts(base: &Foundation, counters_liveness: &Liveness) -> Vec<WatchedPart> {
    vec![
        ("store", base.store_liveness.clone(), Health::Down),
        ("counters", counters_liveness.clone(), Health::Degraded),
        ("queue", base.queue_liveness.clone(), Health::Degraded),
    ]
}

/// Starts what publishes to those who watch, here and on other daemons.
fn start_live(
    config: &Config,
    base: &Foundation,
    counters_liveness: &Liveness,
    (holds, held): (&Arc<dyn Holds>, &Arc<HoldMirror>),
) -> anyhow::Result<Live> {
    let broadcast: Arc<dyn Broadcast> = match &config.redis_url {
        Some(url) => Arc::new(RedisBroadcast::open(url)?),
        None => Arc::new(MemoryBroadcast::default()),
    };
    let watched = watched_parts(base, counters_liveness);
    let parts = LiveParts {
        store: base.store.clone(),
        store_liveness: base.store_liveness.clone(),
        holds: holds.clone(),
        mirror: held.clone(),
        broadcast,
        watched,
        clock: base.clock.clone(),
        id: Ids::default().uuid(),
        run: u64::try_from(base.clock.now().timestamp_millis()).unwrap_or(0),
    };
    Ok(Live::start(parts, &base.lifecycle))
}

/// Migrates, then starts everything that reads the schema.
fn start_background(
    base: &Foundation,
    parts: &EngineParts,
    relayed: tokio::sync::mpsc::Receiver<Vec<happening_core::wire::QueuedNotification>>,
    roles: Roles,
    keycloak: Option<keycloak::Keycloak>,
    issuer: String,
) -> Migrated {
    let relay = Relay::new(
        base.store.clone(),
        base.store_liveness.clone(),
        base.queue.clone(),
        base.queue_liveness.clone(),
        base.clock.clone(),
    );
    let (lifecycle, base, parts) = (base.lifecycle.clone(), base.clone(), parts.clone());
    lifecycle.start(async move {
        tokio::select! {
            migrated = base.migrate() => migrated?,
            never = ask_meanwhile(&base, &parts) => match never {},
        }
        if !base.queue.is_durable() {
            // What the last daemon's queue held is gone with it.
            base.once_available(|| base.store.release_all(base.clock.now())).await?;
        }
        if roles.demo {
            base.once_available(|| demo::bring_in(&parts, &issuer)).await?;
        }
        base.watch();
        if let Some(keycloak) = keycloak {
            keycloak.start(&base).await?;
        }
        let lifecycle = &base.lifecycle;
        lifecycle.spawn_until_soft(lifecycle.essential("reconciler", Reconciler::new(parts).run()));
        if roles.worker || base.queue.is_durable() {
            lifecycle.spawn(lifecycle.essential("relay", relay.run(relayed)));
        }
        let announcer = Announcer {
            store: base.store.clone(),
            store_liveness: base.store_liveness.clone(),
            clock: base.clock.clone(),
        };
        lifecycle.spawn_until_soft(lifecycle.essential("announcer", announcer.run()));
        lifecycle.spawn_until_soft(forget_what_is_old(base.store.clone(), base.clock.clone()));
        if roles.worker {
            base.start_worker();
        }
        base.store_liveness.beat(Duration::ZERO);
        Ok(())
    })
}

/// Counters and queue are watched by whoever works with them. While the store is away nobody does, and `/readyz` is to tell
/// how they are all the same.
async fn ask_meanwhile(base: &Foundation, parts: &EngineParts) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(ASKED).await;
        note(&parts.counters_liveness, parts.counters.ping()).await;
        note(&base.queue_liveness, base.queue.ping()).await;
    }
}

async fn note<E: Display>(liveness: &Liveness, ping: impl Future<Output = Result<(), E>>) {
    match tokio::time::timeout(ASKED, ping).await {
        Ok(Ok(())) => liveness.beat(Duration::ZERO),
        Ok(Err(error)) => liveness.miss(&error),
        Err(_) => liveness.miss(&"no answer to a ping"),
    }
}

/// Every few minutes.
async fn forget_what_is_old(store: Arc<dyn Store>, clock: Clock) {
    loop {
        tokio::time::sleep(Duration::from_mins(5)).await;
        if let Err(error) = store.forget_changes(clock.now() - CHANGES_KEPT).await {
            tracing::warn!(%error, "old changes could not be forgotten");
        }
        if let Err(error) = store.forget_answers(clock.now() - ANSWERS_KEPT).await {
            tracing::warn!(%error, "old answers could not be forgotten");
        }
    }
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
    whole(lifecycle)
}
