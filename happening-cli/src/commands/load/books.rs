//! What the daemon says of an event after the crowd has gone.

use happening_core::client::{Client, ClientError};
use happening_core::id::{BookingId, EventId, UserId};
use happening_core::wire::{
    BookingsQuery, ErrorCode, Event, EventBooking, InspectedEvent, Notification, SeatMap, WaitingParty,
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Bookings in one answer, and the longest list that is answered whole.
pub const PAGE: usize = 5_000;

/// For requests of unknown fate to be done or given up.
const SETTLING: Duration = Duration::from_secs(2);

/// Within which the counters follow the truth.
const PATIENCE: Duration = Duration::from_secs(5);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// All of it, as it was at one version of the event.
pub struct Books {
    pub event: Event,
    pub seats: SeatMap,
    pub bookings: Vec<EventBooking>,
    /// Those who wait; the first of them, if they are many.
    pub waitlist: Vec<WaitingParty>,
    /// The newest ones of the person who booked.
    pub notifications: Vec<Notification>,
    /// Absent where the caller may not see them.
    pub counters: Option<InspectedEvent>,
}

impl Books {
    /// Reads them, again if somebody books meanwhile.
    pub async fn read(
        client: &Client,
        event: EventId,
        me: UserId,
        is_unsettled: bool,
    ) -> Result<Self, ClientError> {
        if is_unsettled {
            sleep(SETTLING).await;
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let books = Self::read_once(client, event, me).await?;
            let is_whole = client.event(event).await?.version == books.event.version;
            let agrees = books.counters.as_ref().is_none_or(|counters| counters.agrees);
            if is_whole && agrees || Instant::now() >= deadline {
                return Ok(books);
            }
            sleep(PAUSE).await;
        }
    }

    async fn read_once(client: &Client, event: EventId, me: UserId) -> Result<Self, ClientError> {
        Ok(Self {
            event: client.event(event).await?,
            seats: client.seats(event).await?,
            bookings: bookings(client, event).await?,
            waitlist: client.waitlist(event).await?,
            notifications: client.notifications_of(me).await?,
            counters: match client.inspect_event(event).await {
                Err(error) if error.code() == Some(ErrorCode::Forbidden) => None,
                inspected => Some(inspected?),
            },
        })
    }
}

async fn bookings(client: &Client, event: EventId) -> Result<Vec<EventBooking>, ClientError> {
    let (mut all, mut cursor) = (Vec::new(), None::<BookingId>);
    loop {
        let limit = u32::try_from(PAGE).ok();
        let query = BookingsQuery { limit, cursor, ..BookingsQuery::default() };
        let page = client.bookings_at(event, &query).await?;
        let is_last = page.len() < PAGE;
        cursor = page.last().map(|last| last.booking.id);
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}
