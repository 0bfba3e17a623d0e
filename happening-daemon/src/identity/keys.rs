//! The issuer's signing keys: kept, refreshed when a token names one that is not known, and never dropped because the
//! issuer is away.
//!
//! Anyone can send tokens with invented key ids, so an unknown one makes us ask at most once per [`UNKNOWN_KEY_PAUSE`].
//! The asking is one task that everybody waits for: a caller who hangs up does not end it for the others, and cannot
//! use up the pause for nothing.

use super::fetch::{FetchError, IssuerDocuments, PublishedKeys};
use super::rejection::Rejection;
use chrono::{DateTime, TimeDelta, Utc};
use happening_core::clock::Clock;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long unknown key ids are refused unasked after the issuer was asked about one.
const UNKNOWN_KEY_PAUSE: TimeDelta = TimeDelta::seconds(10);

/// The same while there is no key at all: nobody can do anything then, so try sooner.
const NO_KEYS_PAUSE: TimeDelta = TimeDelta::seconds(1);

/// One signing key, with the one algorithm that it is for.
pub struct Key {
    pub algorithm: Algorithm,
    pub decoding: DecodingKey,
    jwk: Jwk,
}

/// The keys at one time. The generation tells two sets apart.
#[derive(Default)]
struct KeySet {
    generation: u64,
    keys: HashMap<String, Arc<Key>>,
}

/// A key, and the generation of the set that it is from.
pub struct FoundKey {
    pub key: Arc<Key>,
    pub generation: u64,
}

/// What is going on with the issuer. The sender of `flight` lives as long as the asking does.
#[derive(Default)]
struct Asking {
    flight: Option<watch::Receiver<()>>,
    asked_for_unknown: Option<DateTime<Utc>>,
    failing: bool,
}

pub struct KeyStore {
    documents: IssuerDocuments,
    current: RwLock<Arc<KeySet>>,
    /// Of `current`, for the hot path: read without a lock.
    generation: AtomicU64,
    asking: Mutex<Asking>,
    tasks: TaskTracker,
    stop: CancellationToken,
    clock: Clock,
}

impl KeyStore {
    pub fn new(documents: IssuerDocuments, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            documents,
            current: RwLock::default(),
            generation: AtomicU64::new(0),
            asking: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            clock,
        })
    }

    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    pub fn is_empty(&self) -> bool {
        self.set().keys.is_empty()
    }

    /// Whether the last asking failed.
    pub fn is_failing(&self) -> bool {
        self.asking().failing
    }

    /// The key with this id, asking the issuer for it if that may be.
    pub async fn find(self: &Arc<Self>, kid: &str) -> Result<FoundKey, Rejection> {
        if let Some(found) = self.known(kid) {
            return Ok(found);
        }
        if let Some(flight) = self.ask_for_unknown() {
            landed(flight).await;
        }
        // Looked up again in any case: another's asking may just have ended.
        match self.known(kid) {
            Some(found) => Ok(found),
            None if self.is_empty() => Err(Rejection::KeysUnavailable),
            None => Err(Rejection::UnknownKey),
        }
    }

    /// Asks now, or waits for the request under way.
    pub async fn refresh(self: &Arc<Self>) {
        let flight = {
            let mut asking = self.asking();
            asking.in_flight().unwrap_or_else(|| self.take_off(&mut asking))
        };
        landed(flight).await;
    }

    /// Whether the issuer answers.
    pub async fn probe(&self) -> Result<(), FetchError> {
        self.documents.discover().await.map(drop)
    }

    /// Ends the asking that is going on, if any.
    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn ask_for_unknown(self: &Arc<Self>) -> Option<watch::Receiver<()>> {
        let now = self.clock.now();
        let pause = if self.is_empty() { NO_KEYS_PAUSE } else { UNKNOWN_KEY_PAUSE };
        let mut asking = self.asking();
        if let Some(flight) = asking.in_flight() {
            return Some(flight);
        }
        // A clock that was set back must not lock anybody out: what lies in the future does not count.
        let too_soon = |last: DateTime<Utc>| last <= now && now - last < pause;
        if asking.asked_for_unknown.is_some_and(too_soon) {
            return None;
        }
        asking.asked_for_unknown = Some(now);
        Some(self.take_off(&mut asking))
    }

    fn take_off(self: &Arc<Self>, asking: &mut Asking) -> watch::Receiver<()> {
        let (sender, flight) = watch::channel(());
        let store = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = store.stop.cancelled() => {}
                answer = store.documents.keys() => store.take(answer),
            }
            drop(sender);
        });
        asking.flight = Some(flight.clone());
        flight
    }

    fn take(&self, answer: Result<PublishedKeys, FetchError>) {
        self.asking().failing = answer.is_err();
        match answer {
            Ok(published) => self.install(signing_keys(published)),
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "the issuer's keys could not be refreshed, the known ones stay good");
            }
        }
    }

    fn install(&self, keys: HashMap<String, Arc<Key>>) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let same =
            |(kid, key): (&String, &Arc<Key>)| current.keys.get(kid).is_some_and(|old| old.jwk == key.jwk);
        if keys.len() == current.keys.len() && keys.iter().all(same) {
            return;
        }
        let generation = current.generation + 1;
        tracing::info!(keys = keys.len(), generation, "the issuer's signing keys are known");
        *current = Arc::new(KeySet { generation, keys });
        self.generation.store(generation, Ordering::Release);
    }

    fn known(&self, kid: &str) -> Option<FoundKey> {
        let set = self.set();
        let key = Arc::clone(set.keys.get(kid)?);
        Some(FoundKey { key, generation: set.generation })
    }

    fn set(&self) -> Arc<KeySet> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn asking(&self) -> MutexGuard<'_, Asking> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asking {
    fn in_flight(&self) -> Option<watch::Receiver<()>> {
        self.flight.as_ref().filter(|flight| flight.has_changed().is_ok()).cloned()
    }
}

/// Nothing is ever sent: the error says that the sender is gone.
async fn landed(mut flight: watch::Receiver<()>) {
    while flight.changed().await.is_ok() {}
}

fn signing_keys(published: PublishedKeys) -> HashMap<String, Arc<Key>> {
    published.keys.into_iter().filter_map(signing_key).collect()
}

/// A published key, if it is for signatures, has an id and is of an algorithm that is accepted here.
fn signing_key(published: serde_json::Value) -> Option<(String, Arc<Key>)> {
    let jwk: Jwk = serde_json::from_value(published).ok()?;
    // Keycloak publishes an encryption key in the same set.
    let for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let algorithm = algorithm_of(&jwk).filter(|_| for_signatures)?;
    let decoding = DecodingKey::from_jwk(&jwk).ok()?;
    let kid = jwk.common.key_id.clone()?;
    Some((kid, Arc::new(Key { algorithm, decoding, jwk })))
}

/// The algorithm is the key's, never the token's: that is what makes `HS256` with a public key as the secret pointless.
fn algorithm_of(jwk: &Jwk) -> Option<Algorithm> {
    match (&jwk.algorithm, jwk.common.key_algorithm) {
        (AlgorithmParameters::RSA(_), None | Some(KeyAlgorithm::RS256)) => Some(Algorithm::RS256),
        (AlgorithmParameters::RSA(_), Some(KeyAlgorithm::PS256)) => Some(Algorithm::PS256),
        (AlgorithmParameters::EllipticCurve(key), None | Some(KeyAlgorithm::ES256))
            if key.curve == EllipticCurve::P256 =>
        {
            Some(Algorithm::ES256)
        }
        _ => None,
    }
}
