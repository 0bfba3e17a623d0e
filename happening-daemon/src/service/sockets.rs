//! What sockets may do: pick seats. Who holds is the socket itself, and its person if it has said who that is.

use super::{Error, Services};
use crate::holds::{Holder, SetHolds};
use happening_core::id::EventId;
use happening_core::wire::ErrorCode;

impl Services {
    /// The socket's holds become these seats, less what others hold. The rooms are told by the caller, after its answer.
    pub async fn set_socket_holds(
        &self,
        event: EventId,
        holder: &Holder,
        seats: &[u32],
        most: u32,
    ) -> Result<SetHolds, Error> {
        if seats.len() > most as usize {
            let why = format!("One socket may hold {most} seats at an event: nothing was changed.");
            return Err(Error::new(ErrorCode::ValidationFailed, why));
        }
        let total = self.seats_of(event).await?;
        if seats.iter().any(|seat| !(1..=total).contains(seat)) {
            return Err(Error::new(
                ErrorCode::InvalidSeatNumbers,
                format!("Seats are numbered from 1 to {total}: nothing was changed."),
            ));
        }
        self.must_hold_few_beside(event, holder, seats.len()).await?;
        let held = self.ask_holds(self.holds.set(event, holder, seats, self.hold_rules.ttl)).await?;
        // The mirror knows before the answer leaves: whoever has it may count on it.
        let _ = self.list_holds(event).await;
        Ok(held)
    }

    /// Whatever the socket holds lasts longer. The room is told what is held, whether or not that changed.
    pub async fn extend_socket_holds(&self, event: EventId, holder: &Holder) -> Result<(), Error> {
        self.seats_of(event).await?;
        self.ask_holds(self.holds.extend(event, holder, self.hold_rules.ttl)).await?;
        self.live.holds_changed(event);
        Ok(())
    }

    /// The socket holds nothing any more. The room is told.
    pub async fn release_socket_holds(&self, event: EventId, holder: &Holder) -> Result<(), Error> {
        self.ask_holds(self.holds.release(event, holder)).await?;
        self.live.holds_changed(event);
        Ok(())
    }

    /// Seats of an event that are held, ascending.
    pub async fn held_seats(&self, event: EventId) -> Result<Vec<u32>, Error> {
        self.seats_of(event).await?;
        Ok(self.list_holds(event).await?.into_iter().map(|hold| hold.seat).collect())
    }

    /// How many seats an event has. Remembered for a moment: sockets ask often.
    async fn seats_of(&self, event: EventId) -> Result<u32, Error> {
        if let Some(total) = self.totals.get(&event) {
            return Ok(total);
        }
        self.must_be_up()?;
        let found = self.store.find_event(event).await?.ok_or_else(|| Error::not_found("event"))?;
        self.totals.insert(event, found.total_slots);
        Ok(found.total_slots)
    }
}
