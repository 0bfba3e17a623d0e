//! The rules of the waitlist, each by example.

use super::{book_any, book_named, booking, cancel, ids_from, now, terms, user};
use crate::booking::{
    Amendment, AnySeats, Change, Command, Context, EventState, Lessened, Limits, Outcome, Refusal, SeatNo,
    SeatSelection, Seats,
};
use crate::booking::{EventStatus, WaitlistPolicy};
use chrono::{DateTime, Duration, Utc};

/// An event and what happened to it.
struct Event {
    state: EventState,
    changes: Vec<Change>,
    now: DateTime<Utc>,
    limits: Limits,
}

impl Event {
    fn new(capacity: u32, policy: WaitlistPolicy, bypass_limit: u32) -> Self {
        Self::of(EventState::new(terms(capacity, policy, bypass_limit)))
    }

    fn of(state: EventState) -> Self {
        Self { state, changes: Vec::new(), now: now(), limits: Limits::default() }
    }

    fn ask(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let context = Context { now: self.now, limits: self.limits };
        let first = 1_000 + self.changes.len() as u128;
        self.state.decide(command, &context, &mut self.changes, &mut ids_from(first))
    }

    fn amend(&mut self, amendment: Amendment) -> Result<Outcome, Refusal> {
        self.ask(&Command::Amend(amendment))
    }

    fn confirmed(&mut self, command: &Command) -> Vec<SeatNo> {
        match self.ask(command) {
            Ok(Outcome::Confirmed { seats }) => seats.to_vec(),
            other => panic!("{command:?} was to be confirmed: {other:?}"),
        }
    }

    fn waits(&mut self, command: &Command) -> u64 {
        match self.ask(command) {
            Ok(Outcome::Waiting { number, .. }) => number,
            other => panic!("{command:?} was to wait: {other:?}"),
        }
    }

    fn seats_of(&self, number: u128) -> Vec<SeatNo> {
        self.state.seats_of(booking(number)).map(|seats| seats.to_vec()).unwrap_or_default()
    }

    /// Parties in line: booking and seats wanted.
    fn line(&self) -> Vec<(u128, u32)> {
        self.state.waitlist().iter().map(|party| (party.booking.0.as_u128(), party.seats)).collect()
    }
}

#[test]
fn the_order_is_a_number_drawn_once() {
    let mut event = Event::new(1, WaitlistPolicy::Split, 3);
    event.confirmed(&book_any(1, 1));
    assert_eq!((event.waits(&book_any(2, 1)), event.waits(&book_any(3, 1))), (1, 2));
    event.ask(&cancel(3)).expect("leaves");
    assert_eq!(event.waits(&book_any(4, 1)), 3, "the number of a party that left is never used again");
    event.ask(&cancel(1)).expect("frees");
    event.ask(&cancel(4)).expect("leaves");
    assert_eq!(event.waits(&book_any(5, 1)), 4, "nor when nobody waits any more");
}

#[test]
fn what_fits_is_confirmed_at_once_and_what_does_not_waits_whole_and_takes_nothing() {
    let mut event = Event::new(5, WaitlistPolicy::Split, 3);
    assert_eq!(event.confirmed(&book_any(1, 3)), [1, 2, 3]);
    assert_eq!(event.waits(&book_any(2, 3)), 1);
    assert_eq!((event.seats_of(2), event.state.seats().free()), (vec![], 2));
    assert_eq!(event.confirmed(&book_any(3, 1)), [4], "what is free stays open to smaller ones");
    assert_eq!(event.confirmed(&book_named(4, &[5])), [5]);
}

#[test]
fn a_commit_that_frees_seats_serves_the_head_with_all_that_is_free() {
    let mut event = Event::new(5, WaitlistPolicy::Split, 3);
    event.confirmed(&book_any(1, 3));
    event.waits(&book_any(2, 4));
    event.waits(&book_any(3, 3));
    assert_eq!(event.state.seats().free(), 2);
    let freed = event.ask(&Command::CancelSeats { booking: booking(1), seats: vec![2, 4, 9] });
    assert_eq!(
        freed,
        Ok(Outcome::SeatsCancelled { freed: Seats::from_slice(&[2]), lessened: vec![] }),
        "foreign seats count for nothing"
    );
    let Some(Change::Promoted { booking: part, seats, rest: 1, .. }) = event.changes.last() else {
        panic!("the head was to be served: {:?}", event.changes.last())
    };
    assert_eq!((seats.as_slice(), event.line()), ([2, 4, 5].as_slice(), vec![(2, 1), (3, 3)]));
    assert_ne!(*part, booking(2), "the part is a booking of its own, the rest keeps its place");

    event.ask(&cancel(1)).expect("cancels");
    assert_eq!(event.seats_of(2), [1]);
    assert_eq!(event.line(), [(3, 2)], "what the head does not need goes to the next, in part too");
}

