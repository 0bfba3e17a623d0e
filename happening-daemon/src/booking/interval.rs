//! What the engine did in the last interval, for those who watch: counts, latencies, the busiest events. Gathered only
//! while somebody watches, once a batch.

use super::EngineError;
use super::projector::Reply;
use happening_core::booking::Outcome;
use happening_core::id::EventId;
use happening_core::wire::{BookingCounts, HotEvent, Latency};
use hdrhistogram::Histogram;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Events that are reported.
const HOTTEST: usize = 10;

/// Events that are counted apart in one interval; more are not among the busiest.
const EVENTS: usize = 10_000;

/// The longest latency that is reported, in microseconds. No command lives so long.
const LONGEST_US: u64 = 60_000_000;

/// What was gathered so far.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    counts: BookingCounts,
    commit: Latencies,
    answer: Latencies,
    events: HashMap<EventId, Commands>,
}

/// What the engine did in an interval.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interval {
    /// Decisions.
    pub bookings: BookingCounts,
    /// From arrival to committed decision.
    pub commit: Latency,
    /// From arrival to answer.
    pub answer: Latency,
    /// The busiest events, the busiest first.
    pub hottest: Vec<HotEvent>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Commands {
    all: u64,
    refused: u64,
}

impl Gathering {
    /// A batch was committed.
    pub(super) fn committed(&mut self, answers: &[Reply], promoted: u64, now: Instant) {
        self.counts.promoted += promoted;
        for answer in answers {
            self.commit.record(now.saturating_duration_since(answer.submitted));
            let refused = self.count(answer);
            if self.events.len() < EVENTS || self.events.contains_key(&answer.event) {
                let commands = self.events.entry(answer.event).or_default();
                commands.all += 1;
                commands.refused += u64::from(refused);
            }
        }
    }

    /// Its answers left.
    pub(super) fn answered(&mut self, submitted: impl Iterator<Item = Instant>, now: Instant) {
        submitted.for_each(|submitted| self.answer.record(now.saturating_duration_since(submitted)));
    }

    /// A command could not be decided.
    pub(super) fn failed(&mut self) {
        self.counts.failed += 1;
    }

    pub(super) fn take(&mut self) -> Interval {
        let Self { counts, commit, answer, events } = std::mem::take(self);
        let mut hottest: Vec<HotEvent> = events
            .into_iter()
            .map(|(event_id, commands)| HotEvent {
                event_id,
                commands: commands.all,
                refused: commands.refused,
            })
            .collect();
        hottest.sort_by_key(|event| (std::cmp::Reverse(event.commands), event.event_id));
        hottest.truncate(HOTTEST);
        Interval { bookings: counts, commit: commit.summary(), answer: answer.summary(), hottest }
    }

    /// Counts an answer; true if it is a refusal.
    fn count(&mut self, answer: &Reply) -> bool {
        let counts = &mut self.counts;
        match answer.result.as_ref().map(|decided| &decided.outcome) {
            Ok(Outcome::Confirmed { .. }) => counts.confirmed += 1,
            Ok(Outcome::Waiting { .. }) => counts.waiting += 1,
            Ok(Outcome::Cancelled { .. }) => counts.cancelled += 1,
            Ok(Outcome::SeatsCancelled { freed, .. }) if !freed.is_empty() => counts.cancelled += 1,
            Ok(_) => {}
            Err(EngineError::Refused(_)) => {
                counts.refused += 1;
                return true;
            }
            Err(_) => counts.failed += 1,
        }
        false
    }
}

/// Latencies, in microseconds to two significant digits. The histogram is made with the first one.
#[derive(Debug, Default)]
struct Latencies(Option<Histogram<u64>>);

impl Latencies {
    fn record(&mut self, latency: Duration) {
        if self.0.is_none() {
            // Bounds that are always possible.
            self.0 = Histogram::new_with_bounds(1, LONGEST_US, 2).ok();
        }
        if let Some(histogram) = &mut self.0 {
            histogram.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        }
    }

    fn summary(&self) -> Latency {
        self.0.as_ref().map_or_else(Latency::default, |histogram| Latency {
            count: histogram.len(),
            p50_us: histogram.value_at_quantile(0.5),
            p99_us: histogram.value_at_quantile(0.99),
            max_us: histogram.max(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::Decided;
    use crate::ids::Ids;
    use chrono::DateTime;
    use happening_core::booking::{Refusal, Seats};

    fn answer(event: EventId, submitted: Instant, outcome: Result<Outcome, EngineError>) -> Reply {
        let (sender, _) = tokio::sync::oneshot::channel();
        let at = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        Reply { sender, result: outcome.map(|outcome| Decided { outcome, at }), submitted, event }
    }

    #[test]
    fn an_interval_is_told_once_with_its_busiest_events_and_latencies() {
        let (ids, start) = (Ids::seeded(1), Instant::now());
        let (hot, cold) = (ids.event(), ids.event());
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut gathering = Gathering::default();
        let confirmed = || Ok(Outcome::Confirmed { seats: Seats::new() });
        let mut answers: Vec<Reply> = (0..98).map(|_| answer(hot, after(0), confirmed())).collect();
        answers.push(answer(hot, after(0), Err(EngineError::Refused(Refusal::Closed))));
        answers.push(answer(cold, after(0), Ok(Outcome::Waiting { number: 1, place: 1, seats: 2 })));
        gathering.committed(&answers, 3, after(10));
        gathering.answered([after(0), after(10)].into_iter(), after(20));
        gathering.failed();
        let interval = gathering.take();
        let expected =
            BookingCounts { confirmed: 98, waiting: 1, promoted: 3, cancelled: 0, refused: 1, failed: 1 };
        assert_eq!(interval.bookings, expected);
        assert_eq!((interval.commit.count, interval.answer.count), (100, 2));
        assert!((10_000..10_200).contains(&interval.commit.p50_us), "{interval:?}");
        assert!((10_000..10_200).contains(&interval.answer.p50_us), "{interval:?}");
        assert!((20_000..20_300).contains(&interval.answer.p99_us), "{interval:?}");
        let hottest = [(hot, 99, 1), (cold, 1, 0)].map(|(event_id, commands, refused)| HotEvent {
            event_id,
            commands,
            refused,
        });
        assert_eq!(interval.hottest, hottest);
        assert_eq!(gathering.take(), Interval::default(), "and begins anew");
    }
}
