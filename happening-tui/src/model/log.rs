//! The calls that were made.

use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use std::time::Duration;

/// Calls that are remembered.
const MOST: usize = 2_000;

/// A call of the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// `GET` and its like.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The status; absent if there was no answer.
    pub status: Option<u16>,
    /// How long it took.
    pub took: Duration,
    /// Under which the daemon's log has it.
    pub request_id: Option<String>,
    /// The command that does the same.
    pub command: String,
    /// What was sent.
    pub body: Option<String>,
}

/// All that are remembered, the newest last.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// The calls with their numbers.
    pub calls: VecDeque<(u64, Call)>,
    next: u64,
}

impl Log {
    /// One more.
    pub fn push(&mut self, call: Call) {
        self.next += 1;
        self.calls.push_back((self.next, call));
        if self.calls.len() > MOST {
            self.calls.pop_front();
        }
    }

    /// The call of a number.
    pub fn find(&self, number: u64) -> Option<&Call> {
        let first = self.calls.front()?.0;
        self.calls.get(usize::try_from(number.checked_sub(first)?).ok()?).map(|(_, call)| call)
    }
}