#[test]
fn more_seats_and_a_party_that_leaves_serve_the_line_too() {
    for policy in [WaitlistPolicy::Split, WaitlistPolicy::Whole] {
        let mut event = Event::new(2, policy, 0);
        event.confirmed(&book_any(1, 1));
        event.waits(&book_any(2, 2));
        event.waits(&book_any(3, 2));
        event.amend(Amendment { capacity: Some(3), ..Amendment::default() }).expect("grows");
        assert_eq!((event.seats_of(2), event.line()), (vec![2, 3], vec![(3, 2)]), "{policy}");
        event.ask(&cancel(1)).expect("frees one");
        let (rest, free) = if policy == WaitlistPolicy::Split { (1, 0) } else { (2, 1) };
        assert_eq!((event.line(), event.state.seats().free()), (vec![(3, rest)], free), "{policy}");
    }
    // A party that wanted too much leaves, and the next one fits.
    let mut event = Event::new(3, WaitlistPolicy::Whole, 0);
    event.confirmed(&book_any(1, 2));
    event.waits(&book_any(2, 2));
    event.waits(&book_any(3, 1));
    event.ask(&cancel(2)).expect("leaves");
    assert_eq!(event.seats_of(3), [3]);
    // Under `split` what is free stays open until seats come free; a party that leaves counts as that.
    let mut event = Event::new(3, WaitlistPolicy::Split, 0);
    event.confirmed(&book_any(1, 2));
    event.waits(&book_any(2, 2));
    event.waits(&book_any(3, 2));
    event.ask(&cancel(2)).expect("leaves");
    assert_eq!((event.line(), event.state.seats().free()), (vec![(3, 1)], 0));
}

#[test]
fn whole_lets_smaller_parties_pass_a_limited_number_of_times_then_gathers_for_the_head() {
    let mut event = Event::new(4, WaitlistPolicy::Whole, 2);
    for number in 1..=4 {
        event.confirmed(&book_any(number, 1));
    }
    event.waits(&book_any(5, 3));
    event.waits(&book_any(6, 1));
    event.waits(&book_any(7, 1));
    event.ask(&cancel(1)).expect("frees seat 1");
    let Some(Change::Promoted { pass: Some(pass), ahead: 1, .. }) = event.changes.last() else {
        panic!("a pass: {:?}", event.changes.last())
    };
    assert_eq!((pass.head, pass.head_seats, pass.count, pass.limit), (booking(5), 3, 1, 2));
    event.ask(&cancel(2)).expect("frees seat 2");
    assert_eq!((event.seats_of(6), event.seats_of(7)), (vec![1], vec![2]), "two passed");

    event.ask(&cancel(3)).expect("frees seat 3");
    assert_eq!(event.waits(&book_any(8, 1)), 4, "nobody passes any more, a newcomer neither");
    let conflict = Refusal::SeatsConflict { unavailable: Seats::from_slice(&[3]) };
    assert_eq!(event.ask(&book_named(9, &[3])), Err(conflict), "nor by name");
    event.ask(&cancel(4)).expect("frees seat 4");
    assert_eq!(event.line(), [(5, 3), (8, 1)], "two gathered, the head wants three");
    event.ask(&cancel(6)).expect("frees seat 1");
    assert_eq!((event.seats_of(5), event.line()), (vec![1, 3, 4], vec![(8, 1)]));
}

#[test]
fn a_new_head_keeps_the_passes_that_it_suffered_itself() {
    let mut event = Event::new(3, WaitlistPolicy::Whole, 1);
    event.confirmed(&book_any(1, 1));
    event.waits(&book_any(2, 3));
    event.confirmed(&book_any(3, 1));
    assert_eq!(event.state.head_passed(), 1);
    event.waits(&book_any(4, 3));
    event.ask(&cancel(2)).expect("leaves");
    assert_eq!(event.state.head_passed(), 0, "it joined after the pass");
    event.confirmed(&book_any(5, 1));
    assert_eq!(event.state.head_passed(), 1);
}

