//! The hub: one task that owns the rooms. It takes what the engine and other daemons say, and publishes it to those who listen. It
//! never waits for any of them: what must be read is read in tasks of its own, whose results come back as input.

mod holds;
mod others;
mod watch;

use super::commit::Commit;
use super::daemon_message::DaemonMessage;
use super::overview::Overview;
use super::room::{Room, Seen};
use super::stream_entry::{StreamEntry, StreamEntryId};
use super::{Asking, Inner, LiveParts};
use crate::holds::{HoldList, HoldsError};
use crate::lifecycle::Lifecycle;
use crate::store::StoreError;
use futures::FutureExt as _;
use happening_core::booking::EventState;
use happening_core::id::EventId;
use happening_core::wire::Metrics;
pub(super) use holds::PAUSE as HOLDS_PAUSE;
use holds::Posted;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// How often the hub looks for what is overdue.
const TICK: Duration = Duration::from_millis(100);

/// How often the rooms' versions are compared with the store's.
const WATCH: Duration = Duration::from_secs(1);

/// How long a room without listeners is kept, for those who come back.
const KEPT_EMPTY: Duration = Duration::from_secs(30);

/// Reads of the store that the hub has under way at once.
const READS: usize = 8;

/// What the log says of a read that panicked; the panic itself is logged by the hook.
const LOST: &str = "the read panicked";

/// Inputs handled between two looks at the clock.
const TOGETHER: usize = 256;

/// How somebody wants to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With what happens from now on.
    Now,
    /// With how things are, or, if the reader was here before and it is still known, with what came after that.
    After(Option<StreamEntryId>),
}

/// What comes in.
pub(super) enum Input {
    /// From this daemon's engine.
    Commit(Arc<Commit>),
    /// From another daemon.
    DaemonMessage(DaemonMessage),
    /// Messages of other daemons may have been missed.
    Gap,
    /// Somebody wants to listen. The answer is false if there is no such event.
    Listen {
        event: EventId,
        start: Start,
        listener: mpsc::Sender<Arc<StreamEntry>>,
        answer: oneshot::Sender<bool>,
        /// Keeps commits coming until the room exists.
        asking: Asking,
    },
    /// Somebody wants to listen to everything.
    ListenAll { after: Option<StreamEntryId>, listener: mpsc::Sender<Arc<StreamEntry>> },
    /// Somebody wants to know how many seats an event has, and which of these are booked. No answer without a room.
    Look { event: EventId, seats: Vec<u32>, answer: oneshot::Sender<Option<Seen>> },
    /// An event was read.
    Read { event: EventId, state: Result<Option<Box<EventState>>, StoreError> },
    /// The versions of the rooms' events were read, or could not be.
    Versions(Option<Vec<(EventId, u64)>>),
    /// What the operators' stream begins with was read; `again` if those who listen already may have missed something.
    Overview { marks: Result<Vec<crate::store::EventCounts>, StoreError>, again: bool },
    /// What the daemon measured, for operators.
    Measured(Box<Metrics>),
    /// The holds of an event were changed here, to these.
    HoldsChanged(EventId, HoldList),
    /// They were listed.
    HoldsListed(EventId, Result<HoldList, HoldsError>),
}

/// Who waits for an event to be read.
struct Newcomer {
    start: Option<StreamEntryId>,
    /// `None`: attached already, and only wants to hear whether there is such an event.
    listener: Option<mpsc::Sender<Arc<StreamEntry>>>,
    answer: oneshot::Sender<bool>,
}

impl Newcomer {
    fn welcome(self, room: &mut Room) {
        if let Some(listener) = self.listener {
            room.resume(listener, self.start);
        }
        // The caller may have gone.
        let _ = self.answer.send(true);
    }
}

