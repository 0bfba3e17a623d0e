//! Bad input: each case a clear 4xx by the contract, and nothing booked by it.

mod bodies;
mod seats;
mod strangers;
mod texts;
mod tokens;
mod transport;

use crate::raw::Raw;
use crate::support::Daemon;
use crate::support::books::Books;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use happening_core::id::EventId;
use happening_core::wire::Booking;

/// Five seats, of which the admin has the first one.
struct Scene {
    parts: Parts,
    daemon: Daemon,
    raw: Raw,
    organizer: Signed,
    admin: Signed,
    member: Signed,
    event: EventId,
    taken: Booking,
}

/// What a bad request must leave as it is.
#[derive(Debug, PartialEq, Eq)]
struct Untouched {
    taken: Vec<u32>,
    available: u32,
    name: String,
    version: u64,
    events: usize,
    bookings: usize,
    notifications: usize,
}

impl Scene {
    async fn set(parts: Parts) -> Self {
        let daemon = Daemon::start(&parts).await;
        let (organizer, admin, member) = (
            sign_in(&daemon, "organizer").await,
            sign_in(&daemon, "admin").await,
            sign_in(&daemon, "member").await,
        );
        let event = publish(&organizer, 5).await.id;
        let taken = book(&admin, event, 1).await;
        let raw = Raw::new(&daemon);
        Self { parts, daemon, raw, organizer, admin, member, event, taken }
    }

    async fn state(&self) -> Untouched {
        let map = self.organizer.client.seats(self.event).await.expect("seats");
        let event = map.event.expect("the event");
        let books = Books::of(&self.parts).await;
        Untouched {
            taken: map.taken,
            available: event.available_slots,
            name: event.name,
            version: event.version,
            events: books.events.len(),
            bookings: books.bookings.len(),
            notifications: books.notifications.len(),
        }
    }
}