#[test]
fn a_bypass_limit_of_zero_is_strict_order() {
    let mut event = Event::new(3, WaitlistPolicy::Whole, 0);
    event.confirmed(&book_any(1, 2));
    event.waits(&book_any(2, 2));
    assert_eq!(event.waits(&book_any(3, 1)), 2, "seat 3 is free, and kept for the head");
    event.ask(&cancel(1)).expect("frees");
    assert_eq!((event.seats_of(2), event.seats_of(3)), (vec![1, 2], vec![3]));
}

#[test]
fn a_new_policy_is_followed_at_once() {
    let mut event = Event::new(3, WaitlistPolicy::Whole, 0);
    event.confirmed(&book_any(1, 2));
    event.waits(&book_any(2, 2));
    event.amend(Amendment { policy: Some(WaitlistPolicy::Split), ..Amendment::default() }).expect("amends");
    assert_eq!((event.state.seats().free(), event.line()), (0, vec![(2, 1)]));
}

#[test]
fn capacity_shrinks_to_the_highest_booked_seat_and_nobody_is_evicted() {
    let mut event = Event::new(10, WaitlistPolicy::Split, 3);
    event.confirmed(&book_named(1, &[7, 2]));
    let capacity = |capacity| Amendment { capacity: Some(capacity), ..Amendment::default() };
    assert_eq!(event.amend(capacity(6)), Err(Refusal::CapacityBelowBooked { highest: 7 }));
    assert!(event.amend(capacity(7)).is_ok());
    assert_eq!((event.seats_of(1), event.state.seats().free()), (vec![2, 7], 5));
    assert!(matches!(event.amend(capacity(0)), Err(Refusal::Capacity { .. })));
    assert!(matches!(event.amend(capacity(1_000_001)), Err(Refusal::Capacity { .. })));
}

#[test]
fn an_event_that_is_over_takes_nothing_promotes_nobody_and_still_cancels() {
    let mut event = Event::new(2, WaitlistPolicy::Split, 3);
    event.confirmed(&book_any(1, 2));
    event.waits(&book_any(2, 2));
    event.amend(Amendment { status: Some(EventStatus::Cancelled), ..Amendment::default() }).expect("amends");
    assert_eq!(event.ask(&book_any(3, 1)), Err(Refusal::Closed));
    event.ask(&cancel(1)).expect("cancels");
    assert_eq!(event.line(), [(2, 2)]);
    event.amend(Amendment { status: Some(EventStatus::Upcoming), ..Amendment::default() }).expect("reopens");
    assert_eq!(event.seats_of(2), [1, 2], "reopened, it serves who still waits");

    event.amend(Amendment { starts_at: Some(now()), ..Amendment::default() }).expect("has begun");
    assert_eq!(event.ask(&book_any(4, 1)), Err(Refusal::Closed));
    event.amend(Amendment { status: Some(EventStatus::Ongoing), ..Amendment::default() }).expect("goes on");
    assert_eq!(event.ask(&book_any(4, 1)), Err(Refusal::Closed), "that it goes on opens nothing");
    let later =
        Amendment { bookings_close_at: Some(Some(now() + Duration::hours(1))), ..Amendment::default() };
    event.amend(later).expect("is open longer");
    assert_eq!(event.waits(&book_any(5, 1)), 2, "an organizer who says so keeps it open");

    event.amend(Amendment { delete: true, ..Amendment::default() }).expect("deletes");
    assert_eq!(event.ask(&book_any(6, 1)), Err(Refusal::Deleted));
    assert_eq!(event.amend(Amendment::default()), Err(Refusal::Deleted));
    assert!(matches!(event.ask(&cancel(2)), Ok(Outcome::Cancelled { .. })));
}

#[test]
fn bad_wishes_are_refused() {
    let mut event = Event::new(3, WaitlistPolicy::Split, 3);
    event.amend(Amendment { waitlist_limit: Some(Some(1)), ..Amendment::default() }).expect("amends");
    for seats in [0, 4, u32::MAX] {
        assert_eq!(event.ask(&book_any(1, seats)), Err(Refusal::SeatCount { capacity: 3 }));
    }
    for seats in [&[][..], &[0], &[4], &[2, 2], &[1, u32::MAX]] {
        assert_eq!(event.ask(&book_named(1, seats)), Err(Refusal::SeatNumbers { capacity: 3 }));
    }
    event.confirmed(&book_named(1, &[3, 1]));
    let taken = Refusal::SeatsConflict { unavailable: Seats::from_slice(&[1, 3]) };
    assert_eq!(event.ask(&book_named(2, &[3, 2, 1])), Err(taken));
    event.waits(&book_any(3, 2));
    assert_eq!(event.ask(&book_any(4, 2)), Err(Refusal::SoldOut), "the waitlist has room for one");
    event.confirmed(&book_any(5, 1));
    assert_eq!(event.ask(&cancel(99)), Ok(Outcome::AlreadyCancelled));
    event.ask(&cancel(3)).expect("leaves");
    assert_eq!(event.ask(&cancel(3)), Ok(Outcome::AlreadyCancelled));
    let nobody = event.ask(&Command::CancelSeats { booking: booking(3), seats: vec![1] });
    assert_eq!(nobody, Ok(Outcome::SeatsCancelled { freed: Seats::new(), lessened: vec![] }));
}

