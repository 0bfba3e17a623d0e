//! The engine of a dry run: the rules decide on copies of the committed states, and nothing is written.
//!
//! A copy is made when an event is first needed and kept until the dry run ends, so that what takes several commands is
//! tried as a whole. Nothing runs beside it: a panic here is one of the request.

use super::{CommitExtras, Decided, Engine, EngineError, EngineParts};
use crate::ids::Ids;
use crate::store::{Details, Store, StoreError};
use chrono::{DateTime, Utc};
use happening_core::booking::{Command, Context, EventState, Limits};
use happening_core::clock::Clock;
use happening_core::id::EventId;
use happening_core::wire::Event;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use tokio::sync::Mutex;

pub(super) struct Foresight {
    engine: Engine,
    store: Arc<dyn Store>,
    clock: Clock,
    ids: Ids,
    limits: Limits,
    events: Mutex<HashMap<EventId, Foreseen>>,
}

/// An event as it would be.
struct Foreseen {
    state: Arc<EventState>,
    details: Details,
    at: Option<DateTime<Utc>>,
}

impl Foresight {
    pub(super) fn new(engine: Engine, parts: &EngineParts) -> Self {
        let EngineParts { store, clock, ids, limits, .. } = parts.clone();
        Self { engine, store, clock, ids, limits, events: Mutex::default() }
    }

    pub(super) async fn decide(
        &self,
        event: EventId,
        command: &Command,
        extras: CommitExtras,
    ) -> Result<Decided, EngineError> {
        let now = self.clock.now();
        let mut events = self.events.lock().await;
        let foreseen = match events.entry(event) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let state = self.committed(event).await?;
                place.insert(Foreseen { state, details: Details::default(), at: None })
            }
        };
        let state = Arc::make_mut(&mut foreseen.state);
        let mut changes = Vec::new();
        let context = Context { now, limits: extras.limits(self.limits) };
        let outcome = state.decide(command, &context, &mut changes, &mut || self.ids.booking())?;
        if !changes.is_empty() {
            state.settle(state.version() + 1);
            foreseen.at = Some(now);
        }
        foreseen.details.overlay(extras.details);
        Ok(Decided { outcome, at: now })
    }

    /// The event as it is committed, by whichever daemon.
    async fn committed(&self, event: EventId) -> Result<Arc<EventState>, EngineError> {
        let versions = self.store.versions(&[event]).await.map_err(unreadable)?;
        let (_, version) = versions.first().ok_or(EngineError::UnknownEvent)?;
        if let Some(state) = self.engine.copy(event).await.filter(|state| state.version() >= *version) {
            return Ok(state);
        }
        let state = self.store.load(event).await.map_err(unreadable)?;
        state.map(Arc::new).ok_or(EngineError::UnknownEvent)
    }

    /// An event as it would be read after what was decided.
    pub(super) async fn after_dry_run(&self, mut event: Event) -> Result<Event, StoreError> {
        let events = self.events.lock().await;
        let Some(Foreseen { state, details, at: Some(at) }) = events.get(&event.id) else {
            return Ok(event);
        };
        let terms = state.terms();
        event.total_slots = terms.capacity;
        event.available_slots = state.seats().free();
        event.status = terms.status;
        event.event_date = terms.starts_at;
        event.event_end = details.ends_at.or(event.event_end);
        event.bookings_close_at = terms.bookings_close_at;
        event.waitlist_policy = terms.policy;
        event.bypass_limit = terms.bypass_limit;
        event.waitlist_limit = terms.waitlist_limit;
        event.max_seats_per_booking = terms.max_seats;
        event.sales_paused = terms.sales_paused;
        event.waiting = super::attempt::waiting(state);
        event.version = state.version();
        event.updated_at = *at;
        event.name = details.name.clone().unwrap_or(event.name);
        event.description = details.description.clone().unwrap_or(event.description);
        event.category = details.category.unwrap_or(event.category);
        if let Some(organizer) = details.created_by.filter(|organizer| *organizer != event.created_by) {
            let person = self.store.find_user(organizer).await?;
            event.created_by = organizer;
            event.organizer_username = person.as_ref().map(|person| person.username.clone());
            event.organizer_first_name = person.as_ref().and_then(|person| person.first_name.clone());
            event.organizer_last_name = person.as_ref().and_then(|person| person.last_name.clone());
            event.organizer_email = person.map(|person| person.email);
        }
        Ok(event)
    }
}

fn unreadable(error: StoreError) -> EngineError {
    match error {
        StoreError::Defect(reason) => {
            tracing::error!(%reason, "cannot read an event");
            EngineError::Defect
        }
        _ => EngineError::Unavailable,
    }
}
