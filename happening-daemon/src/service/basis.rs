//! What an edit starts from: whoever says what they have read (`If-Match`) is told when it is no longer so.
//!
//! An *edition* is a digest of what people write in a thing. Bookings move an event's figures and leave its edition as it
//! is: who edits an event that sells is held up by other editors alone.

use super::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use happening_core::wire::{Event, Organization, User};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Bytes of a digest that are kept.
const DIGEST: usize = 12;

/// The editions that an edit may start from; by default any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis(Option<Vec<String>>);

impl Basis {
    /// One of these.
    pub fn one_of(editions: Vec<String>) -> Self {
        Self(Some(editions))
    }

    /// Whether it was said what the edit starts from.
    pub fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// Refuses an edit of what is no longer as it was read.
    pub(super) fn must_admit(&self, thing: &impl Edited) -> Result<(), Error> {
        let Some(editions) = &self.0 else { return Ok(()) };
        let edition = thing.edition();
        if editions.contains(&edition) { Ok(()) } else { Err(Error::stale()) }
    }

    /// The version after which nobody may have amended the event.
    pub(super) fn as_of(&self, read: &Event) -> Option<u64> {
        self.is_given().then_some(read.version)
    }
}

/// What people edit.
pub trait Edited {
    /// The same for as long as nobody edits it.
    fn edition(&self) -> String;
}

impl Edited for Event {
    fn edition(&self) -> String {
        digest(&(
            (self.created_by, &self.name, &self.description, self.category, self.event_date),
            (self.total_slots, self.status, self.waitlist_policy, self.bypass_limit, self.waitlist_limit),
            (self.max_seats_per_booking, self.sales_paused),
        ))
    }
}

impl Edited for Organization {
    fn edition(&self) -> String {
        digest(&(&self.name, &self.settings))
    }
}

impl Edited for User {
    fn edition(&self) -> String {
        digest(&(&self.phone, &self.avatar_url))
    }
}

/// Of values that always become JSON.
fn digest(value: &impl Serialize) -> String {
    let digest = Sha256::digest(serde_json::to_vec(value).unwrap_or_default());
    URL_SAFE_NO_PAD.encode(&digest[..DIGEST])
}
