//! Holds: seats kept for somebody while they decide.

use super::Adjacent;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// `POST /events/:id/holds`: either `seats` or `count`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateHold {
    /// Which seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<Vec<u32>>,
    /// How many seats, whichever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// With `count`: whether they are to have consecutive numbers.
    #[serde(default, skip_serializing_if = "Adjacent::is_no")]
    pub adjacent: Adjacent,
}

/// `PUT /events/:id/holds/:token`: without seats the hold only lasts longer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeHold {
    /// What its seats become: all of these, or nothing changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<Vec<u32>>,
}

/// A hold: the answer to it, and to `PUT /events/:id/holds/:token`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// By which it is extended, released and booked; its owner's alone.
    pub hold_token: Uuid,
    /// Seats held, ascending.
    pub seats: Vec<u32>,
    /// Seats that were named and are booked or held by others, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<u32>,
    /// When it ends, unless it is extended.
    pub expires_at: DateTime<Utc>,
}