#[test]
fn a_move_is_all_or_nothing_and_serves_nobody() {
    let mut event = Event::new(5, WaitlistPolicy::Split, 3);
    event.confirmed(&book_named(1, &[1, 2]));
    event.confirmed(&book_named(2, &[3]));
    event.waits(&book_any(3, 3));
    let to = |number, seats: &[SeatNo]| Command::Move { booking: booking(number), seats: seats.to_vec() };
    let moved = |from: &[SeatNo], to: &[SeatNo]| {
        Ok(Outcome::Moved { from: Seats::from_slice(from), to: Seats::from_slice(to) })
    };
    assert_eq!(event.ask(&to(1, &[4, 2])), moved(&[1, 2], &[2, 4]), "it keeps what it names");
    let taken = Err(Refusal::SeatsConflict { unavailable: Seats::from_slice(&[3]) });
    assert_eq!(event.ask(&to(1, &[5, 3])), taken);
    assert_eq!(event.seats_of(1), [2, 4], "all or nothing");
    assert_eq!(event.line(), [(3, 3)], "as many seats are free as before");
    assert_eq!(event.ask(&to(1, &[4, 2])), moved(&[2, 4], &[2, 4]), "what it has already");
    assert_eq!(event.ask(&to(3, &[1, 5, 3])), Err(Refusal::NotConfirmed));
    assert_eq!(event.ask(&to(9, &[1])), Err(Refusal::NotConfirmed));
    for count in [&[1][..], &[1, 4, 5]] {
        let named = u32::try_from(count.len()).expect("few");
        assert_eq!(event.ask(&to(1, count)), Err(Refusal::MovedCount { held: 2, named }));
    }
    for bad in [&[][..], &[1, 1], &[0, 1], &[1, 6]] {
        assert_eq!(event.ask(&to(1, bad)), Err(Refusal::SeatNumbers { capacity: 5 }));
    }
    event.amend(Amendment { status: Some(EventStatus::Completed), ..Amendment::default() }).expect("is over");
    assert_eq!(event.ask(&to(1, &[1, 5])), Err(Refusal::Closed));
}

#[test]
fn a_booking_is_decided_at_an_hour() {
    let mut event = Event::new(3, WaitlistPolicy::Split, 3);
    event.now = now() + Duration::hours(24);
    assert_eq!(event.ask(&book_any(1, 1)), Err(Refusal::Closed), "the hour of the start is too late");
    event.now = now() + Duration::hours(23);
    assert!(event.ask(&book_any(1, 1)).is_ok());
}

#[test]
fn a_turn_by_hand_serves_the_line_by_its_policy_with_what_is_free() {
    let mut event = Event::new(5, WaitlistPolicy::Split, 3);
    event.confirmed(&book_any(1, 3));
    event.waits(&book_any(2, 4));
    let served = event.ask(&Command::Serve { by_hand: true }).expect("served");
    let Outcome::Served { parties } = served else { panic!("{served:?}") };
    assert_eq!((parties.len(), parties[0].seats.to_vec(), parties[0].rest), (1, vec![4, 5], 2));
    let changes = event.changes.len();
    assert_eq!(
        event.ask(&Command::Serve { by_hand: true }),
        Ok(Outcome::Served { parties: vec![] }),
        "nothing is free"
    );
    assert_eq!(event.changes.len(), changes, "and so nothing changes");

    let mut event = Event::new(5, WaitlistPolicy::Whole, 3);
    event.confirmed(&book_any(1, 3));
    event.waits(&book_any(2, 4));
    assert_eq!(
        event.ask(&Command::Serve { by_hand: true }),
        Ok(Outcome::Served { parties: vec![] }),
        "whole or not at all"
    );
}

