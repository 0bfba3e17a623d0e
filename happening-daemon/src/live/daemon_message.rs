//! Messages between daemons, and how they are sent and received: JSON, a list of messages at a time.

use super::broadcast::{Broadcast, Received};
use super::commit::Commit;
use super::hub::Input;
use crate::holds::{Hold, HoldList, Holder};
use happening_core::id::EventId;
use happening_core::wire::InviteTold;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Messages sent in one.
const TOGETHER: usize = 256;

/// One message to the other daemons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DaemonMessage {
    /// A commit.
    Commit(Arc<Commit>),
    /// Which seats of an event are held now, and by whom.
    Holds {
        event: EventId,
        holds: Vec<HeldElsewhere>,
        /// The order of the list: see [`HoldList::order`].
        order: u64,
    },
    /// Somebody was invited.
    Invite { email: String, invite: InviteTold },
    /// Requests were counted: see `http/rate_limit.rs`.
    Taken(Taken),
}

/// What was taken from the buckets of rate limits at another daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Whose: several installations may share one Redis.
    pub installation: Uuid,
    /// From which buckets.
    pub buckets: Vec<TakenFrom>,
}

/// So much was taken from one bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenFrom {
    /// Which limit.
    pub limit: String,
    /// Whose bucket.
    pub key: String,
    /// How many requests.
    pub count: u32,
}

impl DaemonMessage {
    /// All holds of an event.
    pub(super) fn holds(event: EventId, list: &HoldList) -> Self {
        let holds = list.holds.iter().map(HeldElsewhere::from).collect();
        Self::Holds { event, holds, order: list.order }
    }
}

/// A hold as it is sent to other daemons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeldElsewhere {
    pub seat: u32,
    pub holder: String,
    pub expires_in_ms: u64,
}

impl From<&Hold> for HeldElsewhere {
    fn from(hold: &Hold) -> Self {
        Self {
            seat: hold.seat,
            holder: hold.holder.to_string(),
            expires_in_ms: u64::try_from(hold.expires_in.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl From<HeldElsewhere> for Hold {
    fn from(held: HeldElsewhere) -> Self {
        Self {
            seat: held.seat,
            holder: Holder::parse(&held.holder),
            expires_in: Duration::from_millis(held.expires_in_ms),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    from: Uuid,
    outgoing_messages: Vec<DaemonMessage>,
}

/// Sends what comes, until there is nobody to send for. What cannot be sent shows as a gap.
pub(super) async fn send(
    broadcast: Arc<dyn Broadcast>,
    from: Uuid,
    mut outgoing_messages: mpsc::Receiver<DaemonMessage>,
) {
    let mut together = Vec::new();
    while outgoing_messages.recv_many(&mut together, TOGETHER).await > 0 {
        send_all(broadcast.as_ref(), from, std::mem::take(&mut together)).await;
    }
}

/// Sends one message at once.
pub(super) async fn send_one(broadcast: &dyn Broadcast, from: Uuid, message: DaemonMessage) {
    send_all(broadcast, from, vec![message]).await;
}

async fn send_all(broadcast: &dyn Broadcast, from: Uuid, outgoing_messages: Vec<DaemonMessage>) {
    let Ok(text) = serde_json::to_string(&Envelope { from, outgoing_messages }) else { return };
    if let Err(error) = broadcast.send(&text).await {
        tracing::debug!(%error, "the message to other daemons could not be sent");
    }
}

/// Hands what others sent to the hub.
pub(super) async fn receive(broadcast: Arc<dyn Broadcast>, own: Uuid, hub: mpsc::Sender<Input>) {
    let (sender, mut heard) = mpsc::channel(TOGETHER);
    let hearing = broadcast.hear(sender);
    let handing_on = async {
        while let Some(heard) = heard.recv().await {
            let inputs = match heard {
                Received::Gap => vec![Input::Gap],
                Received::Message(text) => match serde_json::from_str::<Envelope>(&text) {
                    Ok(envelope) if envelope.from == own => continue,
                    Ok(envelope) => {
                        envelope.outgoing_messages.into_iter().map(Input::DaemonMessage).collect()
                    }
                    // A newer daemon's words, or somebody else's: what matters of it is in the store.
                    Err(_) => vec![Input::Gap],
                },
            };
            for input in inputs {
                if hub.send(input).await.is_err() {
                    return;
                }
            }
        }
    };
    tokio::join!(hearing, handing_on);
}
