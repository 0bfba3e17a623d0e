//! What a daemon says of itself.

use crate::string_enum::string_enum;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `GET /.well-known/happening`: all that a client needs to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovery {
    /// `Happening`.
    pub name: String,
    /// The daemon's version.
    pub version: String,
    /// The OIDC issuer; the rest is in its own discovery document.
    pub issuer: String,
    /// Client ids at the issuer.
    pub clients: DiscoveryClients,
    /// Whether `?dry_run=true` is understood. A daemon that does not say so would carry the request out.
    #[serde(default)]
    pub dry_runs: bool,
    /// What access tokens carry as `aud`.
    pub audience: String,
}

/// Client ids at the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoveryClients {
    /// For CLI and TUI: device flow.
    pub cli: String,
    /// For browsers.
    pub web: String,
    /// For scripts and tests in development: password grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demo: Option<String>,
}

string_enum! {
    /// How a part, or the whole daemon, is.
    Health {
        /// All is well.
        Ok = "ok",
        /// Works, but something that it can do without is missing.
        Degraded = "degraded",
        /// Does not work.
        Down = "down",
    }
}

/// One part, in `GET /readyz`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartHealth {
    /// What is in use, such as `postgresql` or `sqlite`.
    pub kind: String,
    /// How it is.
    pub state: Health,
    /// How long its last answer took, in milliseconds; absent while it does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
}

/// `GET /readyz`: 200 while `ok` or `degraded`, 503 while `down`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Readiness {
    /// The daemon as a whole.
    pub status: Health,
    /// `store`, `counters`, `queue`, `identity`.
    pub parts: BTreeMap<String, PartHealth>,
}
