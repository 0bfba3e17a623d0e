//! A room: one event that somebody watches. What its listeners were last sent, and what they are to be sent next.
//!
//! Commits are sent in the order of their versions, whichever daemon made them; one that arrives early waits for those before it.
//! If they do not come, the event is read anew, and the listeners are sent the difference between what they know and the
//! truth: their adding and subtracting stays right.

mod holds;

use super::commit::Commit;
use super::stream_entry::{StreamEntry, StreamEntryId};
use happening_core::booking::{EventState, SeatBitmap};
use happening_core::id::EventId;
use happening_core::wire::{EventFigures, LiveMessage};
pub(super) use holds::Held;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Messages kept for listeners that come back.
const KEPT: usize = 1_024;

/// How long an early commit waits for those before it.
const PATIENCE: Duration = Duration::from_millis(300);

/// What the listeners know.
struct Published {
    version: u64,
    seats: SeatBitmap,
    waiting: u32,
}

/// What was published of an event in its room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Seats that exist.
    pub total: u32,
    /// Of the seats that were asked about, those that are booked.
    pub booked: Vec<u32>,
    /// Seats that somebody is picking, ascending.
    pub held: Vec<u32>,
}

/// One event that somebody watches.
pub(super) struct Room {
    event: EventId,
    published: Option<Published>,
    early: BTreeMap<u64, Arc<Commit>>,
    missing_since: Option<Instant>,
    kept: VecDeque<Arc<StreamEntry>>,
    /// Everything after it is in `kept`.
    kept_after: StreamEntryId,
    held: Vec<Held>,
    /// What the listeners were last sent as held, when, and whether it may be something else since.
    holds_published: Vec<u32>,
    holds_published_at: Option<Instant>,
    holds_due: bool,
    /// The order of the last list of holds, and when it was taken.
    holds_order: (u64, Instant),
    listeners: Vec<mpsc::Sender<Arc<StreamEntry>>>,
    /// Since when nobody listens.
    pub deserted: Option<Instant>,
    /// Whether the event is being read.
    pub reading: bool,
}

impl Room {
    pub(super) fn new(event: EventId) -> Self {
        Self {
            event,
            published: None,
            early: BTreeMap::new(),
            missing_since: None,
            kept: VecDeque::new(),
            kept_after: StreamEntryId::default(),
            held: Vec::new(),
            holds_published: Vec::new(),
            holds_published_at: None,
            holds_due: false,
            holds_order: (0, Instant::now()),
            listeners: Vec::new(),
            deserted: None,
            reading: false,
        }
    }

    /// The version that the listeners know; `None` before the event was first read.
    pub(super) fn version(&self) -> Option<u64> {
        self.published.as_ref().map(|published| published.version)
    }

    /// How many seats there are, and which of these are booked; `None` before the event was first read.
    pub(super) fn look(&self, seats: &[u32]) -> Option<Seen> {
        let known = &self.published.as_ref()?.seats;
        let total = known.capacity();
        let is_booked = |seat: &u32| (1..=total).contains(seat) && !known.is_free(*seat);
        let booked = seats.iter().copied().filter(is_booked).collect();
        Some(Seen { total, booked, held: self.held_seats() })
    }

    /// Somebody listens from now on, and first hears what is held, if anything is.
    pub(super) fn attach_anew(&mut self, listener: mpsc::Sender<Arc<StreamEntry>>) {
        if self.held_seats().is_empty() || listener.try_send(self.holds_frame()).is_ok() {
            self.attach(listener);
        }
    }

    /// Somebody listens from now on.
    pub(super) fn attach(&mut self, listener: mpsc::Sender<Arc<StreamEntry>>) {
        self.deserted = None;
        self.listeners.push(listener);
    }

    /// Somebody listens who was here before, or wants to know how things are. The event must have been read.
    pub(super) fn resume(&mut self, listener: mpsc::Sender<Arc<StreamEntry>>, after: Option<StreamEntryId>) {
        let Some(published) = &self.published else { return };
        let now = StreamEntryId::whole(published.version);
        let knows = after.filter(|after| (self.kept_after..=now).contains(after));
        let mut first: Vec<Arc<StreamEntry>> = match knows {
            Some(after) => self.kept.iter().filter(|entry| entry.id > after).cloned().collect(),
            None => vec![Arc::new(StreamEntry { id: now, message: self.snapshot(published) })],
        };
        if knows.is_some() {
            first.push(Arc::new(StreamEntry { id: now, message: self.holds() }));
        }
        // More than there is room for: the listener begins afresh next time.
        if first.into_iter().all(|entry| listener.try_send(entry).is_ok()) {
            self.attach(listener);
        }
    }

    fn snapshot(&self, published: &Published) -> LiveMessage {
        LiveMessage::Snapshot {
            event_id: self.event,
            version: published.version,
            total: published.seats.capacity(),
            taken: published.seats.taken_seats().collect(),
            held: self.held_seats(),
            available: published.seats.free(),
            waiting: published.waiting,
        }
    }

    /// Takes a commit, and sends it as soon as everything before it was sent.
    pub(super) fn take(&mut self, commit: Arc<Commit>, now: Instant) {
        if self.version().is_none_or(|version| commit.version > version) {
            self.early.insert(commit.version, commit);
            self.publish_due(now);
        }
    }

