//! Deliveries that fail, hang or are slow, and messages that nobody can deliver.

mod garbage;
mod lost;

use super::*;
use crate::queue::memory::MemoryQueue;
use crate::store::Actor;
use crate::store::contract::kit::{Kit, at};
use crate::testing::{TestStore, on_every_store};
use async_trait::async_trait;
use chrono::Duration as Span;
use happening_core::wire::{NotificationStatus, ParkedKind, ParkedMessage, QueuedNotification};
use std::collections::HashSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

on_every_store!(
    a_delivery_that_fails_is_tried_again_by_the_databases_clock_and_then_parked,
    what_nobody_can_deliver_is_parked_and_holds_up_nobody,
    a_slow_delivery_holds_up_no_acknowledgement_but_its_own,
    a_delivery_that_hangs_is_a_failure_after_its_deadline,
    many_failures_are_put_off_and_parked,
    a_channel_that_failed_is_tried_again_without_the_others,
    what_a_channel_never_will_deliver_is_parked_once_the_others_are_through,
    a_channel_that_hangs_delays_no_other,
);

/// Fails so many times, and lets some wait until they are let go.
#[derive(Default)]
struct Script {
    failures: Mutex<u32>,
    slow: Mutex<HashSet<NotificationId>>,
    go_on: Notify,
    delivered: Mutex<Vec<NotificationId>>,
    /// What it says of everything, for good.
    refusal: Option<&'static str>,
    /// Another name than usual.
    name: Option<&'static str>,
}

impl Script {
    fn failing(failures: u32) -> Arc<Self> {
        Arc::new(Self { failures: Mutex::new(failures), ..Self::default() })
    }

    fn is_to_fail(&self) -> bool {
        let mut left = self.failures.lock().expect("no panic");
        let fails = *left > 0;
        *left = left.saturating_sub(1);
        fails
    }
}

#[async_trait]
impl Channel for Arc<Script> {
    fn name(&self) -> &'static str {
        self.name.unwrap_or("flaky")
    }

    async fn deliver(&self, message: &QueuedNotification) -> Result<(), Undelivered> {
        if self.is_to_fail() {
            return Err(anyhow::anyhow!("not today").into());
        }
        if let Some(refusal) = self.refusal {
            return Err(Undelivered::finally(refusal));
        }
        let is_slow = self.slow.lock().expect("no panic").contains(&message.id);
        if is_slow {
            self.go_on.notified().await;
        }
        self.delivered.lock().expect("no panic").push(message.id);
        Ok(())
    }
}

/// A worker on a queue in this process.
struct Scene {
    kit: Kit,
    store: Arc<dyn Store>,
    queue: MemoryQueue,
    clock: Clock,
    channel: Arc<Script>,
    worker: tokio::task::JoinHandle<()>,
}

impl Scene {
    async fn set(db: TestStore, channel: Arc<Script>) -> Self {
        let (queue, deadline) = (MemoryQueue::default(), Duration::from_secs(20));
        Self::set_on(db, channel, queue.clone(), Arc::new(queue), deadline).await
    }

    /// With a queue that the worker sees otherwise.
    async fn set_on(
        db: TestStore,
        channel: Arc<Script>,
        queue: MemoryQueue,
        seen: Arc<dyn Queue>,
        deadline: Duration,
    ) -> Self {
        Self::set_with(db, channel, None, queue, seen, deadline).await
    }

    /// With a second channel.
    async fn set_beside(db: TestStore, channel: Arc<Script>, other: Arc<Script>) -> Self {
        let (queue, deadline) = (MemoryQueue::default(), Duration::from_mins(1));
        Self::set_with(db, channel, Some(other), queue.clone(), Arc::new(queue), deadline).await
    }

    async fn set_with(
        db: TestStore,
        channel: Arc<Script>,
        other: Option<Arc<Script>>,
        queue: MemoryQueue,
        seen: Arc<dyn Queue>,
        deadline: Duration,
    ) -> Self {
        let (kit, clock) = (Kit::new(db).await, Clock::stopped_at(at(10)));
        let channels = std::iter::once(channel.clone()).chain(other);
        let worker = Worker {
            store: kit.store.clone(),
            queue: seen,
            queue_liveness: Liveness::new("queue"),
            channels: channels.map(|channel| Arc::new(channel) as Arc<dyn Channel>).collect(),
            retry: Retry { tries: 3, first_pause: Duration::from_secs(10) },
            deadline,
            clock: clock.clone(),
            ids: Ids::default(),
            stats: WorkerStats::default(),
        };
        let worker = tokio::spawn(worker.run());
        Self { store: kit.store.clone(), kit, queue, clock, channel, worker }
    }

