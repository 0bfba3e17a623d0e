//! The precondition of an edit (`If-Match`): an edit of what has changed since it was read is rejected.
//!
//! A *revision* is a digest of the fields that people write. A booking changes the counts of an event and not its revision,
//! so only other edits can reject the edit of an event that sells.

use super::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use happening_core::wire::{ErrorCode, Event, Organization, User};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Bytes of a digest that are kept.
const DIGEST: usize = 12;

/// What must be true for an edit to be made; by default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Precondition {
    /// One of these is its revision.
    revisions: Option<Vec<String>>,
    /// It is not there at all.
    is_absent: bool,
    /// These of its members are so.
    fixed: Vec<Fixed>,
}

/// A member that came along with an edit and cannot be changed by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// Its name.
    pub name: &'static str,
    /// What the edit takes it for.
    pub value: Value,
    /// Where it is changed, or why it never is.
    pub instead: &'static str,
}

impl Precondition {
    /// One of these revisions.
    pub fn one_of(revisions: Vec<String>) -> Self {
        Self { revisions: Some(revisions), ..Self::default() }
    }

    /// Nothing: no edit is made of what is there (RFC 9110, section 13.1.2, `If-None-Match: *`).
    pub fn nothing() -> Self {
        Self { is_absent: true, ..Self::default() }
    }

    /// The same with fixed members.
    #[must_use]
    pub fn and(self, fixed: Vec<Fixed>) -> Self {
        Self { fixed, ..self }
    }

    /// Whether it was said which revision the edit starts from.
    pub fn is_given(&self) -> bool {
        self.revisions.is_some()
    }

    /// Whether anything must be so.
    pub(super) fn is_any(&self) -> bool {
        *self != Self::default()
    }

    /// Refuses an edit of what is not, or no longer, as it was taken for.
    pub(super) fn must_admit(&self, thing: &(impl Edited + Serialize)) -> Result<(), Error> {
        self.must_admit_any()?;
        if self.revisions.as_ref().is_some_and(|revisions| !revisions.contains(&thing.revision())) {
            return Err(Error::stale());
        }
        if self.fixed.is_empty() {
            return Ok(());
        }
        let row = serde_json::to_value(thing).map_err(|_| Error::internal())?;
        let differs = |fixed: &&Fixed| *row.get(fixed.name).unwrap_or(&Value::Null) != fixed.value;
        self.fixed.iter().find(differs).map_or(Ok(()), |fixed| {
            Err(Error::invalid(fixed.name, format!("cannot be changed here; {}", fixed.instead)))
        })
    }

    /// Refuses to change what is there, whatever it is, if nothing may be.
    pub(super) fn must_admit_any(&self) -> Result<(), Error> {
        if self.is_absent {
            let detail = "This is there already, and If-None-Match: * is only for what is not.";
            return Err(Error::new(ErrorCode::Stale, detail));
        }
        Ok(())
    }

    /// The version after which nobody may have amended the event.
    pub(super) fn as_of(&self, read: &Event) -> Option<u64> {
        self.is_given().then_some(read.version)
    }
}

/// What people edit.
pub trait Edited {
    /// The same for as long as nobody edits it.
    fn revision(&self) -> String;
}

impl Edited for Event {
    fn revision(&self) -> String {
        digest(&(
            (self.created_by, &self.name, &self.description, self.category, self.event_date),
            (self.total_slots, self.status, self.waitlist_policy, self.bypass_limit, self.waitlist_limit),
            (self.max_seats_per_booking, self.sales_paused, self.event_end, self.bookings_close_at),
        ))
    }
}

impl Edited for Organization {
    fn revision(&self) -> String {
        digest(&(&self.name, &self.settings))
    }
}

impl Edited for User {
    fn revision(&self) -> String {
        digest(&(&self.phone, &self.avatar_url))
    }
}

/// Of values that always become JSON.
fn digest(value: &impl Serialize) -> String {
    let digest = Sha256::digest(serde_json::to_vec(value).unwrap_or_default());
    URL_SAFE_NO_PAD.encode(&digest[..DIGEST])
}
