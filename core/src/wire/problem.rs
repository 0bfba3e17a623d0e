//! Errors on the wire: `application/problem+json` (RFC 9457) with a stable `code` for machines and `error` for the
//! person in front of the web client.
//!
//! To add one: a variant here with its status and title. The daemon's answers, the CLI's exit codes and the TUI's
//! messages follow from it.

use crate::string_enum::string_enum;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

string_enum! {
    /// Stable machine codes of errors.
    ErrorCode {
        /// The request is malformed or breaks a rule of its fields.
        ValidationFailed = "validation_failed",
        /// Named seats do not exist, are named twice, or are not as many as `seats`.
        InvalidSeatNumbers = "invalid_seat_numbers",
        /// More seats than one booking may have; `limit` says how many.
        TooManySeats = "too_many_seats",
        /// The invited person is a member already.
        AlreadyMember = "already_member",
        /// The invited person has an open invite already.
        InvitePending = "invite_pending",
        /// The request can only be made, not tried.
        DryRunUnsupported = "dry_run_unsupported",
        /// No valid access token.
        Unauthenticated = "unauthenticated",
        /// Outside the caller's rights.
        Forbidden = "forbidden",
        /// Not there, or not for the caller to know of.
        NotFound = "not_found",
        /// The route exists, not with this method.
        MethodNotAllowed = "method_not_allowed",
        /// The request did not arrive in time.
        RequestTimeout = "request_timeout",
        /// Named seats are taken.
        SeatsConflict = "seats_conflict",
        /// No seats, and no room on the waitlist; where that is full by the limit of all events, `limit` and `count` say so.
        SoldOut = "sold_out",
        /// Fewer consecutive seats are free than must be.
        NoAdjacentSeats = "no_adjacent_seats",
        /// The hold is over, or somebody else's.
        HoldGone = "hold_gone",
        /// More seats than one person may hold at an event.
        HoldLimit = "hold_limit",
        /// The booking waits or was cancelled, and has no seats to be moved from.
        NotConfirmed = "not_confirmed",
        /// The event was cancelled or is over.
        EventClosed = "event_closed",
        /// The sale of the event is paused: it takes no new bookings for the time being.
        SalesPaused = "sales_paused",
        /// The booking is not on the waitlist (any more).
        NotWaiting = "not_waiting",
        /// Fewer seats are free than the party wants; `wanted` and `free` say how many.
        NotEnoughSeats = "not_enough_seats",
        /// Somebody sits beyond the wanted capacity.
        CapacityBelowBooked = "capacity_below_booked",
        /// The organization would be left without an orgAdmin.
        LastOrgAdmin = "last_org_admin",
        /// The organization is suspended: nothing in it may be changed.
        OrganizationSuspended = "organization_suspended",
        /// The organization, the person or the address has as much as the settings permit; `limit` says how much that is, and
        /// `count`, where it is the caller's to know, how much there is.
        QuotaExceeded = "quota_exceeded",
        /// The organization has events that are still to take place; `upcoming_events` says how many.
        UpcomingEvents = "upcoming_events",
        /// The same work is under way already; `job_id` says as which job.
        JobRunning = "job_running",
        /// Something with this name exists.
        AlreadyExists = "already_exists",
        /// The `Idempotency-Key` was used for another request.
        IdempotencyMismatch = "idempotency_mismatch",
        /// A request with this `Idempotency-Key` still runs: `Retry-After`.
        IdempotencyInProgress = "idempotency_in_progress",
        /// What an edit starts from (`If-Match`) is no longer so.
        Stale = "stale",
        /// Only a part of the message was kept.
        MessageTruncated = "message_truncated",
        /// The body is larger than the daemon takes.
        PayloadTooLarge = "payload_too_large",
        /// The body is not `application/json`.
        UnsupportedMediaType = "unsupported_media_type",
        /// Too many requests: `Retry-After`.
        RateLimited = "rate_limited",
        /// A defect of the daemon; its log has the details under the request id.
        Internal = "internal",
        /// A part that is needed is down or overloaded: `Retry-After`.
        Unavailable = "unavailable",
    }
}

