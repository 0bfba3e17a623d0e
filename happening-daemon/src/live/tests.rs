//! Hubs over a store: what listeners hear of commits, of holds, of other daemons, and of what was lost on the way.

use super::broadcast::{Broadcast, BroadcastError, Received};
use super::hub::Input;
use super::memory::MemoryBroadcast;
use super::{Commit, Inner, Listener, Live, Start, Step, testing};
use crate::holds::memory::MemoryHolds;
use crate::holds::{Changed, HoldList, Holder, Holds, HoldsError, SetHolds, Wish};
use crate::ids::Ids;
use crate::lifecycle::Lifecycle;
use crate::store::{Actor, NewEvent, NewUser};
use crate::testing::{TestStore, founded, on_every_store, publish_event};
use async_trait::async_trait;
use happening_core::booking::Terms;
use happening_core::clock::Clock;
use happening_core::id::EventId;
use happening_core::wire::LiveMessage;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

on_every_store!(
    a_lost_commit_is_found_in_the_store,
    a_read_that_panics_is_made_again,
    holds_are_told_and_their_end_is_noticed,
    what_one_daemon_commits_the_other_tells
);

/// Long enough for everything.
const PATIENCE: Duration = Duration::from_secs(10);

/// A broadcast that loses everything, and so says nothing.
struct Deaf;

#[async_trait]
impl Broadcast for Deaf {
    fn kind(&self) -> &'static str {
        "deaf"
    }

    fn has_others(&self) -> bool {
        true
    }

    async fn send(&self, _: &str) -> Result<(), BroadcastError> {
        Err(BroadcastError("deaf".to_owned()))
    }

    async fn hear(&self, _: mpsc::Sender<Received>) {
        std::future::pending::<()>().await;
    }
}

async fn published(db: &TestStore) -> EventId {
    let (ids, now) = (Ids::default(), Clock::system().now());
    let (user, organization) = (ids.user(), ids.organization());
    let person = NewUser {
        id: user,
        subject: ids.uuid().to_string(),
        username: ids.uuid().to_string(),
        email: "olga@example.org".to_owned(),
        first_name: None,
        last_name: None,
        phone: None,
        avatar_url: None,
        profile_at: None,
    };
    let actor = Actor::daemon(now);
    founded(&db.store, &person, organization, &actor).await;
    let event = NewEvent {
        id: ids.event(),
        organization,
        created_by: user,
        name: "Event".to_owned(),
        description: None,
        category: None,
        ends_at: now + chrono::Duration::days(2),
        terms: Terms::upcoming(10, now + chrono::Duration::days(1)),
    };
    publish_event(&db.store, &event, &Actor::daemon(now)).await;
    event.id
}

async fn next(listener: &mut Listener) -> LiveMessage {
    let entry = tokio::time::timeout(PATIENCE, listener.next()).await.expect("heard in time");
    entry.expect("not dropped").message.clone()
}

/// The next message that is about seats, as `+booked -freed`.
async fn next_seats(listener: &mut Listener) -> String {
    loop {
        if let LiveMessage::Seats { booked, freed, .. } = next(listener).await {
            return format!("+{booked:?} -{freed:?}");
        }
    }
}

fn publish(live: &Live, event: EventId, version: u64, seats: &[u32]) {
    live.publish(event, version, || Commit {
        event,
        version,
        steps: vec![Step::Booked(seats.to_vec())],
        total: 10,
        available: 9,
        waiting: 0,
        sales_paused: false,
    });
}

fn hub(db: &TestStore, broadcast: &Arc<dyn Broadcast>, lifecycle: &Lifecycle) -> (Live, Arc<dyn Holds>) {
    let holds: Arc<dyn Holds> = Arc::new(MemoryHolds::new(Clock::system()));
    (Live::start(testing::parts(&db.store, holds.clone(), broadcast.clone()), lifecycle), holds)
}

async fn a_lost_commit_is_found_in_the_store(db: TestStore) {
    let event = published(&db).await;
    let lifecycle = Lifecycle::default();
    let deaf: Arc<dyn Broadcast> = Arc::new(Deaf);
    let (live, _) = hub(&db, &deaf, &lifecycle);
    assert_eq!(live.listen(Ids::default().event(), Start::Now).await.err(), Some(super::ListenError::Absent));
    let mut listener = live.listen(event, Start::Now).await.expect("an event");
    // Another daemon books seat 4, and nobody hears of it.
    db.execute("UPDATE events SET version = version + 1, total_slots = total_slots").await.expect("moved on");
    let told = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            if let LiveMessage::Figures(figures) = next(&mut listener).await {
                return figures.version;
            }
        }
    });
    assert_eq!(told.await.expect("noticed within seconds"), 1);
    assert!(listener.try_next().is_none(), "and told once");
    lifecycle.end().await;
}