    /// Commits so many notifications and publishes them.
    async fn notify(&self, count: usize) -> Vec<QueuedNotification> {
        let messages = self.kit.notified(count, 15).await;
        self.publish(&messages).await;
        messages
    }

    /// Publishes once the worker has nothing in hand: what is in the queue already is not taken a second time.
    async fn publish(&self, messages: &[QueuedNotification]) {
        self.is_quiet().await;
        self.queue.publish(messages).await.expect("published");
    }

    async fn is_quiet(&self) {
        until("everything is settled", async || self.in_hand().await == (0, 0)).await;
    }

    /// Messages that wait, and that are not settled.
    async fn in_hand(&self) -> (u64, u64) {
        let stats = self.queue.figures().await.expect("figures");
        (stats.ready, stats.unacknowledged.expect("known"))
    }

    async fn states(&self, messages: &[QueuedNotification]) -> Vec<NotificationStatus> {
        let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
        let states = self.store.delivery_states(&ids).await.expect("readable");
        ids.iter().map(|id| states[id]).collect()
    }

    async fn are(&self, messages: &[QueuedNotification], status: NotificationStatus) {
        let says = format!("they are {status}");
        until(&says, async || self.states(messages).await.iter().all(|state| *state == status)).await;
    }

    async fn parked(&self) -> Vec<ParkedMessage> {
        self.store.list_parked(None, 2_000).await.expect("readable")
    }

    async fn claimed_in(&self, seconds: i64) -> usize {
        let now = self.clock.now() + Span::seconds(seconds);
        self.store.claim_due(now, now + Span::seconds(10), 10).await.expect("claimed").len()
    }

    /// Moves the clock, as far as the next try is away at most, and does what the relay does.
    async fn relay_after(&self, seconds: i64, messages: &[QueuedNotification]) {
        self.clock.set(self.clock.now() + Span::seconds(seconds));
        assert_eq!(self.claimed_in(0).await, messages.len(), "due");
        self.publish(messages).await;
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
        assert!(started.elapsed() < Duration::from_mins(1), "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn a_delivery_that_fails_is_tried_again_by_the_databases_clock_and_then_parked(db: TestStore) {
    let scene = Scene::set(db, Script::failing(3)).await;
    let told = scene.notify(1).await;
    let retrying = async || scene.store.outbox_figures().await.expect("figures").retrying == 1;
    for pause in [10, 20] {
        until("it waits for the next try", retrying).await;
        let now = scene.clock.now();
        scene.store.release_all(now).await.expect("released");
        scene.store.mark_published(&[told[0].id], now, now).await.expect("noted");
        assert_eq!(
            scene.claimed_in(pause / 2 - 1).await,
            0,
            "neither a lost queue nor a late note ends the pause"
        );
        scene.relay_after(pause, &told).await;
    }
    scene.are(&told, NotificationStatus::Failed).await;
    let parked = scene.parked().await;
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].kind, parked[0].times), (ParkedKind::Notification, 3));
    assert_eq!(
        (parked[0].reason.as_str(), parked[0].user_id),
        ("flaky: not today", Some(scene.kit.organizer))
    );
    assert_eq!(parked[0].notification_id, Some(told[0].id));
    assert_eq!(scene.store.backlog().await.expect("readable"), 0, "no longer in the outbox");

    // Requeued it has all its tries again.
    *scene.channel.failures.lock().expect("no panic") = 2;
    let by = Actor::daemon(scene.clock.now());
    assert!(scene.kit.rules().requeue_notification(parked[0].id, &by).await.expect("requeued"));
    scene.are(&told, NotificationStatus::Pending).await;
    scene.relay_after(0, &told).await;
    for pause in [10, 20] {
        until("it waits for the next try", retrying).await;
        scene.relay_after(pause, &told).await;
    }
    scene.are(&told, NotificationStatus::Sent).await;
    assert_eq!(scene.parked().await, []);
    assert_eq!(scene.store.backlog().await.expect("readable"), 0);
}

