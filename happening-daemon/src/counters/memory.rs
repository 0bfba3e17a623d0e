//! Counters in this process: for a daemon that has no Redis, and as the model that Redis is tested against.

use super::{Counters, CountersError, LineStep, Observed, Projection, SHOWN, glob, line_digest};
use crate::store::{CounterSnapshot, EventCounts};
use async_trait::async_trait;
use happening_core::id::{EventId, UserId};
use happening_core::wire::{CounterKey, CountersSay, KeysPage};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keys in one page.
const PAGE: usize = 500;

#[derive(Debug)]
struct Entry {
    mark: EventCounts,
    line: VecDeque<UserId>,
}

impl Entry {
    /// Moves the line. False if a step does not fit: what is left is then to be restored.
    fn take(&mut self, steps: &[LineStep]) -> bool {
        steps.iter().all(|step| match *step {
            LineStep::Join(user) => {
                self.line.push_back(user);
                true
            }
            LineStep::Leave { ahead } => self.line.remove(ahead as usize).is_some(),
        })
    }
}

/// The in-process counters.
#[derive(Debug, Default)]
pub struct MemoryCounters(Mutex<HashMap<EventId, Entry>>);

impl MemoryCounters {
    fn entries(&self) -> MutexGuard<'_, HashMap<EventId, Entry>> {
        // Every update leaves the map whole, so a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Counters for MemoryCounters {
    fn kind(&self) -> &'static str {
        "in-process"
    }

    async fn project(&self, projections: &[Projection]) -> Result<Vec<EventId>, CountersError> {
        let mut entries = self.entries();
        let mut unknown = Vec::new();
        for projection in projections {
            let event = projection.mark.event;
            if projection.gone {
                entries.remove(&event);
                continue;
            }
            match entries.get_mut(&event) {
                Some(entry) if entry.mark.version >= projection.mark.version => {}
                Some(entry) if entry.mark.version == projection.from => {
                    if entry.take(&projection.line) {
                        entry.mark = projection.mark;
                    } else {
                        unknown.push(event);
                    }
                }
                _ => unknown.push(event),
            }
        }
        Ok(unknown)
    }

    async fn restore(&self, snapshots: &[CounterSnapshot], force: bool) -> Result<(), CountersError> {
        let mut entries = self.entries();
        for snapshot in snapshots {
            let event = snapshot.mark.event;
            let is_newer =
                entries.get(&event).is_some_and(|entry| entry.mark.version > snapshot.mark.version);
            if force || !is_newer {
                let line = snapshot.waitlist.iter().copied().collect();
                entries.insert(event, Entry { mark: snapshot.mark, line });
            }
        }
        Ok(())
    }

    async fn observe(&self, events: &[EventId]) -> Result<Vec<Observed>, CountersError> {
        let entries = self.entries();
        let observed = events.iter().map(|event| {
            let entry = entries.get(event);
            Observed {
                version: entry.map(|entry| entry.mark.version),
                available: entry.map(|entry| i64::from(entry.mark.available)),
                waiting: entry.map(|entry| entry.line.len() as u64),
            }
        });
        Ok(observed.collect())
    }

    async fn line_digests(&self, events: &[EventId]) -> Result<Vec<String>, CountersError> {
        let entries = self.entries();
        let digest = |event| line_digest(entries.get(event).iter().flat_map(|entry| entry.line.iter()));
        Ok(events.iter().map(digest).collect())
    }

    async fn inspect(&self, event: EventId) -> Result<CountersSay, CountersError> {
        let entries = self.entries();
        let Some(entry) = entries.get(&event) else {
            return Ok(CountersSay::default());
        };
        Ok(CountersSay {
            slots: Some(entry.mark.available.to_string()),
            version: Some(entry.mark.version.to_string()),
            waiting: Some(entry.line.len() as u64),
            waitlist: entry.line.iter().take(SHOWN).map(ToString::to_string).collect(),
        })
    }

    async fn keys(&self, pattern: &str, cursor: u64) -> Result<KeysPage, CountersError> {
        let mut all: Vec<(String, &str)> = Vec::new();
        for (event, entry) in self.entries().iter() {
            all.push((format!("event:{event}:slots"), "string"));
            all.push((format!("event:{event}:version"), "string"));
            if !entry.line.is_empty() {
                all.push((format!("event:{event}:waitlist"), "list"));
            }
        }
        all.retain(|(key, _)| glob::matches(pattern.as_bytes(), key.as_bytes()));
        all.sort_unstable();
        let from = usize::try_from(cursor).unwrap_or(usize::MAX).min(all.len());
        let to = (from + PAGE).min(all.len());
        let key = |(key, kind): &(String, &str)| CounterKey {
            key: key.clone(),
            kind: (*kind).to_owned(),
            ttl_ms: None,
        };
        let cursor = (to < all.len()).then_some(to as u64);
        Ok(KeysPage { keys: all[from..to].iter().map(key).collect(), cursor })
    }

    async fn ping(&self) -> Result<(), CountersError> {
        Ok(())
    }
}