pub(super) struct Hub {
    inner: Arc<Inner>,
    parts: LiveParts,
    lifecycle: Lifecycle,
    outgoing_messages: mpsc::Sender<DaemonMessage>,
    rooms: HashMap<EventId, Room>,
    newcomers: HashMap<EventId, Vec<Newcomer>>,
    /// Rooms that were behind the store when it was last looked at.
    suspects: HashMap<EventId, u64>,
    /// Events whose holds are being listed, and whether they must be listed once more.
    listing: HashMap<EventId, bool>,
    /// What other daemons were sent of holds a moment ago.
    posted: HashMap<EventId, Posted>,
    overview: Overview,
    /// Whether what the operators' stream begins with is being read, and whether it must be read once more, for everybody.
    overview_reading: Option<bool>,
    /// Whether the rooms' versions are being read.
    watching: bool,
    /// Reads of the store that may run at once: who opens many rooms waits.
    reads: Arc<Semaphore>,
    watched: Instant,
}

impl Hub {
    pub(super) fn new(
        inner: Arc<Inner>,
        parts: LiveParts,
        lifecycle: Lifecycle,
        outgoing_messages: mpsc::Sender<DaemonMessage>,
    ) -> Self {
        let overview = Overview::new(parts.watched.clone(), parts.run);
        Self {
            inner,
            parts,
            lifecycle,
            outgoing_messages,
            rooms: HashMap::new(),
            newcomers: HashMap::new(),
            suspects: HashMap::new(),
            listing: HashMap::new(),
            posted: HashMap::new(),
            overview,
            overview_reading: None,
            watching: false,
            reads: Arc::new(Semaphore::new(READS)),
            watched: Instant::now(),
        }
    }

