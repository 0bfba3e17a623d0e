//! Checks of `smoke` and `load`.

use super::{Cell, Column, Record, Style, Tone, table};
use chrono::{DateTime, Utc};
use happening_core::id::{EventId, OrganizationId};
use serde::Serialize;
use std::time::Duration;

/// Something that was checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What should be so.
    #[serde(rename = "check")]
    pub name: &'static str,
    /// Whether it is.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// How long that took, in milliseconds.
    pub took_ms: f64,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Verdict {
    /// It is so.
    Passed,
    /// It is not.
    Failed {
        /// What should be.
        expected: String,
        /// What is.
        got: String,
        /// The last request before that; absent where there was none.
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
    },
    /// It was not looked at.
    Skipped {
        /// Why.
        why: String,
    },
}

impl Check {
    pub fn new(name: &'static str, verdict: Verdict, took: Duration) -> Self {
        Self { name, verdict, took_ms: took.as_secs_f64() * 1e3 }
    }

    pub fn has_failed(&self) -> bool {
        matches!(self.verdict, Verdict::Failed { .. })
    }

    /// In words, why it did not pass.
    pub fn reason(&self) -> Option<String> {
        match &self.verdict {
            Verdict::Passed => None,
            Verdict::Failed { expected, got, request_id } => {
                let id = request_id.as_ref().map_or_else(String::new, |id| format!(" (request id {id})"));
                Some(format!("expected {expected}, got {got}{id}"))
            }
            Verdict::Skipped { why } => Some(why.clone()),
        }
    }
}

impl Record for Check {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::text("CHECK"),
        Column::whole("STATUS"),
        Column::number("TOOK").spare(),
        Column::text("WHY"),
    ];

    fn fields() -> Vec<&'static str> {
        vec!["check", "status", "expected", "got", "request_id", "why", "took_ms"]
    }

    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn cells(&self) -> Vec<Cell> {
        let (word, tone) = match self.verdict {
            Verdict::Passed => ("passed", Tone::Good),
            Verdict::Failed { .. } => ("failed", Tone::Bad),
            Verdict::Skipped { .. } => ("skipped", Tone::Attention),
        };
        vec![
            Cell::new(self.name),
            Cell::new(word).tone(tone),
            Cell::new(format!("{:.0} ms", self.took_ms)),
            Cell::new(self.reason().unwrap_or_default()),
        ]
    }
}

/// What `smoke` has found.
#[derive(Debug, Serialize)]
pub struct SmokeReport {
    /// The daemon's address.
    pub server: String,
    /// Where the checks took place.
    pub organization_id: OrganizationId,
    /// At which event; absent if none came about.
    pub event_id: Option<EventId>,
    /// When they began.
    pub started_at: DateTime<Utc>,
    /// How long all of them took, in milliseconds.
    pub took_ms: f64,
    /// Checks that passed.
    pub passed: usize,
    /// Checks that failed.
    pub failed: usize,
    /// Checks that were left out.
    pub skipped: usize,
    /// Each of them.
    pub checks: Vec<Check>,
}

impl Record for SmokeReport {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::number("PASSED"), Column::number("FAILED"), Column::number("SKIPPED")];

    fn fields() -> Vec<&'static str> {
        vec![
            "server",
            "organization_id",
            "event_id",
            "started_at",
            "took_ms",
            "passed",
            "failed",
            "skipped",
            "checks",
        ]
    }

    fn name(&self) -> String {
        if self.failed > 0 { "failed" } else { "passed" }.to_owned()
    }

    fn cells(&self) -> Vec<Cell> {
        [self.passed, self.failed, self.skipped].map(Cell::new).to_vec()
    }

    fn portrait(&self, style: Style) -> String {
        let (passed, failed, skipped) = (self.passed, self.failed, self.skipped);
        let took = self.took_ms / 1e3;
        let sum = format!("{passed} passed, {failed} failed, {skipped} skipped, in {took:.1} s\n");
        table::rows(&self.checks, style) + "\n" + &sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_tells_why_it_failed() {
        let failed = Verdict::Failed {
            expected: "status 201".into(),
            got: "409\u{1b}[2J".into(),
            request_id: Some("req-1".into()),
        };
        let checks = [
            Check::new("seats are booked", Verdict::Passed, Duration::from_millis(12)),
            Check::new("a conflict is refused", failed, Duration::from_micros(1600)),
            Check::new("told", Verdict::Skipped { why: "not for you".into() }, Duration::ZERO),
        ];
        insta::assert_snapshot!(table::rows(&checks, Style::plain(None)), @"
        CHECK                  STATUS    TOOK  WHY
        seats are booked       passed   12 ms
        a conflict is refused  failed    2 ms  expected status 201, got 409␛[2J (request id req-1)
        told                   skipped   0 ms  not for you
        ");
        insta::assert_json_snapshot!(checks[1], @r#"
        {
          "check": "a conflict is refused",
          "status": "failed",
          "expected": "status 201",
          "got": "409\u001b[2J",
          "request_id": "req-1",
          "took_ms": 1.6
        }
        "#);
    }
}
