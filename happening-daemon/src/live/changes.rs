//! When the events of an organization last changed at this daemon, on a clock that counts changes: an answer that many
//! people share is out of date if it was begun before the last change.
//!
//! Changes are noted when they are committed here, and when another daemon's message of a commit arrives. Such a message may
//! be lost, so an answer that is shared must not live long either.

use happening_core::id::{EventId, OrganizationId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Events whose organization is remembered.
const EVENTS: u64 = 100_000;

/// Organizations whose last change is remembered, and for how long after somebody asked for it.
const ORGANIZATIONS: u64 = 100_000;
const REMEMBERED: Duration = Duration::from_mins(1);

/// The last changes. Cheap to clone.
#[derive(Clone)]
pub struct Changes {
    clock: Arc<AtomicU64>,
    /// The last change of any event.
    any: Arc<AtomicU64>,
    /// The last change of which it is not known what it changed.
    all: Arc<AtomicU64>,
    /// An event's organization never changes.
    organizations: moka::sync::Cache<EventId, OrganizationId>,
    last: moka::sync::Cache<OrganizationId, Arc<AtomicU64>>,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            clock: Arc::new(AtomicU64::new(1)),
            any: Arc::default(),
            all: Arc::default(),
            organizations: moka::sync::Cache::new(EVENTS),
            last: moka::sync::Cache::builder().max_capacity(ORGANIZATIONS).time_to_idle(REMEMBERED).build(),
        }
    }
}

impl Changes {
    /// The organization of an event, if it is remembered.
    pub fn organization_of(&self, event: EventId) -> Option<OrganizationId> {
        self.organizations.get(&event)
    }

    /// The organization of an event.
    pub fn remember(&self, event: EventId, organization: OrganizationId) {
        self.organizations.insert(event, organization);
    }

    /// Before something is read: what changes from here on is later than this.
    pub fn now(&self) -> u64 {
        self.clock.load(Ordering::Acquire)
    }

    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// An event changed. False if it is not known of which organization it is: nothing but the last change of any event is
    /// noted then.
    pub fn note(&self, event: EventId) -> bool {
        let at = self.tick();
        self.any.fetch_max(at, Ordering::AcqRel);
        let organization = self.organization_of(event);
        if let Some(last) = organization.and_then(|organization| self.last.get(&organization)) {
            last.fetch_max(at, Ordering::AcqRel);
        }
        organization.is_some()
    }

    /// Anything may have changed: something was written that is no commit of an event, or messages were missed.
    pub fn note_all(&self) {
        self.all.fetch_max(self.tick(), Ordering::AcqRel);
    }

    /// The last change other than of events.
    pub fn last_of_all(&self) -> u64 {
        self.all.load(Ordering::Acquire)
    }

    /// The last change of an event of these organizations, or of any event (`None`), or of anything else. To be asked before
    /// what is read is shared: only from then on are the changes of an organization noted.
    pub fn last(&self, organizations: Option<&[OrganizationId]>) -> u64 {
        let last = |organization: &OrganizationId| {
            self.last
                .get_with(*organization, || Arc::new(AtomicU64::new(self.tick())))
                .load(Ordering::Acquire)
        };
        let of_events = match organizations {
            Some(organizations) => organizations.iter().map(last).max().unwrap_or_default(),
            None => self.any.load(Ordering::Acquire),
        };
        of_events.max(self.last_of_all())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const EVENT: EventId = EventId(Uuid::from_u128(1));
    const HERE: OrganizationId = OrganizationId(Uuid::from_u128(2));
    const ELSEWHERE: OrganizationId = OrganizationId(Uuid::from_u128(3));

    #[test]
    fn what_was_read_before_a_change_is_out_of_date_where_it_happened() {
        let changes = Changes::default();
        changes.remember(EVENT, HERE);
        let (here, elsewhere, both) = ([HERE], [ELSEWHERE], [ELSEWHERE, HERE]);
        assert!(changes.last(Some(&both)) <= changes.now(), "nothing has changed since");
        let read = changes.now();
        assert!(!changes.note(EventId(Uuid::nil())), "of no organization that is known");
        assert!(changes.note(EVENT));
        assert!(changes.last(Some(&here)) > read && changes.last(Some(&both)) > read);
        assert!(changes.last(None) > read);
        assert!(changes.last(Some(&elsewhere)) <= read, "nothing happened there");
        assert!(changes.last(Some(&here)) <= changes.now(), "what is read after it knows it");
    }

    #[test]
    fn after_other_changes_nothing_that_was_read_before_holds() {
        let changes = Changes::default();
        changes.last(Some(&[HERE]));
        let read = changes.now();
        changes.note_all();
        for organizations in [None, Some(&[HERE][..]), Some(&[])] {
            assert!(changes.last(organizations) > read);
        }
        assert!(changes.last_of_all() > read);
    }
}
