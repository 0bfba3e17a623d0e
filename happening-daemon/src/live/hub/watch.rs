//! What was lost is found: rooms are compared with the store, and read anew when messages may have been missed.

use super::{Hub, Input, LOST};
use crate::store::{EventCounts, StoreError};
use happening_core::id::EventId;

impl Hub {
    /// Asks the store for the versions of the rooms: whatever message was lost, and wherever, shows here.
    /// So does a change of holds, which have no versions, in what is listed of rooms where somebody picks seats.
    pub(super) fn watch(&mut self) {
        if self.parts.broadcast.has_others() {
            let held = self.rooms.iter().filter(|(_, room)| room.has_holds()).map(|(event, _)| *event);
            for event in held.collect::<Vec<EventId>>() {
                self.list_holds(event);
            }
        }
        let events: Vec<EventId> = self.rooms.keys().copied().collect();
        if events.is_empty() || self.watching || self.parts.store_liveness.is_down() {
            return;
        }
        self.watching = true;
        let store = self.parts.store.clone();
        self.read_aside(
            Input::Versions(None),
            async move { Input::Versions(store.versions(&events).await.ok()) },
        );
    }

    /// A room that was behind this version a second ago and still is will not catch up by itself.
    pub(super) fn compare(&mut self, versions: Vec<(EventId, u64)>) {
        let suspects = std::mem::take(&mut self.suspects);
        let mut behind = Vec::new();
        for (event, stored) in versions {
            self.inner.versions.note(event, stored);
            let Some(room) = self.rooms.get(&event) else { continue };
            let published = room.version();
            if suspects
                .get(&event)
                .is_some_and(|&missed| published.is_none_or(|published| published < missed))
            {
                behind.push(event);
            }
            if published.is_none_or(|published| published < stored) {
                self.suspects.insert(event, stored);
            }
        }
        for event in behind {
            self.read(event);
        }
    }

    pub(super) fn doubt_everything(&mut self) {
        self.inner.doubt();
        let events: Vec<EventId> = self.rooms.keys().copied().collect();
        for event in events {
            self.read(event);
            self.list_holds(event);
        }
        if self.overview.is_open() {
            self.read_overview(true);
        }
    }

    /// Reads what the operators' stream begins with: for newcomers, or `again` for everybody. Once at a time: it is a row of
    /// each event that takes bookings, and what is committed meanwhile is sent to those who wait as well.
    pub(super) fn read_overview(&mut self, again: bool) {
        if let Some(once_more) = &mut self.overview_reading {
            *once_more |= again;
            return;
        }
        self.overview_reading = Some(false);
        let store = self.parts.store.clone();
        let now = self.parts.clock.now();
        let lost = Input::Overview { marks: Err(StoreError::Unavailable(LOST.to_owned())), again };
        self.read_aside(lost, async move {
            let marks = store.active_event_counts(now, now).await;
            Input::Overview { marks, again }
        });
    }

    pub(super) fn overview_was_read(&mut self, marks: Result<Vec<EventCounts>, StoreError>, again: bool) {
        match marks {
            Ok(marks) => self.overview.begin(&marks, again),
            Err(_) => self.overview.give_up(),
        }
        if self.overview_reading.take() == Some(true) && self.overview.is_open() {
            self.read_overview(true);
        }
    }
}
