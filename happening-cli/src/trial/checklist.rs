//! Checks, one after the other, and what came of each.

use crate::app::App;
use crate::output::{Check, Verdict};
use happening_core::client::ClientError;
use indicatif::ProgressBar;
use std::fmt::Debug;
use tokio::time::{Instant, timeout_at};

/// Something is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What should be.
    pub expected: String,
    /// What is.
    pub got: String,
}

impl Mismatch {
    pub fn new(expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { expected: expected.into(), got: got.into() }
    }
}

impl From<ClientError> for Mismatch {
    fn from(error: ClientError) -> Self {
        Self::new("success", describe(&error))
    }
}

/// An error with the status and code that a machine goes by.
pub fn describe(error: &ClientError) -> String {
    match error.problem() {
        Some(problem) => format!("{} {}: {}", problem.status, problem.code, problem.detail),
        None => error.to_string(),
    }
}

/// Whether two values are equal, and if not, which they are.
pub fn expect<T: PartialEq + Debug>(what: &str, expected: &T, got: &T) -> Result<(), Mismatch> {
    if expected == got {
        return Ok(());
    }
    Err(Mismatch::new(format!("{what} {expected:?}"), format!("{got:?}")))
}

/// A check has failed on which the next ones rest.
#[derive(Debug)]
pub struct Stopped;

/// The checks of a plan.
pub struct Checklist<'a> {
    app: &'a App<'a>,
    plan: &'static [&'static str],
    deadline: Instant,
    done: Vec<Check>,
    spinner: ProgressBar,
}

impl<'a> Checklist<'a> {
    /// Checks that are to be done within `--timeout`.
    pub fn new(app: &'a App<'a>, plan: &'static [&'static str]) -> Self {
        let spinner = app.console.spinner();
        Self { app, plan, deadline: Instant::now() + app.patience(), done: Vec::new(), spinner }
    }

    /// Until when.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// More time, for what must be done even though the time is up.
    pub fn extend_to(&mut self, deadline: Instant) {
        self.deadline = self.deadline.max(deadline);
    }

    /// Does a check.
    pub async fn check<T>(
        &mut self,
        name: &'static str,
        work: impl Future<Output = Result<T, Mismatch>>,
    ) -> Result<T, Stopped> {
        debug_assert!(self.plan.contains(&name), "`{name}` is not planned");
        self.spinner.set_message(format!("{} of {}: {name}", self.done.len() + 1, self.plan.len()));
        let begun = Instant::now();
        let result = timeout_at(self.deadline, work).await.unwrap_or_else(|_| {
            let patience = self.app.patience().as_secs_f32();
            Err(Mismatch::new("an answer in time", format!("none, {patience} s after the beginning")))
        });
        let verdict = match &result {
            Ok(_) => Verdict::Passed,
            Err(mismatch) => Verdict::Failed {
                expected: mismatch.expected.clone(),
                got: mismatch.got.clone(),
                request_id: self.app.last_request_id(),
            },
        };
        self.done.push(Check::new(name, verdict, begun.elapsed()));
        result.map_err(|_| Stopped)
    }

    /// Leaves a check out.
    pub fn skip(&mut self, name: &'static str, why: &str) {
        let verdict = Verdict::Skipped { why: why.to_owned() };
        self.done.push(Check::new(name, verdict, std::time::Duration::ZERO));
    }

    /// What came of all that was planned, in the plan's order.
    pub fn finish(mut self) -> Vec<Check> {
        self.spinner.finish_and_clear();
        let unreached = |name: &'static str| {
            let why = "a check on which it rests has failed".to_owned();
            Check::new(name, Verdict::Skipped { why }, std::time::Duration::ZERO)
        };
        let mut taken = |name: &'static str| {
            let at = self.done.iter().position(|check| check.name == name)?;
            Some(self.done.remove(at))
        };
        self.plan.iter().map(|&name| taken(name).unwrap_or_else(|| unreached(name))).collect()
    }
}
