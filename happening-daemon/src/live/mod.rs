//! What happens, published to those who watch: rooms of events, and the operators' view of everything.
//!
//! ```text
//!  engine ──▶ Live::publish ──▶ hub ──▶ rooms ──▶ listeners (sockets, streams)
//!                             ▲  └──▶ daemon_message ──▶ broadcast (Redis pub/sub) ──▶ other daemons' hubs
//! ```
//!
//! The engine publishes a commit once it is made, and not before. One task, the hub, owns the rooms; it waits for no one. A
//! listener has a bounded queue; one that does not keep up is dropped, and knows by the end of its queue. While nobody
//! listens a commit costs two loads of an atomic.
//!
//! Nothing here is trusted: the broadcast may lose messages, the hub may be overrun. Each room knows its event's version,
//! so what is missing shows, at the latest when the versions are compared with the store's, each second; then the event is
//! read and the room is sent the difference.
//!
//! To publish something new: a [`commit::Step`] if it comes with a commit, else an input of `hub.rs`; its message in
//! `happening_core::wire::LiveMessage`.

pub mod broadcast;
mod changes;
mod commit;
#[cfg(test)]
mod contract;
mod daemon_message;
mod hub;
pub mod memory;
mod overview;
pub mod redis;
mod room;
mod stream_entry;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod versions;

pub use changes::Changes;
pub use commit::{Commit, Step, steps};
pub use daemon_message::{Taken, TakenFrom};
pub use hub::Start;
pub use overview::WatchedPart;
pub use room::Seen;
pub use stream_entry::{StreamEntry, StreamEntryId};
pub use versions::Versions;

use crate::holds::{HoldList, HoldMirror, Holds};
use crate::lifecycle::Lifecycle;
use crate::liveness::Liveness;
use crate::store::Store;
use broadcast::Broadcast;
use daemon_message::DaemonMessage;
use happening_core::clock::Clock;
use happening_core::id::EventId;
use happening_core::wire::{InviteTold, Metrics};
use hub::{Hub, Input};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Inputs that may wait for the hub. More, and the rooms are read anew instead.
const INPUTS: usize = 8_192;

/// Messages that may wait for a listener: all that a room keeps for those who come back, and some more.
const ENTRIES: usize = 1_536;

/// Messages that may wait to be sent to other daemons.
const POSTS: usize = 4_096;

/// Invites that a slow layer of sockets may be behind.
const INVITES: usize = 256;

/// Messages of other daemons about rates that this one may be behind.
const TAKEN: usize = 256;

/// How long a listener waits for an event to be read.
const PATIENCE: Duration = Duration::from_secs(4);

/// What the hub works with.
#[derive(Clone)]
pub struct LiveParts {
    /// The truth.
    pub store: Arc<dyn Store>,
    /// Whether it answers.
    pub store_liveness: Liveness,
    /// Seats that somebody picks.
    pub holds: Arc<dyn Holds>,
    /// What this daemon knows of them.
    pub mirror: Arc<HoldMirror>,
    /// Between daemons.
    pub broadcast: Arc<dyn Broadcast>,
    /// Parts whose health operators watch.
    pub watched: Vec<WatchedPart>,
    /// Time.
    pub clock: Clock,
    /// Names this daemon among the others.
    pub id: Uuid,
    /// Names this run of it, in the ids of the operators' stream.
    pub run: u64,
}

/// Why nobody can be listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// There is no such event.
    #[error("there is no such event")]
    Absent,
    /// The event could not be read.
    #[error("the event cannot be read right now")]
    Unavailable,
}

/// Somebody's queue of messages. Its end means that the listener did not keep up.
pub struct Listener(mpsc::Receiver<Arc<StreamEntry>>);

impl Listener {
    /// The next message.
    pub async fn next(&mut self) -> Option<Arc<StreamEntry>> {
        self.0.recv().await
    }

    /// A message that is there already.
    pub fn try_next(&mut self) -> Option<Arc<StreamEntry>> {
        self.0.try_recv().ok()
    }
}

