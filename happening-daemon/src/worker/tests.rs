//! Deliveries that fail, and messages that nobody can deliver.

use super::*;
use crate::booking::{Engine, EngineFigures, Parts};
use crate::counters::memory::MemoryCounters;
use crate::lifecycle::Lifecycle;
use crate::outbox::Handoff;
use crate::queue::memory::MemoryQueue;
use crate::store::{Actor, Part};
use crate::testing::{TestStore, on_every_store, published};
use async_trait::async_trait;
use chrono::Duration as Span;
use happening_core::booking::{AnySeats, Choice, Command};
use happening_core::id::UserId;
use happening_core::wire::{NotificationStatus, ParkedKind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

on_every_store!(
    a_delivery_that_fails_is_tried_again_by_the_databases_clock_and_then_parked,
    what_nobody_can_deliver_is_parked_and_holds_up_nobody,
);

/// Fails so many times.
struct Flaky(AtomicU32);

#[async_trait]
impl Channel for Arc<Flaky> {
    fn name(&self) -> &'static str {
        "flaky"
    }

    async fn deliver(&self, _: &QueuedNotification) -> anyhow::Result<()> {
        let left = self.0.load(Ordering::Relaxed);
        if left > 0 {
            self.0.store(left - 1, Ordering::Relaxed);
            anyhow::bail!("not today");
        }
        Ok(())
    }
}

/// A worker on a queue in this process, with one notification to deliver.
struct Scene {
    store: Arc<dyn Store>,
    queue: MemoryQueue,
    clock: Clock,
    channel: Arc<Flaky>,
    user: UserId,
    message: QueuedNotification,
    worker: tokio::task::JoinHandle<()>,
}

impl Scene {
    async fn set(db: &TestStore, failures: u32) -> Self {
        let clock = Clock::stopped_at(Clock::system().now());
        let (handoff, mut relayed) = Handoff::channel();
        let lifecycle = Lifecycle::default();
        let parts = Parts {
            store: db.store.clone(),
            store_vital: Vital::new("store"),
            counters: Arc::new(MemoryCounters::default()),
            counters_vital: Vital::new("counters"),
            handoff,
            live: crate::live::testing::alone(&db.store, &lifecycle),
            clock: clock.clone(),
            ids: Ids::default(),
            figures: EngineFigures::default(),
        };
        let (user, event) = published(&parts, 5).await;
        let engine = Engine::start(&parts, 1, &lifecycle);
        let booking = parts.ids.booking();
        let command =
            Command::Book { booking, user, choice: Choice::Any(AnySeats::lowest(1)), now: clock.now() };
        engine.submit(event, command, user).await.expect("a booking");
        let message = relayed.recv().await.expect("handed over").swap_remove(0);
        let (queue, channel) = (MemoryQueue::default(), Arc::new(Flaky(AtomicU32::new(failures))));
        let worker = Worker {
            store: db.store.clone(),
            queue: Arc::new(queue.clone()),
            queue_vital: Vital::new("queue"),
            channels: vec![Arc::new(channel.clone())],
            retry: Retry { tries: 3, first_pause: Span::seconds(10) },
            clock: clock.clone(),
            ids: Ids::default(),
            figures: WorkerFigures::default(),
        };
        let worker = tokio::spawn(worker.run());
        Self { store: db.store.clone(), queue, clock, channel, user, message, worker }
    }

    async fn publish(&self) {
        self.queue.publish(std::slice::from_ref(&self.message)).await.expect("published");
    }

    async fn status(&self) -> NotificationStatus {
        self.store.list_notifications_of(self.user, &Part::default()).await.expect("readable")[0].status
    }

    async fn claimed_in(&self, seconds: i64) -> usize {
        let now = self.clock.now() + Span::seconds(seconds);
        self.store.claim_due(now, now + Span::seconds(10), 10).await.expect("claimed").len()
    }