    /// Runs until nobody can say anything any more.
    pub(super) async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        let mut ticks = tokio::time::interval(TICK);
        let mut together = Vec::with_capacity(TOGETHER);
        loop {
            tokio::select! {
                count = inputs.recv_many(&mut together, TOGETHER) => {
                    if count == 0 {
                        return;
                    }
                    for input in together.drain(..) {
                        self.handle(input);
                    }
                }
                _ = ticks.tick(), if self.is_needed() => self.tick(),
            }
            if self.inner.overrun.swap(false, Ordering::AcqRel) {
                tracing::warn!("more was committed than could be published: the rooms are read anew");
                self.doubt_everything();
            }
        }
    }

    fn is_needed(&self) -> bool {
        !self.rooms.is_empty() || !self.posted.is_empty() || self.overview.is_open()
    }

    fn note_activity(&self) {
        self.inner.is_active.store(self.is_needed(), Ordering::Release);
        self.inner.is_overview_open.store(self.overview.is_open(), Ordering::Release);
    }

    fn handle(&mut self, input: Input) {
        match input {
            Input::Commit(commit) => {
                self.send(|| DaemonMessage::Commit(commit.clone()));
                self.take(commit);
            }
            Input::DaemonMessage(DaemonMessage::Commit(commit)) => {
                // What is not known here is seen after a second.
                let _ = self.inner.note(commit.event, commit.version);
                self.take(commit);
            }
            Input::DaemonMessage(DaemonMessage::Holds { event, holds, order }) => {
                let holds = holds.into_iter().map(Into::into).collect();
                self.holds_are(event, &HoldList { order, holds });
            }
            Input::DaemonMessage(DaemonMessage::Invite { email, invite }) => {
                self.invited_elsewhere(email, invite);
            }
            Input::DaemonMessage(DaemonMessage::Taken(taken)) => {
                // No rate is limited here: nobody counts.
                let _ = self.inner.taken.send(Arc::new(taken));
            }
            Input::Gap => self.doubt_everything(),
            Input::Listen { event, start, listener, answer, asking } => {
                self.listen(event, start, listener, answer);
                drop(asking);
            }
            Input::ListenAll { after, listener } => {
                if self.overview.join(after, listener) {
                    self.read_overview(false);
                }
            }
            Input::Look { event, seats, answer } => {
                // The caller may have gone.
                let _ = answer.send(self.rooms.get(&event).and_then(|room| room.look(&seats)));
            }
            Input::Read { event, state } => self.was_read(event, state),
            Input::Versions(versions) => {
                self.watching = false;
                if let Some(versions) = versions {
                    self.compare(versions);
                }
            }
            Input::Overview { marks, again } => self.overview_was_read(marks, again),
            Input::Measured(metrics) => self.overview.measured(metrics),
            Input::HoldsChanged(event, list) => self.holds_changed(event, list),
            Input::HoldsListed(event, list) => self.holds_were_listed(event, list),
        }
        self.note_activity();
    }

    fn take(&mut self, commit: Arc<Commit>) {
        self.overview.take(&commit);
        if let Some(room) = self.rooms.get_mut(&commit.event) {
            room.take(commit, Instant::now());
        }
    }

    fn listen(
        &mut self,
        event: EventId,
        start: Start,
        listener: mpsc::Sender<Arc<StreamEntry>>,
        answer: oneshot::Sender<bool>,
    ) {
        let room = self.rooms.entry(event).or_insert_with(|| Room::new(event));
        let is_known = room.version().is_some();
        let newcomer = match start {
            Start::Now => {
                room.attach_anew(listener);
                Newcomer { start: None, listener: None, answer }
            }
            Start::After(after) => Newcomer { start: after, listener: Some(listener), answer },
        };
        if is_known {
            return newcomer.welcome(room);
        }
        self.newcomers.entry(event).or_default().push(newcomer);
        self.read(event);
        self.list_holds(event);
    }

    /// Reads an event, once at a time.
    fn read(&mut self, event: EventId) {
        let Some(room) = self.rooms.get_mut(&event) else { return };
        if std::mem::replace(&mut room.reading, true) {
            return;
        }
        let (store, reads) = (self.parts.store.clone(), self.reads.clone());
        let lost = Input::Read { event, state: Err(StoreError::Unavailable(LOST.to_owned())) };
        self.read_aside(lost, async move {
            let _turn = reads.acquire().await;
            let state = store.load(event).await.map(|state| state.map(Box::new));
            Input::Read { event, state }
        });
    }

    /// Reads in a task of its own, whose result is an input. `lost` is the input of a read that panicked: the hub begins no
    /// second read of the same thing before the first has come back.
    fn read_aside(&self, lost: Input, read: impl Future<Output = Input> + Send + 'static) {
        let hub = self.inner.hub.clone();
        self.lifecycle.spawn(async move {
            let input = AssertUnwindSafe(read).catch_unwind().await.unwrap_or(lost);
            // The hub may have ended.
            let _ = hub.send(input).await;
        });
    }

    fn was_read(&mut self, event: EventId, state: Result<Option<Box<EventState>>, StoreError>) {
        let newcomers = self.newcomers.remove(&event).unwrap_or_default();
        let Some(room) = self.rooms.get_mut(&event) else { return };
        room.reading = false;
        match state {
            Ok(Some(state)) if !state.terms().deleted || room.version().is_some() => {
                room.read(&state, Instant::now());
                self.inner.versions.note(event, state.version());
                for newcomer in newcomers {
                    newcomer.welcome(room);
                }
            }
            // Nobody listens to what is not there.
            Ok(_) if room.version().is_none() => {
                self.rooms.remove(&event);
                for newcomer in newcomers {
                    // The caller may have gone.
                    let _ = newcomer.answer.send(false);
                }
            }
            // Away: those who wait are sent an error, the others are sent the difference later.
            Ok(_) | Err(_) => drop(newcomers),
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        let behind: Vec<EventId> =
            self.rooms.iter().filter(|(_, room)| room.is_behind(now)).map(|(event, _)| *event).collect();
        for event in behind {
            self.read(event);
        }
        let expired: Vec<EventId> =
            self.rooms.iter().filter(|(_, room)| room.has_expired(now)).map(|(event, _)| *event).collect();
        for event in expired {
            self.list_holds(event);
        }
        self.publish_due_holds(now);
        self.rooms.retain(|_, room| {
            room.sweep(now) || room.deserted.is_none_or(|since| now.duration_since(since) < KEPT_EMPTY)
        });
        self.overview.tick(now, KEPT_EMPTY);
        self.note_activity();
        if now.duration_since(self.watched) >= WATCH {
            self.watched = now;
            self.watch();
        }
    }
}
