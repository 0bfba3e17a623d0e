//! How the daemon ends: softly (no new requests, those under way finish), then hard after a deadline or a second signal.
//! Every task is tracked here; nothing outlives `main`.

use futures::FutureExt as _;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a soft end may take.
const GRACE: Duration = Duration::from_secs(10);

/// The life of the daemon.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
    broken: Arc<OnceLock<&'static str>>,
}

impl Lifecycle {
    /// Cancelled when no new work should be taken.
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Cancelled when everything must end at once.
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Runs a task to its end or to the hard end.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let hard = self.hard();
        self.tasks.spawn(async move {
            tokio::select! {
                () = task => {}
                () = hard.cancelled() => {}
            }
        });
    }

    /// Runs a task to its end or to the hard end; `None` is the hard end.
    pub fn start<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<Option<T>> {
        let hard = self.hard();
        self.tasks.spawn(async move { hard.run_until_cancelled_owned(task).await })
    }

    /// Runs a task to its end or to the soft end, whichever comes first.
    pub fn spawn_until_soft(&self, task: impl Future<Output = ()> + Send + 'static) {
        let soft = self.soft();
        self.tasks.spawn(async move {
            tokio::select! {
                () = task => {}
                () = soft.cancelled() => {}
            }
        });
    }

    /// A task without which the daemon only seems to work: should it panic, the daemon ends, so that whoever watches over it
    /// starts it again.
    pub fn essential(
        &self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        let lifecycle = self.clone();
        async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                let _ = lifecycle.broken.set(name);
                lifecycle.begin_end();
                tracing::error!(task = name, "panicked: the daemon ends");
            }
        }
    }

    /// What broke, if that is why the daemon ends.
    pub fn broken(&self) -> Option<&'static str> {
        self.broken.get().copied()
    }

    /// Returns at the first SIGTERM or SIGINT.
    pub async fn signalled() -> std::io::Result<()> {
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    }

    /// Begins the soft end.
    pub fn begin_end(&self) {
        self.soft.cancel();
        self.tasks.close();
    }

    /// Waits for all tasks; a second signal or the deadline makes the end hard.
    pub async fn end(&self) {
        self.begin_end();
        tokio::select! {
            () = self.tasks.wait() => return,
            _ = Self::signalled() => tracing::warn!("second signal: ending now"),
            () = tokio::time::sleep(GRACE) => tracing::warn!("tasks still run after the grace period: ending now"),
        }
        self.hard.cancel();
        self.tasks.wait().await;
    }
}