#[test]
fn a_party_is_promoted_out_of_turn_whole_and_nobody_counts_as_passed() {
    let mut event = Event::new(4, WaitlistPolicy::Whole, 0);
    event.confirmed(&book_any(1, 2));
    event.waits(&book_any(2, 4));
    event.waits(&book_any(3, 3));
    event.waits(&book_any(4, 2));
    let promote = |number| Command::Promote { booking: booking(number) };
    assert_eq!(event.ask(&promote(3)), Err(Refusal::NotEnoughSeats { wanted: 3, free: 2 }));
    assert_eq!(event.ask(&promote(1)), Err(Refusal::NotWaiting));
    event.ask(&promote(4)).expect("promoted, though freed seats gather for the head");
    assert_eq!((event.seats_of(4), event.line()), (vec![3, 4], vec![(2, 4), (3, 3)]));
    assert_eq!(event.state.head_passed(), 0, "people did it, not the policy");
    let Some(Change::Promoted { ahead: 2, pass: None, rest: 0, .. }) = event.changes.last() else {
        panic!("{:?}", event.changes.last())
    };
    assert_eq!(event.ask(&promote(4)), Err(Refusal::NotWaiting), "once");
    event.amend(Amendment { status: Some(EventStatus::Cancelled), ..Amendment::default() }).expect("closed");
    assert_eq!(event.ask(&promote(3)), Err(Refusal::Closed));
    assert_eq!(event.ask(&Command::Serve { by_hand: true }), Err(Refusal::Closed));
}

#[test]
fn whoever_leaves_the_line_keeps_the_seats_of_a_promotion_they_did_not_know_of() {
    let mut event = Event::new(2, WaitlistPolicy::Split, 3);
    event.confirmed(&book_any(1, 2));
    event.waits(&book_any(2, 1));
    event.waits(&book_any(3, 1));
    let leave = |number| Command::Leave { booking: booking(number) };
    event.ask(&leave(3)).expect("leaves");
    event.ask(&cancel(1)).expect("frees");
    assert_eq!(event.ask(&leave(2)), Err(Refusal::NotWaiting));
    assert_eq!(event.seats_of(2), [1]);
    assert_eq!(event.ask(&leave(3)), Ok(Outcome::AlreadyCancelled));
}

#[test]
fn an_amendment_is_refused_after_another_one_and_not_after_a_booking() {
    let mut event = Event::new(5, WaitlistPolicy::Split, 3);
    let grow = |capacity, version| Amendment {
        capacity: Some(capacity),
        as_of: Some(version),
        ..Amendment::default()
    };
    event.confirmed(&book_any(1, 1));
    event.state.settle(1);
    assert!(event.amend(grow(6, 0)).is_ok(), "a booking since then is no amendment");
    assert_eq!(event.amend(grow(7, 1)), Err(Refusal::Amended), "in the same commit");
    event.state.settle(2);
    assert_eq!(event.amend(grow(7, 1)), Err(Refusal::Amended));
    assert!(event.amend(grow(7, 2)).is_ok());
    // What was not committed after all was no amendment.
    let change = event.changes.pop().expect("it changed");
    event.state.revert(&change);
    assert!(event.amend(grow(8, 2)).is_ok());
    assert_eq!(event.state.terms().capacity, 8);

    // Read from a store, it may have been amended until then.
    let mut read = event.state.clone();
    read = EventState::restore(read.terms().clone(), 9, read.next_number(), Vec::new(), Vec::new(), [], [])
        .expect("sound");
    let mut event = Event::of(read);
    assert_eq!(event.amend(grow(9, 8)), Err(Refusal::Amended));
    assert!(event.amend(grow(9, 9)).is_ok());
}

fn capacity(capacity: u32) -> Amendment {
    Amendment { capacity: Some(capacity), ..Amendment::default() }
}

