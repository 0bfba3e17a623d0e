//! Taking turns on an event that several daemons write.

use super::kit::{Kit, Tracked, at, seen, terms};
use crate::store::{Batch, Constraint, EventLock, StoreError};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::EventState;
use happening_core::id::EventId;
use std::sync::Arc;
use std::time::{Duration, Instant};

on_every_store!(
    a_turn_tells_what_others_committed_since,
    a_commit_of_unknown_fate_is_found_by_its_id,
    a_turn_commits_what_was_decided_in_it,
    a_turn_keeps_others_out_until_its_end,
    an_optimistic_commit_waits_for_the_turn_and_is_left_out,
    a_turn_that_ends_without_a_commit_writes_nothing,
    a_commit_that_is_refused_ends_the_turn,
    readers_do_not_wait_for_a_turn,
    turns_and_commits_on_the_same_events_never_wait_in_a_circle,
    a_turn_names_only_events_that_exist,
    a_version_that_was_forgotten_is_missing,
);

/// Commits one booking as another daemon would, and returns its batch.
async fn another_daemon_books(kit: &Kit, event: &mut Tracked, seconds: i64) -> Batch {
    event.book(kit.organizer, 1);
    kit.commit(seconds, &mut [event]).await
}

fn draft(kit: &Kit, event: &Tracked, seconds: i64) -> Batch {
    let mut batch = kit.batch(seconds);
    event.draft(&mut batch);
    batch
}

async fn a_turn_tells_what_others_committed_since(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut event, mut quiet) = (kit.event(terms(2)).await, kit.event(terms(2)).await);
    another_daemon_books(&kit, &mut event, 2).await;
    let mut mine: EventState = kit.store.load(event.id).await.expect("readable").expect("an event");
    let mut commits = Vec::new();
    for seconds in 3..6 {
        commits.push(another_daemon_books(&kit, &mut event, seconds).await);
    }
    let first = event.bookings()[0];
    event.cancel(first);
    commits.push(kit.commit(7, &mut [&mut event]).await);
    another_daemon_books(&kit, &mut quiet, 8).await;

    let mut lock = kit.store.lock_events(&[(event.id, 1), (quiet.id, 1)]).await.expect("a lock");
    let mut missed = lock.missed();
    missed.sort_by_key(|(event, ..)| *event);
    assert_eq!(missed.len(), 2);
    let (id, now, commits_missed) = &missed[0];
    assert_eq!((*id, *now), (event.id, 5));
    assert_eq!(commits_missed.iter().map(|missed| missed.version).collect::<Vec<_>>(), [2, 3, 4, 5]);
    for (missed, batch) in commits_missed.iter().zip(&commits) {
        assert_eq!((missed.commit, missed.changes.as_ref()), (batch.commit, Some(&batch.events[0].changes)));
        missed.changes.iter().flatten().for_each(|change| mine.apply(change));
        mine.settle(missed.version);
    }
    assert_eq!(seen(&mine, &event), seen(&event.state, &event), "who applies them has caught up");
    let (id, now, none) = &missed[1];
    assert_eq!((*id, *now, none.len()), (quiet.id, 1, 0));
}

async fn a_commit_of_unknown_fate_is_found_by_its_id(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    let made = another_daemon_books(&kit, &mut event, 2).await;
    let never = kit.ids.uuid();
    let mut lock = kit.store.lock_events(&[(event.id, 0)]).await.expect("a lock");
    let missed = lock.missed();
    let found = |id| missed[0].2.iter().any(|commit| commit.commit == id);
    assert_eq!((found(made.commit), found(never)), (true, false));
}

async fn a_turn_commits_what_was_decided_in_it(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut event, mut other) = (kit.event(terms(2)).await, kit.event(terms(2)).await);
    event.book(kit.organizer, 1);
    other.book(kit.organizer, 2);
    let mut batch = draft(&kit, &event, 2);
    other.draft(&mut batch);
    let lock = kit.store.lock_events(&[(event.id, 0), (other.id, 0)]).await.expect("a lock");
    let mut committed = lock.commit(&batch).await.expect("a commit");
    committed.sort_unstable();
    assert_eq!(committed, [event.id, other.id]);
    for event in [&mut event, &mut other] {
        event.settle();
        kit.assert_stored(event).await;
    }
}

