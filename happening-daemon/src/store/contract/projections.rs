//! What the counters are set from.

use super::kit::{Kit, at, count, terms};
use crate::store::events::STILL_ACTIVE;
use crate::store::{CounterSnapshot, EventCounts};
use crate::testing::{TestStore, on_every_store};
use chrono::TimeDelta;
use happening_core::booking::{Amendment, Command};
use happening_core::id::EventId;
use happening_core::wire::EventStatus;

on_every_store!(
    versions_count_the_commits,
    counts_are_of_events_that_take_bookings,
    events_that_began_long_ago_are_no_longer_active_unless_something_changes,
    a_snapshot_has_the_line_in_order,
    a_long_line_is_read_whole,
);

async fn versions_count_the_commits(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut busy, quiet) = (kit.event(terms(9)).await, kit.event(terms(9)).await);
    for seconds in 2..5 {
        busy.book(kit.organizer, 1);
        kit.commit(seconds, &mut [&mut busy]).await;
    }
    let unknown = kit.ids.event();
    let mut versions = kit.store.versions(&[unknown, quiet.id, busy.id]).await.expect("readable");
    versions.sort_unstable();
    assert_eq!(versions, [(busy.id, 3), (quiet.id, 0)]);
    assert_eq!(kit.store.versions(&[]).await.expect("readable"), []);
}

async fn counts_are_of_events_that_take_bookings(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut expected = Vec::new();
    for (index, status) in EventStatus::ALL.iter().enumerate() {
        let mut event = kit.event(terms(5)).await;
        event.book(kit.organizer, 4);
        event.book(kit.organizer, count(index) + 2);
        event.book(kit.organizer, 2);
        event.ask(&Command::Amend(Amendment { status: Some(*status), ..Amendment::default() }));
        kit.commit(2, &mut [&mut event]).await;
        if matches!(status, EventStatus::Upcoming | EventStatus::Ongoing) {
            expected.push(EventCounts { event: event.id, version: 1, available: 1, waiting: 2 });
        }
    }
    let mut deleted = kit.event(terms(5)).await;
    deleted.ask(&Command::Amend(Amendment { delete: true, ..Amendment::default() }));
    kit.commit(3, &mut [&mut deleted]).await;
    let mut active = kit.store.active_event_counts(at(0), at(9)).await.expect("readable");
    active.sort_by_key(|counts| counts.event);
    assert_eq!(active, expected);
    assert_eq!(kit.store.open_event_counts(None, 9).await.expect("readable"), expected);
}

async fn events_that_began_long_ago_are_no_longer_active_unless_something_changes(db: TestStore) {
    let kit = Kit::new(db).await;
    let quiet = kit.event(terms(5)).await;
    let mut changed = kit.event(terms(5)).await;
    changed.book(kit.organizer, 1);
    kit.commit(20, &mut [&mut changed]).await;
    let begins = terms(5).starts_at;
    let active = async |now, since| {
        let counts = kit.store.active_event_counts(now, since).await.expect("readable");
        counts.into_iter().map(|counts| counts.event).collect::<Vec<_>>()
    };
    assert_eq!(active(begins + STILL_ACTIVE, at(99)).await.len(), 2);
    let later = begins + STILL_ACTIVE + TimeDelta::seconds(1);
    assert_eq!(active(later, at(20)).await, [changed.id]);
    assert_eq!(active(later, at(21)).await, []);
    let (first, last) = (quiet.id.min(changed.id), quiet.id.max(changed.id));
    let open = async |after, limit| {
        let counts = kit.store.open_event_counts(after, limit).await.expect("readable");
        counts.into_iter().map(|counts| counts.event).collect::<Vec<_>>()
    };
    assert_eq!(open(None, 1).await, [first]);
    assert_eq!(open(Some(first), 5).await, [last]);
    assert_eq!(open(Some(last), 5).await, []);
}

async fn a_snapshot_has_the_line_in_order(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut event, quiet) = (kit.event(terms(3)).await, kit.event(terms(7)).await);
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    event.book(ada, 3);
    event.book(bo, 1);
    let leaves = event.book(ada, 2);
    event.book(ada, 1);
    event.book(bo, 3);
    kit.commit(2, &mut [&mut event]).await;
    let quiet_snapshot = CounterSnapshot {
        mark: EventCounts { event: quiet.id, version: 0, available: 7, waiting: 0 },
        waitlist: Vec::new(),
    };
    let snapshots = sorted(&kit, &[quiet.id, event.id]).await;
    let mark = EventCounts { event: event.id, version: 1, available: 0, waiting: 4 };
    assert_eq!(snapshots, [CounterSnapshot { mark, waitlist: vec![bo, ada, ada, bo] }, quiet_snapshot]);

    event.cancel(leaves);
    kit.commit(3, &mut [&mut event]).await;
    let mark = EventCounts { event: event.id, version: 2, available: 0, waiting: 3 };
    assert_eq!(sorted(&kit, &[event.id]).await, [CounterSnapshot { mark, waitlist: vec![bo, ada, bo] }]);

    event.ask(&Command::Amend(Amendment { delete: true, ..Amendment::default() }));
    kit.commit(4, &mut [&mut event]).await;
    assert_eq!(sorted(&kit, &[event.id]).await, [], "of a deleted event nothing is kept");
    assert_eq!(sorted(&kit, &[]).await, []);
}

async fn sorted(kit: &Kit, events: &[EventId]) -> Vec<CounterSnapshot> {
    let mut snapshots = kit.store.snapshots(events).await.expect("readable");
    snapshots.sort_by_key(|snapshot| snapshot.mark.event);
    snapshots
}

async fn a_long_line_is_read_whole(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(1)).await;
    event.book(kit.organizer, 1);
    let mut line = Vec::new();
    for _ in 0..6_000 {
        let user = kit.ids.user();
        line.push(user);
        event.book(user, 1);
    }
    kit.commit(2, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let snapshots = kit.store.snapshots(&[event.id]).await.expect("readable");
    assert_eq!((snapshots[0].mark.waiting, &snapshots[0].waitlist), (6_000, &line));
    let listed = kit.store.list_waitlist(event.id, None, None).await.expect("readable");
    assert_eq!(listed.len(), 5_000, "people are shown the first of them");
}
