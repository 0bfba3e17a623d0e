//! Verifying access tokens, thousands a second: a token that was seen before costs a hash and a look into the cache.

use super::cache::{Known, VerifiedTokens, fingerprint};
use super::claims::{Claims, Policy, SignedClaims};
use super::fetch::IssuerDocuments;
use super::keys::{Key, KeyStore};
use super::rejection::Rejection;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use happening_core::clock::Clock;
use happening_core::wire::{Health, PartHealth};
use http::HeaderValue;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

/// A Keycloak token with a hundred roles has 6 KB. What is larger is refused before anything is done with it.
const MAX_TOKEN: usize = 16 * 1024;

/// Everything else is refused before a key is looked for. `none` and shared secrets must never get here.
const ACCEPTED: [Algorithm; 3] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256];

/// Rotated keys are found when a token names them; this is for those that were withdrawn.
const REFRESH_EVERY: Duration = Duration::from_mins(5);

/// After a failure: 1 s, 2 s, 4 s … up to this.
const RETRY_AT_MOST: Duration = Duration::from_secs(30);

/// `GET /readyz` may be asked often; the issuer is not.
const PROBE_EVERY: TimeDelta = TimeDelta::seconds(5);

/// Whom to trust.
#[derive(Debug, Clone)]
pub struct VerifierSettings {
    /// What is in use, for `GET /readyz`: `keycloak`, `built-in`.
    pub kind: String,
    /// The `iss` of tokens, exactly.
    pub issuer: String,
    /// Where the issuer is from here, if that differs from its public name: replaces it when documents are read.
    pub inside_url: Option<String>,
    /// What `aud` must contain.
    pub audience: String,
    /// Clients (`azp`) whose tokens are taken without the audience.
    pub trusted_clients: Vec<String>,
    /// Whether every e-mail address counts as verified.
    pub trust_unverified_email: bool,
}

/// Verifies access tokens of one issuer.
pub struct Verifier {
    kind: String,
    policy: Policy,
    keys: Arc<KeyStore>,
    verified: VerifiedTokens,
    probed: Mutex<Option<(DateTime<Utc>, PartHealth)>>,
    found: RwLock<Option<PartHealth>>,
    /// Somebody wants to know how the issuer is.
    asked: Notify,
    clock: Clock,
}

impl Verifier {
    /// Asks the issuer for nothing yet.
    pub fn new(settings: VerifierSettings, clock: Clock) -> Self {
        let documents = IssuerDocuments::new(&settings.issuer, settings.inside_url.as_deref());
        Self {
            kind: settings.kind,
            policy: Policy {
                issuer: settings.issuer,
                audience: settings.audience,
                trusted_clients: settings.trusted_clients,
                trust_unverified_email: settings.trust_unverified_email,
            },
            keys: KeyStore::new(documents, clock.clone()),
            verified: VerifiedTokens::new(),
            probed: Mutex::new(None),
            found: RwLock::new(None),
            asked: Notify::new(),
            clock,
        }
    }

    /// Who sends this token.
    pub async fn verify(&self, token: &str) -> Result<Arc<Claims>, Rejection> {
        if token.len() > MAX_TOKEN {
            return Err(Rejection::Malformed);
        }
        let fingerprint = fingerprint(token);
        match self.verified.find(&fingerprint, self.keys.generation(), self.clock.now()) {
            Known::Good(claims) => return Ok(claims),
            Known::Expired => return Err(Rejection::Expired),
            Known::Nothing => {}
        }
        let parts = TokenParts::of(token)?;
        let header = parts.header()?;
        let found = self.keys.find(header.kid.as_deref().ok_or(Rejection::UnknownKey)?).await?;
        parts.check_signature(&found.key, header.algorithm()?)?;
        let signed: SignedClaims = decode(parts.payload)?;
        let claims = Arc::new(signed.accept(&self.policy, header.says_access_token(), self.clock.now())?);
        self.verified.remember(fingerprint, found.generation, Arc::clone(&claims));
        Ok(claims)
    }

    /// Keeps the keys fresh until it is stopped; then ends what is under way. To be run in a task of its own.
    pub async fn run(&self, stop: CancellationToken) {
        tokio::join!(self.keep_fresh(&stop), self.keep_probed(&stop));
        self.keys.shut_down().await;
    }

    /// Asks the issuer how it is whenever somebody wants to know.
    async fn keep_probed(&self, stop: &CancellationToken) {
        while stop.run_until_cancelled(self.asked.notified()).await.is_some() {
            let _ = stop.run_until_cancelled(self.health()).await;
        }
    }