/// Takes the turn in a task of its own, as another daemon.
fn lock_events_elsewhere(kit: &Kit, event: EventId) -> tokio::task::JoinHandle<Box<dyn EventLock>> {
    let store = Arc::clone(&kit.store);
    tokio::spawn(async move { store.lock_events(&[(event, 0)]).await.expect("a lock, in time") })
}

async fn a_turn_keeps_others_out_until_its_end(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    for end in ["commit", "drop", "nothing to write"] {
        let version = event.state.version();
        let lock = kit.store.lock_events(&[(event.id, version)]).await.expect("a lock");
        let waiting = lock_events_elsewhere(&kit, event.id);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!waiting.is_finished(), "{end}");
        match end {
            "commit" => {
                event.book(kit.organizer, 1);
                lock.commit(&draft(&kit, &event, 2)).await.expect("a commit");
                event.settle();
            }
            "drop" => drop(lock),
            _ => assert_eq!(lock.commit(&kit.batch(3)).await.expect("an end"), []),
        }
        let mut next = waiting.await.expect("a lock");
        let missed = next.missed();
        assert_eq!(
            (missed[0].1, missed[0].2.len()),
            (1, 1),
            "{end}: what was committed while it waited is told"
        );
    }
}

async fn an_optimistic_commit_waits_for_the_turn_and_is_left_out(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    event.book(kit.organizer, 1);
    let lock = kit.store.lock_events(&[(event.id, 0)]).await.expect("a lock");
    let (store, mut late) = (Arc::clone(&kit.store), draft(&kit, &event, 3));
    late.bookings.clear();
    late.seats.clear();
    let committing = tokio::spawn(async move { store.commit(&late).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!committing.is_finished());
    lock.commit(&draft(&kit, &event, 2)).await.expect("a commit");
    assert_eq!(committing.await.expect("no panic").expect("a commit"), []);
    event.settle();
    kit.assert_stored(&event).await;
}

async fn a_turn_that_ends_without_a_commit_writes_nothing(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    let lock = kit.store.lock_events(&[(event.id, 0)]).await.expect("a lock");
    drop(lock);
    kit.assert_stored(&event).await;
    another_daemon_books(&kit, &mut event, 2).await;
    kit.assert_stored(&event).await;
}

async fn a_commit_that_is_refused_ends_the_turn(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    another_daemon_books(&kit, &mut event, 2).await;
    event.book(kit.organizer, 1);
    let mut batch = draft(&kit, &event, 3);
    batch.seats[0].seat = 1;
    let lock = kit.store.lock_events(&[(event.id, 1)]).await.expect("a lock");
    let refused = lock.commit(&batch).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Constraint::SeatBooked))), "{refused:?}");
    assert_eq!(kit.store.versions(&[event.id]).await.expect("readable"), [(event.id, 1)]);
    kit.commit(4, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
}

async fn readers_do_not_wait_for_a_turn(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    another_daemon_books(&kit, &mut event, 2).await;
    let lock = kit.store.lock_events(&[(event.id, 0)]).await.expect("a lock");
    let started = Instant::now();
    kit.assert_stored(&event).await;
    kit.store.snapshots(&[event.id]).await.expect("readable");
    kit.store.find_event(event.id).await.expect("readable");
    assert!(started.elapsed() < Duration::from_secs(1));
    drop(lock);
}

/// Four daemons, each with all of the events: two take turns, two commit without.
async fn turns_and_commits_on_the_same_events_never_wait_in_a_circle(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut events = Vec::new();
    for _ in 0..8 {
        events.push(kit.event(terms(5)).await);
    }
    let known: Vec<(EventId, u64)> = events.iter().map(|event| (event.id, 0)).collect();
    let mut daemons = Vec::new();
    for daemon in 0..4 {
        let (store, ids, mut known) = (Arc::clone(&kit.store), kit.ids.clone(), known.clone());
        let mut batch = kit.batch(3);
        batch.events = events.iter().map(Tracked::row).collect();
        daemons.push(tokio::spawn(async move {
            for _ in 0..15 {
                known.rotate_left(3);
                let (lock, seen) = if daemon < 2 {
                    let mut lock = store.lock_events(&known).await.expect("a lock");
                    let seen = lock.missed().into_iter().map(|(event, now, _)| (event, now)).collect();
                    (Some(lock), seen)
                } else {
                    let events: Vec<EventId> = known.iter().map(|(event, _)| *event).collect();
                    (None, store.versions(&events).await.expect("readable"))
                };
                for row in &mut batch.events {
                    row.expected = seen.iter().find(|(event, _)| *event == row.id).expect("seen").1;
                }
                batch.commit = ids.uuid();
                match lock {
                    Some(lock) => assert_eq!(lock.commit(&batch).await.expect("a commit").len(), 8),
                    None => drop(store.commit(&batch).await.expect("a commit")),
                }
            }
        }));
    }
    for daemon in daemons {
        daemon.await.expect("no panic");
    }
    let versions = kit.store.versions(&[events[0].id]).await.expect("readable");
    assert!(versions[0].1 >= 30, "{versions:?}");
}