/// What the hub and its door share.
struct Inner {
    hub: mpsc::Sender<Input>,
    outgoing_messages: mpsc::Sender<DaemonMessage>,
    broadcast: Arc<dyn Broadcast>,
    versions: Versions,
    changes: Changes,
    invites: tokio::sync::broadcast::Sender<(String, InviteTold)>,
    taken: tokio::sync::broadcast::Sender<Arc<Taken>>,
    /// Whether there are rooms, or operators who watch.
    is_active: AtomicBool,
    /// Whether operators watch.
    is_overview_open: AtomicBool,
    /// Listeners on their way to the hub.
    asking: AtomicUsize,
    /// Something did not fit into the hub's queue.
    overrun: AtomicBool,
    /// This daemon, among the others.
    id: Uuid,
    /// Cancelled when the hub ends.
    soft: CancellationToken,
}

impl Inner {
    /// An event has this version, which may be news. False if it is not known of which organization it is.
    fn note(&self, event: EventId, version: u64) -> bool {
        self.versions.note(event, version);
        self.changes.note(event)
    }

    /// Messages of other daemons may have been missed.
    fn doubt(&self) {
        self.versions.doubt();
        self.changes.note_all();
    }

    fn publish_invite(&self, email: String, invite: InviteTold) {
        // No sockets: nobody to send to.
        let _ = self.invites.send((email, invite));
    }

    fn offer(&self, input: Input) {
        if self.hub.try_send(input).is_err() {
            self.overrun.store(true, Ordering::Release);
        }
    }
}

/// Somebody on their way to the hub: commits are published from here on, though no room may exist yet. Counted until the hub has
/// taken it, or until it is dropped on the way.
struct Asking(Arc<Inner>);

