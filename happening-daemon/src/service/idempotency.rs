//! Requests that may be sent again: recall what was answered, run what was not.

use super::{Error, Services};
use crate::idempotency::{Digest, Fingerprint, KeyGuard};
use crate::store::KeptAnswer;
use chrono::{DateTime, Duration, Utc};
use happening_core::wire::ErrorCode;

/// How long a request may run before a repetition may run it anew: longer than the store's own deadlines, so that
/// only a daemon that was killed leaves one behind.
const LEASE: Duration = Duration::seconds(60);

/// A key that is reserved until its request is answered.
#[derive(Debug)]
pub struct Reservation {
    key: Digest,
    until: DateTime<Utc>,
}

impl Services {
    /// What a request was answered with when it came first. An error if it still runs, or if its key was another's.
    ///
    /// One that runs in this daemon is not asked of the store: a hundred that wait for it would be a hundred reads, and
    /// would keep the one they wait for from its connection.
    pub async fn recall(&self, fingerprint: &Fingerprint) -> Result<Option<KeptAnswer>, Error> {
        if self.in_flight.runs(fingerprint) {
            return Err(in_progress());
        }
        self.find_answer(fingerprint).await
    }

    /// The same for the owner of the guard: whether another daemon was faster.
    pub async fn recall_guarded(&self, key_guard: &KeyGuard) -> Result<Option<KeptAnswer>, Error> {
        self.find_answer(&key_guard.fingerprint()).await
    }

    async fn find_answer(&self, fingerprint: &Fingerprint) -> Result<Option<KeptAnswer>, Error> {
        self.must_be_up()?;
        let Some(remembered) = self.store.find_answer(&fingerprint.key).await? else {
            return Ok(None);
        };
        if remembered.request != fingerprint.request {
            return Err(Error::new(
                ErrorCode::IdempotencyMismatch,
                "This Idempotency-Key was used for another request: please take a new one.",
            ));
        }
        // One that is reserved may have been left behind: the next reservation finds out.
        Ok(remembered.answer)
    }

    /// Claims a request for this daemon.
    pub fn guard(&self, fingerprint: Fingerprint, status: u16) -> Result<KeyGuard, Error> {
        self.in_flight.guard(fingerprint, status).ok_or_else(in_progress)
    }

    /// Reserves the key of a request whose answer no commit of the engine remembers.
    pub async fn reserve(&self, key_guard: &KeyGuard) -> Result<Reservation, Error> {
        let (fingerprint, now) = (key_guard.fingerprint(), self.clock.now());
        let until = now + LEASE;
        if self.store.reserve(&fingerprint, now, until).await? {
            Ok(Reservation { key: fingerprint.key, until })
        } else {
            Err(in_progress())
        }
    }

    /// Forgets a caller's oldest answers, but for the newest `kept`.
    pub async fn forget_oldest_answers(&self, owner: &Digest, kept: u32) {
        if let Err(error) = self.store.forget_oldest_answers(owner, kept).await {
            tracing::warn!(%error, "a caller's oldest answers could not be forgotten");
        }
    }

    /// Ends a reservation: with the answer, or, without one, as if nothing had been asked.
    pub async fn settle(&self, reservation: &Reservation, answer: Option<&KeptAnswer>) {
        let Reservation { key, until } = reservation;
        let settled = match answer {
            Some(answer) => self.store.keep_answer(key, *until, answer).await.map(drop),
            None => self.store.release(key, *until).await,
        };
        if let Err(error) = settled {
            // It stays reserved until its lease ends.
            tracing::warn!(%error, "the answer to a keyed request could not be kept");
        }
    }
}

fn in_progress() -> Error {
    Error::new(ErrorCode::IdempotencyInProgress, "A request with this Idempotency-Key still runs.")
}