async fn a_turn_names_only_events_that_exist(db: TestStore) {
    let kit = Kit::new(db).await;
    let event = kit.event(terms(5)).await;
    let unknown = kit.ids.event();
    let mut lock = kit.store.lock_events(&[(event.id, 0), (unknown, 7)]).await.expect("a lock");
    let missed = lock.missed();
    assert_eq!(missed.iter().map(|(event, now, _)| (*event, *now)).collect::<Vec<_>>(), [(event.id, 0)]);
}

async fn a_version_that_was_forgotten_is_missing(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    for seconds in [10, 20, 30] {
        another_daemon_books(&kit, &mut event, seconds).await;
    }
    assert_eq!(kit.store.forget_changes(at(20)).await.expect("forgotten"), 1);
    assert_eq!(kit.store.forget_changes(at(20)).await.expect("forgotten"), 0);
    let mut lock = kit.store.lock_events(&[(event.id, 0)]).await.expect("a lock");
    let missed = lock.missed();
    assert_eq!(
        (missed[0].1, missed[0].2.iter().map(|commit| commit.version).collect::<Vec<_>>()),
        (3, vec![2, 3])
    );
    drop(lock);
    kit.assert_stored(&event).await;
}

/// A daemon that stands still in the middle of its turn does not keep the others from theirs, and what it then commits
/// counts for nothing.
#[tokio::test]
async fn on_postgresql_a_turn_that_stands_still_is_ended() {
    crate::testing::on_postgresql(async |db| {
        let kit = Kit::new(db).await;
        let mut event = kit.event(terms(5)).await;
        let still = kit.store.lock_events(&[(event.id, 0)]).await.expect("a lock");
        let next = lock_events_elsewhere(&kit, event.id).await.expect("a lock");
        event.book(kit.organizer, 1);
        let late = still.commit(&draft(&kit, &event, 2)).await;
        assert!(matches!(late, Err(StoreError::Unknown(_) | StoreError::Unavailable(_))), "{late:?}");
        next.commit(&draft(&kit, &event, 3)).await.expect("a commit");
        event.settle();
        kit.assert_stored(&event).await;
    })
    .await;
}

/// A crowd of readers that has all connections holds up neither the engine nor the pulse, and is told that it is many.
#[tokio::test]
async fn on_postgresql_the_engine_works_while_readers_wait() {
    crate::testing::on_postgresql(async |db| {
        let kit = Kit::new(db).await;
        let mut event = kit.event(terms(5)).await;
        let lock =
            "BEGIN; LOCK TABLE organization_invites IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(9); COMMIT";
        let crowd = async {
            // The lock is taken first.
            tokio::time::sleep(Duration::from_millis(500)).await;
            let store = &kit.store;
            let reads = (0..20).map(|_| store.find_invite(crate::ids::Ids::default().invite()));
            futures::future::join_all(reads).await
        };
        let engine = async {
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            event.book(kit.organizer, 1);
            let work = async {
                kit.store.ping().await.expect("the pulse");
                kit.store.load(event.id).await.expect("read").expect("an event");
                kit.store.snapshots(&[event.id]).await.expect("read");
                kit.store.active_event_counts(at(0), at(0)).await.expect("read");
                kit.store.versions(&[event.id]).await.expect("read");
                kit.commit(2, &mut [&mut event]).await;
                let lock = kit.store.lock_events(&[(event.id, 0)]).await.expect("a lock");
                drop(lock);
            };
            tokio::time::timeout(Duration::from_secs(6), work).await.expect("before the readers are through");
        };
        let (locked, crowd, ()) = tokio::join!(kit.db.execute(lock), crowd, engine);
        locked.expect("a lock");
        let busy = crowd.iter().filter(|read| matches!(read, Err(StoreError::Busy(_)))).count();
        assert!(busy > 0 && crowd.iter().all(|read| matches!(read, Ok(None) | Err(StoreError::Busy(_)))));
    })
    .await;
}
