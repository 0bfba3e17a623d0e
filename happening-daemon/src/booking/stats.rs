//! What the engine has done, for operators. Counted once a batch, so it costs a booking nothing.

use super::interval::{Gathering, Interval};
use super::projector::Reply;
use chrono::{DateTime, Utc};
use happening_core::booking::Outcome;
use happening_core::wire::ReconcilerStatus;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How far back rates look.
const MINUTE: Duration = Duration::from_mins(1);

/// Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct EngineStats(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    batches: u64,
    commands: u64,
    bookings: u64,
    /// Bookings of the last minute, by the second in which they were made; the newest at the back.
    seconds: VecDeque<(Instant, u64)>,
    reconciler: Reconciler,
    /// Present while somebody watches.
    gathering: Option<Gathering>,
}

#[derive(Debug, Default)]
struct Reconciler {
    last_pass: Option<DateTime<Utc>>,
    passes: u64,
    corrections: u64,
    last_corrections: u64,
}

impl EngineStats {
    /// A batch is committed, these are its answers, and so many parties were promoted by it.
    pub(super) fn committed(&self, answers: &[Reply], promoted: u64, now: Instant) {
        let makes = |answer: &&Reply| {
            let outcome = answer.result.as_ref().map(|decided| &decided.outcome);
            matches!(outcome, Ok(Outcome::Confirmed { .. } | Outcome::Waiting { .. }))
        };
        let bookings = answers.iter().filter(makes).count() as u64;
        let mut counts = self.counts();
        counts.batches += 1;
        counts.commands += answers.len() as u64;
        counts.bookings += bookings;
        match counts.seconds.back_mut() {
            Some((began, made)) if now.saturating_duration_since(*began) < Duration::from_secs(1) => {
                *made += bookings;
            }
            _ => counts.seconds.push_back((now, bookings)),
        }
        counts.forget(now);
        if let Some(gathering) = &mut counts.gathering {
            gathering.committed(answers, promoted, now);
        }
    }

    /// Answers left, to commands that were submitted then.
    pub(super) fn answered(&self, submitted: impl Iterator<Item = Instant>, now: Instant) {
        if let Some(gathering) = &mut self.counts().gathering {
            gathering.answered(submitted, now);
        }
    }

    /// A command could not be decided.
    pub(super) fn failed(&self) {
        if let Some(gathering) = &mut self.counts().gathering {
            gathering.failed();
        }
    }

    /// What was done since this was last asked; nothing the first time.
    pub(super) fn take_interval(&self) -> Interval {
        self.counts().gathering.get_or_insert_default().take()
    }

    /// Nobody asks any more.
    pub(super) fn forget_interval(&self) {
        self.counts().gathering = None;
    }

    /// The reconciler has passed over all events.
    pub(super) fn reconciled(&self, corrections: usize, now: DateTime<Utc>) {
        let reconciler = &mut self.counts().reconciler;
        reconciler.last_pass = Some(now);
        reconciler.passes += 1;
        reconciler.last_corrections = corrections as u64;
        reconciler.corrections += corrections as u64;
    }

    /// Batches, commands and bookings since the start, and bookings of the last minute.
    pub fn so_far(&self, now: Instant) -> (u64, u64, u64, u64) {
        let mut counts = self.counts();
        counts.forget(now);
        let minute = counts.seconds.iter().map(|(_, made)| made).sum();
        (counts.batches, counts.commands, counts.bookings, minute)
    }

    /// What the reconciler has done.
    pub fn reconciler(&self) -> ReconcilerStatus {
        let Reconciler { last_pass, passes, corrections, last_corrections } = self.counts().reconciler;
        ReconcilerStatus { last_pass, passes, corrections, last_corrections }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn forget(&mut self, now: Instant) {
        while self.seconds.front().is_some_and(|(began, _)| now.saturating_duration_since(*began) >= MINUTE) {
            self.seconds.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::Decided;
    use happening_core::booking::Seats;

    fn answer(outcome: Outcome) -> Reply {
        let (sender, _) = tokio::sync::oneshot::channel();
        let at = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let event = happening_core::id::EventId(uuid::Uuid::from_u128(1));
        Reply { sender, result: Ok(Decided { outcome, at }), submitted: Instant::now(), event }
    }

    #[test]
    fn the_last_minute_is_what_counts_for_rates() {
        let (stats, start) = (EngineStats::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        let made = || answer(Outcome::Confirmed { seats: Seats::new() });
        stats.committed(&[made(), made(), answer(Outcome::AlreadyCancelled)], 0, after(0));
        stats.committed(&[answer(Outcome::Waiting { number: 1, place: 1, seats: 2 })], 0, after(30));
        assert_eq!(stats.so_far(after(31)), (2, 4, 3, 3));
        assert_eq!(stats.so_far(after(61)), (2, 4, 3, 1));
        assert_eq!(stats.so_far(after(91)), (2, 4, 3, 0));
    }
}
