//! Promotions that people ask for: a turn of the line with what is free, or one party out of turn.

use super::{Caller, Error, Services};
use crate::booking::{CommitExtras, Decided, EngineError, Keyed, NOBODY};
use crate::idempotency::KeyGuard;
use crate::store::AuditEntry;
use futures::StreamExt as _;
use happening_core::booking::{Command, Outcome, Served};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{Promote, Promoted, Promotions};
use serde_json::json;

/// Waitlists that are served at a time.
const AT_ONCE: usize = 16;

impl Services {
    /// Serves an event's line by its policy with what is free now, or one party out of turn.
    pub async fn promote(
        &self,
        caller: &Caller,
        event: EventId,
        promote: Promote,
        key_guard: Option<KeyGuard>,
    ) -> Result<Promotions, Error> {
        let before = self.event(caller, event).await?;
        Self::must_run(caller, &before)?;
        self.must_be_active(caller, before.org_id).await?;
        if let Some(booking) = promote.booking_id {
            self.must_be_of(event, booking).await?;
        }
        let (action, command) = match promote.booking_id {
            None => ("event.waitlist_served", Command::Serve { by_hand: true }),
            Some(booking) => ("booking.promoted", Command::Promote { booking }),
        };
        let target = promote
            .booking_id
            .map_or_else(|| ("event", event.to_string()), |booking| ("booking", booking.to_string()));
        let new = promote.booking_id.map(|_| json!({ "event_id": event }));
        let entry = AuditEntry { action, organization: Some(before.org_id), target, old: None, new };
        let answer = move |decided: &Decided| answered(event, decided);
        let extras = CommitExtras {
            audit: Some(Box::new((self.actor(caller), entry))),
            keyed: key_guard.map(|key_guard| Keyed::new(key_guard, answer)),
            ..CommitExtras::default()
        };
        let decided = self.engine.submit_with(event, command, caller.user()?.id, extras).await?;
        answer(&decided).ok_or_else(Error::internal)
    }

    /// Serves the waitlists of events that somebody left because of a right that they lost, whose commit is made. Nobody who
    /// comes takes what is owed to the waitlist meanwhile. What cannot be served now is served with the next command on the
    /// event.
    pub(super) async fn serve_lines(&self, events: &[EventId]) {
        if events.is_empty() {
            return;
        }
        self.count_lines(events).await;
        let serve = async |event: EventId| match self
            .engine
            .submit(event, Command::Serve { by_hand: false }, NOBODY)
            .await
        {
            // At an event that gives no seats nobody is served.
            Ok(_) | Err(EngineError::Refused(_) | EngineError::UnknownEvent) => {}
            Err(error) => {
                tracing::warn!(%event, %error, "a waitlist that somebody left is not served for now");
            }
        };
        futures::stream::iter(events.iter().copied()).for_each_concurrent(AT_ONCE, serve).await;
    }

    /// Sets the counters of events whose waitlist was changed beside the engine. If they do not answer, the reconciler does
    /// it later.
    async fn count_lines(&self, events: &[EventId]) {
        if self.counters_liveness.is_down() {
            return;
        }
        let Ok(snapshots) = self.store.snapshots(events).await else { return };
        if let Err(error) = self.counters.restore(&snapshots, false).await {
            self.counters_liveness.miss(&error);
        }
    }

    /// A booking of another event is one that does not exist here.
    async fn must_be_of(&self, event: EventId, booking: BookingId) -> Result<(), Error> {
        let found = self.store.find_booking(booking).await?;
        let found = found.filter(|found| found.event_id == event);
        found.map(drop).ok_or_else(|| Error::not_found("booking"))
    }
}

fn answered(event_id: EventId, decided: &Decided) -> Option<Promotions> {
    let Outcome::Served { parties } = &decided.outcome else { return None };
    let promoted = parties.iter().map(|served: &Served| Promoted {
        booking_id: served.waiting,
        confirmed_booking_id: served.booking,
        user_id: served.user,
        waiting_number: served.place.into(),
        seats: served.seats.to_vec(),
        rest: served.rest,
    });
    Some(Promotions { event_id, promoted: promoted.collect() })
}
