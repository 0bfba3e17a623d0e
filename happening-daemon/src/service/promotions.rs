//! Promotions that people ask for: a turn of the line with what is free, or one party out of turn.

use super::{Caller, Error, Services};
use crate::booking::{Decided, Enclosure, Keyed};
use crate::idempotency::Claim;
use crate::store::AuditEntry;
use happening_core::booking::{Command, Outcome, Served};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{Promote, Promoted, Promotions};
use serde_json::json;

impl Services {
    /// Serves an event's line by its policy with what is free now, or one party out of turn.
    pub async fn promote(
        &self,
        caller: &Caller,
        event: EventId,
        promote: Promote,
        claim: Option<Claim>,
    ) -> Result<Promotions, Error> {
        let before = self.event(caller, event).await?;
        Self::must_run(caller, &before)?;
        self.must_be_active(caller, before.org_id).await?;
        if let Some(booking) = promote.booking_id {
            self.must_be_of(event, booking).await?;
        }
        let (action, command) = match promote.booking_id {
            None => ("event.waitlist_served", Command::Serve),
            Some(booking) => ("booking.promoted", Command::Promote { booking }),
        };
        let target = promote
            .booking_id
            .map_or_else(|| ("event", event.to_string()), |booking| ("booking", booking.to_string()));
        let new = promote.booking_id.map(|_| json!({ "event_id": event }));
        let entry = AuditEntry { action, organization: Some(before.org_id), target, old: None, new };
        let answer = move |decided: &Decided| answered(event, decided);
        let enclosure = Enclosure {
            audit: Some(Box::new((self.actor(caller), entry))),
            keyed: claim.map(|claim| Keyed::new(claim, answer)),
            ..Enclosure::default()
        };
        let decided = self.engine.submit_with(event, command, caller.user()?.id, enclosure).await?;
        answer(&decided).ok_or_else(Error::internal)
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
        waiting_number: served.number,
        seats: served.seats.to_vec(),
        rest: served.rest,
    });
    Some(Promotions { event_id, promoted: promoted.collect() })
}
