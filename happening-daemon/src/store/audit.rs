//! The audit log: who did what to what, from where. Written in the commit of the change itself, never changed afterwards.
//!
//! To record one more kind of change: an [`AuditEntry`] handed to `record` beside the statement that makes the change. No
//! names, addresses or texts of people in it: they may ask to be forgotten, and the log forgets nothing.

use chrono::{DateTime, Utc};
use happening_core::id::{OrganizationId, UserId};
use serde_json::Value;
use std::net::IpAddr;

/// Who acts, from where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who; `None` is the daemon itself.
    pub user: Option<UserId>,
    /// From which address.
    pub address: Option<IpAddr>,
    /// In which request.
    pub request_id: Option<String>,
    /// When.
    pub now: DateTime<Utc>,
}

impl Actor {
    /// The daemon itself.
    pub fn daemon(now: DateTime<Utc>) -> Self {
        Self { user: None, address: None, request_id: None, now }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// What was done, such as `member.role_changed`: the noun of the target, then the verb.
    pub action: &'static str,
    /// In which organization.
    pub organization: Option<OrganizationId>,
    /// To what.
    pub target: (&'static str, String),
    /// What was, where small.
    pub old: Option<Value>,
    /// What is, where small.
    pub new: Option<Value>,
}