async fn what_nobody_can_deliver_is_parked_and_holds_up_nobody(db: TestStore) {
    let scene = Scene::set(db, Script::failing(0)).await;
    let sound = scene.kit.notified(1, 15).await;
    let unknown = QueuedNotification { id: Ids::default().notification(), ..sound[0].clone() };
    let mut newer = serde_json::to_value(&sound[0]).expect("JSON");
    newer["version"] = 9.into();
    let junk = [b"no \xFF json".to_vec(), newer.to_string().into_bytes(), vec![b'x'; 100_000]];
    for payload in &junk {
        scene.queue.publish_bytes(payload.clone()).await.expect("published");
    }
    scene.queue.publish(&[unknown]).await.expect("published");
    scene.publish(&sound).await;
    scene.are(&sound, NotificationStatus::Sent).await;
    until("the others are parked", async || scene.parked().await.len() == 4).await;
    let parked = scene.parked().await;
    assert!(parked.iter().all(|parked| parked.kind == ParkedKind::Message && parked.times == 1));
    let of = |word: &str| parked.iter().find(|parked| parked.reason.contains(word)).expect(word);
    let bytes = parked.iter().find(|parked| parked.payload.is_none()).expect("no text");
    assert_eq!(bytes.payload_base64.as_deref(), Some("bm8g/yBqc29u"));
    assert_eq!(of("version 9").payload, Some(newer.to_string()));
    of("there is no notification");
    let long = parked.iter().find(|parked| parked.payload_bytes == Some(100_000)).expect("the long one");
    assert_eq!(long.payload.as_ref().map(String::len), Some(65_536), "its first bytes");

    scene.is_quiet().await;
    for _ in 0..2 {
        scene.queue.publish_bytes(junk[1].clone()).await.expect("published");
    }
    until("it is counted", async || scene.parked().await.iter().any(|parked| parked.times == 3)).await;
    assert_eq!(scene.parked().await.len(), 4, "and not parked twice");
    // A duplicate of what was delivered is nothing to park.
    scene.publish(&sound).await;
    scene.queue.publish_bytes(b"[]".to_vec()).await.expect("published");
    until("what came after it is parked", async || scene.parked().await.len() == 5).await;
}

async fn a_slow_delivery_holds_up_no_acknowledgement_but_its_own(db: TestStore) {
    let scene = Scene::set(db, Script::failing(0)).await;
    let all = scene.kit.notified(700, 15).await;
    let (slow, others) = all.split_at(5);
    scene.channel.slow.lock().expect("no panic").extend(slow.iter().map(|message| message.id));
    scene.publish(&all).await;
    scene.are(others, NotificationStatus::Sent).await;
    until("the others are acknowledged", async || scene.in_hand().await == (0, 5)).await;
    scene.are(slow, NotificationStatus::Pending).await;
    // What comes later, and the slow ones once more, which are under way already.
    let later = scene.kit.notified(3, 15).await;
    scene.queue.publish(&later).await.expect("published");
    scene.are(&later, NotificationStatus::Sent).await;
    scene.channel.slow.lock().expect("no panic").clear();
    scene.channel.go_on.notify_waiters();
    scene.are(slow, NotificationStatus::Sent).await;
    scene.is_quiet().await;
    let delivered = scene.channel.delivered.lock().expect("no panic").clone();
    assert_eq!(
        (delivered.len(), delivered.into_iter().collect::<HashSet<_>>().len()),
        (703, 703),
        "each once"
    );
}

async fn a_delivery_that_hangs_is_a_failure_after_its_deadline(db: TestStore) {
    let queue = MemoryQueue::default();
    let (seen, deadline) = (Arc::new(queue.clone()), Duration::from_millis(50));
    let scene = Scene::set_on(db, Script::failing(0), queue, seen, deadline).await;
    let told = scene.kit.notified(1, 15).await;
    scene.channel.slow.lock().expect("no panic").insert(told[0].id);
    scene.publish(&told).await;
    let retrying = async || scene.store.outbox_figures().await.expect("figures").retrying == 1;
    until("it waits for the next try", retrying).await;
    let undelivered = scene.store.list_undelivered(None, 9).await.expect("readable");
    let reason = undelivered[0].reason.as_deref();
    assert_eq!(reason, Some("flaky: not delivered within 50ms"));
    scene.is_quiet().await;
}

async fn many_failures_are_put_off_and_parked(db: TestStore) {
    let scene = Scene::set(db, Script::failing(u32::MAX)).await;
    let told = scene.notify(300).await;
    for tries in [1, 2, 3] {
        let counted = async || {
            let open = scene.store.list_undelivered(None, 300).await.expect("readable");
            open.len() == 300 && open.iter().all(|one| one.tries == tries)
        };
        until("all are counted", counted).await;
        scene.is_quiet().await;
        if tries < 3 {
            let stats = scene.store.outbox_figures().await.expect("figures");
            assert_eq!((stats.retrying, stats.parked), (300, 0));
            scene.publish(&told).await;
        }
    }
    scene.are(&told, NotificationStatus::Failed).await;
    scene.is_quiet().await;
    assert_eq!(scene.parked().await.len(), 300);
}

fn delivered(channel: &Script) -> Vec<NotificationId> {
    channel.delivered.lock().expect("no panic").clone()
}

