//! What the daemon measures of itself, told to the operators' stream once a second while somebody watches it, however
//! many they are. While nobody does, it costs a look at an atomic.
//!
//! What is in the process is read for each message. The outbox and the queue are asked every few seconds, beside the
//! messages, so that a slow answer holds none of them up.
//!
//! To add a figure: a field in `happening_core::wire::Metrics`, and its source here.

use super::Services;
use crate::booking::Interval;
use crate::live::WatchedPart;
use crate::places::Places;
use chrono::{DateTime, Utc};
use happening_core::wire::{Health, Metrics, OutboxDepth, PartPulse, QueueDepth, WorkerCounts};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

/// How often it is told.
const EVERY: Duration = Duration::from_secs(1);

/// How often outbox and queue are asked, and for how long each time.
const ASKED: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(2);

/// Depths as they were last read.
#[derive(Debug, Default, Clone, Copy)]
struct Depths {
    outbox: Option<OutboxDepth>,
    queue: Option<QueueDepth>,
}

/// What is measured besides the services' own parts.
pub struct Gauges {
    /// What is open.
    pub places: Places,
    /// The parts whose health operators watch.
    pub parts: Vec<WatchedPart>,
}

impl Services {
    /// Measures for as long as it is polled.
    pub async fn measure(self: Arc<Self>, gauges: Gauges) {
        let depths = Mutex::new(Depths::default());
        tokio::join!(self.ask_depths(&depths), self.publish_metrics(&gauges, &depths));
    }

    async fn publish_metrics(&self, gauges: &Gauges, depths: &Mutex<Depths>) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last: Option<(Instant, WorkerCounts)> = None;
        loop {
            ticks.tick().await;
            if !self.live.is_overview_open() {
                if last.take().is_some() {
                    self.engine.forget_interval();
                }
                continue;
            }
            let (now, worker, done) = (Instant::now(), self.worker_counts(), self.engine.take_interval());
            // The first interval has no beginning.
            if let Some((before, worker_before)) = last.replace((now, worker)) {
                let depths = *depths.lock().unwrap_or_else(PoisonError::into_inner);
                let metrics = self.metrics(gauges, done, depths);
                self.live.measured(Metrics {
                    interval_ms: u64::try_from((now - before).as_millis()).unwrap_or(u64::MAX),
                    worker: since(worker, worker_before),
                    ..metrics
                });
            }
        }
    }

    fn metrics(&self, gauges: &Gauges, done: Interval, depths: Depths) -> Metrics {
        let now = self.clock.now();
        Metrics {
            at: now,
            interval_ms: 0,
            bookings: done.bookings,
            commit: done.commit,
            answer: done.answer,
            hottest: done.hottest,
            engine_queue: self.engine.queued(),
            outbox: depths.outbox,
            queue: depths.queue,
            worker: WorkerCounts::default(),
            holds: self.held.totals(now),
            connections: gauges.places.totals(),
            parts: pulses(&gauges.parts),
        }
    }

    fn worker_counts(&self) -> WorkerCounts {
        let (sent, failed, parked) = self.operations.worker.counts();
        WorkerCounts { sent, failed, parked }
    }

    /// Asks outbox and queue now and then while somebody watches.
    async fn ask_depths(&self, depths: &Mutex<Depths>) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut asked: Option<Instant> = None;
        loop {
            ticks.tick().await;
            if !self.live.is_overview_open() {
                asked = None;
            } else if asked.is_none_or(|asked| asked.elapsed() >= ASKED) {
                asked = Some(Instant::now());
                let (outbox, queue) = tokio::join!(self.outbox_depth(), self.queue_depth());
                *depths.lock().unwrap_or_else(PoisonError::into_inner) = Depths { outbox, queue };
            }
        }
    }

    async fn outbox_depth(&self) -> Option<OutboxDepth> {
        self.must_be_up().ok()?;
        let figures = tokio::time::timeout(PATIENCE, self.store.outbox_figures()).await.ok()?.ok()?;
        let age =
            |oldest: DateTime<Utc>| u64::try_from((self.clock.now() - oldest).num_seconds()).unwrap_or(0);
        Some(OutboxDepth {
            pending: figures.pending,
            retrying: figures.retrying,
            parked: figures.parked,
            lag_seconds: figures.oldest.map(age),
        })
    }

    async fn queue_depth(&self) -> Option<QueueDepth> {
        if self.operations.queue_liveness.is_down() {
            return None;
        }
        let figures = tokio::time::timeout(PATIENCE, self.operations.queue.figures()).await.ok()?.ok()?;
        let (ready, unacknowledged, consumers) = (figures.ready, figures.unacknowledged, figures.consumers);
        Some(QueueDepth { ready, unacknowledged, consumers })
    }
}

fn since(now: WorkerCounts, before: WorkerCounts) -> WorkerCounts {
    WorkerCounts {
        sent: now.sent.saturating_sub(before.sent),
        failed: now.failed.saturating_sub(before.failed),
        parked: now.parked.saturating_sub(before.parked),
    }
}

fn pulses(parts: &[WatchedPart]) -> BTreeMap<String, PartPulse> {
    let pulse = |(name, liveness, fallback): &WatchedPart| {
        let is_down = liveness.is_down();
        let state = if is_down { *fallback } else { Health::Ok };
        ((*name).to_owned(), PartPulse { state, latency_us: (!is_down).then(|| liveness.latency_us()) })
    };
    parts.iter().map(pulse).collect()
}
