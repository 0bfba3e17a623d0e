//! What the daemon says of an event after the crowd has gone.

use super::crowd::Tally;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use happening_core::client::{Client, ClientError};
use happening_core::id::{BookingId, EventId, UserId};
use happening_core::wire::{
    BookingStatus, BookingsQuery, ErrorCode, Event, EventBooking, InspectedEvent, Notification, SeatMap,
    WaitingParty,
};
use std::collections::HashSet;
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

/// Histories that are asked for at once.
const AT_ONCE: usize = 16;

/// What the history says of a waiting party whose person gave back as many seats of the part that it had got.
const GAVE_BACK: &str = "its person gave seats back";

/// All of it, as it was at one version of the event.
pub struct Books {
    pub event: Event,
    pub seats: SeatMap,
    pub bookings: Vec<EventBooking>,
    /// Those who wait; the first of them, if they are many.
    pub waitlist: Vec<WaitingParty>,
    /// The newest ones of the person who booked.
    pub notifications: Vec<Notification>,
    /// Bookings that were answered as waiting, and left the line because their person gave seats back.
    pub gave_back: HashSet<BookingId>,
    /// Absent where the caller may not see them.
    pub counters: Option<InspectedEvent>,
}

impl Books {
    /// Reads them, again if somebody books meanwhile.
    pub async fn read(
        client: &Client,
        event: EventId,
        me: UserId,
        tally: &Tally,
    ) -> Result<Self, ClientError> {
        if tally.unknown > 0 {
            sleep(SETTLING).await;
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let books = Self::read_once(client, event, me, tally).await?;
            let is_whole = client.event(event).await?.version == books.event.version;
            let agrees = books.counters.as_ref().is_none_or(|counters| counters.agrees);
            if is_whole && agrees || Instant::now() >= deadline {
                return Ok(books);
            }
            sleep(PAUSE).await;
        }
    }

    async fn read_once(
        client: &Client,
        event: EventId,
        me: UserId,
        tally: &Tally,
    ) -> Result<Self, ClientError> {
        let bookings = bookings(client, event).await?;
        Ok(Self {
            gave_back: gave_back(client, &bookings, tally).await?,
            event: client.event(event).await?,
            seats: client.seats(event).await?,
            bookings,
            waitlist: client.waitlist(event).await?,
            notifications: client.notifications_of(me).await?,
            counters: match client.inspect_event(event).await {
                Err(error) if error.code() == Some(ErrorCode::Forbidden) => None,
                inspected => Some(inspected?),
            },
        })
    }
}

/// Which of those that nobody cancelled left the line because their person gave seats back: their history says so.
async fn gave_back(
    client: &Client,
    bookings: &[EventBooking],
    tally: &Tally,
) -> Result<HashSet<BookingId>, ClientError> {
    let waited = tally.told.iter().filter(|told| told.waited() && told.cancelled.is_none());
    let waited: HashSet<BookingId> = waited.map(|told| told.booking.id).collect();
    let left = bookings
        .iter()
        .map(|found| &found.booking)
        .filter(|booking| booking.status == BookingStatus::Cancelled && waited.contains(&booking.id));
    let left: Vec<BookingId> = left.map(|booking| booking.id).collect();
    let histories = stream::iter(left).map(|id| async move {
        let history = client.booking_history(id).await?;
        let gave_back = history
            .last()
            .is_some_and(|last| last.action == "left_waitlist" && last.reason.as_deref() == Some(GAVE_BACK));
        Ok::<_, ClientError>(gave_back.then_some(id))
    });
    let found: Vec<Option<BookingId>> = histories.buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
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
