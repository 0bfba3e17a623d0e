//! What `load` has found.

use super::{Bar, Cell, Check, Column, Record, Style, histogram, table};
use happening_core::id::EventId;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Figures of a crowd, and what was checked after it.
#[derive(Debug, Serialize)]
pub struct LoadReport {
    /// At which event.
    pub event_id: EventId,
    /// Its seats.
    pub seats: u32,
    /// How many booked at once.
    pub buyers: u32,
    /// Seats that each booking asked for.
    pub party: u32,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
    /// Requests that were answered, whatever the answer.
    pub requests: u64,
    /// Of these, in a second.
    pub requests_per_second: f64,
    /// Bookings that were confirmed at once.
    pub confirmed: u64,
    /// Bookings that were put in line.
    pub waiting: u64,
    /// Bookings that were cancelled again.
    pub cancelled: u64,
    /// Requests of which it is not known whether they were done.
    pub unknown: u64,
    /// What else was answered or went wrong, by its code.
    pub errors: BTreeMap<String, u64>,
    /// How long answers took.
    pub latency: Latency,
    /// The same in detail.
    pub histogram: Vec<Bar>,
    /// What was checked afterwards.
    pub checks: Vec<Check>,
}

/// How long answers took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Latency {
    /// Half of them at most this.
    #[serde(rename = "p50_ms")]
    pub p50: f64,
    /// Nine of ten.
    #[serde(rename = "p90_ms")]
    pub p90: f64,
    /// All but one of a hundred.
    #[serde(rename = "p99_ms")]
    pub p99: f64,
    /// All.
    #[serde(rename = "max_ms")]
    pub max: f64,
}

impl Record for LoadReport {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::number("BUYERS"),
        Column::number("REQUESTS"),
        Column::number("PER SECOND"),
        Column::number("P99"),
        Column::number("FAILED"),
    ];

    fn fields() -> Vec<&'static str> {
        vec![
            "event_id",
            "seats",
            "buyers",
            "party",
            "took_ms",
            "requests",
            "requests_per_second",
            "confirmed",
            "waiting",
            "cancelled",
            "unknown",
            "errors",
            "latency",
            "histogram",
            "checks",
        ]
    }

    fn name(&self) -> String {
        self.event_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.buyers),
            Cell::new(self.requests),
            Cell::new(format!("{:.0}", self.requests_per_second)),
            Cell::new(format!("{:.1} ms", self.latency.p99)),
            Cell::new(self.checks.iter().filter(|check| check.has_failed()).count()),
        ]
    }

    fn portrait(&self, style: Style) -> String {
        let took = self.took_ms / 1e3;
        let Latency { p50, p90, p99, max } = self.latency;
        let errors = self.errors.iter().map(|(code, count)| format!("{count} {code}"));
        let errors = errors.collect::<Vec<_>>().join(", ");
        let figures = [
            ("Requests", format!("{} in {took:.1} s by {} buyers", self.requests, self.buyers)),
            ("Rate", format!("{:.0}/s", self.requests_per_second)),
            ("Confirmed", self.confirmed.to_string()),
            ("Waiting", self.waiting.to_string()),
            ("Cancelled", self.cancelled.to_string()),
            ("Errors", if errors.is_empty() { "none".to_owned() } else { errors }),
            ("Unknown", self.unknown.to_string()),
            ("Latency", format!("p50 {p50:.1} ms, p90 {p90:.1} ms, p99 {p99:.1} ms, max {max:.1} ms")),
        ];
        let figures: Vec<_> = figures.into_iter().map(|(name, text)| (name, Cell::new(text))).collect();
        let mut text = table::details(&figures, style);
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{}", histogram::draw(&self.histogram, style));
        let _ = write!(text, "\n{}", table::rows(&self.checks, style));
        text
    }
}
