//! Tokens that were verified before. A signature costs tens of microseconds, a look into this cache one or two, and a
//! client sends the same token for minutes.
//!
//! The key is the token's SHA-256, so that no token lies around in memory. An entry is good until its token expires by
//! our clock, and only for the generation of keys that verified it: when the issuer's keys change, every token is
//! verified again, and those of a withdrawn key are refused.

use super::claims::Claims;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// How many tokens are remembered; some 30 MB when full, and the least used leave first.
const CAPACITY: u64 = 50_000;

/// Frees the memory of tokens that nobody sends any more. Says nothing about validity.
const FORGET_AFTER: Duration = Duration::from_mins(15);

/// SHA-256 of a token.
pub type Fingerprint = [u8; 32];

/// What the cache knows of a token.
pub enum Known {
    /// Verified, with the keys of today, and not expired.
    Good(Arc<Claims>),
    /// Verified once, and expired since.
    Expired,
    /// Nothing, or nothing that counts any more.
    Nothing,
}

#[derive(Clone)]
struct Entry {
    claims: Arc<Claims>,
    generation: u64,
}

pub struct VerifiedTokens(moka::sync::Cache<Fingerprint, Entry>);

impl VerifiedTokens {
    pub fn new() -> Self {
        Self(moka::sync::Cache::builder().max_capacity(CAPACITY).time_to_live(FORGET_AFTER).build())
    }

    pub fn find(&self, token: &Fingerprint, generation: u64, now: DateTime<Utc>) -> Known {
        match self.0.get(token) {
            Some(entry) if entry.claims.expires_at <= now => Known::Expired,
            Some(entry) if entry.generation == generation => Known::Good(entry.claims),
            _ => Known::Nothing,
        }
    }

    pub fn remember(&self, token: Fingerprint, generation: u64, claims: Arc<Claims>) {
        self.0.insert(token, Entry { claims, generation });
    }
}

pub fn fingerprint(token: &str) -> Fingerprint {
    Sha256::digest(token.as_bytes()).into()
}
