//! What does not agree with what, and how it most likely came about: comparisons of what was read, without a clock and
//! without I/O.

use crate::counters::{Observed, line_digest};
use crate::store::{CounterSnapshot, EventTotals, SeatMismatch};
use happening_core::wire::{BookingStatus, Drift, DriftKind};
use std::fmt::Display;

/// Rows are written together in one commit, so the daemon itself cannot part them.
const BY_HAND: &str = "rows were changed past the daemon: each commit writes them together";

/// The counters of an event at one instant, with the digest of their line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub counters: Observed,
    pub line: String,
}

fn found(
    event: &EventTotals,
    kind: DriftKind,
    expected: impl Display,
    found: impl Display,
    cause: &str,
) -> Drift {
    Drift {
        kind,
        event_id: event.event,
        event_name: event.name.clone(),
        booking_id: None,
        expected: expected.to_string(),
        found: found.to_string(),
        cause: cause.to_owned(),
        fixable: kind.is_derived(),
        fixed: false,
    }
}

/// Where an event's row disagrees with its bookings and seats, and these with each other.
pub(super) fn of_rows(event: &EventTotals) -> Vec<Drift> {
    let mut drifts = Vec::new();
    let mut differs = |kind, expected: u64, actual: u64, cause: &str| {
        if expected != actual {
            drifts.push(found(event, kind, expected, actual, cause));
        }
    };
    let available = event.total.saturating_sub(event.booked);
    differs(DriftKind::AvailableSlots, available.into(), event.available.into(), BY_HAND);
    differs(DriftKind::Waiting, event.in_line.into(), event.waiting.into(), BY_HAND);
    differs(
        DriftKind::SeatTwice,
        event.distinct.into(),
        event.booked.into(),
        "the unique index on booked seats is gone or was circumvented: look at the bookings of these seats",
    );
    differs(DriftKind::SeatBeyondCapacity, 0, event.beyond.into(), "total_slots was lowered past the daemon");
    differs(
        DriftKind::SeatWithoutBooking,
        0,
        event.orphaned.into(),
        "bookings were deleted past the daemon, their seats were not",
    );
    if event.next_number <= event.last_number {
        let expected = format!("more than {}", event.last_number);
        drifts.push(found(event, DriftKind::NextWaitingNumber, expected, event.next_number, BY_HAND));
    }
    drifts
}

/// Whether more seats are free than the event's row says.
pub(super) fn has_unknown_free_seats(event: &EventTotals) -> bool {
    event.total.saturating_sub(event.booked) > event.available
}

/// Where a booking disagrees with its seats.
pub(super) fn of_booking(event: &EventTotals, mismatch: &SeatMismatch) -> Drift {
    let kind = match (mismatch.status, mismatch.held) {
        (BookingStatus::Confirmed, 0) => DriftKind::BookingWithoutSeats,
        (BookingStatus::Confirmed, _) => DriftKind::BookingSeatCount,
        _ => DriftKind::SeatsOfUnconfirmed,
    };
    let expected = if mismatch.status == BookingStatus::Confirmed { mismatch.seats } else { 0 };
    let cause = format!("{BY_HAND}; whether booking or seats are right, only people know");
    Drift {
        booking_id: Some(mismatch.booking),
        ..found(event, kind, format!("{expected} seats"), format!("{} seats", mismatch.held), &cause)
    }
}

