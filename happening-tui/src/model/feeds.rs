//! What was asked of the daemon, when it was answered last, and why not since.

use super::Freshness;
use crate::feed::Query;
use crate::trouble::{Trouble, TroubleKind};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;

/// An answer that is this much later than it should be makes what is shown stale.
const LATE: TimeDelta = TimeDelta::seconds(4);

/// Questions that are remembered beyond those that are asked now.
const MOST: usize = 200;

/// Where a question stands.
#[derive(Debug, Default, Clone)]
pub struct Asked {
    /// When it was answered last.
    pub seen: Option<DateTime<Utc>>,
    /// When it was put last.
    pub sent: Option<DateTime<Utc>>,
    /// Whether an answer is awaited.
    pub in_flight: bool,
    /// Why the last one failed.
    pub trouble: Option<Trouble>,
    /// Something has changed since: ask again soon.
    pub outdated: bool,
}

/// All questions.
#[derive(Debug, Clone, Default)]
pub struct Feeds {
    asked: HashMap<Query, Asked>,
}

impl Feeds {
    /// Where a question stands.
    pub fn of(&self, query: &Query) -> Asked {
        self.asked.get(query).cloned().unwrap_or_default()
    }

    /// Whether it is time to ask, where answers are to be no older than `age`.
    pub fn is_due(&self, query: &Query, age: TimeDelta, now: DateTime<Utc>) -> bool {
        let Some(asked) = self.asked.get(query) else { return true };
        let since = asked.sent.map_or(TimeDelta::MAX, |at| now - at);
        // What has just been asked is not asked again at once, however often it changes.
        let again = match (&asked.trouble, asked.outdated) {
            (_, true) => TimeDelta::seconds(1),
            // What heals by itself is looked for again; what was refused stays refused.
            (Some(trouble), false) if trouble.kind == TroubleKind::Away => age.min(TimeDelta::seconds(2)),
            (_, false) => age,
        };
        !asked.in_flight && since >= again
    }

    /// How many answers are awaited.
    pub fn in_flight(&self) -> usize {
        self.asked.values().filter(|asked| asked.in_flight).count()
    }

    /// It is asked.
    pub fn ask(&mut self, query: Query, now: DateTime<Utc>) {
        if self.asked.len() > MOST {
            self.asked.retain(|_, asked| asked.in_flight);
        }
        let asked = self.asked.entry(query).or_default();
        asked.in_flight = true;
        asked.outdated = false;
        asked.sent = Some(now);
    }

    /// It is answered.
    pub fn answered(&mut self, query: &Query, trouble: Option<Trouble>, now: DateTime<Utc>) {
        let asked = self.asked.entry(query.clone()).or_default();
        asked.in_flight = false;
        if trouble.is_none() {
            asked.seen = Some(now);
        }
        asked.trouble = trouble;
    }

    /// What it told is not so any more.
    pub fn outdate(&mut self, query: &Query) {
        if let Some(asked) = self.asked.get_mut(query) {
            asked.outdated = true;
        }
    }

    /// Everything is to be asked again.
    pub fn outdate_all(&mut self) {
        for asked in self.asked.values_mut() {
            asked.outdated = true;
            asked.sent = None;
        }
    }

    /// Nothing was ever asked.
    pub fn clear(&mut self) {
        self.asked.clear();
    }

    /// How fresh the answer is, where answers are to be no older than `age`.
    pub fn freshness(&self, query: &Query, age: TimeDelta, now: DateTime<Utc>) -> Freshness<'_> {
        let Some(asked) = self.asked.get(query) else { return Freshness::Loading };
        match (asked.seen, &asked.trouble) {
            (None, None) => Freshness::Loading,
            (None, Some(trouble)) => Freshness::Absent(trouble),
            (Some(at), None) if now - at <= age + LATE => Freshness::Live,
            (Some(at), trouble) => Freshness::Stale(now - at, trouble.as_ref()),
        }
    }
}
