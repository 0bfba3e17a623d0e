//! What the rules and the wire have in common: closed sets of values.

use crate::string_enum::string_enum;
use serde::{Deserialize, Serialize};

string_enum! {
    /// Where an event is in its life.
    EventStatus {
        /// Takes bookings until it starts.
        Upcoming = "upcoming",
        /// Has begun and still takes bookings.
        Ongoing = "ongoing",
        /// Is over.
        Completed = "completed",
        /// Will not happen.
        Cancelled = "cancelled",
    }
}

impl EventStatus {
    /// Whether the event takes place, or is still to.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Upcoming | Self::Ongoing)
    }
}

string_enum! {
    /// How seats that come free are given to those who wait.
    WaitlistPolicy {
        /// The head gets what is free even if it asked for more; the rest keeps its place.
        Split = "split",
        /// Parties are served whole; a smaller one may pass a limited number of times.
        Whole = "whole",
    }
}

string_enum! {
    /// What keeps a booking waiting.
    WaitReason {
        /// It does not wait.
        NotWaiting = "not_waiting",
        /// The event takes no bookings any more.
        Closed = "closed",
        /// Others came before it.
        BehindOthers = "behind_others",
        /// The head was passed often enough: freed seats gather for it.
        GatheringForHead = "gathering_for_head",
        /// The event has fewer seats than it wants.
        TooLarge = "too_large",
        /// It is the head: fewer seats are free than it needs.
        SeatsNeeded = "seats_needed",
    }
}

/// Whether any seats are to have consecutive numbers: `true`, `false` or `"required"` on the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "serde_json::Value", into = "serde_json::Value")]
pub enum Adjacent {
    /// Whichever.
    #[default]
    No,
    /// Where there are any, else whichever.
    Preferred,
    /// Or none at all.
    Required,
}

impl Adjacent {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    pub(crate) fn is_no(&self) -> bool {
        *self == Self::No
    }
}

impl From<Adjacent> for serde_json::Value {
    fn from(adjacent: Adjacent) -> Self {
        match adjacent {
            Adjacent::No => false.into(),
            Adjacent::Preferred => true.into(),
            Adjacent::Required => "required".into(),
        }
    }
}

impl TryFrom<serde_json::Value> for Adjacent {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        match value {
            serde_json::Value::Null | serde_json::Value::Bool(false) => Ok(Self::No),
            serde_json::Value::Bool(true) => Ok(Self::Preferred),
            serde_json::Value::String(word) if word == "required" => Ok(Self::Required),
            _ => Err("adjacent is true, false or \"required\""),
        }
    }
}
