//! What clients asked and saw: `ok`, refused, or unknown, which is counted and never dropped.

use crate::stack::Window;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{Booking, BookingStatus};
use std::time::{Duration, Instant};

/// What was asked.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    Book(EventId),
    Cancel(BookingId),
}

/// What came back.
#[derive(Debug, Clone)]
pub enum Seen {
    Booked(Booking),
    Cancelled,
    Refused {
        status: u16,
        retry_after: bool,
    },
    /// No answer, or a broken one: whether it was done is open.
    Unknown(#[expect(dead_code, reason = "told when a test fails")] String),
}

/// One call of one client.
#[derive(Debug, Clone)]
pub struct Call {
    pub client: usize,
    pub daemon: usize,
    pub begun: Instant,
    pub took: Duration,
    pub asked: Asked,
    pub seen: Seen,
}

impl Call {
    pub fn ended(&self) -> Instant {
        self.begun + self.took
    }

    /// A failure of the service: no answer, or one that blames the server.
    pub fn is_failure(&self) -> bool {
        matches!(self.seen, Seen::Unknown(_) | Seen::Refused { status: 500.., .. })
    }

    /// Refused in a way that tells the client to come back.
    pub fn is_come_back(&self) -> bool {
        matches!(self.seen, Seen::Refused { status: 503, retry_after: true })
    }

    pub fn booking(&self) -> Option<&Booking> {
        match &self.seen {
            Seen::Booked(booking) => Some(booking),
            _ => None,
        }
    }

    pub fn is_confirmed(&self) -> bool {
        self.booking().is_some_and(|booking| booking.status == BookingStatus::Confirmed)
    }
}

/// Calls in the order in which they ended.
#[derive(Debug, Clone, Default)]
pub struct History(pub Vec<Call>);

impl History {
    /// The calls for which this holds.
    pub fn only(&self, keep: impl Fn(&Call) -> bool) -> Self {
        Self(self.0.iter().filter(|call| keep(call)).cloned().collect())
    }

    /// The calls that began in this time.
    pub fn begun_between(&self, from: Instant, to: Instant) -> Self {
        self.only(|call| call.begun >= from && call.begun < to)
    }

    pub fn begun_after(&self, from: Instant) -> Self {
        self.only(|call| call.begun >= from)
    }

    pub fn failures(&self) -> Self {
        self.only(Call::is_failure)
    }

    pub fn bookings(&self) -> impl Iterator<Item = &Booking> {
        self.0.iter().filter_map(Call::booking)
    }

    /// Nobody noticed anything. There must have been somebody.
    pub fn assert_flawless(&self, when: &str) {
        assert!(self.0.len() > 50, "only {} calls {when}", self.0.len());
        let failures = self.failures();
        assert!(failures.0.is_empty(), "{} failures {when}: {:?}", failures.0.len(), failures.0.first());
    }

    /// The time within which so many per cent of the calls were answered.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut times: Vec<Duration> = self.0.iter().map(|call| call.took).collect();
        times.sort_unstable();
        times
            .get((times.len() * percent / 100).min(times.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    }

    pub fn slowest(&self) -> Duration {
        self.percentile(100)
    }

    /// How long an answer may take and still be as quick as ever: `idle` on a machine that does nothing else, and on a busy
    /// one several times what the same clients waited for before `fault`.
    pub fn as_quick_as_before(&self, fault: Instant, idle: Duration) -> Duration {
        let before = self.only(|call| call.ended() < fault);
        idle.max(5 * before.percentile(95))
    }

    /// A part that stalls costs each client one slow answer at most, and after a moment the service is as quick as ever.
    pub fn assert_one_slow_answer_at_most(&self, window: Window) {
        let during = self.only(|call| call.ended() >= window.begun && call.begun < window.ended);
        let slow = self.as_quick_as_before(window.begun, Duration::from_secs(1));
        let clients = during.0.iter().map(|call| call.client).max().unwrap_or_default() + 1;
        for client in 0..clients {
            let slow = during.only(|call| call.client == client && call.took > slow);
            assert!(slow.0.len() <= 1, "client {client} waited for {} slow answers: {slow:?}", slow.0.len());
        }
        let used_to_it = self.begun_between(window.begun + Duration::from_millis(1_500), window.ended);
        let p95 = used_to_it.percentile(95);
        let quick = self.as_quick_as_before(window.begun, Duration::from_millis(300));
        assert!(p95 < quick, "p95 is {p95:?} in {} calls, not within {quick:?}", used_to_it.0.len());
    }
}
