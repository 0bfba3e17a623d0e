//! Whether a part answers: written by its health check and by tasks that see it fail, read by requests that would otherwise
//! wait.

use happening_core::wire::{Health, PartHealth};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Whether one part answers. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Liveness(Arc<State>);

#[derive(Debug)]
struct State {
    name: &'static str,
    down: AtomicBool,
    misses: AtomicU64,
    latency_us: AtomicU64,
    recovered: Notify,
}

impl Liveness {
    /// A part that is taken to answer until it fails.
    pub fn new(name: &'static str) -> Self {
        Self(Arc::new(State {
            name,
            down: AtomicBool::new(false),
            misses: AtomicU64::new(0),
            latency_us: AtomicU64::new(0),
            recovered: Notify::new(),
        }))
    }

    /// A part that is not to be used before its first beat.
    pub fn starting(name: &'static str) -> Self {
        let liveness = Self::new(name);
        liveness.0.down.store(true, Ordering::Relaxed);
        liveness
    }

    /// Whether it is known not to answer.
    pub fn is_down(&self) -> bool {
        self.0.down.load(Ordering::Relaxed)
    }

    /// It answered.
    pub fn beat(&self, latency: Duration) {
        self.0.latency_us.store(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        if self.0.down.swap(false, Ordering::Relaxed) {
            tracing::info!(part = self.0.name, "answers");
            self.0.recovered.notify_waiters();
        }
    }

    /// It did not.
    pub fn miss(&self, reason: &dyn std::fmt::Display) {
        self.0.misses.fetch_add(1, Ordering::Relaxed);
        if !self.0.down.swap(true, Ordering::Relaxed) {
            tracing::warn!(part = self.0.name, %reason, "does not answer");
        }
    }

    /// How often it did not answer: tells whoever looks now and then of an outage that is over.
    pub fn misses(&self) -> u64 {
        self.0.misses.load(Ordering::Relaxed)
    }

    /// How long its last answer took, in microseconds.
    pub fn latency_us(&self) -> u64 {
        self.0.latency_us.load(Ordering::Relaxed)
    }

    /// Returns when it answers again after having been down.
    pub async fn recovered(&self) {
        self.0.recovered.notified().await;
    }

    /// For `GET /readyz`; `fallback` is what the daemon is without it.
    pub fn health(&self, kind: &str, fallback: Health) -> PartHealth {
        let down = self.is_down();
        #[expect(clippy::cast_precision_loss, reason = "milliseconds for people")]
        let latency = self.latency_us() as f64 / 1_000.0;
        PartHealth {
            kind: kind.to_owned(),
            state: if down { fallback } else { Health::Ok },
            latency_ms: (!down).then_some(latency),
        }
    }
}
