//! Figures over the last minutes, one a second.

use chrono::{DateTime, Utc};
use std::collections::VecDeque;

/// Seconds that are remembered.
pub const LONGEST: usize = 900;

/// What a chart is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Bookings confirmed at once.
    Bookings,
    /// Bookings that joined a waitlist.
    Waits,
    /// Parties promoted.
    Promotions,
    /// Bookings cancelled, wholly or in part.
    Cancellations,
    /// Commands that the rules refused.
    Refusals,
    /// The median time from a command to its answer.
    Median,
    /// 99 of 100 were answered within this time.
    Slowest,
    /// Commands that wait to be decided.
    Commands,
    /// Messages in the queue.
    Queue,
    /// Notifications in the outbox.
    Outbox,
    /// How long the oldest notification has waited.
    Lag,
    /// Seats that somebody is picking.
    Holds,
}

impl Figure {
    /// Every one of them.
    pub const ALL: [Self; 12] = [
        Self::Bookings,
        Self::Waits,
        Self::Promotions,
        Self::Cancellations,
        Self::Refusals,
        Self::Median,
        Self::Slowest,
        Self::Commands,
        Self::Queue,
        Self::Outbox,
        Self::Lag,
        Self::Holds,
    ];

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Bookings => "bookings",
            Self::Waits => "waits",
            Self::Promotions => "promotions",
            Self::Cancellations => "cancellations",
            Self::Refusals => "refusals",
            Self::Median => "answer p50",
            Self::Slowest => "answer p99",
            Self::Commands => "commands queued",
            Self::Queue => "queue depth",
            Self::Outbox => "outbox",
            Self::Lag => "outbox lag",
            Self::Holds => "seats held",
        }
    }

    /// Its unit.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Bookings | Self::Waits | Self::Promotions | Self::Cancellations | Self::Refusals => "/s",
            Self::Median | Self::Slowest => " ms",
            Self::Commands | Self::Queue | Self::Outbox | Self::Holds => "",
            Self::Lag => " s",
        }
    }
}

/// The values of a moment, in the order of [`Figure::ALL`].
pub type Values = [f64; Figure::ALL.len()];

/// Figures over time.
#[derive(Debug, Clone, Default)]
pub struct Series {
    points: [VecDeque<f64>; Figure::ALL.len()],
    /// How many of the last ones are as the one before.
    still: usize,
    /// When the daemon sent figures last.
    pub told: Option<DateTime<Utc>>,
    /// Seconds by which the charts are scrolled back; absent: they follow.
    pub paused: Option<usize>,
}

impl Series {
    /// The figures of one more second.
    pub fn push(&mut self, values: Values) {
        let is_same = self.points.iter().zip(values).all(|(points, value)| points.back() == Some(&value));
        self.still = if is_same { self.still + 1 } else { 0 };
        for (points, value) in self.points.iter_mut().zip(values) {
            points.push_back(value);
            if points.len() > LONGEST {
                points.pop_front();
            }
        }
        // Who looks at the past goes on to look at the same moment.
        if let Some(back) = &mut self.paused {
            *back = (*back + 1).min(LONGEST);
        }
    }

    /// Whether charts of so many cells look as they did before the last second.
    pub fn is_still(&self, cells: usize) -> bool {
        self.still > cells && self.paused.is_none()
    }

    /// How many seconds there are.
    pub fn len(&self) -> usize {
        self.points[0].len()
    }

    /// The last `count` values up to where the charts are, oldest first.
    pub fn last(&self, figure: Figure, count: usize) -> impl Iterator<Item = f64> + '_ {
        let points = &self.points[figure as usize];
        let end = points.len().saturating_sub(self.paused.unwrap_or(0));
        points.range(end.saturating_sub(count)..end).copied()
    }

    /// The newest value.
    pub fn now(&self, figure: Figure) -> f64 {
        self.last(figure, 1).next().unwrap_or(0.0)
    }
}
