//! Why somebody waits, and what would happen if.

use super::{book_any, booking, cancel, context, run, terms};
use crate::booking::{Amendment, Change, Command, EventState, Outcome, Refusal};
use crate::booking::{EventStatus, WaitReason, WaitlistPolicy};
use proptest::prelude::*;

/// An event of so many seats, and parties of these sizes that come one after the other.
fn event(capacity: u32, policy: WaitlistPolicy, bypass_limit: u32, parties: &[u32]) -> EventState {
    let mut state = EventState::new(terms(capacity, policy, bypass_limit));
    for (number, seats) in (1..).zip(parties) {
        let _ = run(&mut state, &mut Vec::new(), &book_any(number, *seats));
    }
    state.settle(state.version() + 1);
    state
}

/// Who would be served: booking, seats, what it still waits for.
fn promoted(changes: &[Change]) -> Vec<(u128, usize, u32)> {
    let served = changes.iter().filter_map(|change| match change {
        Change::Promoted { waiting, seats, rest, .. } => Some((waiting.0.as_u128(), seats.len(), *rest)),
        _ => None,
    });
    served.collect()
}

#[test]
fn the_line_ahead_is_what_a_party_waits_for() {
    let state = event(4, WaitlistPolicy::Split, 3, &[4, 3, 2, 4]);
    let standing = state.standing(booking(4), &context()).expect("waits");
    assert_eq!((standing.ahead.len(), standing.seats_ahead), (2, 5));
    assert_eq!(standing.reason, WaitReason::BehindOthers);
    assert_eq!((standing.must_come_free, standing.first_seats_after), (Some(9), Some(6)));
    let head = state.standing(booking(2), &context()).expect("waits");
    assert_eq!((head.reason, head.must_come_free), (WaitReason::SeatsNeeded, Some(3)));
    assert_eq!(head.first_seats_after, Some(1), "split gives the head what is free");
    assert_eq!(state.standing(booking(1), &context()), None, "it has its seats");
}

#[test]
fn under_whole_a_small_party_passes_until_the_limit_is_reached() {
    let state = event(4, WaitlistPolicy::Whole, 1, &[4, 3, 1]);
    let small = state.standing(booking(3), &context()).expect("waits");
    assert_eq!((small.reason, small.must_come_free), (WaitReason::BehindOthers, Some(4)));
    assert_eq!(small.first_seats_after, Some(1), "it would go first");
    let strict = event(4, WaitlistPolicy::Whole, 0, &[4, 3, 1]);
    let small = strict.standing(booking(3), &context()).expect("waits");
    assert_eq!((small.reason, small.first_seats_after), (WaitReason::GatheringForHead, Some(4)));
    let head = strict.standing(booking(2), &context()).expect("waits");
    assert_eq!(head.first_seats_after, Some(3), "whole gives the head nothing before it fits");
}

#[test]
fn nobody_is_served_at_a_closed_event() {
    let mut state = event(1, WaitlistPolicy::Split, 3, &[1, 1]);
    let close = Amendment { status: Some(EventStatus::Cancelled), ..Amendment::default() };
    run(&mut state, &mut Vec::new(), &Command::Amend(close)).expect("closed");
    let standing = state.standing(booking(2), &context()).expect("waits");
    assert_eq!((standing.reason, standing.must_come_free), (WaitReason::Closed, None));
    assert_eq!(promoted(&state.if_free(1, &context()).changes), []);
}

#[test]
fn what_is_foreseen_changes_nothing() {
    let state = event(4, WaitlistPolicy::Split, 3, &[4, 3, 2]);
    let before = format!("{:?}", state.waitlist().iter().collect::<Vec<_>>());
    assert_eq!(promoted(&state.if_free(2, &context()).changes), [(2, 2, 1)]);
    assert_eq!(
        promoted(&state.if_free(99, &context()).changes),
        [(2, 3, 0), (3, 1, 1)],
        "no more than are booked"
    );
    let cancelled = state.foresee(&cancel(1), &context()).expect("cancelled");
    assert_eq!(promoted(&cancelled.changes), [(2, 3, 0), (3, 1, 1)]);
    assert_eq!(cancelled.state.seats().free(), 0);
    let larger = Command::Amend(Amendment { capacity: Some(9), ..Amendment::default() });
    let larger = state.foresee(&larger, &context()).expect("resized");
    assert_eq!((promoted(&larger.changes).len(), larger.state.waitlist().len()), (2, 0));
    let smaller = Command::Amend(Amendment { capacity: Some(3), ..Amendment::default() });
    assert_eq!(state.foresee(&smaller, &context()).err(), Some(Refusal::CapacityBelowBooked { highest: 4 }));
    let unknown = state.foresee(&cancel(77), &context()).expect("nothing to do");
    assert_eq!(unknown.outcomes, [Outcome::AlreadyCancelled]);
    let both = state.foresee_all(&[cancel(2), cancel(1)], &context()).expect("cancelled");
    assert_eq!(promoted(&both.changes), [(3, 2, 0)], "the second is decided after the first");
    assert_eq!((both.outcomes.len(), both.state.seats().free()), (2, 2));
    assert_eq!(format!("{:?}", state.waitlist().iter().collect::<Vec<_>>()), before);
    assert_eq!((state.seats().free(), state.version()), (0, 1));
}

proptest! {
    #[test]
    fn what_must_come_free_is_what_does_it(
        capacity in 1u32..12,
        parties in prop::collection::vec(1u32..6, 1..12),
        whole in any::<bool>(),
        limit in 0u32..3,
    ) {
        let policy = if whole { WaitlistPolicy::Whole } else { WaitlistPolicy::Split };
        let state = event(capacity, policy, limit, &parties);
        let waiting: Vec<_> = state.waitlist().iter().copied().collect();
        for party in waiting {
            let standing = state.standing(party.booking, &context()).expect("waits");
            let booked = state.seats().taken();
            let served = |seats: u64| {
                let seats = u32::try_from(seats).expect("few");
                let foreseen = promoted(&state.if_free(seats, &context()).changes);
                foreseen.iter().find(|(served, ..)| *served == party.booking.0.as_u128()).copied()
            };
            if let Some(all) = standing.must_come_free.filter(|all| *all <= booked.into()) {
                prop_assert!(served(all).is_some_and(|(_, _, rest)| rest == 0), "{standing:?}");
            }
            if let Some(first) = standing.first_seats_after.filter(|first| *first <= booked.into()) {
                prop_assert!(served(first).is_some(), "{standing:?}");
                prop_assert!((1..first).all(|fewer| served(fewer).is_none()), "{standing:?}");
            }
        }
    }
}