#[test]
fn nobody_is_promoted_at_an_event_that_has_begun_unless_people_do_it() {
    for policy in [WaitlistPolicy::Split, WaitlistPolicy::Whole] {
        let mut event = Event::new(3, policy, 3);
        event.confirmed(&book_any(1, 2));
        event.confirmed(&book_any(2, 1));
        event.waits(&book_any(3, 2));
        event.waits(&book_any(4, 1));
        event.now = now() + Duration::days(1);
        event.ask(&cancel(1)).expect("cancels");
        event.ask(&cancel(3)).expect("leaves");
        event.ask(&Command::CancelSeats { booking: booking(2), seats: vec![3] }).expect("gives back");
        event.amend(capacity(9)).expect("grows");
        assert_eq!(event.ask(&Command::Serve { by_hand: false }), Err(Refusal::Closed));
        assert_eq!(event.line(), [(4, 1)], "{policy}");

        event.ask(&Command::Promote { booking: booking(4) }).expect("people decide it");
        assert_eq!((event.seats_of(4), event.line()), (vec![1], vec![]), "{policy}");
    }
    // Moved into the past, and back.
    let mut event = Event::new(1, WaitlistPolicy::Split, 3);
    event.confirmed(&book_any(1, 1));
    event.waits(&book_any(2, 1));
    let at = |hours| Amendment { starts_at: Some(now() + Duration::hours(hours)), ..Amendment::default() };
    event.amend(at(-1)).expect("is moved");
    event.ask(&cancel(1)).expect("cancels");
    assert_eq!(event.line(), [(2, 1)]);
    event.amend(at(1)).expect("is moved back");
    assert_eq!(event.seats_of(2), [1]);
    // Said to go on, it goes on serving.
    event.waits(&book_any(3, 1));
    let closes = |hours| Amendment {
        bookings_close_at: Some(Some(now() + Duration::hours(hours))),
        ..Amendment::default()
    };
    event.amend(Amendment { status: Some(EventStatus::Ongoing), ..at(-1) }).expect("goes on");
    event.amend(closes(2)).expect("is open longer");
    event.ask(&cancel(2)).expect("cancels");
    assert_eq!(event.seats_of(3), [1]);
    // Closed before it starts, it takes no bookings, and serves who waits.
    event.waits(&book_any(4, 1));
    event
        .amend(Amendment { starts_at: Some(now() + Duration::hours(3)), ..closes(0) })
        .expect("closes early");
    assert_eq!(event.ask(&book_any(5, 1)), Err(Refusal::Closed));
    event.ask(&cancel(3)).expect("cancels");
    assert_eq!(event.seats_of(4), [1]);
}

#[test]
fn a_party_that_the_event_can_no_longer_hold_stands_in_nobodys_way() {
    let mut event = Event::new(6, WaitlistPolicy::Whole, 0);
    event.confirmed(&book_any(1, 3));
    event.waits(&book_any(2, 5));
    event.waits(&book_any(3, 2));
    event.amend(capacity(4)).expect("shrinks");
    assert_eq!(event.line(), [(2, 5), (3, 2)], "one seat is free");
    event.ask(&cancel(1)).expect("cancels");
    assert_eq!((event.seats_of(3), event.line()), (vec![1, 2], vec![(2, 5)]));
    assert_eq!(event.confirmed(&book_any(4, 1)), [3], "nor do seats gather for it");
    assert_eq!(event.state.head_passed(), 0, "and going before it is no pass");
    assert_eq!(event.waits(&book_any(5, 2)), 3);
    event.amend(capacity(8)).expect("grows");
    assert_eq!((event.seats_of(2), event.line()), (vec![4, 5, 6, 7, 8], vec![(5, 2)]), "its old place");

    // A shrink that takes the head out of the way serves who is next.
    let mut event = Event::new(6, WaitlistPolicy::Whole, 0);
    event.confirmed(&book_any(1, 3));
    event.waits(&book_any(2, 6));
    event.waits(&book_any(3, 2));
    event.amend(capacity(5)).expect("shrinks");
    assert_eq!((event.seats_of(3), event.line()), (vec![4, 5], vec![(2, 6)]));

    // Under `split` it gets no part of what it can never have whole.
    let mut event = Event::new(6, WaitlistPolicy::Split, 3);
    event.confirmed(&book_any(1, 3));
    event.waits(&book_any(2, 5));
    event.waits(&book_any(3, 4));
    event.amend(capacity(4)).expect("shrinks");
    assert_eq!(event.line(), [(2, 5), (3, 3)], "the next one gets the free seat");
    event.ask(&cancel(1)).expect("cancels");
    assert_eq!((event.seats_of(3), event.line()), (vec![1, 2, 3], vec![(2, 5)]));
}

