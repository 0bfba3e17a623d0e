//! What was lost is found: rooms are compared with the store, and read anew when messages may have been missed.

use super::{Cause, Hub, Input};
use happening_core::id::EventId;

impl Hub {
    /// Asks the store for the versions of the rooms: whatever message was lost, and wherever, shows here.
    pub(super) fn watch(&self) {
        let events: Vec<EventId> = self.rooms.keys().copied().collect();
        if events.is_empty() || self.parts.store_vital.is_down() {
            return;
        }
        let (store, hub) = (self.parts.store.clone(), self.inner.hub.clone());
        self.lifecycle.spawn(async move {
            if let Ok(versions) = store.versions(&events).await {
                let _ = hub.send(Input::Versions(versions)).await;
            }
        });
    }

    /// A room that was behind this version a second ago and still is will not catch up by itself.
    pub(super) fn compare(&mut self, versions: Vec<(EventId, u64)>) {
        let suspects = std::mem::take(&mut self.suspects);
        let mut behind = Vec::new();
        for (event, stored) in versions {
            self.inner.versions.note(event, stored);
            let Some(room) = self.rooms.get(&event) else { continue };
            let told = room.version();
            if suspects.get(&event).is_some_and(|&missed| told.is_none_or(|told| told < missed)) {
                behind.push(event);
            }
            if told.is_none_or(|told| told < stored) {
                self.suspects.insert(event, stored);
            }
        }
        for event in behind {
            self.read(event);
        }
    }

    pub(super) fn doubt_everything(&mut self) {
        self.inner.versions.doubt();
        let events: Vec<EventId> = self.rooms.keys().copied().collect();
        for event in events {
            self.read(event);
            self.list_holds(event, Cause { post: false, always: true });
        }
        if self.overview.is_open() {
            self.read_overview(true);
        }
    }

    /// Reads what the operators' stream begins with: for newcomers, or `again` for everybody.
    pub(super) fn read_overview(&mut self, again: bool) {
        let (store, hub) = (self.parts.store.clone(), self.inner.hub.clone());
        self.lifecycle.spawn(async move {
            let marks = store.watermarks().await;
            let _ = hub.send(Input::Overview { marks, again }).await;
        });
    }
}