    fn publish_due(&mut self, now: Instant) {
        let Some(mut version) = self.version() else { return };
        self.early.retain(|early, _| *early > version);
        while let Some(commit) = self.early.remove(&(version + 1)) {
            version += 1;
            self.apply(&commit);
        }
        self.missing_since = (!self.early.is_empty()).then(|| self.missing_since.unwrap_or(now));
    }

    /// Whether commits are missing that should have come by now.
    pub(super) fn is_behind(&self, now: Instant) -> bool {
        self.missing_since.is_some_and(|since| now.duration_since(since) > PATIENCE)
    }

    fn apply(&mut self, commit: &Commit) {
        let held = self.held_seats();
        if let Some(published) = &mut self.published {
            published.version = commit.version;
            published.waiting = commit.waiting;
            if published.seats.capacity() < commit.total {
                published.seats.resize(commit.total);
            }
        }
        for (index, message) in (0..).zip(commit.messages()) {
            if let (Some(published), LiveMessage::Seats { booked, freed, .. }) =
                (&mut self.published, &message)
            {
                for seat in freed {
                    published.seats.release(*seat);
                }
                for seat in booked {
                    published.seats.take(*seat);
                }
            }
            self.publish(StreamEntryId::of(commit.version, index, &message), message);
        }
        if let Some(published) = &mut self.published
            && published.seats.capacity() > commit.total
        {
            published.seats.resize(commit.total);
        }
        self.publish_held_again(&held);
    }

    /// The event was read. What the listeners do not know of it is sent to them.
    pub(super) fn read(&mut self, state: &EventState, now: Instant) {
        self.reading = false;
        let truth = Published {
            version: state.version(),
            seats: state.seats().clone(),
            waiting: u32::try_from(state.waitlist().len()).unwrap_or(u32::MAX),
        };
        match self.published.take() {
            None => self.begin(truth),
            Some(published) if published.version < truth.version => self.correct(&published, truth),
            published => self.published = published,
        }
        self.publish_due(now);
    }

    /// Who listened before the first read was sent nothing of what was committed meanwhile.
    fn begin(&mut self, truth: Published) {
        self.kept_after = StreamEntryId::whole(truth.version);
        let later = self.early.split_off(&(truth.version + 1));
        for commit in std::mem::replace(&mut self.early, later).into_values() {
            for (index, message) in (0..).zip(commit.messages()) {
                let id = StreamEntryId::of(commit.version, index, &message);
                self.send(&Arc::new(StreamEntry { id, message }));
            }
        }
        self.published = Some(truth);
    }

    fn correct(&mut self, published: &Published, truth: Published) {
        let is_held = |held: &Held| published.seats.is_free(held.seat);
        let held: Vec<u32> = self.held.iter().filter(|held| is_held(held)).map(|held| held.seat).collect();
        let (event_id, version, total) = (self.event, truth.version, truth.seats.capacity());
        let both = total.min(published.seats.capacity());
        let freed: Vec<u32> =
            (1..=total).filter(|&seat| truth.seats.is_free(seat) && !published.seats.is_free(seat)).collect();
        let booked: Vec<u32> =
            (1..=both).filter(|&seat| !truth.seats.is_free(seat) && published.seats.is_free(seat)).collect();
        // Seats that came into being taken were free for those who count, just before.
        let born_taken: Vec<u32> = (both + 1..=total).filter(|&seat| !truth.seats.is_free(seat)).collect();
        let withdrawn: Vec<u32> = (total + 1..=published.seats.capacity()).collect();
        let figures = EventFigures {
            event_id,
            version,
            total: Some(total),
            available: truth.seats.free(),
            waiting: truth.waiting,
        };
        self.published = Some(truth);
        let freed: Vec<u32> = freed.into_iter().chain(born_taken.iter().copied()).collect();
        let booked: Vec<u32> = booked.into_iter().chain(born_taken).collect();
        let steps = [(vec![], freed, vec![]), (booked, vec![], vec![]), (vec![], vec![], withdrawn)];
        let mut index = 0;
        for (booked, freed, withdrawn) in steps {
            if booked.len() + freed.len() + withdrawn.len() > 0 {
                let message = LiveMessage::Seats { event_id, version, booked, freed, withdrawn };
                self.publish(StreamEntryId::of(version, index, &message), message);
                index += 1;
            }
        }
        self.publish(StreamEntryId::whole(version), LiveMessage::Figures(figures));
        self.publish_held_again(&held);
    }

    fn publish(&mut self, id: StreamEntryId, message: LiveMessage) {
        let entry = Arc::new(StreamEntry { id, message });
        self.send(&entry);
        self.kept.push_back(entry);
        if self.kept.len() > KEPT
            && let Some(forgotten) = self.kept.pop_front()
        {
            self.kept_after = forgotten.id;
        }
    }

    /// A listener whose queue is full is dropped, which ends its stream: nobody waits for the slowest.
    fn send(&mut self, entry: &Arc<StreamEntry>) {
        self.listeners.retain(|listener| listener.try_send(entry.clone()).is_ok());
    }

    /// Forgets who is gone. True while anybody listens.
    pub(super) fn sweep(&mut self, now: Instant) -> bool {
        self.listeners.retain(|listener| !listener.is_closed());
        if self.listeners.is_empty() {
            self.deserted.get_or_insert(now);
        }
        !self.listeners.is_empty()
    }
}

#[cfg(test)]
#[path = "room_tests.rs"]
mod tests;