/// Where the counters, read earlier, disagree with the truth.
pub(super) fn of_counters(event: &EventTotals, truth: &CounterSnapshot, seen: &Seen) -> Vec<Drift> {
    let drift = |kind, expected: &dyn Display, actual: &dyn Display, cause: &str| {
        vec![found(event, kind, expected, actual, cause)]
    };
    let (mark, counters) = (&truth.mark, &seen.counters);
    let Some(version) = counters.version else {
        let cause =
            "the keys are gone or unreadable: flushed, evicted, restarted empty, or overwritten by hand";
        return drift(DriftKind::CountersMissing, &format!("version {}", mark.version), &"none", cause);
    };
    if version < mark.version {
        let cause =
            "the last commits did not reach the counters: they were away, or were restored from an old dump";
        return drift(DriftKind::CountersBehind, &mark.version, &version, cause);
    }
    if version > mark.version {
        let cause = "no such commit was made: written by hand, or the database was restored from a backup";
        return drift(DriftKind::CountersAhead, &mark.version, &version, cause);
    }
    let by_hand = "the version is right, so no commit did this: changed by hand or by another program";
    let mut drifts = Vec::new();
    if counters.available != Some(mark.available.into()) {
        let actual = counters.available.map_or_else(|| "none".to_owned(), |slots| slots.to_string());
        drifts.extend(drift(DriftKind::CountersSlots, &mark.available, &actual, by_hand));
    }
    if counters.waiting != Some(truth.waitlist.len() as u64) {
        let actual = counters.waiting.map_or_else(|| "no list".to_owned(), |waiting| waiting.to_string());
        drifts.extend(drift(DriftKind::CountersWaitlist, &truth.waitlist.len(), &actual, by_hand));
    } else if seen.line != line_digest(&truth.waitlist) {
        let cause = format!("{by_hand}; as many wait, but others or in another order");
        drifts.extend(drift(
            DriftKind::CountersWaitlist,
            &"the line of the bookings",
            &"another line",
            &cause,
        ));
    }
    drifts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;
    use crate::store::EventCounts;
    use happening_core::wire::EventStatus;

    fn event() -> EventTotals {
        EventTotals {
            event: Ids::seeded(1).event(),
            name: "Evening".to_owned(),
            status: EventStatus::Upcoming,
            version: 7,
            total: 10,
            available: 4,
            waiting: 2,
            next_number: 9,
            booked: 6,
            distinct: 6,
            beyond: 0,
            orphaned: 0,
            in_line: 2,
            last_number: 8,
        }
    }

    fn kinds(drifts: &[Drift]) -> Vec<DriftKind> {
        drifts.iter().map(|drift| drift.kind).collect()
    }

    #[test]
    fn rows_that_agree_have_no_drift_and_each_that_does_not_is_named() {
        assert_eq!(of_rows(&event()), []);
        let cases = [
            (EventTotals { available: 5, ..event() }, DriftKind::AvailableSlots),
            (EventTotals { waiting: 3, ..event() }, DriftKind::Waiting),
            (EventTotals { next_number: 8, ..event() }, DriftKind::NextWaitingNumber),
            (EventTotals { distinct: 5, ..event() }, DriftKind::SeatTwice),
            (EventTotals { beyond: 1, ..event() }, DriftKind::SeatBeyondCapacity),
            (EventTotals { orphaned: 1, ..event() }, DriftKind::SeatWithoutBooking),
        ];
        for (counters, kind) in cases {
            let drifts = of_rows(&counters);
            assert_eq!(kinds(&drifts), [kind]);
            assert_eq!(drifts[0].fixable, kind.is_derived());
        }
    }

    #[test]
    fn bookings_are_told_apart() {
        let booking = Ids::seeded(2).booking();
        let mismatch = |status, held| SeatMismatch { booking, event: event().event, status, seats: 2, held };
        let kind = |status, held| of_booking(&event(), &mismatch(status, held)).kind;
        assert_eq!(kind(BookingStatus::Confirmed, 0), DriftKind::BookingWithoutSeats);
        assert_eq!(kind(BookingStatus::Confirmed, 1), DriftKind::BookingSeatCount);
        assert_eq!(kind(BookingStatus::Cancelled, 2), DriftKind::SeatsOfUnconfirmed);
        assert!(!of_booking(&event(), &mismatch(BookingStatus::Waiting, 1)).fixable);
    }

    #[test]
    fn counters_are_compared_by_version_first() {
        let ids = Ids::seeded(3);
        let waitlist = vec![ids.user(), ids.user()];
        let mark = EventCounts { event: event().event, version: 7, available: 4, waiting: 2 };
        let line = line_digest(&waitlist);
        let truth = CounterSnapshot { mark, waitlist };
        let counters = Observed { version: Some(7), available: Some(4), waiting: Some(2) };
        let compared = |counters: Observed, line: &str| {
            kinds(&of_counters(&event(), &truth, &Seen { counters, line: line.to_owned() }))
        };
        assert_eq!(compared(counters, &line), []);
        let version = |version| Observed { version, available: Some(999), waiting: None };
        assert_eq!(compared(version(None), &line), [DriftKind::CountersMissing]);
        assert_eq!(compared(version(Some(6)), &line), [DriftKind::CountersBehind]);
        assert_eq!(compared(version(Some(8)), &line), [DriftKind::CountersAhead]);
        let both = Observed { available: Some(5), waiting: Some(1), ..counters };
        assert_eq!(compared(both, &line), [DriftKind::CountersSlots, DriftKind::CountersWaitlist]);
        assert_eq!(compared(counters, "another"), [DriftKind::CountersWaitlist]);
        assert_eq!(compared(Observed { available: None, ..counters }, &line), [DriftKind::CountersSlots]);
    }
}
