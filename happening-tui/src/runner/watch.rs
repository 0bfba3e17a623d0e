//! Keeping a subject fresh. Today by asking every two seconds; a stream of changes takes this file's place without
//! anything else noticing.

use super::Seat;
use crate::effect::Subject;
use crate::message::{Message, Snapshot};
use crate::model::EventSnapshot;
use crate::trouble::{Trouble, TroubleKind};
use happening_core::client::{Client, ClientError};
use happening_core::id::EventId;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// From one look to the next.
const EVERY: Duration = Duration::from_secs(2);

pub async fn run(seat: Arc<Seat>, watch: u32, subject: Subject) {
    let mut time = interval(EVERY);
    // A daemon that was slow is not asked twice in a row for it.
    time.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        time.tick().await;
        let Some(client) = seat.client() else { return };
        match look(&client, subject).await {
            Ok(snapshot) => seat.tell(Message::Fresh { watch, snapshot }).await,
            Err(error) => {
                let trouble = Trouble::from(&error);
                let over = trouble.kind == TroubleKind::SignedOut;
                seat.tell(Message::Stale { watch, trouble }).await;
                if over {
                    return;
                }
            }
        }
    }
}

async fn look(client: &Client, subject: Subject) -> Result<Snapshot, ClientError> {
    match subject {
        Subject::Events => client.events(None, None).await.map(Snapshot::Events),
        Subject::Event(id) => event(client, id).await.map(|event| Snapshot::Event(Box::new(event))),
    }
}

async fn event(client: &Client, id: EventId) -> Result<EventSnapshot, ClientError> {
    let (seats, waitlist) = tokio::join!(client.seats(id), client.waitlist(id));
    let mut seats = seats?;
    let event = match seats.event.take() {
        Some(event) => event,
        None => client.event(id).await?,
    };
    // Who may see the seats need not be allowed to see who waits.
    let waitlist = match waitlist {
        Err(error) => match Trouble::from(&error) {
            trouble if trouble.kind == TroubleKind::Refused => Err(trouble),
            _ => return Err(error),
        },
        Ok(parties) => Ok(parties),
    };
    Ok(EventSnapshot::new(event, &seats, waitlist))
}