    /// Moves the clock, as far as the next try is away at most, and does what the relay does.
    async fn relay_after(&self, seconds: i64) {
        self.clock.set(self.clock.now() + Span::seconds(seconds));
        assert_eq!(self.claimed_in(0).await, 1, "due");
        self.publish().await;
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

async fn until(what: &str, check: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !check().await {
        assert!(started.elapsed() < Duration::from_secs(10), "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn a_delivery_that_fails_is_tried_again_by_the_databases_clock_and_then_parked(db: TestStore) {
    let scene = Scene::set(&db, 3).await;
    scene.publish().await;
    let retrying = async || scene.store.outbox_figures().await.expect("figures").retrying == 1;
    for pause in [10, 20] {
        until("it waits for the next try", retrying).await;
        scene.store.release_all(scene.clock.now()).await.expect("released");
        scene.store.mark_published(&[scene.message.id], scene.clock.now()).await.expect("noted");
        assert_eq!(
            scene.claimed_in(pause / 2 - 1).await,
            0,
            "neither a wiped queue nor a late note ends the pause"
        );
        scene.relay_after(pause).await;
    }
    until("it is given up", async || scene.status().await == NotificationStatus::Failed).await;
    let parked = scene.store.list_parked(None, 10).await.expect("readable");
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].kind, parked[0].times), (ParkedKind::Notification, 3));
    assert_eq!((parked[0].reason.as_str(), parked[0].user_id), ("flaky: not today", Some(scene.user)));
    assert_eq!(parked[0].notification_id, Some(scene.message.id));
    assert_eq!(scene.store.backlog().await.expect("readable"), 0, "no longer in the outbox");

    // Requeued it has all its tries again.
    scene.channel.0.store(2, Ordering::Relaxed);
    let by = Actor::daemon(scene.clock.now());
    assert!(scene.store.requeue_notification(parked[0].id, &by).await.expect("requeued"));
    assert_eq!(scene.status().await, NotificationStatus::Pending);
    scene.relay_after(0).await;
    for pause in [10, 20] {
        until("it waits for the next try", retrying).await;
        scene.relay_after(pause).await;
    }
    until("it is delivered", async || scene.status().await == NotificationStatus::Sent).await;
    assert_eq!(scene.store.list_parked(None, 10).await.expect("readable"), []);
    assert_eq!(scene.store.backlog().await.expect("readable"), 0);
}

async fn what_nobody_can_deliver_is_parked_and_holds_up_nobody(db: TestStore) {
    let scene = Scene::set(&db, 0).await;
    let unknown = QueuedNotification { id: Ids::default().notification(), ..scene.message.clone() };
    let mut newer = serde_json::to_value(&scene.message).expect("JSON");
    newer["version"] = 9.into();
    let junk = [b"no \xFF json".to_vec(), newer.to_string().into_bytes(), vec![b'x'; 100_000]];
    for payload in &junk {
        scene.queue.publish_bytes(payload.clone()).await.expect("published");
    }
    scene.queue.publish(&[unknown]).await.expect("published");
    scene.publish().await;
    until("the sound one is delivered", async || scene.status().await == NotificationStatus::Sent).await;
    let parked = async || scene.store.list_parked(None, 10).await.expect("readable");
    until("the others are parked", async || parked().await.len() == 4).await;
    let mut parked_now = parked().await;
    parked_now.reverse();
    assert!(parked_now.iter().all(|parked| parked.kind == ParkedKind::Message && parked.times == 1));
    assert_eq!(parked_now[0].payload, None, "no text");
    assert_eq!(parked_now[0].payload_base64.as_deref(), Some("bm8g/yBqc29u"));
    assert_eq!(parked_now[1].payload, Some(newer.to_string()));
    assert!(parked_now[1].reason.contains("version 9"), "{}", parked_now[1].reason);
    assert_eq!(parked_now[2].payload_bytes, Some(100_000));
    assert_eq!(parked_now[2].payload.as_ref().map(String::len), Some(65_536), "its first bytes");
    assert!(parked_now[3].reason.contains("there is no notification"), "{}", parked_now[3].reason);

    scene.queue.publish_bytes(junk[1].clone()).await.expect("published");
    until("it is counted", async || parked().await.iter().any(|parked| parked.times == 2)).await;
    assert_eq!(parked().await.len(), 4, "and not parked twice");
    // A duplicate of what was delivered is nothing to park.
    scene.publish().await;
    scene.queue.publish_bytes(b"[]".to_vec()).await.expect("published");
    until("what came after it is parked", async || parked().await.len() == 5).await;
}
