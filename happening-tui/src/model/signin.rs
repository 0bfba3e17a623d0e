//! The sign-in by device flow, as far as it is shown.

use super::Who;
use crate::effect::SignInFrom;
use crate::trouble::Trouble;
use chrono::{DateTime, Utc};

/// The sign-in.
#[derive(Debug, Clone, Default)]
pub struct SignInScreen {
    /// How far it is.
    pub state: SignInState,
    /// Where it began.
    pub from: SignInFrom,
    /// Why a session that there was is over.
    pub because: Option<String>,
}

/// How far a sign-in is.
#[derive(Debug, Clone, Default)]
pub enum SignInState {
    /// Looks for a token at hand, asks the daemon where to sign in, asks the issuer for a code.
    #[default]
    Looking,
    /// The person has to approve.
    Waiting(DeviceCode),
    /// The person, or the issuer, said no.
    Denied,
    /// Nobody approved in time.
    Expired,
    /// It could not be tried; where that heals by itself, when to try again, unless that is under way.
    Failed(Trouble, Option<DateTime<Utc>>),
}

/// What the person needs in order to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    /// The code to compare or to type.
    pub code: String,
    /// Where to type it.
    pub address: String,
    /// Where it is typed already.
    pub address_with_code: Option<String>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// What a sign-in came to.
#[derive(Debug)]
pub enum SignInStep {
    /// Wait for approval.
    Code(DeviceCode),
    /// Done.
    SignedIn {
        /// Who.
        who: Box<Who>,
        /// What the person should know, such as that the session could not be stored.
        warning: Option<String>,
    },
    /// Refused.
    Denied,
    /// Too late.
    Expired,
    /// Could not be tried.
    Failed(Trouble),
}
