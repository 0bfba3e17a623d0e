//! That nothing is touched, and everything can be looked at.

use super::*;
use crate::counters::memory::MemoryCounters;
use crate::holds::memory::MemoryHolds;
use crate::ids::Ids;
use crate::queue::memory::MemoryQueue;
use crate::store::EventCounts;
use happening_core::clock::Clock;

#[tokio::test]
async fn counters_stay_as_they_are_and_can_be_looked_at() {
    let counters: Arc<dyn Counters> = Arc::new(MemoryCounters::default());
    let event = Ids::seeded(1).event();
    let snapshot = |version, available| CounterSnapshot {
        mark: EventCounts { event, version, available, waiting: 0 },
        waitlist: Vec::new(),
    };
    counters.restore(&[snapshot(3, 10)], false).await.expect("counters");
    let read_only = ReadOnly(counters.clone());
    read_only.restore(&[snapshot(9, 1)], true).await.expect("agreed");
    let moved = Projection { from: 3, mark: snapshot(4, 8).mark, line: Vec::new(), gone: false };
    assert!(read_only.project(&[moved]).await.expect("agreed").is_empty());
    let seen = counters.observe(&[event]).await.expect("counters");
    assert_eq!((seen[0].version, seen[0].available), (Some(3), Some(10)));
    assert_eq!(read_only.observe(&[event]).await.expect("counters"), seen);
}

#[tokio::test]
async fn holds_stay_and_none_is_promised() {
    let holds: Arc<dyn Holds> = Arc::new(MemoryHolds::new(Clock::system()));
    let ids = Ids::seeded(1);
    let (event, holder) = (ids.event(), Holder::Person { user: ids.user(), token: ids.uuid() });
    let ttl = Duration::from_mins(1);
    let wish = Wish { seats: &[1, 2], ttl, limit: 9 };
    holds.set(event, &holder, wish).await.expect("holds");
    let read_only = ReadOnly(holds.clone());
    read_only.drop_seats(event, &[1, 2]).await.expect("agreed");
    assert!(read_only.set(event, &holder, Wish { seats: &[3], ..wish }).await.is_err());
    assert!(read_only.release(event, &holder).await.is_err());
    assert!(read_only.extend(event, &holder, ttl).await.is_err());
    let left = read_only.list(event).await.expect("holds").holds;
    assert_eq!(left.iter().map(|hold| hold.seat).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn the_queue_gets_nothing_and_gives_nothing() {
    let queue: Arc<dyn Queue> = Arc::new(MemoryQueue::default());
    let read_only = ReadOnly(queue.clone());
    read_only.publish_bytes(b"poison".to_vec()).await.expect("agreed");
    assert!(read_only.consume().await.is_err());
    assert_eq!(queue.figures().await.expect("figures").ready, 0);
}
