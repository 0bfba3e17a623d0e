//! Data with its age: what was seen stays, however long the daemon is away.

use super::Freshness;
use crate::trouble::Trouble;
use chrono::{DateTime, TimeDelta, Utc};

/// Sightings come every two seconds; one that is late is not worth a word yet.
const LIVE: TimeDelta = TimeDelta::seconds(5);

/// Something that is watched.
#[derive(Debug)]
pub struct Fresh<T> {
    /// What was seen last, and when.
    pub seen: Option<(T, DateTime<Utc>)>,
    /// Why it was not seen since.
    pub trouble: Option<Trouble>,
}

impl<T> Default for Fresh<T> {
    fn default() -> Self {
        Self { seen: None, trouble: None }
    }
}

impl<T> Fresh<T> {
    /// What was seen last.
    pub fn data(&self) -> Option<&T> {
        self.seen.as_ref().map(|(data, _)| data)
    }

    /// A sighting.
    pub fn see(&mut self, data: T, now: DateTime<Utc>) {
        *self = Self { seen: Some((data, now)), trouble: None };
    }

    /// How fresh it is.
    pub fn freshness(&self, now: DateTime<Utc>) -> Freshness<'_> {
        match (&self.seen, &self.trouble) {
            (None, None) => Freshness::Loading,
            (None, Some(trouble)) => Freshness::Absent(trouble),
            (Some((_, at)), None) if now - *at <= LIVE => Freshness::Live,
            (Some((_, at)), trouble) => Freshness::Stale(now - *at, trouble.as_ref()),
        }
    }
}
