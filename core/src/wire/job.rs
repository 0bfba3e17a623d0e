//! Long work: what is under way, how far it has come, and what came of it.

use super::Reconciled;
use crate::id::{JobId, OrganizationId, UserId};
use crate::string_enum::string_enum;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

string_enum! {
    /// What a job does.
    JobKind {
        /// Compares bookings, seats, figures and counters of all events, and perhaps makes right what is derived.
        Reconcile = "reconcile",
        /// Deletes the upcoming events of an organization, and then the organization.
        CloseOrganization = "close_organization",
    }
}

string_enum! {
    /// Where a job is in its life.
    JobState {
        /// No daemon has begun it.
        Waiting = "waiting",
        /// A daemon works at it, or did when it ended: then another one goes on.
        Running = "running",
        /// It came to its end.
        Done = "done",
        /// It gave up; `error` says why.
        Failed = "failed",
        /// Somebody ended it. What it had done stays done.
        Cancelled = "cancelled",
    }
}

impl JobState {
    /// Whether nothing more will become of it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// `GET /admin/jobs/:id`. Finished ones are kept for a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// Where it is in its life.
    pub state: JobState,
    /// The organization that it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<UserId>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When a daemon first began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<DateTime<Utc>>,
    /// Events that it is through with.
    pub done: u64,
    /// Events that there are to do, as far as it knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Whether somebody has asked for its end.
    #[serde(default)]
    pub cancelling: bool,
    /// What came of it: of a `reconcile` a [`Reconciled`], of a `close_organization` a [`Closed`]. Lists do without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// Why it gave up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Job {
    /// What a `reconcile` found.
    pub fn reconciled(&self) -> Option<Reconciled> {
        if self.kind != JobKind::Reconcile {
            return None;
        }
        serde_json::from_value(self.result.clone()?).ok()
    }
}

/// What a `close_organization` did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Upcoming events that it deleted.
    pub deleted_events: u64,
}

/// `GET /admin/jobs`: which of them, newest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobsQuery {
    /// A page of so many, 1 to 1,000; default 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The last one of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<JobId>,
}

/// The body of `POST /admin/reconcile`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartReconcile {
    /// Only this event: then the answer is the report, at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<crate::id::EventId>,
    /// Whether to make right what is derived; by default yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<bool>,
}
