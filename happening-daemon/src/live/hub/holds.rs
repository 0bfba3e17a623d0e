//! Seats that somebody picks. Who changes holds hands over the list that the change left, so nothing is read again;
//! only where one has run out, or messages of other daemons may have been missed, the holds are listed.
//!
//! What is news goes to the room and to other daemons: at once, and from then on at most once in a [`PAUSE`]. So a thousand
//! people who pick seats at one event cost each of its viewers a few messages a second.

use super::{Hub, Input, LOST};
use crate::holds::{HoldList, HoldsError};
use crate::live::daemon_message::DaemonMessage;
use happening_core::id::EventId;
use std::time::{Duration, Instant};

/// The least time between two messages about the holds of one event.
pub(in crate::live) const PAUSE: Duration = Duration::from_millis(200);

/// What other daemons were sent of the holds of an event.
pub(super) struct Posted {
    at: Instant,
    /// What they are still to be sent.
    due: Option<HoldList>,
}

impl Hub {
    /// Lists the holds of an event, once at a time: what changes meanwhile is in the next list.
    pub(super) fn list_holds(&mut self, event: EventId) {
        if let Some(again) = self.listing.get_mut(&event) {
            *again = true;
            return;
        }
        self.listing.insert(event, false);
        let holds = self.parts.holds.clone();
        let lost = Input::HoldsListed(event, Err(HoldsError::Away(LOST.to_owned())));
        self.read_aside(lost, async move { Input::HoldsListed(event, holds.list(event).await) });
    }

    pub(super) fn holds_were_listed(&mut self, event: EventId, list: Result<HoldList, HoldsError>) {
        let again = self.listing.remove(&event).unwrap_or(false);
        if let Ok(list) = list {
            self.holds_are(event, &list);
        } else if let Some(room) = self.rooms.get_mut(&event) {
            // They do not answer: what was held and has not run out is the best that is known.
            let now = Instant::now();
            room.set_holds(room.unexpired(now), now);
        }
        if again {
            self.list_holds(event);
        }
    }

    /// Holds were changed here.
    pub(super) fn holds_changed(&mut self, event: EventId, list: HoldList) {
        self.holds_are(event, &list);
        if !self.parts.broadcast.has_others() {
            return;
        }
        let now = Instant::now();
        match self.posted.get_mut(&event) {
            Some(posted) if now.duration_since(posted.at) < PAUSE => posted.due = Some(list),
            _ => {
                self.send(|| DaemonMessage::holds(event, &list));
                self.posted.insert(event, Posted { at: now, due: None });
            }
        }
    }

    /// The holds of an event are these, unless it is known that they were others since. The room knows that by itself: the
    /// mirror may have noted a newer list that the room was never given.
    pub(super) fn holds_are(&mut self, event: EventId, list: &HoldList) {
        self.parts.mirror.note(event, list, self.parts.clock.now());
        if let Some(room) = self.rooms.get_mut(&event) {
            room.take_holds(list, Instant::now());
        }
    }

    /// Says what had to wait.
    pub(super) fn publish_due_holds(&mut self, now: Instant) {
        for room in self.rooms.values_mut() {
            room.publish_due_holds(now);
        }
        let mut due = Vec::new();
        self.posted.retain(|event, posted| {
            let is_over = now.duration_since(posted.at) >= PAUSE;
            if let (true, Some(list)) = (is_over, posted.due.take_if(|_| is_over)) {
                posted.at = now;
                due.push((*event, list));
                return true;
            }
            !is_over
        });
        for (event, list) in due {
            self.send(|| DaemonMessage::holds(event, &list));
        }
    }
}
