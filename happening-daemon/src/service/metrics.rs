//! What the daemon measures of itself, published on the operators' stream once a second while somebody watches it, however
//! many they are. While nobody does, it costs a look at an atomic.
//!
//! What is in the process is read for each message. The jobs are asked every second, the outbox and the queue every few
//! seconds, all beside the messages, so that a slow answer holds none of them up.
//!
//! To add a figure: a field in `happening_core::wire::Metrics`, and its source here.

use super::Services;
use crate::booking::Interval;
use crate::live::WatchedPart;
use crate::places::Places;
use chrono::{DateTime, Utc};
use happening_core::wire::{Health, Job, Metrics, OutboxDepth, PartPulse, QueueDepth, WorkerCounts};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

/// How often it is published.
const EVERY: Duration = Duration::from_secs(1);

/// How often outbox and queue are asked, and for how long each time.
const ASKED: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(2);

/// Jobs that are gone through, the newest first, for those that have not ended.
const MOST_JOBS: u32 = 100;

/// What the parts answered last.
#[derive(Debug, Default, Clone)]
struct Answers {
    outbox: Option<OutboxDepth>,
    queue: Option<QueueDepth>,
    jobs: Option<Vec<Job>>,
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
        let answers = Mutex::new(Answers::default());
        tokio::join!(
            self.ask_depths(&answers),
            self.ask_jobs(&answers),
            self.publish_metrics(&gauges, &answers)
        );
    }

    async fn publish_metrics(&self, gauges: &Gauges, answers: &Mutex<Answers>) {
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
                let answers = answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let metrics = self.metrics(gauges, done, answers);
                self.live.measured(Metrics {
                    interval_ms: u64::try_from((now - before).as_millis()).unwrap_or(u64::MAX),
                    worker: since(worker, worker_before),
                    ..metrics
                });
            }
        }
    }

    fn metrics(&self, gauges: &Gauges, done: Interval, answers: Answers) -> Metrics {
        let now = self.clock.now();
        Metrics {
            at: now,
            interval_ms: 0,
            bookings: done.bookings,
            commit: done.commit,
            answer: done.answer,
            hottest: done.hottest,
            engine_queue: self.engine.queued(),
            outbox: answers.outbox,
            queue: answers.queue,
            jobs: answers.jobs,
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
    async fn ask_depths(&self, answers: &Mutex<Answers>) {
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
                let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                (answers.outbox, answers.queue) = (outbox, queue);
            }
        }
    }

    /// Asks for jobs once a second while somebody watches: that is how often their progress is noted.
    async fn ask_jobs(&self, answers: &Mutex<Answers>) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.live.is_overview_open() {
                let jobs = self.open_jobs().await;
                answers.lock().unwrap_or_else(PoisonError::into_inner).jobs = jobs;
            }
        }
    }

    async fn open_jobs(&self) -> Option<Vec<Job>> {
        self.must_be_up().ok()?;
        let listing = self.store.list_jobs(None, MOST_JOBS);
        let mut jobs = tokio::time::timeout(PATIENCE, listing).await.ok()?.ok()?;
        jobs.retain(|job| !job.state.is_final());
        Some(jobs)
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
