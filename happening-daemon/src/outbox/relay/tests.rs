//! A queue that is full, and one that lost what it had.

use super::*;
use crate::queue::Deliveries;
use crate::store::contract::kit::{Kit, at};
use crate::testing::{TestStore, on_every_store};
use async_trait::async_trait;
use happening_core::wire::QueueFigures;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

on_every_store!(
    a_full_queue_is_no_outage_and_is_offered_the_rest_when_there_is_room,
    what_a_lost_queue_had_is_published_at_once,
    a_note_of_before_the_loss_puts_nothing_off,
    while_the_queue_is_away_nothing_is_published_and_then_everything,
);

/// Takes as many as there is room for.
#[derive(Default)]
struct Fake {
    room: AtomicUsize,
    losses: AtomicU64,
    is_away: std::sync::atomic::AtomicBool,
    taken: Mutex<Vec<NotificationId>>,
}

impl Fake {
    fn with_room(room: usize) -> Arc<Self> {
        Arc::new(Self { room: room.into(), ..Self::default() })
    }

    fn taken(&self) -> Vec<NotificationId> {
        let mut taken = self.taken.lock().expect("no panic").clone();
        taken.sort();
        taken
    }
}

#[async_trait]
impl Queue for Fake {
    fn kind(&self) -> &'static str {
        "fake"
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn losses(&self) -> u64 {
        self.losses.load(Ordering::Relaxed)
    }

    async fn publish(&self, messages: &[QueuedNotification]) -> Result<Vec<NotificationId>, QueueError> {
        self.ping().await?;
        let fits = messages.len().min(self.room.load(Ordering::Relaxed));
        self.room.fetch_sub(fits, Ordering::Relaxed);
        let (taken, refused) = messages.split_at(fits);
        self.taken.lock().expect("no panic").extend(taken.iter().map(|message| message.id));
        Ok(refused.iter().map(|message| message.id).collect())
    }

    async fn publish_bytes(&self, _: Vec<u8>) -> Result<(), QueueError> {
        Err(QueueError::Full)
    }

    async fn consume(&self) -> Result<Box<dyn Deliveries>, QueueError> {
        Err(QueueError::Away("nobody consumes".to_owned()))
    }

    async fn figures(&self) -> Result<QueueFigures, QueueError> {
        Err(QueueError::Away("there are none".to_owned()))
    }

    async fn ping(&self) -> Result<(), QueueError> {
        if self.is_away.load(Ordering::Relaxed) {
            return Err(QueueError::Away("not today".to_owned()));
        }
        Ok(())
    }
}

struct Scene {
    kit: Kit,
    queue: Arc<Fake>,
    relay: Relay,
    clock: Clock,
}

impl Scene {
    async fn set(db: TestStore, room: usize) -> Self {
        let (kit, queue, clock) = (Kit::new(db).await, Fake::with_room(room), Clock::stopped_at(at(10)));
        let relay = Relay::new(
            kit.store.clone(),
            Liveness::new("store"),
            queue.clone(),
            Liveness::new("queue"),
            clock.clone(),
        );
        Self { kit, queue, relay, clock }
    }

    async fn sweep_at(&mut self, second: i64) {
        self.clock.set(at(second));
        self.relay.sweep().await;
    }
}

fn ids(messages: &[QueuedNotification]) -> Vec<NotificationId> {
    let mut ids: Vec<_> = messages.iter().map(|message| message.id).collect();
    ids.sort();
    ids
}

async fn a_full_queue_is_no_outage_and_is_offered_the_rest_when_there_is_room(db: TestStore) {
    let mut scene = Scene::set(db, 1_100).await;
    let all = scene.kit.notified(1_300, 10).await;
    scene.sweep_at(10).await;
    assert_eq!(scene.queue.taken().len(), 1_100);
    assert!(!scene.relay.queue_liveness.is_down(), "it answers");
    // Notes what was taken; nothing of it comes due again because the queue was full.
    scene.sweep_at(11).await;
    assert_eq!(scene.queue.taken().len(), 1_100);
    scene.queue.room.store(10_000, Ordering::Relaxed);
    scene.sweep_at(13).await;
    assert_eq!(scene.queue.taken(), ids(&all), "each once");
    scene.sweep_at(14).await;
    scene.sweep_at(70).await;
    assert_eq!(scene.queue.taken().len(), 1_300, "nothing comes due before its time");
}

async fn what_a_lost_queue_had_is_published_at_once(db: TestStore) {
    let mut scene = Scene::set(db, 10_000).await;
    let all = scene.kit.notified(20, 10).await;
    scene.sweep_at(10).await;
    scene.sweep_at(11).await;
    assert_eq!(scene.queue.taken(), ids(&all));
    scene.queue.taken.lock().expect("no panic").clear();
    scene.queue.losses.fetch_add(1, Ordering::Relaxed);
    scene.sweep_at(12).await;
    assert_eq!(scene.queue.taken(), ids(&all), "long before it would come due");
    scene.sweep_at(13).await;
    assert_eq!(scene.queue.taken().len(), 20, "once");
}

async fn a_note_of_before_the_loss_puts_nothing_off(db: TestStore) {
    let mut scene = Scene::set(db, 10_000).await;
    let all = scene.kit.notified(20, 10).await;
    // Published before the loss and not noted yet; another daemon finds the queue lost.
    scene.relay.publish(&all).await.expect("published");
    scene.kit.store.release_all(at(12)).await.expect("released");
    scene.queue.taken.lock().expect("no panic").clear();
    scene.sweep_at(13).await;
    assert_eq!(scene.queue.taken(), ids(&all));
}

async fn while_the_queue_is_away_nothing_is_published_and_then_everything(db: TestStore) {
    let mut scene = Scene::set(db, 10_000).await;
    scene.queue.is_away.store(true, Ordering::Relaxed);
    let all = scene.kit.notified(3, 10).await;
    assert!(scene.relay.publish(&all).await.is_err());
    scene.sweep_at(20).await;
    assert!(scene.relay.queue_liveness.is_down());
    assert_eq!(scene.queue.taken(), []);
    scene.queue.is_away.store(false, Ordering::Relaxed);
    scene.sweep_at(21).await;
    assert!(!scene.relay.queue_liveness.is_down());
    assert_eq!(scene.queue.taken(), ids(&all));
}