#[test]
fn what_a_party_gives_back_lessens_what_it_waits_for() {
    let book = |number, by, seats| Command::Book {
        booking: booking(number),
        user: user(by),
        selection: SeatSelection::Any(AnySeats::lowest(seats)),
    };
    let mut event = Event::new(3, WaitlistPolicy::Split, 3);
    event.confirmed(&book(1, 1, 3));
    event.waits(&book(2, 2, 3));
    event.waits(&book(3, 3, 2));
    event.ask(&Command::CancelSeats { booking: booking(1), seats: vec![1, 2] }).expect("gives back");
    let Some(&Change::Promoted { booking: part, rest: 1, .. }) = event.changes.last() else {
        panic!("{:?}", event.changes.last())
    };
    let lessened = vec![Lessened { booking: booking(2), by: 1, rest: 0 }];
    let freed = Seats::from_slice(&[1, 2]);
    assert_eq!(event.ask(&Command::Cancel { booking: part }), Ok(Outcome::Cancelled { freed, lessened }));
    assert_eq!((event.seats_of(2), event.seats_of(3), event.line()), (vec![], vec![1, 2], vec![]));

    // By as many as are given back, and of who gives them only.
    let mut event = Event::new(4, WaitlistPolicy::Split, 3);
    event.confirmed(&book(1, 1, 4));
    event.waits(&book(2, 2, 4));
    event.waits(&book(3, 2, 2));
    event.ask(&Command::CancelSeats { booking: booking(1), seats: vec![1, 2] }).expect("gives back");
    let Some(&Change::Promoted { booking: part, rest: 2, .. }) = event.changes.last() else {
        panic!("{:?}", event.changes.last())
    };
    let given = event.ask(&Command::CancelSeats { booking: part, seats: vec![1] });
    let lessened = vec![Lessened { booking: booking(2), by: 2, rest: 0 }];
    assert_eq!(given, Ok(Outcome::SeatsCancelled { freed: Seats::from_slice(&[1]), lessened }));
    let line = event.line();
    assert_eq!(line, [(3, 1)], "at its turn the rest leaves the line, and another wish gets the seat");
    assert_eq!(event.ask(&cancel(1)).map(drop), Ok(()));
    assert_eq!(event.seats_of(3), [3]);

    // Whose rest is not served by it keeps its place, and waits for as many less.
    let mut event = Event::new(4, WaitlistPolicy::Split, 3);
    event.confirmed(&book(1, 1, 4));
    event.waits(&book(2, 2, 4));
    event.ask(&Command::CancelSeats { booking: booking(1), seats: vec![1, 2] }).expect("gives back");
    let Some(&Change::Promoted { booking: part, rest: 2, .. }) = event.changes.last() else {
        panic!("{:?}", event.changes.last())
    };
    event.amend(Amendment { status: Some(EventStatus::Completed), ..Amendment::default() }).expect("ends");
    let given = event.ask(&Command::CancelSeats { booking: part, seats: vec![1] });
    let lessened = vec![Lessened { booking: booking(2), by: 1, rest: 1 }];
    assert_eq!(given, Ok(Outcome::SeatsCancelled { freed: Seats::from_slice(&[1]), lessened }));
    assert_eq!(event.line(), [(2, 1)]);
}

#[test]
fn the_rest_of_a_parted_party_takes_what_comes_free_under_whole_too() {
    let mut event = Event::new(5, WaitlistPolicy::Split, 0);
    event.confirmed(&book_any(1, 5));
    event.waits(&book_any(2, 5));
    event.waits(&book_any(3, 1));
    event.ask(&Command::CancelSeats { booking: booking(1), seats: vec![1, 2, 3] }).expect("gives back");
    assert_eq!(event.line(), [(2, 2), (3, 1)]);
    let status = |status| Amendment { status: Some(status), ..Amendment::default() };
    event.amend(Amendment { policy: Some(WaitlistPolicy::Whole), ..Amendment::default() }).expect("amends");
    event.amend(status(EventStatus::Completed)).expect("ends");
    event.ask(&Command::CancelSeats { booking: booking(1), seats: vec![5] }).expect("gives back");
    event.amend(capacity(4)).expect("shrinks");
    event.amend(status(EventStatus::Upcoming)).expect("reopens");
    assert_eq!(event.line(), [(2, 2), (3, 1)], "it has three seats of four and wants two more");
    event.ask(&cancel(1)).expect("cancels");
    assert_eq!(
        (event.line(), event.state.seats().free()),
        (vec![(2, 1), (3, 1)], 0),
        "no seats gather for it"
    );
}

#[test]
fn one_booking_has_so_many_seats_at_most() {
    let mut event = Event::new(20, WaitlistPolicy::Split, 3);
    event.limits.seats_per_booking = 6;
    assert_eq!(event.ask(&book_any(1, 7)), Err(Refusal::TooManySeats { limit: 6 }));
    event.confirmed(&book_any(1, 6));
    event.amend(Amendment { max_seats: Some(Some(2)), ..Amendment::default() }).expect("amends");
    assert_eq!(event.ask(&book_any(2, 3)), Err(Refusal::TooManySeats { limit: 2 }));
    assert_eq!(event.ask(&book_named(2, &[7, 8, 9])), Err(Refusal::TooManySeats { limit: 2 }));
    assert_eq!(event.ask(&book_any(2, 21)), Err(Refusal::SeatCount { capacity: 20 }));
    event.confirmed(&book_named(2, &[7, 8]));
    let to: Vec<SeatNo> = (11..=16).collect();
    event.ask(&Command::Move { booking: booking(1), seats: to.clone() }).expect("it has as many already");
    event.limits.seats_per_booking = 5;
    let refused = event.ask(&Command::Move { booking: booking(1), seats: to });
    assert_eq!(refused, Err(Refusal::TooManySeats { limit: 5 }));
    event.amend(Amendment { max_seats: Some(Some(100)), ..Amendment::default() }).expect("amends");
    assert_eq!(event.ask(&book_any(3, 6)), Err(Refusal::TooManySeats { limit: 5 }), "never more than that");
    event.amend(Amendment { max_seats: Some(None), ..Amendment::default() }).expect("amends");
    event.confirmed(&book_any(3, 5));
}

