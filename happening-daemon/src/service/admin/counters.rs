//! The counters beside the truth.

use super::drift;
use crate::counters::SHOWN;
use crate::service::{Caller, Error, Services};
use happening_core::id::EventId;
use happening_core::wire::{HeldSeat, InspectedEvent, KeysPage, KeysQuery, StoreSays};

/// Longest pattern, in bytes.
const LONGEST_PATTERN: usize = 500;

impl Services {
    /// What the counters hold of an event, and what the truth is.
    pub async fn inspect_event(&self, caller: &Caller, event: EventId) -> Result<InspectedEvent, Error> {
        caller.must_be_staff()?;
        self.must_be_up()?;
        // The counters before the truth, so that what is honest is never ahead of it.
        let said = self.counters.inspect(event).await;
        let observed = self.reconciliation().observe(&[event]).await;
        let totals = self.store.list_event_totals(Some(event), None, 1).await?;
        let totals = totals.into_iter().next().ok_or_else(|| Error::not_found("event"))?;
        let snapshot = self.store.snapshots(&[event]).await?.into_iter().next();
        let snapshot = snapshot.ok_or_else(|| Error::not_found("event"))?;
        let counters = match said {
            Ok(said) => said,
            Err(error) => {
                self.counters_liveness.miss(&error);
                return Err(Error::unavailable());
            }
        };
        let holds = self.shown_holds(event).await?;
        let drifts = drift::of_counters(&totals, &snapshot, &observed?[0]);
        Ok(InspectedEvent {
            event_id: event,
            name: totals.name,
            kind: self.counters.kind().to_owned(),
            counters,
            store: StoreSays {
                total_slots: totals.total,
                booked: totals.booked,
                slots: snapshot.mark.available,
                version: snapshot.mark.version,
                waiting: snapshot.waitlist.len() as u64,
                waitlist: snapshot.waitlist.into_iter().take(SHOWN).collect(),
            },
            holds,
            agrees: drifts.is_empty(),
            drifts,
        })
    }

    /// Who is picking which seats. Not under which token: with it anybody may end the hold.
    async fn shown_holds(&self, event: EventId) -> Result<Vec<HeldSeat>, Error> {
        let holds = self.holds.list(event).await.map_err(|error| {
            tracing::warn!(%error, "holds could not be listed");
            Error::unavailable()
        })?;
        let taken = self.store.find_seats(event).await?.map(|seats| seats.taken).unwrap_or_default();
        let shown = holds.holds.into_iter().map(|hold| HeldSeat {
            seat: hold.seat,
            user_id: hold.holder.user(),
            ttl_ms: u64::try_from(hold.expires_in.as_millis()).unwrap_or(u64::MAX),
            booked: taken.binary_search(&hold.seat).is_ok(),
        });
        Ok(shown.collect())
    }

    /// Some keys of the counters.
    pub async fn counter_keys(&self, caller: &Caller, query: &KeysQuery) -> Result<KeysPage, Error> {
        caller.must_be_staff()?;
        let pattern = query.pattern.as_deref().unwrap_or("event:*");
        if pattern.len() > LONGEST_PATTERN {
            return Err(Error::invalid("match", format!("must have at most {LONGEST_PATTERN} bytes")));
        }
        if self.counters_liveness.is_down() {
            return Err(Error::unavailable());
        }
        self.counters.keys(pattern, query.cursor.unwrap_or(0)).await.map_err(|error| {
            self.counters_liveness.miss(&error);
            Error::unavailable()
        })
    }
}
