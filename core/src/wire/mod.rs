//! The JSON that goes over the wire, as `api-contract` describes it: `snake_case`, ids as UUIDs, times as RFC 3339 UTC.
//!
//! The daemon writes these types and the client reads them, so they cannot disagree. Requests refuse members they do
//! not know (a misspelt one would be silently ignored); answers ignore them (a newer daemon may send more).

mod admin;
mod audit;
mod booking;
mod counters;
mod engine;
mod event;
mod health;
mod hold;
mod invite;
mod job;
mod live;
mod metrics;
mod notification;
mod organization;
mod personal_data;
pub(crate) mod present;
mod problem;
mod queue;
mod user;
mod waitlist;

pub use crate::booking::{Adjacent, EventStatus, WaitReason, WaitlistPolicy};
pub use admin::*;
pub use audit::*;
pub use booking::*;
pub use counters::*;
pub use engine::*;
pub use event::*;
pub use health::*;
pub use hold::*;
pub use invite::*;
pub use job::*;
pub use live::*;
pub use metrics::*;
pub use notification::*;
pub use organization::*;
pub use personal_data::*;
pub use problem::*;
pub use queue::*;
pub use user::*;
pub use waitlist::*;

/// A list in pages: which one.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PageQuery {
    /// A page of so many, 1 to 5,000; default all, up to 5,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before ended, from its `Link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