async fn holds_are_told_and_their_end_is_noticed(db: TestStore) {
    let event = published(&db).await;
    let lifecycle = Lifecycle::default();
    let alone: Arc<dyn Broadcast> = Arc::new(MemoryBroadcast::default());
    let (live, holds) = hub(&db, &alone, &lifecycle);
    let mut listener = live.listen(event, Start::After(None)).await.expect("an event");
    assert!(matches!(next(&mut listener).await, LiveMessage::Snapshot { .. }));
    let holder = Holder::Socket { id: "one".to_owned(), user: None, peer: None };
    let wish = Wish { seats: &[3, 5], ttl: Duration::from_millis(400), limit: 20 };
    let held = holds.set(event, &holder, wish).await.expect("held");
    live.holds_changed(event, held.list);
    let mut told = Vec::new();
    while told.last() != Some(&Vec::new()) || told.len() < 2 {
        if let LiveMessage::Holds { held, .. } = next(&mut listener).await
            && told.last() != Some(&held)
        {
            told.push(held);
        }
    }
    told.retain(|held| !held.is_empty());
    assert_eq!(told, [vec![3, 5]], "then nothing is held any more, and nobody had to say so");
    lifecycle.end().await;
}

async fn what_one_daemon_commits_the_other_tells(db: TestStore) {
    let event = published(&db).await;
    let lifecycle = Lifecycle::default();
    let shared: Arc<dyn Broadcast> = Arc::new(MemoryBroadcast::default());
    let ((one, _), (other, _)) = (hub(&db, &shared, &lifecycle), hub(&db, &shared, &lifecycle));
    let mut here = one.listen(event, Start::Now).await.expect("an event");
    let mut there = other.listen(event, Start::Now).await.expect("an event");
    while !one.is_wanted() || !shared.has_others() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    publish(&one, event, 1, &[1]);
    assert_eq!(next_seats(&mut there).await, "+[1] -[]", "heard of it");
    publish(&other, event, 2, &[2]);
    publish(&one, event, 3, &[3]);
    for listener in [&mut here, &mut there] {
        let mut told = Vec::new();
        while told.last().map(String::as_str) != Some("+[3] -[]") {
            told.push(next_seats(listener).await);
        }
        told.retain(|seats| seats != "+[1] -[]");
        assert_eq!(told, ["+[2] -[]", "+[3] -[]"], "in order, and once");
    }
    lifecycle.end().await;
}

/// Holds that panic when they are listed for the first time.
struct Shaky {
    holds: MemoryHolds,
    has_panicked: AtomicBool,
}

#[async_trait]
impl Holds for Shaky {
    async fn set(
        &self,
        event: EventId,
        holder: &Holder,
        wish: Wish<'_>,
    ) -> Result<Changed<SetHolds>, HoldsError> {
        self.holds.set(event, holder, wish).await
    }

    async fn exchange(
        &self,
        event: EventId,
        holder: &Holder,
        wish: Wish<'_>,
    ) -> Result<Changed<SetHolds>, HoldsError> {
        self.holds.exchange(event, holder, wish).await
    }

    async fn extend(
        &self,
        event: EventId,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<Changed<Vec<u32>>, HoldsError> {
        self.holds.extend(event, holder, ttl).await
    }

    async fn release(&self, event: EventId, holder: &Holder) -> Result<Changed<Vec<u32>>, HoldsError> {
        self.holds.release(event, holder).await
    }

    async fn list(&self, event: EventId) -> Result<HoldList, HoldsError> {
        assert!(self.has_panicked.swap(true, Ordering::AcqRel), "the first list panics");
        self.holds.list(event).await
    }

    async fn drop_seats(&self, event: EventId, seats: &[u32]) -> Result<HoldList, HoldsError> {
        self.holds.drop_seats(event, seats).await
    }
}

async fn a_read_that_panics_is_made_again(db: TestStore) {
    let event = published(&db).await;
    let lifecycle = Lifecycle::default();
    let holds: Arc<dyn Holds> =
        Arc::new(Shaky { holds: MemoryHolds::new(Clock::system()), has_panicked: AtomicBool::new(false) });
    let parts = testing::parts(&db.store, holds.clone(), Arc::new(MemoryBroadcast::default()));
    let live = Live::start(parts, &lifecycle);
    let mut listener = live.listen(event, Start::After(None)).await.expect("an event");
    assert!(matches!(next(&mut listener).await, LiveMessage::Snapshot { .. }));
    let holder = Holder::Socket { id: "one".to_owned(), user: None, peer: None };
    let wish = Wish { seats: &[3], ttl: Duration::from_millis(400), limit: 20 };
    let held = holds.set(event, &holder, wish).await.expect("held");
    live.holds_changed(event, held.list);
    // That it has run out is known by listing the holds, which the hub does only if the first list has come back.
    let mut is_held = false;
    loop {
        if let LiveMessage::Holds { held, .. } = next(&mut listener).await {
            if is_held && held.is_empty() {
                break;
            }
            is_held |= held == [3];
        }
    }
    lifecycle.end().await;
}

#[tokio::test]
async fn who_gives_up_on_the_way_to_the_hub_is_waited_for_no_longer() {
    let event = Ids::default().event();
    let ended = Live::silent(false);
    assert!(ended.listen(event, Start::Now).await.is_err());
    assert!(!ended.is_wanted(), "there is no hub any more");
    // A hub that is too busy to take anything.
    let (hub, _inputs) = mpsc::channel(1);
    assert!(hub.try_send(Input::Gap).is_ok(), "room for one");
    let inner = Arc::into_inner(Live::silent(false).0).expect("nobody else's");
    let busy = Live(Arc::new(Inner { hub, ..inner }));
    let listening = tokio::time::timeout(Duration::from_millis(20), busy.listen(event, Start::Now));
    assert!(listening.await.is_err(), "dropped before it was sent");
    assert!(!busy.is_wanted());
}
