//! What [`crate::update`] wants done outside of the model. [`crate::runner`] does it.
//!
//! Add one more: a variant here, its task in the runner, and a [`crate::message::Message`] with what it found out.

use happening_core::id::{EventId, OrganizationId};

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Sign in; replaces an attempt that is under way.
    SignIn {
        /// Comes back with each step.
        attempt: u32,
        /// Whether a token at hand will do.
        from: SignInFrom,
    },
    /// Keep one subject fresh, beginning now, until another watch or [`Effect::Unwatch`] replaces it. How it is kept
    /// fresh is the runner's business alone.
    Watch {
        /// Comes back with each sighting.
        watch: u32,
        /// What to watch.
        subject: Subject,
    },
    /// Watch nothing.
    Unwatch,
    /// Find out what organizations are called.
    LearnOrganizations(Vec<OrganizationId>),
}

/// Where a sign-in begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SignInFrom {
    /// A token from the environment or a stored session will do.
    #[default]
    AtHand,
    /// What was at hand has been refused: ask the person.
    Scratch,
}

/// What a screen shows and wants kept fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The list of events.
    Events,
    /// One event, its seats, its waitlist.
    Event(EventId),
}