async fn a_channel_that_failed_is_tried_again_without_the_others(db: TestStore) {
    let sound = Arc::new(Script { name: Some("sound"), ..Script::default() });
    let scene = Scene::set_beside(db, Script::failing(2), sound.clone()).await;
    let told = scene.notify(1).await;
    for pause in [10, 20] {
        let retrying = async || scene.store.outbox_figures().await.expect("figures").retrying == 1;
        until("it waits for the next try", retrying).await;
        let undelivered = scene.store.list_undelivered(None, 9).await.expect("readable");
        assert_eq!(undelivered[0].reason.as_deref(), Some("flaky: not today"));
        scene.relay_after(pause, &told).await;
    }
    scene.are(&told, NotificationStatus::Sent).await;
    assert_eq!(delivered(&sound), [told[0].id], "once, however often the other is tried");
    assert_eq!(delivered(&scene.channel), [told[0].id]);
}

async fn what_a_channel_never_will_deliver_is_parked_once_the_others_are_through(db: TestStore) {
    let refusing = Arc::new(Script {
        name: Some("mail"),
        refusal: Some("550 5.1.1 nobody\r\n here"),
        ..Script::default()
    });
    let scene = Scene::set_beside(db, Script::failing(1), refusing.clone()).await;
    let told = scene.notify(1).await;
    let retrying = async || scene.store.outbox_figures().await.expect("figures").retrying == 1;
    until("the other channel is tried again", retrying).await;
    *refusing.failures.lock().expect("no panic") = u32::MAX;
    scene.relay_after(10, &told).await;
    scene.are(&told, NotificationStatus::Failed).await;
    scene.is_quiet().await;
    assert_eq!(delivered(&scene.channel), [told[0].id], "the other channel delivered it");
    assert_eq!(*refusing.failures.lock().expect("no panic"), u32::MAX, "it is not asked again");
    let parked = scene.parked().await;
    assert_eq!((parked.len(), parked[0].times, parked[0].kind), (1, 2, ParkedKind::Notification));
    assert_eq!(parked[0].reason, "mail: 550 5.1.1 nobody␍␊ here", "what the other side answered");
    assert_eq!(scene.store.backlog().await.expect("readable"), 0);

    // One that every other channel has at once needs no second try.
    *refusing.failures.lock().expect("no panic") = 0;
    let told = scene.notify(1).await;
    scene.are(&told, NotificationStatus::Failed).await;
    let parked = scene.parked().await;
    assert_eq!((parked.len(), parked[0].times), (2, 1));
}

async fn a_channel_that_hangs_delays_no_other(db: TestStore) {
    let hung = Arc::new(Script { name: Some("hung"), ..Script::default() });
    let scene = Scene::set_beside(db, Script::failing(0), hung.clone()).await;
    let all = scene.kit.notified(2_500, 15).await;
    hung.slow.lock().expect("no panic").extend(all.iter().map(|message| message.id));
    scene.publish(&all).await;
    until("the other channel has all of them", async || delivered(&scene.channel).len() == 2_500).await;
    assert_eq!(delivered(&hung), []);
    // What the hung one will not come to soon is in nobody's hands: it comes back, spread.
    until("few are in hand", async || scene.in_hand().await.1 <= 132).await;
    let (waiting, in_hand) = scene.in_hand().await;
    assert_eq!(waiting, 0);
    let put_off = scene.store.outbox_figures().await.expect("figures").retrying;
    assert_eq!(put_off + in_hand, 2_500);
    assert_eq!(scene.claimed_in(4).await, 0, "not at once");
    let later = scene.kit.notified(3, 15).await;
    scene.queue.publish(&later).await.expect("published");
    until("what comes later is delivered too", async || delivered(&scene.channel).len() == 2_503).await;

    hung.slow.lock().expect("no panic").clear();
    hung.go_on.notify_waiters();
    until("those in hand are through", async || scene.in_hand().await == (0, 0)).await;
    // The rest comes back as the relay publishes it, for that channel alone.
    scene.clock.set(scene.clock.now() + Span::seconds(400));
    loop {
        let (now, lease) = (scene.clock.now(), scene.clock.now() + Span::seconds(100));
        let due = scene.store.claim_due(now, lease, 500).await.expect("claimed");
        if due.is_empty() {
            break;
        }
        scene.queue.publish(&due).await.expect("published");
        scene.is_quiet().await;
    }
    scene.are(&all, NotificationStatus::Sent).await;
    scene.are(&later, NotificationStatus::Sent).await;
    let each_once = |channel: &Script| {
        let delivered = delivered(channel);
        (delivered.len(), delivered.into_iter().collect::<HashSet<_>>().len())
    };
    assert_eq!((each_once(&scene.channel), each_once(&hung)), ((2_503, 2_503), (2_503, 2_503)));
}
