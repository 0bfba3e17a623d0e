//! What those who run the installation read.

use super::{EngineStatus, Health, Outbox, PartHealth, ReconcilerStatus, WorkerStatus};
use crate::id::OrganizationId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `GET /admin/status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdminStatus {
    /// The daemon's version.
    pub version: String,
    /// Each part, as in `GET /readyz`.
    pub parts: BTreeMap<String, PartHealth>,
    /// How Keycloak is kept in step.
    pub keycloak: KeycloakStatus,
    /// The booking engine of the daemon that answers.
    pub engine: EngineStatus,
    /// What keeps the counters equal to the truth.
    pub reconciler: ReconcilerStatus,
    /// Notifications that are still to be delivered.
    pub outbox: Outbox,
    /// What the worker of the daemon that answers has done.
    pub worker: WorkerStatus,
}

/// How Keycloak is kept in step with the database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeycloakStatus {
    /// Whether the daemon has a service account there.
    pub configured: bool,
    /// `degraded` while Keycloak does not answer or permit; absent where it is not configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Health>,
    /// What to put right at Keycloak, such as a role that the service account lacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What Keycloak is still to be sent: how much of each kind (`organization`, `member`, `account`).
    #[serde(default)]
    pub pending: BTreeMap<String, u64>,
    /// For how long the oldest of it has waited, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_seconds: Option<u64>,
    /// What failed most often, at most ten.
    #[serde(default)]
    pub failures: Vec<FailedKeycloakTask>,
}

/// Something that could not be sent to Keycloak the last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedKeycloakTask {
    /// Its kind.
    pub kind: String,
    /// The organization that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// How often it was tried in vain since it was last asked for.
    pub attempts: u32,
    /// Why, the last time.
    pub error: String,
}
