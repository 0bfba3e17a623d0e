//! What is published live: the messages of the streams, and the events of the web client's sockets.
//!
//! A stream is Server-Sent Events: the name of an event is the message's `type`, its data the message as JSON. Seats are
//! sent as sets (these are booked, these are free), so a message that is read twice changes nothing.

use super::{EventStatus, Health, Metrics};
use crate::id::{EventId, OrganizationId};
use crate::string_enum::string_enum;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One message of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveMessage {
    /// How an event is right now: what a stream of an event begins with, and what it sends when it cannot go on where the
    /// reader left off.
    Snapshot {
        /// The event.
        event_id: EventId,
        /// The commit that this is the state after.
        version: u64,
        /// Seats that exist.
        total: u32,
        /// Booked seats, ascending.
        taken: Vec<u32>,
        /// Seats that somebody is picking, ascending.
        held: Vec<u32>,
        /// Seats that nobody has.
        available: u32,
        /// Parties that wait.
        waiting: u32,
    },
    /// Seats changed hands: one message for each booking, cancellation or promotion, in the order of their commits.
    Seats {
        /// The event.
        event_id: EventId,
        /// The commit.
        version: u64,
        /// Booked now, ascending.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        booked: Vec<u32>,
        /// Free now, ascending: given back, or new.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        freed: Vec<u32>,
        /// Free seats that exist no longer, ascending.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        withdrawn: Vec<u32>,
    },
    /// A waiting party got seats; the [`Self::Seats`] before this one has them as booked.
    Promotion {
        /// The event.
        event_id: EventId,
        /// The commit.
        version: u64,
        /// The seats, ascending.
        seats: Vec<u32>,
        /// The party's place in line when it was served, 1 for the first.
        waiting_number: u64,
        /// Seats that it still waits for.
        rest: u32,
    },
    /// The figures after a commit.
    Figures(EventFigures),
    /// Seats that somebody is picking: all of them, after each change.
    Holds {
        /// The event.
        event_id: EventId,
        /// Ascending.
        held: Vec<u32>,
    },
    /// Something about the event itself changed: read it anew.
    Changed {
        /// The event.
        event_id: EventId,
        /// The commit.
        version: u64,
        /// Where it is in its life now.
        status: EventStatus,
        /// Seats that exist now.
        total: u32,
        /// Whether new bookings are refused for the time being.
        #[serde(default)]
        sales_paused: bool,
    },
    /// The event was taken out of every list.
    Deleted {
        /// The event.
        event_id: EventId,
        /// The commit.
        version: u64,
    },
    /// What the operators' stream begins with.
    Overview {
        /// Every event that takes bookings.
        events: Vec<EventFigures>,
        /// The parts of the daemon, by name.
        parts: BTreeMap<String, Health>,
    },
    /// A part of the daemon began or ceased to answer.
    Health {
        /// `store`, `counters`, `queue`.
        part: String,
        /// How it is now.
        state: Health,
    },
    /// What the daemon measured in the last second. On the operators' stream alone, and without a number of its own: a
    /// reader that comes back gets the next one.
    Metrics(Box<Metrics>),
    /// The stream ends here, and why; a reader who wants to go on connects again.
    Closing {
        /// Why.
        reason: ClosingReason,
    },
}

string_enum! {
    /// Why a stream ends.
    ClosingReason {
        /// The daemon ends.
        Shutdown = "shutdown",
        /// The reader did not keep up with what was sent.
        TooSlow = "too_slow",
        /// The access token that it was opened with has expired.
        TokenExpired = "token_expired",
        /// Who opened it may no longer see what it sends: suspended, or not a member any more.
        AccessEnded = "access_ended",
    }
}

/// The figures of an event after a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFigures {
    /// The event.
    pub event_id: EventId,
    /// The commit.
    pub version: u64,
    /// Seats that exist; absent in an overview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    /// Seats that nobody has.
    pub available: u32,
    /// Parties that wait.
    pub waiting: u32,
}

impl LiveMessage {
    /// Its `type`, which is the name of the Server-Sent Event.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Snapshot { .. } => "snapshot",
            Self::Seats { .. } => "seats",
            Self::Promotion { .. } => "promotion",
            Self::Figures(_) => "figures",
            Self::Holds { .. } => "holds",
            Self::Changed { .. } => "changed",
            Self::Deleted { .. } => "deleted",
            Self::Overview { .. } => "overview",
            Self::Health { .. } => "health",
            Self::Metrics(_) => "metrics",
            Self::Closing { .. } => "closing",
        }
    }
}

/// What the sockets of an invited person are sent, as `org-invite`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InviteTold {
    /// Who invites: a username.
    pub from: String,
    /// To which organization.
    pub organization_name: String,
    /// In the inviter's words.
    pub message: Option<String>,
    /// By which it is accepted or rejected.
    pub invite_id: Uuid,
    /// The organization's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_message_is_its_type() {
        let event_id = EventId(Uuid::nil());
        let messages = [
            LiveMessage::Holds { event_id, held: vec![1] },
            LiveMessage::Figures(EventFigures {
                event_id,
                version: 1,
                total: None,
                available: 2,
                waiting: 3,
            }),
            LiveMessage::Closing { reason: ClosingReason::TooSlow },
            LiveMessage::Deleted { event_id, version: 4 },
            LiveMessage::Metrics(Box::default()),
        ];
        for message in messages {
            let json = serde_json::to_value(&message).expect("JSON");
            assert_eq!(json["type"], message.name());
            assert_eq!(serde_json::from_value::<LiveMessage>(json).expect("a message"), message);
        }
    }
}
