//! One count for all daemons of an installation: each sends the others what it took from which bucket, and takes the same
//! from its own.
//!
//! What was taken elsewhere in the last [`INTERVAL`] is not known here yet, so by that much a person can exceed a rate. A
//! message that is lost is not sent again, and what was taken before there was another daemon is not noted.

use super::{Buckets, RateLimits};
use crate::idempotency::Digest;
use crate::live::{Live, Taken, TakenFrom};
use crate::store::Store;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::MissedTickBehavior;

/// How often it is sent to the others.
const INTERVAL: Duration = Duration::from_millis(250);

/// Buckets in one message.
const TOGETHER: usize = 1_000;

/// How much was taken from each bucket since it was last sent to the others.
#[derive(Default)]
pub(super) struct Unshared {
    /// Whether there are others: nothing is noted for nobody, since nobody would take it away again.
    is_wanted: AtomicBool,
    taken: Mutex<HashMap<Digest, u32>>,
}

impl Unshared {
    pub(super) fn add(&self, key: &Digest) {
        if self.is_wanted.load(Ordering::Relaxed) {
            *self.taken.lock().unwrap_or_else(PoisonError::into_inner).entry(*key).or_default() += 1;
        }
    }

    fn drain(&self) -> HashMap<Digest, u32> {
        std::mem::take(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Buckets {
    /// Takes from a bucket what was taken from it elsewhere, or all that is left.
    fn take_elsewhere(&self, key: &Digest, count: u32) {
        for _ in 0..count.min(self.burst.get()) {
            if self.limiter.check_key(key).is_err() {
                return;
            }
        }
    }
}

impl RateLimits {
    /// Tells other daemons of the installation what was taken here, and hears what was taken there, until nothing is heard
    /// any more. Returns at once where no other daemon can be.
    pub async fn share(self: Arc<Self>, store: Arc<dyn Store>, live: Live) {
        let mut elsewhere = live.taken_elsewhere();
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let installation = loop {
            ticks.tick().await;
            match store.installation().await {
                Ok(Some(installation)) => break installation,
                Ok(None) => return,
                // The database is away, or being migrated.
                Err(_) => {}
            }
        };
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    self.want(live.has_others());
                    for buckets in self.taken_here().chunks(TOGETHER) {
                        live.taken(Taken { installation, buckets: buckets.to_vec() });
                    }
                }
                heard = elsewhere.recv() => match heard {
                    Ok(taken) if taken.installation == installation => self.take_elsewhere(&taken.buckets),
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, &Buckets)> {
        let all = [
            ("people", &self.people),
            ("addresses", &self.addresses),
            ("questions", &self.questions),
            ("invites", &self.invites),
            ("organizations", &self.organizations),
        ];
        all.into_iter().filter_map(|(name, buckets)| Some((name, buckets.as_ref()?)))
    }

    /// Whether what is taken from now on is to be noted.
    fn want(&self, is_wanted: bool) {
        for (_, buckets) in self.named() {
            buckets.unshared.is_wanted.store(is_wanted, Ordering::Relaxed);
        }
    }

    /// Since it was asked last.
    fn taken_here(&self) -> Vec<TakenFrom> {
        let of = |(limit, buckets): (&'static str, &Buckets)| {
            buckets.unshared.drain().into_iter().map(move |(key, count)| TakenFrom {
                limit: limit.to_owned(),
                key: URL_SAFE_NO_PAD.encode(key),
                count,
            })
        };
        self.named().flat_map(of).collect()
    }

    /// What names no bucket of this version is passed over.
    fn take_elsewhere(&self, taken: &[TakenFrom]) {
        for TakenFrom { limit, key, count } in taken {
            let buckets = self.named().find(|(name, _)| name == limit);
            let key = URL_SAFE_NO_PAD.decode(key).ok().and_then(|key| Digest::try_from(key).ok());
            if let (Some((_, buckets)), Some(key)) = (buckets, key) {
                buckets.take_elsewhere(&key, *count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Rates;
    use crate::idempotency::digest;

    #[test]
    fn what_is_taken_here_is_taken_there_once() {
        let rates = Rates { organizations_per_hour: 5, ..Rates::default() };
        let limits = || RateLimits::new(rates);
        let (here, there) = (limits(), limits());
        let left = |of: &RateLimits, who| {
            of.organizations.as_ref().expect("a limit").take(&who).map_or(0, |allowance| allowance.remaining)
        };
        let (ada, ben) = (digest(&[b"ada"]), digest(&[b"ben"]));
        let alone = limits();
        left(&alone, ada);
        assert_eq!(alone.taken_here(), [], "nothing is noted while there is no other daemon");
        here.want(true);
        there.want(true);
        assert_eq!((left(&here, ada), left(&here, ada)), (4, 3));
        there.take_elsewhere(&here.taken_here());
        assert_eq!((left(&there, ada), left(&there, ben)), (2, 4), "two of ada's were taken");
        assert_eq!(here.taken_here(), [], "sent once");
        let there = there.taken_here();
        assert_eq!(there.iter().map(|taken| taken.count).collect::<Vec<_>>(), [1, 1], "only its own");
        here.take_elsewhere(&there);
        assert_eq!((left(&here, ada), left(&here, ben)), (1, 3));
    }

    #[test]
    fn what_others_say_is_bounded_and_may_be_nonsense() {
        let rates = Rates { organizations_per_hour: 2, ..Rates::default() };
        let limits = RateLimits::new(rates);
        let key = URL_SAFE_NO_PAD.encode(digest(&[b"ada"]));
        let taken =
            |limit: &str, key: &str, count| TakenFrom { limit: limit.to_owned(), key: key.to_owned(), count };
        limits.take_elsewhere(&[
            taken("people", &key, 1),
            taken("seats", &key, 1),
            taken("organizations", "%", 1),
            taken("organizations", "YQ", 1),
            taken("organizations", &key, u32::MAX),
        ]);
        let organizations = limits.organizations.as_ref().expect("a limit");
        assert!(organizations.take(&digest(&[b"ada"])).is_err(), "all of it was taken");
        assert!(organizations.take(&digest(&[b"ben"])).is_ok());
    }
}
