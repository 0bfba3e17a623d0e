//! Seats that somebody picks: listed after each change and when one has run out, told to the room and to other daemons, and
//! noted in the mirror from which bookings learn of them.

use super::{Hub, Input};
use crate::holds::{Hold, Holder, HoldsError};
use crate::live::post::{HeldElsewhere, Post};
use crate::live::room::Held;
use happening_core::id::EventId;
use std::time::{Duration, Instant};

/// Why holds are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::live) struct Cause {
    /// Other daemons do not know yet.
    pub post: bool,
    /// Those who watch are told though they may know.
    pub always: bool,
}

impl Cause {
    /// To see whether anything changed.
    pub(super) const QUIET: Self = Self { post: false, always: false };

    fn and(self, other: Self) -> Self {
        Self { post: self.post || other.post, always: self.always || other.always }
    }
}

impl Hub {
    /// Lists the holds of an event, once at a time: what changes meanwhile is in the next list.
    pub(super) fn list_holds(&mut self, event: EventId, cause: Cause) {
        if let Some(again) = self.listing.get_mut(&event) {
            *again = Some(again.map_or(cause, |other| other.and(cause)));
            return;
        }
        self.listing.insert(event, None);
        let (holds, mirror, hub) =
            (self.parts.holds.clone(), self.parts.mirror.clone(), self.inner.hub.clone());
        self.lifecycle.spawn(async move {
            let asked = mirror.asking();
            let holds = holds.list(event).await;
            let _ = hub.send(Input::HoldsListed { event, asked, cause, holds }).await;
        });
    }

    pub(super) fn holds_were_listed(
        &mut self,
        event: EventId,
        asked: u64,
        cause: Cause,
        holds: Result<Vec<Hold>, HoldsError>,
    ) {
        let again = self.listing.remove(&event).flatten();
        let now = Instant::now();
        if let Ok(holds) = &holds {
            self.parts.mirror.set(event, asked, holds, self.parts.clock.now());
            if cause.post {
                self.post(|| Post::holds(event, holds, cause.always));
            }
        }
        if let Some(room) = self.rooms.get_mut(&event) {
            let until = |hold: Hold| Held { seat: hold.seat, until: now + hold.expires_in };
            let held = match holds {
                Ok(holds) => holds.into_iter().map(until).collect(),
                // They do not answer: what was held and has not run out is the best that is known.
                Err(_) => room.unexpired(now),
            };
            room.set_holds(held, cause.always);
        }
        if let Some(again) = again {
            self.list_holds(event, again);
        }
    }

    /// Another daemon changed holds. Where somebody watches, they are listed: two messages may have crossed.
    pub(super) fn held_elsewhere(&mut self, event: EventId, told: &[HeldElsewhere], always: bool) {
        if self.rooms.contains_key(&event) {
            return self.list_holds(event, Cause { post: false, always });
        }
        let holds: Vec<Hold> = told
            .iter()
            .map(|held| Hold {
                seat: held.seat,
                holder: Holder::parse(&held.holder),
                expires_in: Duration::from_millis(held.expires_in_ms),
            })
            .collect();
        let asked = self.parts.mirror.asking();
        self.parts.mirror.set(event, asked, &holds, self.parts.clock.now());
    }
}
