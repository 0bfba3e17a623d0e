//! Keeps the counters equal to the truth whatever happens to them: restarted, wiped, restored from an old dump, tampered
//! with. Every [`PERIOD`], and at once when they answer again.
//!
//! The counters are read before the truth, so an honest version is never ahead of it: one that is was made up.
//!
//! A line is compared by its digest while its event is quiet. An event that changes at every pass is not compared but
//! restored now and then, by the projector, right after a commit.

use super::EngineParts;
use crate::counters::{Observed, line_digest};
use crate::store::{CounterSnapshot, EventCounts, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use happening_core::id::EventId;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Two passes see a lie twice within the 5 s that a heal may take.
const PERIOD: Duration = Duration::from_millis(1_500);

/// How long a commit may be under way after it was decided.
const COMMIT_MARGIN: TimeDelta = TimeDelta::seconds(10);

/// Events of the sweep in one pass.
const SWEPT: u32 = 200;

/// Events whose line is read from the store in one pass: a line is a large read.
const LINES: usize = 200;

/// Passes in a row that find an event changed: then its line, which could not be compared, is distrusted.
const RESTLESS: u32 = 2;

/// Longer lines are compared only once they are quiet: restoring one holds up the answers that it would be shown with.
const LONGEST_RESTLESS: u32 = 5_000;

/// The watcher over the counters.
pub struct Reconciler {
    parts: EngineParts,
    /// Each event with a line, as it was found last.
    seen: HashMap<EventId, Seen>,
    /// When the last pass began: what was committed since is looked at by the next one.
    looked_at: DateTime<Utc>,
    /// The last event of the sweep so far.
    swept: Option<EventId>,
    /// How often the sweep has begun anew.
    sweeps: u64,
}

/// An event as a pass found it.
struct Seen {
    version: u64,
    /// What its line should digest to, once that has been computed.
    digest: Option<String>,
    /// Passes in a row that found it new or changed.
    restless: u32,
    /// The sweep during which it was found.
    sweep: u64,
}

impl Reconciler {
    /// A reconciler that has seen nothing yet.
    pub fn new(parts: EngineParts) -> Self {
        let looked_at = parts.clock.now();
        Self { parts, seen: HashMap::new(), looked_at, swept: None, sweeps: 0 }
    }

    /// Runs until it is dropped.
    pub async fn run(mut self) {
        loop {
            let liveness = self.parts.counters_liveness.clone();
            tokio::select! {
                () = tokio::time::sleep(PERIOD) => {}
                () = liveness.recovered() => {}
            }
            self.pass_or_note().await;
        }
    }

    async fn pass_or_note(&mut self) {
        let started = Instant::now();
        match self.parts.counters.ping().await {
            Ok(()) => self.parts.counters_liveness.beat(started.elapsed()),
            Err(error) => return self.parts.counters_liveness.miss(&error),
        }
        if self.parts.store_liveness.is_down() {
            return;
        }
        match self.pass().await {
            Ok(corrections) => self.parts.stats.reconciled(corrections, self.parts.clock.now()),
            Err(error) => tracing::warn!(%error, "the counters could not be compared with the truth"),
        }
    }

    /// Compares the events that take bookings or have changed since the last pass, and a part of all others. Returns how
    /// many were set right.
    pub async fn pass(&mut self) -> anyhow::Result<usize> {
        let marks = self.next_counts().await?;
        let events: Vec<EventId> = marks.iter().map(|mark| mark.event).collect();
        let observed = self.parts.counters.observe(&events).await?;
        let drifted: Vec<EventId> = marks
            .iter()
            .zip(&observed)
            .filter(|(mark, seen)| !agrees(mark, seen))
            .map(|(mark, _)| mark.event)
            .collect();
        let healed = self.heal(&drifted, &events, &observed).await?;
        let lines = self.heal_lines(&marks).await?;
        Ok(healed + lines)
    }

    async fn next_counts(&mut self) -> Result<Vec<EventCounts>, StoreError> {
        let now = self.parts.clock.now();
        // Commits bear the time at which they were decided; one may have been under way for a while.
        let since = self.looked_at - COMMIT_MARGIN;
        let mut counts = self.parts.store.active_event_counts(now, since).await?;
        let swept = self.parts.store.open_event_counts(self.swept, SWEPT).await?;
        self.swept = swept.last().filter(|_| swept.len() == SWEPT as usize).map(|last| last.event);
        if self.swept.is_none() {
            self.forget_unseen();
        }
        counts.extend(swept);
        counts.sort_unstable_by_key(|counts| counts.event);
        counts.dedup_by_key(|counts| counts.event);
        self.looked_at = now;
        Ok(counts)
    }

    /// Forgets events that a whole sweep has not met: they are over.
    fn forget_unseen(&mut self) {
        let sweep = self.sweeps;
        self.seen.retain(|_, seen| seen.sweep >= sweep);
        self.sweeps += 1;
    }

    /// Compares those that differ once more with a truth read later than the counters were, and sets what still differs.
    async fn heal(
        &self,
        drifted: &[EventId],
        events: &[EventId],
        observed: &[Observed],
    ) -> anyhow::Result<usize> {
        let seen: HashMap<EventId, &Observed> = events.iter().copied().zip(observed).collect();
        let mut healed = 0;
        for chunk in drifted.chunks(LINES) {
            for snapshot in self.parts.store.snapshots(chunk).await? {
                let Some(&seen) = seen.get(&snapshot.mark.event) else {
                    continue;
                };
                if agrees(&snapshot.mark, seen) {
                    continue;
                }
                let invented = seen.version.is_some_and(|version| version > snapshot.mark.version);
                let behind = seen.version.is_some_and(|version| version < snapshot.mark.version);
                if !behind {
                    // Merely behind is everyday: the projection is on its way.
                    tracing::warn!(event = %snapshot.mark.event, ?seen, truth = ?snapshot.mark, "counters were wrong");
                }
                self.parts.counters.restore(&[snapshot], invented).await?;
                healed += 1;
            }
        }
        Ok(healed)
    }

    /// Compares the lines of quiet events: same version as at the last pass, somebody waits.
    async fn heal_lines(&mut self, marks: &[EventCounts]) -> anyhow::Result<usize> {
        let (quiet, changed): (Vec<&EventCounts>, Vec<&EventCounts>) = marks
            .iter()
            .filter(|mark| mark.waiting > 0)
            .partition(|mark| self.seen.get(&mark.event).is_some_and(|seen| seen.version == mark.version));
        let truths = self.digests(&quiet).await?;
        let events: Vec<EventId> = quiet.iter().map(|mark| mark.event).collect();
        let digests = self.parts.counters.line_digests(&events).await?;
        let wrong: Vec<EventId> = events
            .iter()
            .zip(&digests)
            .filter(|(event, digest)| truths.get(event).is_some_and(|truth| truth != *digest))
            .map(|(event, _)| *event)
            .collect();
        if !wrong.is_empty() {
            tracing::warn!(events = ?wrong, "waitlists in the counters were wrong");
            let snapshots = self.parts.store.snapshots(&wrong).await?;
            self.parts.counters.restore(&snapshots, false).await?;
        }
        let short: Vec<&EventCounts> =
            changed.into_iter().filter(|mark| mark.waiting <= LONGEST_RESTLESS).collect();
        let restless = self.distrust_restless(&short).await?;
        let look = |mark: &EventCounts| Seen {
            version: mark.version,
            digest: truths.get(&mark.event).cloned(),
            restless: restless.get(&mark.event).copied().unwrap_or(0),
            sweep: self.sweeps,
        };
        let (in_line, without): (Vec<&EventCounts>, Vec<&EventCounts>) =
            marks.iter().partition(|mark| mark.waiting > 0);
        let looks: Vec<_> = in_line.into_iter().map(|mark| (mark.event, look(mark))).collect();
        for mark in without {
            self.seen.remove(&mark.event);
        }
        self.seen.extend(looks);
        Ok(wrong.len())
    }

    /// Counts for how many passes these have been restless; makes the counters forget those that are it for too long.
    async fn distrust_restless(&self, changed: &[&EventCounts]) -> anyhow::Result<HashMap<EventId, u32>> {
        let passes = |mark: &&EventCounts| self.seen.get(&mark.event).map_or(1, |seen| seen.restless + 1);
        let mut restless: HashMap<EventId, u32> =
            changed.iter().map(|mark| (mark.event, passes(mark))).collect();
        let distrusted: Vec<EventId> =
            restless.iter().filter(|(_, passes)| **passes >= RESTLESS).map(|(event, _)| *event).collect();
        if !distrusted.is_empty() {
            self.parts.counters.distrust(&distrusted).await?;
            restless.retain(|_, passes| *passes < RESTLESS);
        }
        Ok(restless)
    }

    /// What the lines of these events should digest to; read once a version.
    async fn digests(&self, quiet: &[&EventCounts]) -> Result<HashMap<EventId, String>, StoreError> {
        let mut digests = HashMap::new();
        let mut unread = Vec::new();
        for mark in quiet {
            match self.seen.get(&mark.event) {
                Some(Seen { digest: Some(digest), .. }) => drop(digests.insert(mark.event, digest.clone())),
                _ => unread.push(mark.event),
            }
        }
        unread.truncate(LINES);
        for CounterSnapshot { mark, waitlist } in self.parts.store.snapshots(&unread).await? {
            digests.insert(mark.event, line_digest(&waitlist));
        }
        Ok(digests)
    }
}

fn agrees(mark: &EventCounts, seen: &Observed) -> bool {
    seen.version == Some(mark.version)
        && seen.available == Some(i64::from(mark.available))
        && seen.waiting == Some(u64::from(mark.waiting))
}
