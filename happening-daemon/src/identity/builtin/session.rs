//! Sign-ins that last: refresh tokens, and which were revoked.
//!
//! A refresh token is signed, not stored, so that a restart of the daemon signs nobody out. As in Keycloak by default, a
//! used one stays good: a client that loses the answer to a refresh, or refreshes from two processes, is not punished.
//! Revocations are in memory: after a restart a revoked token would be good again, which development can live with.

use super::scope::Scope;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{HashSet, VecDeque};

/// Keycloak's `SSO Session Idle`.
const IDLE: TimeDelta = TimeDelta::minutes(30);

/// Keycloak's `Offline Session Idle`.
const OFFLINE_IDLE: TimeDelta = TimeDelta::days(30);

/// The oldest revocation is forgotten then.
const MAX_REVOKED: usize = 10_000;

/// The claims of a refresh token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefreshClaims {
    pub iss: String,
    pub aud: String,
    pub sub: String,
    /// `Refresh` or `Offline`.
    pub typ: String,
    pub azp: String,
    /// The sign-in: the same for every token that descends from it.
    pub sid: String,
    pub jti: String,
    pub scope: String,
    pub iat: i64,
    pub exp: i64,
}

/// How long a refresh token lasts.
pub fn lifespan(scope: &Scope) -> TimeDelta {
    if scope.has("offline_access") { OFFLINE_IDLE } else { IDLE }
}

impl RefreshClaims {
    pub fn is_alive(&self, now: DateTime<Utc>) -> bool {
        self.exp > now.timestamp()
    }
}

/// Sign-ins that were ended.
#[derive(Default)]
pub struct Revocations {
    ended: HashSet<String>,
    in_order: VecDeque<String>,
}

impl Revocations {
    pub fn end(&mut self, session: &str) {
        if !self.ended.insert(session.to_owned()) {
            return;
        }
        self.in_order.push_back(session.to_owned());
        if self.in_order.len() > MAX_REVOKED
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.ended.remove(&oldest);
        }
    }

    pub fn has_ended(&self, session: &str) -> bool {
        self.ended.contains(session)
    }
}
