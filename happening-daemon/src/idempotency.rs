//! Requests that may be sent again: how one is recognized, and that no two of the same run in this daemon at once.
//!
//! Between daemons, and after a kill, the store decides: `crate::store::Answers`, and the unique key that a booking's
//! commit writes.

use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A SHA-256.
pub type Digest = [u8; 32];

/// By what a request is recognized when it comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    /// Who asks: what is kept is bounded for each of them.
    pub owner: Digest,
    /// Who asks for what under which key.
    pub key: Digest,
    /// What exactly is asked: another request under the same key is a mistake of the caller.
    pub request: Digest,
}

impl Fingerprint {
    /// Of a request: `owner` is who asks, `scope` what they ask for and their key, `request` all that may differ under one
    /// key.
    pub fn of(owner: &[&[u8]], scope: &[&[u8]], request: &[&[u8]]) -> Self {
        let key = [owner, scope].concat();
        Self { owner: digest(owner), key: digest(&key), request: digest(request) }
    }
}

/// The SHA-256 of parts. The length goes before each, so that no two lists of parts look the same.
pub fn digest(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The keyed requests that run in this daemon.
#[derive(Debug, Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<Digest>>>);

impl InFlight {
    /// Whether a request with this key runs here. Costs no look into the store, however many ask.
    pub fn runs(&self, fingerprint: &Fingerprint) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&fingerprint.key)
    }

    /// Guards the key of a request; `None` if another one with its key runs. `status` is what it is answered with once it is done.
    pub fn guard(&self, fingerprint: Fingerprint, status: u16) -> Option<KeyGuard> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(fingerprint.key).then(|| {
            KeyGuard(Arc::new(GuardedKey {
                fingerprint,
                status,
                is_committed: AtomicBool::new(false),
                in_flight: self.clone(),
            }))
        })
    }
}

/// The right to run a keyed request. Its key is free again when the last clone is gone: the engine holds one until the
/// command is decided, even if the caller has hung up.
#[derive(Debug, Clone)]
pub struct KeyGuard(Arc<GuardedKey>);

#[derive(Debug)]
struct GuardedKey {
    fingerprint: Fingerprint,
    status: u16,
    is_committed: AtomicBool,
    in_flight: InFlight,
}

impl KeyGuard {
    /// Which request.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// The HTTP status of its success.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// Its answer stands in a commit.
    pub fn commit(&self) {
        self.0.is_committed.store(true, Ordering::Release);
    }

    /// Whether it does.
    pub fn is_committed(&self) -> bool {
        self.0.is_committed.load(Ordering::Acquire)
    }
}

impl Drop for GuardedKey {
    fn drop(&mut self) {
        let mut keys = self.in_flight.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.remove(&self.fingerprint.key);
    }
}

/// How many answers are kept for one caller, and who has kept so many that the oldest are to go.
#[derive(Debug)]
pub struct KeptAnswers {
    limit: u32,
    /// Keys that a caller has used since their oldest answers went.
    used: moka::sync::Cache<Digest, Arc<AtomicU32>>,
}

impl KeptAnswers {
    /// Keeps `limit` answers a caller; 0 is no limit.
    pub fn new(limit: u32) -> Self {
        Self { limit, used: moka::sync::Cache::new(100_000) }
    }

    /// The number of answers to keep.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Counts one more key of a caller. True once for each tenth of the limit, at most 1,000: then their oldest answers are to
    /// go.
    pub fn is_due(&self, owner: &Digest) -> bool {
        if self.limit == 0 {
            return false;
        }
        let used = self.used.get_with(*owner, Arc::default);
        let step = (self.limit / 10).clamp(1, 1_000);
        (used.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_run_together_differ() {
        let key = |parts: &[&[u8]]| Fingerprint::of(&[], parts, &[]).key;
        assert_ne!(key(&[b"ab", b"c"]), key(&[b"a", b"bc"]));
        assert_ne!(key(&[b"ab"]), key(&[b"ab", b""]));
        assert_eq!(key(&[b"ab", b"c"]), key(&[b"ab", b"c"]));
        let (one, two) =
            (Fingerprint::of(&[b"ada"], &[b"k"], &[b"1"]), Fingerprint::of(&[b"ada"], &[b"k"], &[b"2"]));
        assert_eq!(one.key, two.key);
        assert_ne!(one.request, two.request);
    }

    #[test]
    fn a_key_runs_once_at_a_time_whatever_it_asks_for() {
        let running = InFlight::default();
        let key_guard = running.guard(Fingerprint::of(&[b"ada"], &[b"k"], &[b"1"]), 201).expect("free");
        let engines = key_guard.clone();
        let other = Fingerprint::of(&[b"ada"], &[b"k"], &[b"2"]);
        assert!(running.runs(&other));
        assert!(running.guard(other, 201).is_none());
        assert!(running.guard(Fingerprint::of(&[b"ada"], &[b"l"], &[b"1"]), 201).is_some(), "another key");
        drop(key_guard);
        assert!(running.guard(other, 201).is_none(), "the engine still has it");
        drop(engines);
        assert!(!running.runs(&other));
        assert!(running.guard(other, 201).is_some());
    }

    #[test]
    fn every_tenth_of_the_limit_the_oldest_go() {
        let due = |limit: u32, asked: usize| {
            let kept = KeptAnswers::new(limit);
            (0..asked).filter(|_| kept.is_due(&[1; 32])).count()
        };
        assert_eq!((due(100, 100), due(3, 3), due(0, 1_000), due(1_000_000, 5_000)), (10, 3, 0, 5));
        let kept = KeptAnswers::new(20);
        assert!(!kept.is_due(&[1; 32]) && !kept.is_due(&[2; 32]), "each has their own");
        assert!(kept.is_due(&[1; 32]));
    }
}
