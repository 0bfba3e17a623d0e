//! What all counters do: each rule runs on Redis and on its stand-in in the process. What people do to Redis by hand is
//! in `contract/tampering.rs`.
//!
//! Rules run side by side on one Redis: each has events of its own, and none wipes anything.

mod line;
mod shown;
mod tampering;
mod versions;

use super::redis::RedisCounters;
use super::{Counters, LineStep, Observed, Projection, line_digest};
use crate::ids::Ids;
use crate::store::{CounterSnapshot, EventCounts};
use crate::testing::REDIS_SCRIPTS;
use happening_core::id::{EventId, UserId};
use std::ops::Deref;
use tokio::sync::{RwLockReadGuard, RwLockWriteGuard};

/// Makes of each rule, an `async fn(&dyn Counters)`, a test on Redis and a test in the process.
macro_rules! on_all_counters {
    ($($rule:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule(&$crate::counters::memory::MemoryCounters::default()).await;
            })+
        }
        mod redis {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule(&*$crate::counters::contract::redis().await).await;
            })+
        }
    };
}
use on_all_counters;

/// Redis at `REDIS_URL`, while nobody makes it forget its scripts.
struct OnRedis<G>(RedisCounters, G);

impl<G> Deref for OnRedis<G> {
    type Target = RedisCounters;

    fn deref(&self) -> &RedisCounters {
        &self.0
    }
}

async fn redis() -> OnRedis<RwLockReadGuard<'static, ()>> {
    let scripts = REDIS_SCRIPTS.read().await;
    OnRedis(RedisCounters::open(&crate::testing::address("REDIS_URL")).expect("an address"), scripts)
}

/// The same with all of Redis' scripts to itself.
async fn redis_alone() -> OnRedis<RwLockWriteGuard<'static, ()>> {
    let scripts = REDIS_SCRIPTS.write().await;
    OnRedis(RedisCounters::open(&crate::testing::address("REDIS_URL")).expect("an address"), scripts)
}

/// An event that no other test has.
fn event() -> EventId {
    Ids::default().event()
}

fn users<const N: usize>() -> [UserId; N] {
    std::array::from_fn(|_| Ids::default().user())
}

fn mark(event: EventId, version: u64, available: u32, waiting: usize) -> EventCounts {
    let waiting = u32::try_from(waiting).expect("few");
    EventCounts { event, version, available, waiting }
}

fn snapshot(event: EventId, version: u64, available: u32, line: &[UserId]) -> CounterSnapshot {
    CounterSnapshot { mark: mark(event, version, available, line.len()), waitlist: line.to_vec() }
}

/// From the version before to `version`; the figure of those who wait is not the counters' business.
fn projection(event: EventId, version: u64, available: u32, line: &[LineStep]) -> Projection {
    Projection {
        from: version - 1,
        mark: mark(event, version, available, 0),
        line: line.to_vec(),
        gone: false,
    }
}

/// The counters say exactly this.
async fn assert_says(counters: &dyn Counters, event: EventId, version: u64, available: i64, line: &[UserId]) {
    let expected =
        Observed { version: Some(version), available: Some(available), waiting: Some(line.len() as u64) };
    assert_eq!(counters.observe(&[event]).await.expect("an answer"), [expected]);
    assert_eq!(counters.line_digests(&[event]).await.expect("an answer"), [line_digest(line)]);
}

/// The counters know nothing of the event.
async fn assert_unknown(counters: &dyn Counters, event: EventId) {
    let observed = counters.observe(&[event]).await.expect("an answer");
    assert_eq!((observed[0].version, observed[0].available), (None, None));
    assert_eq!(observed[0].waiting.unwrap_or(0), 0);
    assert_eq!(counters.line_digests(&[event]).await.expect("an answer"), [line_digest([])]);
}