#[test]
fn so_many_parties_wait_at_most_and_who_waits_stays() {
    let book_for = |number: u128, whose: u128| Command::Book {
        booking: booking(number),
        user: user(whose),
        selection: SeatSelection::Any(AnySeats::lowest(1)),
    };
    let mut event = Event::new(1, WaitlistPolicy::Split, 3);
    event.confirmed(&book_for(1, 1));
    for number in 2..=4 {
        event.waits(&book_for(number, number / 3));
    }
    event.limits.parties_of_one = Some(2);
    assert_eq!(event.ask(&book_for(5, 1)), Err(Refusal::TooManyParties { waiting: 2, limit: 2 }));
    event.waits(&book_for(5, 2));
    event.limits.parties = Some(3);
    assert_eq!(event.ask(&book_for(6, 3)), Err(Refusal::WaitlistFull { waiting: 4, limit: 3 }));
    assert_eq!(event.line(), [(2, 1), (3, 1), (4, 1), (5, 1)], "a lower limit ends nobody's wait");
    event.ask(&cancel(1)).expect("frees a seat");
    event.ask(&cancel(3)).expect("leaves");
    assert_eq!(event.line(), [(4, 1), (5, 1)]);
    event.waits(&book_for(6, 1));
    event.limits = event.limits.with_any_parties();
    event.waits(&book_for(7, 1));
    event.amend(Amendment { waitlist_limit: Some(Some(1)), ..Amendment::default() }).expect("amends");
    event.limits.parties = Some(0);
    assert_eq!(event.ask(&book_for(8, 3)), Err(Refusal::SoldOut), "the event's own limit counts first");
}

#[test]
fn one_decision_serves_so_many_seats_and_who_comes_meanwhile_waits() {
    for policy in [WaitlistPolicy::Split, WaitlistPolicy::Whole] {
        let mut event = Event::new(1, policy, 3);
        event.limits.seats_at_once = 4;
        event.confirmed(&book_any(1, 1));
        event.amend(capacity(3)).expect("grows");
        event.confirmed(&book_any(2, 2));
        for number in 3..=8 {
            event.waits(&book_any(number, 3));
        }
        event.amend(capacity(20)).expect("grows");
        assert_eq!(
            event.line().len(),
            5,
            "a party is not cut short, and the next one is left to the next decision"
        );
        assert!(event.state.owes_service(now()));
        event.waits(&book_any(9, 1));
        let taken = Refusal::SeatsConflict { unavailable: Seats::from_slice(&[20]) };
        assert_eq!(event.ask(&book_named(10, &[20])), Err(taken));
        let mut decisions = 0;
        while event.state.owes_service(now()) {
            event.ask(&Command::Serve { by_hand: false }).expect("goes on");
            decisions += 1;
        }
        assert_eq!(decisions, 4, "{policy}");
        assert_eq!(
            event.line(),
            if policy == WaitlistPolicy::Split { vec![(8, 1), (9, 1)] } else { vec![(8, 3)] }
        );
    }
}

#[test]
fn a_paused_sale_refuses_who_comes_and_serves_who_waits() {
    let mut event = Event::new(3, WaitlistPolicy::Split, 3);
    event.confirmed(&book_any(1, 2));
    event.waits(&book_any(2, 2));
    let pause = |paused| Amendment { sales_paused: Some(paused), ..Amendment::default() };
    event.amend(pause(true)).expect("pauses");
    assert_eq!(event.ask(&book_any(3, 1)), Err(Refusal::SalesPaused));
    event.ask(&cancel(1)).expect("cancels");
    assert_eq!(event.seats_of(2), [1, 2]);
    event.amend(pause(false)).expect("resumes");
    event.confirmed(&book_any(3, 1));
}
