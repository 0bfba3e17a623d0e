//! The reports that CI collects.

use super::story::PLAN;
use crate::exit::CliError;
use crate::output::{Check, SmokeReport, Verdict};
use anyhow::Context as _;
use chrono::{DateTime, Utc};
use happening_core::clock::Clock;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the suite is called.
const SUITE: &str = "happening smoke";

/// Where they go.
pub struct Reports {
    pub junit: Option<PathBuf>,
    pub json: Option<PathBuf>,
}

impl Reports {
    /// Replaces those of an earlier run, before anything is made: one that does not come to its end must not be taken for
    /// green. What cannot be written is told now.
    pub fn begin(&self, clock: &Clock) -> anyhow::Result<()> {
        let unwritable = |error: anyhow::Error| CliError::Usage(format!("{error:#}"));
        if let Some(path) = &self.junit {
            put(path, &unfinished(clock.now())?).map_err(unwritable)?;
        }
        if let Some(path) = &self.json {
            put(path, "{\"failed\": 1, \"checks\": [], \"detail\": \"the run did not come to its end\"}\n")
                .map_err(unwritable)?;
        }
        Ok(())
    }

    /// Writes them.
    pub fn write(&self, report: &SmokeReport) -> anyhow::Result<()> {
        if let Some(path) = &self.junit {
            put(path, &junit(report)?)?;
        }
        if let Some(path) = &self.json {
            put(path, &(serde_json::to_string_pretty(report)? + "\n"))?;
        }
        Ok(())
    }
}

fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// A report in which everything is an error.
fn unfinished(at: DateTime<Utc>) -> anyhow::Result<String> {
    let cases = PLAN.iter().map(|name| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message("the run did not come to its end");
        case(name, status, 0.0)
    });
    text(cases, at, 0.0)
}

fn junit(report: &SmokeReport) -> anyhow::Result<String> {
    let cases = report.checks.iter().map(|check| case(check.name, status(check), check.took_ms));
    text(cases, report.started_at, report.took_ms)
}

fn status(check: &Check) -> TestCaseStatus {
    let mut status = match check.verdict {
        Verdict::Passed => return TestCaseStatus::success(),
        Verdict::Failed { .. } => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Skipped { .. } => TestCaseStatus::skipped(),
    };
    status.set_message(check.reason().unwrap_or_default());
    status
}

fn case(name: &str, status: TestCaseStatus, took_ms: f64) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname("happening.smoke").set_time(milliseconds(took_ms));
    case
}

fn text(cases: impl Iterator<Item = TestCase>, at: DateTime<Utc>, took_ms: f64) -> anyhow::Result<String> {
    let mut suite = TestSuite::new(SUITE);
    suite.set_timestamp(at).set_time(milliseconds(took_ms));
    suite.add_test_cases(cases);
    let mut report = Report::new(SUITE);
    report.set_timestamp(at).set_time(milliseconds(took_ms));
    report.add_test_suite(suite);
    Ok(report.to_string()?)
}

fn milliseconds(ms: f64) -> Duration {
    Duration::from_secs_f64(ms / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use happening_core::id::OrganizationId;

    fn report() -> SmokeReport {
        let failed = Verdict::Failed {
            expected: "seats [1, 2] & <no> more".into(),
            got: "\"409\"\u{1b}[2J".into(),
            request_id: Some("req-1".into()),
        };
        SmokeReport {
            server: "http://daemon/".into(),
            organization_id: OrganizationId("0197a1b2-0000-7000-8000-000000000001".parse().unwrap()),
            event_id: None,
            started_at: "2026-12-01T19:00:00Z".parse().unwrap(),
            took_ms: 12.0,
            passed: 1,
            failed: 1,
            skipped: 1,
            checks: vec![
                Check::new(PLAN[0], Verdict::Passed, Duration::from_millis(2)),
                Check::new(PLAN[1], failed, Duration::from_millis(10)),
                Check::new(PLAN[2], Verdict::Skipped { why: "so".into() }, Duration::ZERO),
            ],
        }
    }

    #[test]
    fn junit_tells_what_passed_and_what_did_not() {
        let text = junit(&report()).unwrap();
        assert!(!text.contains('\u{1b}'), "no XML has it: {text}");
        assert!(
            text.contains("<testcase name=\"the daemon is ready\" classname=\"happening.smoke\""),
            "{text}"
        );
        assert!(text.contains("seats [1, 2] &amp; &lt;no&gt; more, got "), "{text}");
        let read = Report::deserialize_from_str(&text).unwrap();
        assert_eq!((read.tests, read.failures, read.errors), (3, 1, 0));
        assert_eq!(read.test_suites[0].skipped, 1);
    }

    #[test]
    fn a_report_is_red_until_the_run_has_ended() {
        let text = unfinished("2026-12-01T19:00:00Z".parse().unwrap()).unwrap();
        let read = Report::deserialize_from_str(&text).unwrap();
        assert_eq!((read.tests, read.errors), (PLAN.len(), PLAN.len()));
    }
}
