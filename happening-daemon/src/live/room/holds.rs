//! Seats of the room's event that somebody picks.

use super::super::hub::HOLDS_PAUSE;
use super::super::stream_entry::{StreamEntry, StreamEntryId};
use super::Room;
use crate::holds::{HoldList, ORDERED};
use happening_core::wire::LiveMessage;
use std::sync::Arc;
use std::time::Instant;

/// A seat that somebody picks, until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::live) struct Held {
    pub seat: u32,
    pub until: Instant,
}

impl Room {
    /// A list of the holds, which counts unless a newer one did.
    pub(in crate::live) fn take_holds(&mut self, list: &HoldList, now: Instant) {
        let (order, taken_at) = self.holds_order;
        if list.order < order && now.duration_since(taken_at) < ORDERED {
            return;
        }
        self.holds_order = (list.order, now);
        let held = list.holds.iter().map(|hold| Held { seat: hold.seat, until: now + hold.expires_in });
        self.set_holds(held.collect(), now);
    }

    /// These seats are held now.
    pub(in crate::live) fn set_holds(&mut self, held: Vec<Held>, now: Instant) {
        self.held = held;
        self.holds_due = true;
        self.publish_due_holds(now);
    }

    /// Sends what is held if the listeners were last sent something else, and not a moment ago.
    pub(in crate::live) fn publish_due_holds(&mut self, now: Instant) {
        let is_over = |published: Instant| now.duration_since(published) >= HOLDS_PAUSE;
        if !self.holds_due || !self.holds_published_at.is_none_or(is_over) {
            return;
        }
        self.holds_due = false;
        if self.held_seats() != self.holds_known() {
            self.holds_published_at = Some(now);
            self.publish_holds();
        }
    }

    /// What the listeners believe to be held: seats that are booked they take out by themselves.
    fn holds_known(&self) -> Vec<u32> {
        self.holds_published.iter().copied().filter(|seat| self.is_free(*seat)).collect()
    }

    /// Whether somebody is known to pick seats.
    pub(in crate::live) fn has_holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Whether a hold has run out that the listeners believe in.
    pub(in crate::live) fn has_expired(&self, now: Instant) -> bool {
        self.held.iter().any(|held| held.until <= now)
    }

    /// What of the holds is left at this time.
    pub(in crate::live) fn unexpired(&self, now: Instant) -> Vec<Held> {
        self.held.iter().filter(|held| held.until > now).copied().collect()
    }

    /// Tells what is held if seats came free that somebody held all the while. Seats that are booked the listeners take out
    /// of what is held by themselves.
    pub(super) fn publish_held_again(&mut self, before: &[u32]) {
        if self.held_seats().iter().any(|seat| !before.contains(seat)) {
            self.publish_holds();
        }
    }

    /// Not kept: who comes back is sent the holds of that moment.
    fn publish_holds(&mut self) {
        self.holds_due = false;
        self.holds_published = self.held_seats();
        self.send(&self.holds_frame());
    }

    /// What is held, as a message of no commit.
    pub(super) fn holds_frame(&self) -> Arc<StreamEntry> {
        let id = self.version().map_or_else(StreamEntryId::default, StreamEntryId::whole);
        Arc::new(StreamEntry { id, message: self.holds() })
    }

    pub(super) fn holds(&self) -> LiveMessage {
        LiveMessage::Holds { event_id: self.event, held: self.held_seats() }
    }

    /// Held, ascending, less what is booked, because a hold may outlive its booking by a moment, or beyond the last seat.
    pub(super) fn held_seats(&self) -> Vec<u32> {
        self.held.iter().map(|held| held.seat).filter(|seat| self.is_free(*seat)).collect()
    }

    fn is_free(&self, seat: u32) -> bool {
        self.published.as_ref().is_none_or(|published| published.seats.is_free(seat))
    }
}
