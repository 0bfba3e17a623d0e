//! Heavy reads are bounded in number, so that a crowd that reads lists leaves connections and processor time to those who
//! book. Who finds no place waits briefly, then gets 503 with `Retry-After`; nobody else notices. `routes.rs` says which are heavy.

use super::State;
use super::error::Error;
use super::shared_reads::busy;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long a read waits for its place.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads that may wait, for each that runs: most take a millisecond.
const WAITING: usize = 64;

/// The places of heavy reads.
#[derive(Debug)]
pub struct Readers {
    places: Semaphore,
    patience: Duration,
    most_waiting: usize,
    waiting: AtomicUsize,
}

impl Readers {
    /// Half of the `connections` that readers have, at least one.
    pub fn of(connections: u32) -> Self {
        let places = usize::try_from(connections / 2).unwrap_or(usize::MAX).max(1);
        Self {
            places: Semaphore::new(places),
            patience: PATIENCE,
            most_waiting: places * WAITING,
            waiting: AtomicUsize::new(0),
        }
    }

    /// A place; `None` if none comes free soon.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(place) = self.places.try_acquire() {
            return Some(place);
        }
        let _waiting = Waiting::of(self)?;
        tokio::time::timeout(self.patience, self.places.acquire()).await.ok()?.ok()
    }
}

/// Counted for as long as it waits, also if its client hangs up.
struct Waiting<'a>(&'a Readers);

impl<'a> Waiting<'a> {
    fn of(readers: &'a Readers) -> Option<Self> {
        let waiting = Self(readers);
        let before = readers.waiting.fetch_add(1, Ordering::Relaxed);
        (before < readers.most_waiting).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs a heavy read once it has a place.
pub(super) async fn bounded(api: State, request: Request, next: Next) -> Response {
    let Some(_place) = api.readers.place().await else { return Error::from(busy()).into_response() };
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_finds_no_place_waits_briefly_and_not_with_too_many() {
        let readers = Readers { patience: Duration::from_millis(50), ..Readers::of(4) };
        let (first, second) = (readers.place().await, readers.place().await);
        assert!(first.is_some() && second.is_some());
        let crowd = futures::future::join_all((0..200).map(|_| readers.place())).await;
        assert!(crowd.iter().all(Option::is_none), "none came free");
        let waiting = Readers { patience: Duration::from_mins(1), ..Readers::of(4) };
        let held = (waiting.place().await, waiting.place().await);
        let crowd = async {
            let crowd = (0..200).map(|_| async { waiting.place().await.is_some() });
            futures::future::join_all(crowd).await.into_iter().filter(|has| *has).count()
        };
        let (seated, ()) = tokio::join!(crowd, async { drop(held) });
        assert_eq!(seated, 128, "as many as may wait, one after the other");
        drop((first, second));
        assert_eq!((readers.waiting.load(Ordering::Relaxed), readers.places.available_permits()), (0, 2));
    }
}