impl ErrorCode {
    /// The HTTP status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Self::ValidationFailed
            | Self::InvalidSeatNumbers
            | Self::TooManySeats
            | Self::AlreadyMember
            | Self::InvitePending
            | Self::DryRunUnsupported => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::RequestTimeout => 408,
            Self::SeatsConflict
            | Self::SoldOut
            | Self::NoAdjacentSeats
            | Self::HoldGone
            | Self::HoldLimit
            | Self::NotConfirmed
            | Self::EventClosed
            | Self::SalesPaused
            | Self::NotWaiting
            | Self::NotEnoughSeats
            | Self::CapacityBelowBooked
            | Self::LastOrgAdmin
            | Self::OrganizationSuspended
            | Self::QuotaExceeded
            | Self::UpcomingEvents
            | Self::JobRunning
            | Self::AlreadyExists
            | Self::IdempotencyMismatch
            | Self::IdempotencyInProgress
            | Self::MessageTruncated => 409,
            Self::Stale => 412,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// A short summary of the kind of error, the same for each occurrence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ValidationFailed => "The request is not valid",
            Self::InvalidSeatNumbers => "These seat numbers are not valid",
            Self::TooManySeats => "Too many seats for one booking",
            Self::AlreadyMember => "Already a member",
            Self::InvitePending => "Already invited",
            Self::DryRunUnsupported => "This cannot be tried",
            Self::Unauthenticated => "Please sign in",
            Self::Forbidden => "You may not do this",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "This method is not allowed here",
            Self::RequestTimeout => "The request took too long",
            Self::SeatsConflict => "Some of these seats are taken",
            Self::SoldOut => "Sold out",
            Self::NoAdjacentSeats => "No such seats side by side",
            Self::HoldGone => "These seats are no longer held",
            Self::HoldLimit => "Too many seats are held",
            Self::NotConfirmed => "This booking has no seats",
            Self::EventClosed => "This event takes no bookings",
            Self::SalesPaused => "The sale is paused",
            Self::NotWaiting => "This booking does not wait",
            Self::NotEnoughSeats => "Not enough seats are free",
            Self::CapacityBelowBooked => "Seats beyond this capacity are booked",
            Self::LastOrgAdmin => "An organization needs an orgAdmin",
            Self::OrganizationSuspended => "This organization is suspended",
            Self::QuotaExceeded => "A quota is used up",
            Self::UpcomingEvents => "Events are still to take place",
            Self::JobRunning => "This is under way already",
            Self::AlreadyExists => "This exists already",
            Self::IdempotencyMismatch => "This Idempotency-Key belongs to another request",
            Self::IdempotencyInProgress => "This request still runs",
            Self::Stale => "This was changed meanwhile",
            Self::MessageTruncated => "Only a part of this message was kept",
            Self::PayloadTooLarge => "The request is too large",
            Self::UnsupportedMediaType => "Please send JSON",
            Self::RateLimited => "Too many requests",
            Self::Internal => "Something went wrong",
            Self::Unavailable => "The service is temporarily unavailable",
        }
    }

    /// Whether `error` is the code itself: the web client compares these.
    pub const fn is_compared(self) -> bool {
        matches!(self, Self::SeatsConflict | Self::InvalidSeatNumbers)
    }
}

/// The body of every error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `about:blank` has no more to say than the status; ours name the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// [`ErrorCode::title`].
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, in a sentence.
    pub detail: String,
    /// What the web client shows.
    pub error: String,
    /// The stable code. Text, so that a client survives a code of a newer daemon.
    pub code: String,
    /// The request's id, as in the header `X-Request-Id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Members of the case, such as `unavailable`.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

impl Problem {
    /// A problem without members of its own.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            kind: format!("urn:happening:problem:{code}"),
            title: code.title().to_owned(),
            status: code.status(),
            error: if code.is_compared() { code.to_string() } else { detail.clone() },
            detail,
            code: code.to_string(),
            request_id: None,
            members: Map::new(),
        }
    }

    /// With a member of the case.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// The code, if this version knows it.
    pub fn known_code(&self) -> Option<ErrorCode> {
        self.code.parse().ok()
    }
}
