//! Asks the daemon what a screen wants to know.

use super::TaskContext;
use crate::feed::{Answer, Query};
use crate::message::Message;
use crate::trouble::{Trouble, TroubleKind};
use happening_core::client::{Client, ClientError, Page};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{
    AuditQuery, BookingsQuery, FoundUser, KeysQuery, NotificationsQuery, ParkedQuery, UndeliveredQuery,
    UsersQuery,
};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// People that are shown of a search.
const MOST_PEOPLE: u32 = 200;

/// Keys that are shown, and pieces that are gone through for them.
const MOST_KEYS: usize = 2_000;
const MOST_PIECES: usize = 200;

/// Rows of a list that are read.
const MOST_ROWS: usize = 20_000;

pub async fn run(context: Arc<TaskContext>, attempt: u32, query: Query) {
    let answer = match context.client() {
        Some(client) => ask(&client, &query).await.map_err(|error| Trouble::from(&error)),
        None => Err(Trouble::new(TroubleKind::SignedOut, "nobody is signed in")),
    };
    context.tell(Message::Answered { attempt, query, answer }).await;
}

async fn ask(client: &Client, query: &Query) -> Result<Answer, ClientError> {
    Ok(match query {
        Query::Events => Answer::Events(client.events(None, None).await?),
        Query::Organizations => Answer::Organizations(client.organizations().await?),
        Query::Members(id) => Answer::Members(client.members(*id).await?),
        Query::Invites(id) => Answer::Invites(client.invites_of(*id).await?),
        Query::ServiceAccounts(id) => Answer::ServiceAccounts(client.service_accounts(*id).await?),
        Query::Seats(id) => seats(client, *id).await?,
        Query::Line(id) => Answer::Line(client.waitlist(*id).await?),
        Query::BookingsAt(id) => bookings_at(client, *id).await?,
        Query::People(text) => Answer::People(people(client, text).await?),
        Query::BookingsOf(id) => Answer::BookingsOf(client.bookings_of(*id).await?),
        Query::Told(id) => {
            let page = NotificationsQuery { limit: Some(500), ..NotificationsQuery::default() };
            Answer::Told(client.find_notifications_of(*id, &page).await?.items)
        }
        Query::Booking(id) => {
            let (booking, history) = tokio::join!(client.booking(*id), client.booking_history(*id));
            Answer::Booking(Box::new(booking?), history?)
        }
        Query::Why(id) => Answer::Why(Box::new(client.why(*id).await?)),
        Query::Status => Answer::Status(Box::new(client.admin_status().await?)),
        Query::Queue => Answer::Queue(Box::new(client.queue_status().await?)),
        Query::Parked => {
            Answer::Parked(client.parked(&ParkedQuery { limit: Some(1_000), cursor: None }).await?)
        }
        Query::Undelivered => {
            let query = UndeliveredQuery { limit: Some(1_000), cursor: None };
            Answer::Undelivered(client.undelivered(&query).await?.items)
        }
        Query::Drifts => Answer::Drifts(client.examine(None).await?),
        Query::Inspect(id) => Answer::Inspect(Box::new(client.inspect_event(*id).await?)),
        Query::Keys(pattern) => keys(client, pattern).await?,
        Query::Audit(wanted) => {
            let query = AuditQuery {
                action: wanted.action.clone(),
                actor: wanted.actor,
                target: wanted.target.clone(),
                before: None,
                limit: Some(500),
            };
            Answer::Audit(client.audit(&query).await?.items)
        }
        Query::Job(id) => Answer::Job(Box::new(client.job(*id).await?)),
    })
}

async fn seats(client: &Client, id: EventId) -> Result<Answer, ClientError> {
    let mut seats = client.seats(id).await?;
    let event = match seats.event.take() {
        Some(event) => event,
        None => client.event(id).await?,
    };
    Ok(Answer::Seats(Box::new(event), Box::new(seats)))
}

/// All bookings of an event, up to a number that no person reads.
async fn bookings_at(client: &Client, id: EventId) -> Result<Answer, ClientError> {
    let query = BookingsQuery { limit: Some(5_000), ..BookingsQuery::default() };
    let (bookings, more) = whole(client, client.find_bookings(id, &query).await?).await?;
    Ok(Answer::BookingsAt(bookings, more))
}

/// The pages of a list, and whether there are more.
async fn whole<T: DeserializeOwned>(client: &Client, first: Page<T>) -> Result<(Vec<T>, bool), ClientError> {
    let (mut items, mut next) = (first.items, first.next);
    while let Some(address) = next.take().filter(|_| items.len() < MOST_ROWS) {
        let page: Page<T> = client.next_page(&address).await?;
        items.extend(page.items);
        next = page.next;
    }
    Ok((items, next.is_some()))
}

/// People by name or address; by the id of a booking, whose it is.
async fn people(client: &Client, text: &str) -> Result<Vec<FoundUser>, ClientError> {
    let text = text.trim();
    if let Ok(id) = text.parse::<BookingId>() {
        let user = match client.booking(id).await {
            Ok(booking) => booking.user_id,
            Err(error) if Trouble::from(&error).kind == TroubleKind::Gone => happening_core::id::UserId(id.0),
            Err(error) => return Err(error),
        };
        return match client.user(user).await {
            Ok(user) => Ok(vec![FoundUser::from(user)]),
            Err(error) if Trouble::from(&error).kind == TroubleKind::Gone => Ok(Vec::new()),
            Err(error) => Err(error),
        };
    }
    let search = (!text.is_empty()).then(|| text.to_owned());
    let query = UsersQuery { search, limit: Some(MOST_PEOPLE), ..UsersQuery::default() };
    client.users(&query).await
}

async fn keys(client: &Client, pattern: &str) -> Result<Answer, ClientError> {
    let mut query = KeysQuery { pattern: Some(pattern.to_owned()), cursor: None };
    let mut keys = Vec::new();
    for _ in 0..MOST_PIECES {
        let page = client.counter_keys(&query).await?;
        keys.extend(page.keys);
        query.cursor = page.cursor;
        if query.cursor.is_none() || keys.len() >= MOST_KEYS {
            break;
        }
    }
    // As with SCAN, a key may come twice.
    keys.sort_by(|one, other| one.key.cmp(&other.key));
    keys.dedup_by(|one, other| one.key == other.key);
    Ok(Answer::Keys(keys, query.cursor.is_some()))
}
