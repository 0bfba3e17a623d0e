//! What a frame owes to the time alone. While that stays the same, time that passes changes nothing on the screen, and nothing
//! is drawn.
//!
//! Add a text that changes with the time: tell it by [`Model::minute`], or add what it depends on here. A test in
//! `tests/rest.rs` draws every screen over an hour and finds what is missing.

use super::{Freshness, Model, SignInState};
use chrono::{DateTime, Utc};

/// What a frame shows of the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    minute: DateTime<Utc>,
    beat: i64,
    /// What is left of a countdown, in seconds.
    left: Option<i64>,
    fresh: Option<Fresh>,
    toast: bool,
    /// Seats that are marked since they have just changed hands.
    changed: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fresh {
    Loading,
    Live,
    /// How old, as it is shown.
    Stale(String),
    Absent,
}

impl Moment {
    /// The present one.
    pub fn of(model: &Model) -> Self {
        let fresh = model.freshness().map(|fresh| match fresh {
            Freshness::Loading => Fresh::Loading,
            Freshness::Live => Fresh::Live,
            Freshness::Stale(age, _) => Fresh::Stale(crate::text::span(age)),
            Freshness::Absent(_) => Fresh::Absent,
        });
        let left = match model.signin.as_ref().map(|signin| &signin.state) {
            Some(SignInState::Waiting(code)) => Some((code.expires_at - model.now).num_seconds()),
            _ => None,
        };
        Self {
            minute: model.minute(),
            beat: model.beat,
            left,
            fresh,
            toast: model.toast.is_some(),
            changed: model.event.as_ref().map_or(0, |event| event.changed.len()),
        }
    }
}
