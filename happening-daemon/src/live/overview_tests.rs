//! The operators' stream.

use super::*;
use crate::live::commit::Step;
use uuid::Uuid;

const EVENT: EventId = EventId(Uuid::from_u128(1));

fn overview() -> (Overview, Liveness) {
    let store = Liveness::new("store");
    (Overview::new(vec![("store", store.clone(), Health::Down)], 77), store)
}

fn commit(version: u64) -> Commit {
    Commit {
        event: EVENT,
        version,
        steps: vec![Step::Booked(vec![1])],
        total: 9,
        available: 8,
        waiting: 0,
        sales_paused: false,
    }
}

fn mark(version: u64) -> EventCounts {
    EventCounts { event: EVENT, version, available: 9, waiting: 0 }
}

fn names(entries: &mut mpsc::Receiver<Arc<StreamEntry>>) -> Vec<String> {
    let mut names = Vec::new();
    while let Ok(entry) = entries.try_recv() {
        names.push(format!("{} {}", entry.id, entry.message.name()));
    }
    names
}

#[test]
fn it_begins_with_the_figures_and_goes_on_with_every_commit_once() {
    let (mut overview, store) = overview();
    overview.take(&commit(1));
    let (sender, mut entries) = mpsc::channel(32);
    assert!(overview.join(None, sender), "figures are to be read");
    // Committed while they are read: the figures have it.
    overview.take(&commit(2));
    overview.begin(&[mark(1)], false);
    let first = entries.try_recv().expect("an overview");
    let LiveMessage::Overview { events, parts } = &first.message else { panic!("{first:?}") };
    assert_eq!((events[0].version, events[0].available), (2, 8));
    assert_eq!(parts["store"], Health::Ok);
    overview.take(&commit(2));
    overview.take(&commit(3));
    store.miss(&"gone");
    overview.tick(Instant::now(), Duration::from_secs(1));
    assert_eq!(names(&mut entries), ["77.3 seats", "77.4 figures", "77.5 health"]);
}

#[test]
fn who_comes_back_goes_on_and_after_another_run_begins_afresh() {
    let (mut overview, _store) = overview();
    let (sender, mut entries) = mpsc::channel(32);
    overview.join(None, sender);
    overview.begin(&[], false);
    overview.take(&commit(1));
    assert_eq!(names(&mut entries), ["77.0 overview", "77.1 seats", "77.2 figures"]);
    drop(entries);
    for (after, missed) in [("77.0", 2), ("77.1", 1), ("77.2", 0)] {
        let (sender, mut back) = mpsc::channel(32);
        assert!(!overview.join(after.parse().ok(), sender));
        assert_eq!(names(&mut back), ["77.1 seats", "77.2 figures"][2 - missed..], "{after}");
    }
    let (sender, _other) = mpsc::channel(32);
    assert!(overview.join("76.2".parse().ok(), sender), "another run");
}

#[test]
fn a_newcomers_beginning_is_told_to_nobody_else_unless_messages_were_missed() {
    let (mut overview, _store) = overview();
    let (sender, mut first) = mpsc::channel(32);
    overview.join(None, sender);
    overview.begin(&[], false);
    overview.take(&commit(1));
    assert_eq!(names(&mut first), ["77.0 overview", "77.1 seats", "77.2 figures"]);
    let (sender, mut second) = mpsc::channel(32);
    overview.join(None, sender);
    overview.begin(&[mark(1)], false);
    assert_eq!(names(&mut second), ["77.2 overview"]);
    assert_eq!(names(&mut first), [""; 0], "it knows");
    overview.begin(&[mark(2)], true);
    for entries in [&mut first, &mut second] {
        assert_eq!(names(entries), ["77.3 overview"]);
    }
    overview.take(&commit(3));
    assert_eq!(names(&mut second), ["77.4 seats", "77.5 figures"]);
}

#[test]
fn it_closes_some_time_after_the_last_one_left() {
    let (mut overview, _store) = overview();
    let (sender, entries) = mpsc::channel(32);
    overview.join(None, sender);
    overview.begin(&[], false);
    drop(entries);
    let (now, kept) = (Instant::now(), Duration::from_secs(30));
    overview.tick(now, kept);
    assert!(overview.is_open());
    overview.tick(now + kept, kept);
    assert!(!overview.is_open());
    let (sender, _frames) = mpsc::channel(32);
    assert!(overview.join("77.0".parse().ok(), sender), "what came meanwhile was not kept");
}

#[test]
fn what_is_measured_is_told_and_not_kept() {
    let (mut overview, _store) = overview();
    overview.measured(Box::default());
    let (sender, mut entries) = mpsc::channel(32);
    overview.join(None, sender);
    overview.begin(&[], false);
    overview.take(&commit(1));
    overview.measured(Box::default());
    assert_eq!(names(&mut entries), ["77.0 overview", "77.1 seats", "77.2 figures", "77.2 metrics"]);
    let (sender, mut back) = mpsc::channel(32);
    assert!(!overview.join("77.1".parse().ok(), sender));
    assert_eq!(names(&mut back), ["77.2 figures"]);
}
