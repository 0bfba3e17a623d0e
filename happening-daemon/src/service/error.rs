//! Why a use case did not do it: a stable code, a sentence for people, and members of the case.
//!
//! Errors of the parts become this here, in one place. Defects are logged here, where they are last known in full; what
//! leaves is constant.

use crate::booking::EngineError;
use crate::store::{Constraint, StoreError};
use happening_core::booking::Refusal;
use happening_core::wire::ErrorCode;
use serde_json::Value;

/// Why it was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The stable code.
    pub code: ErrorCode,
    /// A sentence.
    pub detail: String,
    /// Members of the case.
    pub members: Vec<(&'static str, Value)>,
    /// What was there already, for a client that tries another way.
    pub conflict: Option<Constraint>,
}

impl Error {
    /// An error without members.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), members: Vec::new(), conflict: None }
    }

    /// Not there, or not for the caller to know of: the two answer alike.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no such {what}."))
    }

    /// Outside the caller's rights.
    pub fn forbidden(why: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, why)
    }

    /// A field that breaks a rule.
    pub fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        let why = why.into();
        let mut error = Self::new(ErrorCode::ValidationFailed, format!("{field}: {why}"));
        error.members.push(("field", field.into()));
        error
    }

    /// What an edit starts from is no longer so.
    pub fn stale() -> Self {
        Self::new(ErrorCode::Stale, "This was changed meanwhile: read it again, then change it.")
    }

    /// With how much there is and how much may be.
    #[must_use]
    pub fn with_quota(self, count: u32, limit: u32) -> Self {
        Self { members: vec![("count", count.into()), ("limit", limit.into())], ..self }
    }

    /// A needed part is away.
    pub fn unavailable() -> Self {
        Self::new(
            ErrorCode::Unavailable,
            "The service is temporarily unavailable. Please try again in a moment.",
        )
    }

    /// A defect, already logged.
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "Something went wrong on our side.")
    }
}

impl From<Constraint> for Error {
    fn from(conflict: Constraint) -> Self {
        let (code, detail) = match conflict {
            Constraint::Username => (ErrorCode::AlreadyExists, "This username is taken."),
            Constraint::Membership => {
                (ErrorCode::AlreadyMember, "Somebody with this address is a member already.")
            }
            Constraint::PendingInvite => (ErrorCode::InvitePending, "This address is invited already."),
            _ => (ErrorCode::AlreadyExists, "This exists already."),
        };
        Self { conflict: Some(conflict), ..Self::new(code, detail) }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(conflict) => conflict.into(),
            StoreError::Unavailable(_)
            | StoreError::Busy(_)
            | StoreError::Unknown(_)
            | StoreError::Contended => Self::unavailable(),
            StoreError::Nul => Self::new(ErrorCode::ValidationFailed, "Text must not contain NUL."),
            StoreError::Defect(reason) => {
                tracing::error!(%reason, "the store failed");
                Self::internal()
            }
        }
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Refused(refusal) => refusal.into(),
            EngineError::UnknownEvent => Self::not_found("event"),
            // The sender of the key is given the first answer instead of this.
            EngineError::Answered | EngineError::Unavailable => Self::unavailable(),
            EngineError::Defect => Self::internal(),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let detail = sentence(&refusal.to_string());
        match refusal {
            Refusal::SeatCount { .. } => Self::invalid("seats", detail),
            Refusal::TooManySeats { limit } => {
                Self { members: vec![("limit", limit.into())], ..Self::new(ErrorCode::TooManySeats, detail) }
            }
            Refusal::Capacity { .. } => Self::invalid("total_slots", detail),
            Refusal::SeatNumbers { .. } | Refusal::MovedCount { .. } => {
                Self::new(ErrorCode::InvalidSeatNumbers, detail)
            }
            Refusal::SeatsConflict { unavailable } => Self {
                members: vec![("unavailable", unavailable.to_vec().into())],
                ..Self::new(ErrorCode::SeatsConflict, detail)
            },
            Refusal::NotConfirmed => Self::new(ErrorCode::NotConfirmed, detail),
            Refusal::NotAdjacent { .. } => Self::new(ErrorCode::NoAdjacentSeats, detail),
            Refusal::Closed => Self::new(ErrorCode::EventClosed, detail),
            Refusal::SalesPaused => Self::new(ErrorCode::SalesPaused, detail),
            Refusal::SoldOut => Self::new(ErrorCode::SoldOut, detail),
            Refusal::WaitlistFull { waiting, limit } => {
                Self::new(ErrorCode::SoldOut, detail).with_quota(waiting, limit)
            }
            Refusal::TooManyParties { waiting, limit } => {
                Self::new(ErrorCode::QuotaExceeded, detail).with_quota(waiting, limit)
            }
            Refusal::NotWaiting => Self::new(ErrorCode::NotWaiting, detail),
            Refusal::NotEnoughSeats { wanted, free } => Self {
                members: vec![("wanted", wanted.into()), ("free", free.into())],
                ..Self::new(ErrorCode::NotEnoughSeats, detail)
            },
            Refusal::CapacityBelowBooked { highest } => Self {
                members: vec![("highest_booked_seat", highest.into())],
                ..Self::new(ErrorCode::CapacityBelowBooked, detail)
            },
            Refusal::Amended => Self::stale(),
            Refusal::Deleted => Self::not_found("event"),
        }
    }
}

/// With a capital and a full stop: the web client shows it as it is.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
