//! Quotas: how much one person or organization may have in the tables that all share. The rates of `http/rate_limit.rs` bound
//! how fast it comes, these how much there is.
//!
//! A quota is decided where the row is written: in its transaction, or, for parties that wait, by the rules of the engine
//! (`Limits` in `core/src/booking/command.rs`). So every way passes it, dry runs too. Operators have none: imports are their
//! work. What there is when a quota is lowered stays.
//!
//! To add one: a setting, a field here, and the rule that counts, along an index, before it writes.

use super::{Caller, Error, Services};
use happening_core::id::OrganizationId;
use happening_core::wire::ErrorCode;

/// The most of each that there may be; absent is any number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quotas {
    /// Organizations that one person owns.
    pub owned: Option<u32>,
    /// Upcoming and ongoing events of one organization.
    pub open_events: Option<u32>,
    /// Open invites of one organization.
    pub invites_of_organization: Option<u32>,
    /// Open invites of all organizations to one address.
    pub invites_to_address: Option<u32>,
}

/// The refusal of one more: `have` says who has `count` of what, where at most `limit` may be.
pub(super) fn exceeded(have: &str, count: u32, limit: u32) -> Error {
    let detail = format!("{have}: there may be at most {limit}.");
    Error::new(ErrorCode::QuotaExceeded, detail).with_quota(count, limit)
}

/// The refusal of one more event of an organization that has `open` ones.
pub(super) fn too_many_events(open: u32, limit: u32) -> Error {
    exceeded(&format!("This organization has {open} upcoming events"), open, limit)
}

/// The refusal of one more organization of a person who owns `owned` of them.
pub(super) fn too_many_organizations(owned: u32, limit: u32) -> Error {
    exceeded(&format!("You own {owned} organizations"), owned, limit)
}

impl Services {
    /// The same with quotas.
    #[must_use]
    pub fn with_quotas(self, quotas: Quotas) -> Self {
        Self { units: self.units.with_quotas(quotas), ..self }
    }

    /// The quotas of what a caller writes.
    pub(super) fn quotas_of(&self, caller: &Caller) -> Quotas {
        if caller.is_operator() { Quotas::default() } else { self.units.quotas() }
    }

    /// Refuses an event that was over or cancelled to be open again where the organization has as many as it may. The engine
    /// writes it, in a commit of its own: of those who do this at once, each may have the last place.
    pub(super) async fn must_have_room_for_event(
        &self,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<(), Error> {
        let Some(limit) = self.quotas_of(caller).open_events else { return Ok(()) };
        let open = self.store.count_open_events(organization).await?;
        if open >= limit { Err(too_many_events(open, limit)) } else { Ok(()) }
    }
}
