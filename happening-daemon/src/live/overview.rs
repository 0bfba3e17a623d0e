//! The operators' stream: every commit of every event, and how the parts are. It keeps no seats: who needs them watches
//! the event.

use super::commit::Commit;
use super::stream_entry::{StreamEntry, StreamEntryId};
use crate::liveness::Liveness;
use crate::store::EventCounts;
use happening_core::id::EventId;
use happening_core::wire::{EventFigures, Health, LiveMessage, Metrics};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Messages kept for readers that come back.
const KEPT: usize = 1_024;

/// A part, and what the daemon is without it.
pub type WatchedPart = (&'static str, Liveness, Health);

pub(super) struct Overview {
    parts: Vec<WatchedPart>,
    states: Vec<Health>,
    /// Which run of which daemon: ids of another one mean nothing here.
    run: u64,
    next: u32,
    kept: VecDeque<Arc<StreamEntry>>,
    /// The newest figures of each event that changed since somebody listens.
    published: HashMap<EventId, EventFigures>,
    listeners: Vec<mpsc::Sender<Arc<StreamEntry>>>,
    newcomers: Vec<mpsc::Sender<Arc<StreamEntry>>>,
    deserted: Option<Instant>,
    open: bool,
}

impl Overview {
    pub(super) fn new(parts: Vec<WatchedPart>, run: u64) -> Self {
        Self {
            parts,
            states: Vec::new(),
            run,
            next: 0,
            kept: VecDeque::new(),
            published: HashMap::new(),
            listeners: Vec::new(),
            newcomers: Vec::new(),
            deserted: None,
            open: false,
        }
    }

    /// Whether anybody listens, or did lately.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Somebody listens. True if the events' figures must be read for them first.
    pub(super) fn join(
        &mut self,
        after: Option<StreamEntryId>,
        listener: mpsc::Sender<Arc<StreamEntry>>,
    ) -> bool {
        if !self.open {
            self.states = self.states_now();
        }
        self.open = true;
        self.deserted = None;
        let newest = StreamEntryId { version: self.run, index: self.next };
        let oldest = self.kept.front().map_or(newest, |entry| entry.id);
        // What came right before the oldest that is kept is known too.
        let from = StreamEntryId { version: self.run, index: oldest.index.saturating_sub(1) };
        if let Some(after) = after.filter(|after| (from..=newest).contains(after)) {
            let mut missed = self.kept.iter().filter(|entry| entry.id > after).cloned();
            if missed.all(|entry| listener.try_send(entry).is_ok()) {
                self.listeners.push(listener);
            }
            return false;
        }
        self.newcomers.push(listener);
        true
    }

    /// The figures were read: those who wait for them begin, alone; or, `again`, with those who listen already, because they
    /// may have missed something.
    pub(super) fn begin(&mut self, marks: &[EventCounts], again: bool) {
        let read = |mark: &EventCounts| EventFigures {
            event_id: mark.event,
            version: mark.version,
            total: None,
            available: mark.available,
            waiting: mark.waiting,
        };
        // What was committed while they were read is newer.
        let newest = |mark: &EventCounts| match self.published.get(&mark.event) {
            Some(published) if published.version > mark.version => *published,
            _ => read(mark),
        };
        let events: Vec<EventFigures> = marks.iter().map(newest).collect();
        self.published.extend(events.iter().map(|figures| (figures.event_id, *figures)));
        let names = self.parts.iter().map(|(name, ..)| (*name).to_owned());
        let parts: BTreeMap<String, Health> = names.zip(self.states.iter().copied()).collect();
        let message = LiveMessage::Overview { events, parts };
        if again {
            self.listeners.append(&mut self.newcomers);
            return self.publish(message);
        }
        // It takes no number and is not kept: who comes back goes on after what was sent to everybody.
        let entry =
            Arc::new(StreamEntry { id: StreamEntryId { version: self.run, index: self.next }, message });
        self.newcomers.retain(|newcomer| newcomer.try_send(entry.clone()).is_ok());
        self.listeners.append(&mut self.newcomers);
    }

    /// They could not be read: the streams end, and their readers try again.
    pub(super) fn give_up(&mut self) {
        self.newcomers.clear();
    }

    /// A commit, made here or elsewhere.
    pub(super) fn take(&mut self, commit: &Commit) {
        if !self.open {
            return;
        }
        if self.published.get(&commit.event).is_some_and(|published| published.version >= commit.version) {
            return;
        }
        for message in commit.messages() {
            if let LiveMessage::Figures(figures) = &message {
                self.published.insert(commit.event, *figures);
            }
            self.publish(message);
        }
    }

    /// What was measured goes to those who listen; it takes no number, for nobody needs an old one.
    pub(super) fn measured(&mut self, metrics: Box<Metrics>) {
        let message = LiveMessage::Metrics(metrics);
        let entry =
            Arc::new(StreamEntry { id: StreamEntryId { version: self.run, index: self.next }, message });
        self.listeners.retain(|listener| listener.try_send(entry.clone()).is_ok());
    }

    /// Looks at the parts, and whether anybody still listens.
    pub(super) fn tick(&mut self, now: Instant, kept_empty: Duration) {
        if !self.open {
            return;
        }
        let states = self.states_now();
        let before = std::mem::replace(&mut self.states, states.clone());
        for (index, (was, is)) in before.into_iter().zip(states).enumerate() {
            if was != is {
                let part = self.parts[index].0.to_owned();
                self.publish(LiveMessage::Health { part, state: is });
            }
        }
        self.listeners.retain(|listener| !listener.is_closed());
        self.newcomers.retain(|listener| !listener.is_closed());
        if !self.listeners.is_empty() || !self.newcomers.is_empty() {
            return;
        }
        if now.duration_since(*self.deserted.get_or_insert(now)) >= kept_empty {
            self.open = false;
            // A hole in the numbers: who comes back later begins afresh.
            self.next = self.next.saturating_add(2);
            self.kept.clear();
            self.published.clear();
        }
    }

    fn states_now(&self) -> Vec<Health> {
        let state =
            |(_, liveness, fallback): &WatchedPart| if liveness.is_down() { *fallback } else { Health::Ok };
        self.parts.iter().map(state).collect()
    }

    fn publish(&mut self, message: LiveMessage) {
        self.next = self.next.saturating_add(1);
        let entry =
            Arc::new(StreamEntry { id: StreamEntryId { version: self.run, index: self.next }, message });
        self.listeners.retain(|listener| listener.try_send(entry.clone()).is_ok());
        self.kept.push_back(entry);
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }
}

#[cfg(test)]
#[path = "overview_tests.rs"]
mod tests;
