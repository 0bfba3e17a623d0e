//! Messages between sockets and the daemon, with the names that the web client uses.

use happening_core::id::EventId;
use happening_core::wire::ErrorCode;
use serde::{Deserialize, Serialize};

/// Holds of an event, to its room.
pub(super) const HOLDS_UPDATE: &str = "event:holds:update";
/// The answer to a socket that set holds.
pub(super) const HOLDS_RESPONSE: &str = "event:holds:response";
/// Seats were booked, to the event's room.
pub(super) const BOOKINGS_UPDATE: &str = "event:bookings:update";
/// Seats came free, to the event's room.
pub(super) const SEATS_FREED: &str = "event:seats:freed";
/// Somebody was invited, to their sockets.
pub(super) const ORG_INVITE: &str = "org-invite";
/// What was asked was not done, and why; to the socket that asked.
pub(super) const ERROR: &str = "error";

/// What a socket may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Join,
    Leave,
    Set,
    Heartbeat,
    Sync,
    Clear,
}

impl Verb {
    pub(super) const ALL: [Self; 6] =
        [Self::Join, Self::Leave, Self::Set, Self::Heartbeat, Self::Sync, Self::Clear];

    /// The event's name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Join => "event:join",
            Self::Leave => "event:leave",
            Self::Set => "event:holds:set",
            Self::Heartbeat => "event:holds:heartbeat",
            Self::Sync => "event:holds:sync",
            Self::Clear => "event:holds:clear",
        }
    }
}

/// The handshake's `auth`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Auth {
    pub token: Option<String>,
}

/// About an event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    pub event_id: EventId,
    #[serde(default)]
    pub seats: Vec<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HoldsUpdate<'a> {
    pub event_id: EventId,
    pub held_seats: &'a [u32],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HoldsResponse<'a> {
    pub event_id: EventId,
    pub requested_seats: &'a [u32],
    pub allowed_seats: &'a [u32],
    pub conflicts: &'a [u32],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BookingsUpdate<'a> {
    pub event_id: EventId,
    pub booked_seats: &'a [u32],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SeatsFreed<'a> {
    pub event_id: EventId,
    pub freed_seats: &'a [u32],
}

/// Why something was not done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refusal<'a> {
    /// As in the REST API.
    pub code: ErrorCode,
    /// A sentence for people.
    pub message: &'a str,
    /// What was asked, if anything was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<&'static str>,
}
