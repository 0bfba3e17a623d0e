//! Seats of the room's event that somebody picks.

use super::super::frame::{Frame, FrameId};
use super::Room;
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
    /// These seats are held now. Told if that is news, or `always`.
    pub(in crate::live) fn set_holds(&mut self, held: Vec<Held>, always: bool) {
        let before = self.held_seats();
        self.held = held;
        if always || self.held_seats() != before {
            self.tell_holds();
        }
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
    pub(super) fn tell_held_again(&mut self, before: &[u32]) {
        if self.held_seats().iter().any(|seat| !before.contains(seat)) {
            self.tell_holds();
        }
    }

    /// Not kept: whoever comes back is told how it is then.
    fn tell_holds(&mut self) {
        let id = self.version().map_or_else(FrameId::default, FrameId::whole);
        self.send(&Arc::new(Frame { id, message: self.holds() }));
    }

    pub(super) fn holds(&self) -> LiveMessage {
        LiveMessage::Holds { event_id: self.event, held: self.held_seats() }
    }

    /// Held, ascending, less what is booked, because a hold may outlive its booking by a moment, or beyond the last seat.
    pub(super) fn held_seats(&self) -> Vec<u32> {
        let is_free = |seat: u32| self.told.as_ref().is_none_or(|told| told.seats.is_free(seat));
        self.held.iter().map(|held| held.seat).filter(|seat| is_free(*seat)).collect()
    }
}