    async fn keep_fresh(&self, stop: &CancellationToken) {
        let mut retry = Duration::from_secs(1);
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.keys.refresh() => {}
            }
            let pause = if self.keys.is_failing() { retry } else { REFRESH_EVERY };
            retry =
                if self.keys.is_failing() { RETRY_AT_MOST.min(retry * 2) } else { Duration::from_secs(1) };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Whether the issuer answers. While it does not, known keys go on: `degraded`; without any, nobody can be
    /// recognized: `down`.
    pub async fn health(&self) -> PartHealth {
        let mut probed = self.probed.lock().await;
        let now = self.clock.now();
        if let Some((at, health)) = probed.as_ref()
            && *at <= now
            && now.signed_duration_since(*at) < PROBE_EVERY
        {
            return health.clone();
        }
        let health = self.probe().await;
        *probed = Some((now, health.clone()));
        *self.found.write().unwrap_or_else(PoisonError::into_inner) = Some(health.clone());
        health
    }

    /// What [`Self::health`] found last, while the issuer is asked anew beside it: only the very first answer is waited for,
    /// so that an issuer that stalls makes nobody wait who asks about the daemon.
    pub async fn known_health(&self) -> PartHealth {
        let Some(found) = self.found.read().unwrap_or_else(PoisonError::into_inner).clone() else {
            return self.health().await;
        };
        self.asked.notify_one();
        found
    }

    async fn probe(&self) -> PartHealth {
        let start = Instant::now();
        let reachable = self.keys.probe().await.is_ok();
        let latency_ms = reachable.then(|| start.elapsed().as_secs_f64() * 1000.0);
        if reachable && (self.keys.is_empty() || self.keys.is_failing()) {
            self.keys.refresh().await;
        }
        let state = match (reachable && !self.keys.is_failing(), self.keys.is_empty()) {
            (true, false) => Health::Ok,
            (false, false) => Health::Degraded,
            (_, true) => Health::Down,
        };
        PartHealth { kind: self.kind.clone(), state, latency_ms }
    }
}

/// The token in an `Authorization` header. RFC 9110, section 11.1: the scheme's case does not matter.
pub fn bearer(authorization: Option<&HeaderValue>) -> Result<&str, Rejection> {
    let (scheme, token) = authorization
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .ok_or(Rejection::Missing)?;
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token)
    } else {
        Err(Rejection::Missing)
    }
}

/// RFC 7515, section 7.1: `header.payload.signature`.
struct TokenParts<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// Header and payload as sent.
    signed: &'a str,
}

/// What of the header is looked at. `jku`, `jwk`, `x5u` and `x5c` would name the key to verify with: they are not even
/// read. `crit` names extensions that a recipient must understand (RFC 7515, section 4.1.11): there are none here.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<IgnoredAny>,
}

impl<'a> TokenParts<'a> {
    fn of(token: &'a str) -> Result<Self, Rejection> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Rejection::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(Rejection::Malformed)?;
        if payload.contains('.') {
            return Err(Rejection::Malformed);
        }
        Ok(Self { header, payload, signature, signed })
    }

    fn header(&self) -> Result<Header, Rejection> {
        let header: Header = decode(self.header)?;
        header.algorithm()?;
        if header.crit.is_some() {
            return Err(Rejection::Malformed);
        }
        match header.typ.as_deref() {
            None => Ok(header),
            Some(typ) if typ.eq_ignore_ascii_case("JWT") || header.says_access_token() => Ok(header),
            Some(_) => Err(Rejection::WrongType),
        }
    }

    fn check_signature(&self, key: &Key, algorithm: Algorithm) -> Result<(), Rejection> {
        if key.algorithm != algorithm {
            return Err(Rejection::Algorithm);
        }
        match jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), &key.decoding, algorithm) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Rejection::BadSignature),
        }
    }
}

impl Header {
    fn algorithm(&self) -> Result<Algorithm, Rejection> {
        let algorithm = self.alg.parse().map_err(|_| Rejection::Algorithm)?;
        if ACCEPTED.contains(&algorithm) { Ok(algorithm) } else { Err(Rejection::Algorithm) }
    }

    /// RFC 9068, section 2.1.
    fn says_access_token(&self) -> bool {
        self.typ.as_deref().is_some_and(|typ| {
            typ.eq_ignore_ascii_case("at+jwt") || typ.eq_ignore_ascii_case("application/at+jwt")
        })
    }
}

fn decode<T: DeserializeOwned>(part: &str) -> Result<T, Rejection> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Rejection::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Rejection::Malformed)
}
