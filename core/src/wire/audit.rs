//! The audit log: who did what to what, from where.

use crate::id::{OrganizationId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditTarget {
    /// Such as `organization`, `user`, `event`, `service_account`.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// An entry of the audit log, `GET /organizations/:id/audit` and `GET /admin/audit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Rises with time.
    pub id: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it; absent: the daemon itself.
    pub actor_id: Option<UserId>,
    /// What the actor is called now.
    pub actor_username: Option<String>,
    /// What was done, such as `member.role_changed`.
    pub action: String,
    /// In which organization.
    pub organization_id: Option<OrganizationId>,
    /// To what.
    pub target: AuditTarget,
    /// From which address.
    pub address: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// What was, where small.
    pub old: Option<Value>,
    /// What is, where small.
    pub new: Option<Value>,
}

/// Which entries, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    /// With this action only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// By this actor only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
    /// On the target with this id only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Older than the entry with this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// A page of so many, 1 to 5,000; default all, up to 5,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}
