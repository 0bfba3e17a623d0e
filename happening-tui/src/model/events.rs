//! The list of events: sorted, filtered, with a cursor that stays on its event whatever comes and goes around it.

use super::Fresh;
use chrono::{DateTime, Utc};
use happening_core::id::{EventId, OrganizationId};
use happening_core::wire::{Event, EventStatus};
use regex::{Regex, RegexBuilder};
use std::collections::HashMap;

/// What organizations are called, as far as that is known.
pub type Names = HashMap<OrganizationId, Option<String>>;

/// The list.
#[derive(Debug, Default)]
pub struct EventsScreen {
    /// All of them: what is to come, soonest first, then what is over, latest first.
    pub fresh: Fresh<Vec<Event>>,
    /// Which of them match the filter.
    pub shown: Vec<usize>,
    /// The filter.
    pub filter: Filter,
    /// Seats and waiting parties of what is shown and not over.
    pub totals: Totals,
    /// The event under the cursor.
    pub selected: Option<EventId>,
    /// Its place in `shown`.
    pub cursor: usize,
    /// The first of `shown` that is on the screen.
    pub top: usize,
}

/// Sums over events.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Free seats.
    pub free: u64,
    /// All seats.
    pub seats: u64,
    /// Waiting parties.
    pub waiting: u64,
}

impl EventsScreen {
    /// How many events there are.
    pub fn total(&self) -> usize {
        self.fresh.data().map_or(0, Vec::len)
    }

    /// The event at a place in `shown`.
    pub fn at(&self, place: usize) -> Option<&Event> {
        self.fresh.data()?.get(*self.shown.get(place)?)
    }

    /// Takes a new sighting in.
    pub fn see(&mut self, mut events: Vec<Event>, names: &Names, now: DateTime<Utc>) {
        events.sort_by_cached_key(|event| {
            let over = is_over(event, now);
            let when = event.event_date.timestamp();
            (over, if over { -when } else { when }, event.name.clone(), event.id)
        });
        self.fresh.see(events, now);
        self.refilter(names);
    }

    /// Finds anew what matches, and the cursor's event in it.
    pub fn refilter(&mut self, names: &Names) {
        let Some((events, seen)) = &self.fresh.seen else {
            return;
        };
        self.shown = (0..events.len()).filter(|at| self.filter.matches(&events[*at], names)).collect();
        self.totals = Totals::default();
        for event in self.shown.iter().map(|at| &events[*at]).filter(|event| !is_over(event, *seen)) {
            self.totals.free += u64::from(event.available_slots);
            self.totals.seats += u64::from(event.total_slots);
            self.totals.waiting += u64::from(event.waiting);
        }
        let kept = self.selected.and_then(|id| self.shown.iter().position(|at| events[*at].id == id));
        self.move_to(kept.unwrap_or(self.cursor));
    }

    /// Moves the cursor to a place in `shown`, or as near as there is.
    pub fn move_to(&mut self, place: usize) {
        self.cursor = place.min(self.shown.len().saturating_sub(1));
        if let Some(event) = self.at(self.cursor) {
            self.selected = Some(event.id);
        }
    }

    /// Scrolls so that the cursor is among the `rows` on the screen and no row is wasted.
    pub fn settle(&mut self, rows: usize) {
        let rows = rows.max(1);
        let lowest = self.shown.len().saturating_sub(rows);
        self.top = self.top.clamp((self.cursor + 1).saturating_sub(rows), self.cursor).min(lowest);
    }
}

/// Whether an event takes no more part in the day's work.
pub fn is_over(event: &Event, now: DateTime<Utc>) -> bool {
    match event.status {
        EventStatus::Ongoing => false,
        EventStatus::Upcoming => event.event_date < now,
        EventStatus::Completed | EventStatus::Cancelled => true,
    }
}

/// A filter: a regular expression without regard to case, or plain text where it is none; `!` turns it around.
#[derive(Debug, Default)]
pub struct Filter {
    /// As typed.
    pub text: String,
    /// Whether it is being typed.
    pub editing: bool,
    pattern: Option<Regex>,
    inverse: bool,
}

impl Filter {
    /// Whether it holds anything back.
    pub fn is_active(&self) -> bool {
        self.pattern.is_some()
    }

    /// Sets the text.
    pub fn set(&mut self, text: String) {
        let (inverse, wanted) = text.strip_prefix('!').map_or((false, text.as_str()), |rest| (true, rest));
        let build =
            |pattern: &str| RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build();
        self.pattern = match wanted {
            "" => None,
            wanted => build(wanted).or_else(|_| build(&regex::escape(wanted))).ok(),
        };
        self.inverse = inverse;
        self.text = text;
    }

    fn matches(&self, event: &Event, names: &Names) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        let found = pattern.is_match(&event.name)
            || names.get(&event.org_id).and_then(Option::as_deref).is_some_and(|name| pattern.is_match(name))
            || pattern.is_match(event.status.as_str())
            || event.category.is_some_and(|category| pattern.is_match(category.as_str()));
        found != self.inverse
    }
}
