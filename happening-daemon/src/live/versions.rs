//! The versions of events that people look at: by which an answer that has not changed is distinguished from one that has, without
//! asking the store.
//!
//! Truth flows one way here too: a version only ever rises. It is believed for as long as nobody else can have moved the
//! event on unnoticed: for good where this daemon is the only writer, for [`BELIEVED`] where others write too. Within
//! that time what others commit is known as soon as their message arrives; if it is lost, one second later.

use happening_core::id::EventId;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a version is believed that another daemon may have moved on.
const BELIEVED: Duration = Duration::from_secs(1);

/// Events that nobody asked for in this time are forgotten.
const REMEMBERED: Duration = Duration::from_mins(1);

/// Events remembered.
const EVENTS: u64 = 100_000;

/// Versions of the events that were lately asked for.
#[derive(Clone)]
pub struct Versions {
    known: moka::sync::Cache<EventId, Arc<Known>>,
    shared: bool,
    begun: Instant,
}

#[derive(Debug, Default)]
struct Known {
    version: AtomicU64,
    /// Milliseconds since `begun` at which it was last confirmed; 0 is never.
    confirmed: AtomicU64,
}

impl Versions {
    /// `shared` is whether other daemons write to the same store.
    pub fn new(shared: bool) -> Self {
        let known = moka::sync::Cache::builder().max_capacity(EVENTS).time_to_idle(REMEMBERED).build();
        Self { known, shared, begun: Instant::now() }
    }

    /// The version of an event, if it can be believed.
    pub fn current(&self, event: EventId) -> Option<u64> {
        let known = self.known.get(&event)?;
        let confirmed = known.confirmed.load(Ordering::Acquire);
        let is_fresh = !self.shared || self.elapsed() < confirmed + millis(BELIEVED);
        (confirmed > 0 && is_fresh).then(|| known.version.load(Ordering::Acquire))
    }

    /// To be called before an event is read whose version is then [`Self::note`]d: what is committed meanwhile is not
    /// missed.
    pub fn expect(&self, event: EventId) {
        self.known.get_with(event, Arc::default);
    }

    /// An event was read, or moved on. Nothing is noted of events that nobody asks for.
    pub fn note(&self, event: EventId, version: u64) {
        let Some(known) = self.known.get(&event) else { return };
        // A read that began before a commit and ends after it brings an older version: it confirms nothing.
        if known.version.fetch_max(version, Ordering::AcqRel) <= version {
            known.confirmed.fetch_max(self.elapsed().max(1), Ordering::AcqRel);
        }
    }

    /// Nothing is believed any more: messages may have been missed.
    pub fn doubt(&self) {
        for (_, known) in &self.known {
            known.confirmed.store(0, Ordering::Release);
        }
    }

    fn elapsed(&self) -> u64 {
        millis(self.begun.elapsed())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const EVENT: EventId = EventId(Uuid::from_u128(7));

    #[test]
    fn a_version_only_rises_and_nothing_is_noted_of_what_nobody_asks_for() {
        let versions = Versions::new(false);
        versions.note(EVENT, 3);
        assert_eq!(versions.current(EVENT), None);
        versions.expect(EVENT);
        assert_eq!(versions.current(EVENT), None, "expected is not known");
        versions.note(EVENT, 5);
        versions.note(EVENT, 4);
        assert_eq!(versions.current(EVENT), Some(5), "a slow reader does not turn it back");
        versions.doubt();
        assert_eq!(versions.current(EVENT), None);
        versions.note(EVENT, 4);
        assert_eq!(versions.current(EVENT), None, "an older version confirms nothing");
        versions.note(EVENT, 5);
        assert_eq!(versions.current(EVENT), Some(5));
    }
}
