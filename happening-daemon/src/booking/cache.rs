//! The events that a committer has in memory. Each state is what the store held at its version; the version check of
//! the commit makes a stale one harmless, so nothing needs to be invalidated.

use happening_core::booking::EventState;
use happening_core::id::EventId;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How much one committer keeps, in units of [`EventState::weight`]: some 50 MB.
const CAPACITY: usize = 1_000_000;

/// After a conflict an event counts as shared with another daemon for so long.
const SHARED_FOR: Duration = Duration::from_secs(2);

pub(super) struct Cached {
    /// Questions share it; a decision copies it only while somebody does.
    state: Arc<EventState>,
    shared_until: Option<Instant>,
    used: u64,
}

/// Events in memory, the least recently used ones leaving first.
#[derive(Default)]
pub(super) struct Cache {
    events: HashMap<EventId, Cached>,
    uses: u64,
}

impl Cache {
    pub(super) fn contains(&self, event: EventId) -> bool {
        self.events.contains_key(&event)
    }

    pub(super) fn insert(&mut self, event: EventId, state: EventState) {
        let shared_until = self.events.get(&event).and_then(|old| old.shared_until);
        self.put_back(event, Cached { state: Arc::new(state), shared_until, used: 0 });
    }

    /// Puts an event back that [`Cache::take`] took.
    pub(super) fn put_back(&mut self, event: EventId, cached: Cached) {
        self.uses += 1;
        self.events.insert(event, Cached { used: self.uses, ..cached });
    }

    /// Takes an event out, to be decided elsewhere.
    pub(super) fn take(&mut self, event: EventId) -> Option<Cached> {
        self.events.remove(&event)
    }

    /// An event to be decided on.
    pub(super) fn state(&mut self, event: EventId) -> Option<&mut EventState> {
        self.uses += 1;
        let cached = self.events.get_mut(&event)?;
        cached.used = self.uses;
        Some(Arc::make_mut(&mut cached.state))
    }

    /// An event to be looked at.
    pub(super) fn peek(&self, event: EventId) -> Option<&Arc<EventState>> {
        self.events.get(&event).map(|cached| &cached.state)
    }

    pub(super) fn remove(&mut self, event: EventId) {
        self.events.remove(&event);
    }

    /// Another daemon writes this event too: take turns for a while.
    pub(super) fn mark_shared(&mut self, event: EventId) {
        if let Some(cached) = self.events.get_mut(&event) {
            cached.shared_until = Some(Instant::now() + SHARED_FOR);
        }
    }

    pub(super) fn is_shared(&self, event: EventId) -> bool {
        self.events
            .get(&event)
            .and_then(|cached| cached.shared_until)
            .is_some_and(|until| until > Instant::now())
    }

    /// Drops what was not used for longest, but nothing of `keep`, until the rest fits.
    pub(super) fn trim_except(&mut self, keep: &BTreeSet<EventId>) {
        let mut weight: usize = self.events.values().map(|cached| cached.state.weight()).sum();
        while weight > CAPACITY && self.events.len() > 1 {
            let candidates = self.events.iter().filter(|(event, _)| !keep.contains(event));
            let Some((&oldest, cached)) = candidates.min_by_key(|(_, cached)| cached.used) else {
                return;
            };
            weight -= cached.state.weight();
            self.events.remove(&oldest);
        }
    }
}