impl Asking {
    fn new(inner: Arc<Inner>) -> Self {
        inner.asking.fetch_add(1, Ordering::AcqRel);
        Self(inner)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.asking.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The hub's door. Cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

impl Live {
    /// Starts the hub, and its way to other daemons.
    pub fn start(parts: LiveParts, lifecycle: &Lifecycle) -> Self {
        let (hub, inputs) = mpsc::channel(INPUTS);
        let (outgoing_messages, outgoing) = mpsc::channel(POSTS);
        let inner = Arc::new(Inner {
            hub: hub.clone(),
            outgoing_messages: outgoing_messages.clone(),
            broadcast: parts.broadcast.clone(),
            versions: Versions::new(parts.store.is_shared()),
            changes: Changes::default(),
            invites: tokio::sync::broadcast::Sender::new(INVITES),
            taken: tokio::sync::broadcast::Sender::new(TAKEN),
            is_active: AtomicBool::new(false),
            is_overview_open: AtomicBool::new(false),
            asking: AtomicUsize::new(0),
            overrun: AtomicBool::new(false),
            id: parts.id,
            soft: lifecycle.soft(),
        });
        let send = daemon_message::send(parts.broadcast.clone(), parts.id, outgoing);
        lifecycle.spawn_until_soft(lifecycle.essential("sender", send));
        let receive = daemon_message::receive(parts.broadcast.clone(), parts.id, hub);
        lifecycle.spawn_until_soft(lifecycle.essential("receiver", receive));
        let hub = Hub::new(inner.clone(), parts, lifecycle.clone(), outgoing_messages);
        lifecycle.spawn_until_soft(lifecycle.essential("hub", hub.run(inputs)));
        Self(inner)
    }

    /// Whether anybody wants to know of commits: what nobody would be sent is not even made.
    pub fn is_wanted(&self) -> bool {
        self.0.is_active.load(Ordering::Acquire)
            || self.0.asking.load(Ordering::Acquire) > 0
            || self.0.broadcast.has_others()
    }

    /// A commit was made. Never waits. `commit` is only made if somebody wants to know.
    pub fn publish(&self, event: EventId, version: u64, commit: impl FnOnce() -> Commit) {
        if !self.0.note(event, version) {
            self.0.changes.note_all();
        }
        if self.is_wanted() {
            self.0.offer(Input::Commit(Arc::new(commit())));
        }
    }

    /// The holds of an event are these since a change: those who watch are sent what is new to them. Costs nothing while
    /// nobody watches and there are no other daemons.
    pub fn holds_changed(&self, event: EventId, list: HoldList) {
        if self.is_wanted() {
            self.0.offer(Input::HoldsChanged(event, list));
        }
    }

    /// Whether the daemon ends, and the hub with it: from then on [`Self::send_to_daemons`] has to be said.
    pub fn is_ending(&self) -> bool {
        self.0.soft.is_cancelled()
    }

    /// Tells other daemons which seats of an event are held, without the hub.
    pub async fn send_to_daemons(&self, event: EventId, list: &HoldList) {
        if self.0.broadcast.has_others() {
            let message = DaemonMessage::holds(event, list);
            daemon_message::send_one(self.0.broadcast.as_ref(), self.0.id, message).await;
        }
    }

    /// How many seats an event has, which of these are booked, and which are held, as its room knows it; `None` without a
    /// room.
    pub async fn look(&self, event: EventId, seats: &[u32]) -> Option<Seen> {
        if !self.0.is_active.load(Ordering::Acquire) {
            return None;
        }
        let (answer, answered) = oneshot::channel();
        self.0.hub.send(Input::Look { event, seats: seats.to_vec(), answer }).await.ok()?;
        answered.await.ok()?
    }

    /// Somebody was invited, by an e-mail address in lower case: sockets of those who have proved to have it are sent the invite,
    /// wherever they are.
    pub fn invited(&self, email: &str, invite: InviteTold) {
        if self.0.broadcast.has_others() {
            let _ = self
                .0
                .outgoing_messages
                .try_send(DaemonMessage::Invite { email: email.to_owned(), invite: invite.clone() });
        }
        self.0.publish_invite(email.to_owned(), invite);
    }

    /// The invites of everybody, from now on.
    pub fn invites(&self) -> tokio::sync::broadcast::Receiver<(String, InviteTold)> {
        self.0.invites.subscribe()
    }

    /// Whether there are other daemons to publish to.
    pub fn has_others(&self) -> bool {
        self.0.broadcast.has_others()
    }

    /// Tells other daemons how many requests were counted here.
    pub fn taken(&self, taken: Taken) {
        // Full: rates matter less than what else the others are sent.
        let _ = self.0.outgoing_messages.try_send(DaemonMessage::Taken(taken));
    }

    /// How many requests other daemons counted, from now on.
    pub fn taken_elsewhere(&self) -> tokio::sync::broadcast::Receiver<Arc<Taken>> {
        self.0.taken.subscribe()
    }

    /// Listens to an event.
    pub async fn listen(&self, event: EventId, start: Start) -> Result<Listener, ListenError> {
        let (listener, entries) = mpsc::channel(ENTRIES);
        let (answer, answered) = oneshot::channel();
        let input = Input::Listen { event, start, listener, answer, asking: Asking::new(self.0.clone()) };
        if self.0.hub.send(input).await.is_err() {
            return Err(ListenError::Unavailable);
        }
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(true)) => Ok(Listener(entries)),
            Ok(Ok(false)) => Err(ListenError::Absent),
            Ok(Err(_)) | Err(_) => Err(ListenError::Unavailable),
        }
    }

    /// Listens to everything.
    pub async fn listen_to_all(&self, after: Option<StreamEntryId>) -> Result<Listener, ListenError> {
        let (listener, entries) = mpsc::channel(ENTRIES);
        let sent = self.0.hub.send(Input::ListenAll { after, listener }).await;
        sent.map(|()| Listener(entries)).map_err(|_| ListenError::Unavailable)
    }

    /// Whether operators watch: what is measured for nobody is not even gathered.
    pub fn is_overview_open(&self) -> bool {
        self.0.is_overview_open.load(Ordering::Acquire)
    }

    /// Publishes what was measured on the operators' stream.
    pub fn measured(&self, metrics: Metrics) {
        self.0.offer(Input::Measured(Box::new(metrics)));
    }

    /// The versions of the events that people look at.
    pub fn versions(&self) -> &Versions {
        &self.0.versions
    }

    /// When the events of organizations last changed.
    pub fn changes(&self) -> &Changes {
        &self.0.changes
    }
}
