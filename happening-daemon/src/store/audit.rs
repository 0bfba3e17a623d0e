//! The audit log: who did what to what, from where. Written in the commit of the change itself, never changed afterwards.
//!
//! To record one more kind of change: an [`AuditEntry`] handed to `record` beside the statement that makes the change. No
//! names, addresses or texts of people in it, the names of events apart: they may ask to be forgotten, and the log forgets
//! nothing.

use super::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::{AuditQuery, AuditRecord, Role};
use serde_json::{Map, Value, json};
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

impl AuditEntry {
    /// A change of an organization.
    pub fn of_organization(action: &'static str, organization: OrganizationId) -> Self {
        let target = ("organization", organization.to_string());
        Self { action, organization: Some(organization), target, old: None, new: None }
    }

    /// A change of a user, in no organization.
    pub fn of_user(action: &'static str, user: UserId) -> Self {
        Self { action, organization: None, target: ("user", user.to_string()), old: None, new: None }
    }

    /// A change of an invite, without the address, which is personal.
    pub fn of_invite(
        action: &'static str,
        invite: InviteId,
        organization: OrganizationId,
        role: Option<Role>,
    ) -> Self {
        Self {
            action,
            organization: Some(organization),
            target: ("invite", invite.to_string()),
            old: None,
            new: role.map(|role| json!({ "role": role })),
        }
    }
}

/// What differs between before and after, for an entry's old and new values.
#[derive(Debug, Default)]
pub struct Differences {
    old: Map<String, Value>,
    new: Map<String, Value>,
}

impl Differences {
    /// Compares a member. `None` is kept as `null`.
    pub fn compare(&mut self, name: &str, old: impl Into<Value>, new: impl Into<Value>) {
        let (old, new) = (old.into(), new.into());
        if old != new {
            self.old.insert(name.to_owned(), old);
            self.new.insert(name.to_owned(), new);
        }
    }

    /// Compares a text that is too long for the log, or not for it: only that it changed, and whether there is one.
    pub fn withhold(&mut self, name: &str, old: Option<&str>, new: Option<&str>) {
        if old != new {
            let word = |text: Option<&str>| text.map_or(Value::Null, |_| "withheld".into());
            self.old.insert(name.to_owned(), word(old));
            self.new.insert(name.to_owned(), word(new));
        }
    }

    /// Before and after, unless nothing differs.
    pub fn into_values(self) -> Option<(Value, Value)> {
        (!self.new.is_empty()).then_some((Value::Object(self.old), Value::Object(self.new)))
    }
}

/// The readers' side of the audit log.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Entries of an organization (`None`: all), newest first: as many as `query` says, else [`super::catalogue::MAX_ROWS`].
    async fn list_audit(
        &self,
        organization: Option<OrganizationId>,
        query: &AuditQuery,
    ) -> Result<Vec<AuditRecord>, StoreError>;
}

/// The writers' side of the audit log, in a unit of work.
#[async_trait]
pub trait AuditRows: Send {
    /// Writes a line of the audit log, by the actor of the unit.
    async fn record(&mut self, entry: &AuditEntry) -> Result<(), StoreError>;
}
