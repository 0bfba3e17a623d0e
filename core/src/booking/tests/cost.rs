//! What a decision costs: the seats that it touches, never the seats that exist or the length of the waitlist.

use super::{book_any, book_named, booking, cancel, now, terms, user};
use crate::booking::{Adjacent, WaitlistPolicy};
use crate::booking::{AnySeats, Avoid, Command, Context, EventState, Limits, Party, SeatNo, SeatSelection};
use std::time::{Duration, Instant};

/// How much slower a large event may be: its memory is not all in the processor's caches.
const FACTOR: u32 = 5;

const LARGE: u32 = 100_000;
const SMALL: u32 = 10;

/// Rounds, of which the best one counts: the machine may be busy with other things.
const ROUNDS: u32 = 25;
const OPERATIONS: u32 = 100;

/// No command is refused for its size: what one costs is what is measured here.
fn context() -> Context {
    let limits = Limits { seats_per_booking: LARGE, ..Limits::default() };
    Context { now: now(), limits }
}

/// A sold-out event of `size` seats in bookings of `each`, and as many parties of that size waiting.
struct Crowd {
    state: EventState,
    /// The confirmed booking that is cancelled next: they are served in the order in which they came.
    oldest: u128,
    newest: u128,
}

impl Crowd {
    fn new(size: u32, each: u32, policy: WaitlistPolicy) -> Self {
        let capacity = size / each * each;
        let seat = |seat: SeatNo| (booking(u128::from((seat - 1) / each)), user(1), seat);
        let parties = u128::from(capacity / each);
        let wait = |number: u64| Party {
            number,
            booking: booking(parties + u128::from(number) - 1),
            user: user(2),
            seats: each,
        };
        let state = EventState::restore(
            terms(capacity, policy, 3),
            1,
            1,
            Vec::new(),
            Vec::new(),
            (1..=capacity).map(seat),
            (1..=u64::from(size)).map(wait),
        )
        .expect("sound rows");
        Self { state, oldest: 0, newest: parties + u128::from(size) }
    }

    fn ask(&mut self, command: &Command) {
        let mut changes = Vec::new();
        self.state.decide(command, &context(), &mut changes, &mut || booking(u128::MAX)).expect("no refusal");
        assert!(!changes.is_empty());
    }

    /// The best round's time for one operation.
    fn cost_of(&mut self, operation: impl Fn(&mut Self)) -> Duration {
        let mut best = Duration::MAX;
        for _ in 0..ROUNDS {
            let started = Instant::now();
            for _ in 0..OPERATIONS {
                operation(self);
            }
            best = best.min(started.elapsed());
        }
        best / OPERATIONS
    }

    /// Somebody cancels, the head is promoted, somebody joins the line: the event stays as large as it is.
    fn cancel_and_join(&mut self) {
        self.ask(&cancel(self.oldest));
        self.ask(&book_any(self.newest, 1));
        self.oldest += 1;
        self.newest += 1;
    }

    /// Somebody gives three seats back one by one, which gather for the head; somebody joins the line.
    fn give_back_and_join(&mut self) {
        let booking = booking(self.oldest);
        for seat in self.state.seats_of(booking).expect("confirmed").clone() {
            self.ask(&Command::CancelSeats { booking, seats: vec![seat] });
        }
        self.ask(&book_any(self.newest, 3));
        self.oldest += 1;
        self.newest += 1;
    }
}

fn assert_alike(what: &str, small: Duration, large: Duration) {
    assert!(large <= small * FACTOR, "{what}: {large:?} in a large event, {small:?} in a small one");
}

#[test]
fn a_large_event_costs_what_a_small_one_does() {
    let split = |size| Crowd::new(size, 1, WaitlistPolicy::Split).cost_of(Crowd::cancel_and_join);
    assert_alike("cancel, promote, wait", split(SMALL), split(LARGE));
    let whole = |size| Crowd::new(size, 3, WaitlistPolicy::Whole).cost_of(Crowd::give_back_and_join);
    assert_alike("give back, gather, promote, wait", whole(SMALL), whole(LARGE));
}

#[test]
fn free_seats_far_apart_are_found_as_fast_as_the_first_ones() {
    let cost = |size: u32| {
        let mut state = EventState::new(terms(size, WaitlistPolicy::Split, 3));
        let mut ask = |command: &Command| {
            state.decide(command, &context(), &mut Vec::new(), &mut || booking(0)).map(drop)
        };
        ask(&book_any(1, size)).expect("sells out");
        let last = Command::CancelSeats { booking: booking(1), seats: vec![1, size] };
        ask(&last).expect("frees the first and the last");
        let mut best = Duration::MAX;
        for _ in 0..ROUNDS {
            let started = Instant::now();
            for _ in 0..OPERATIONS {
                ask(&book_any(2, 2)).expect("books them");
                ask(&cancel(2)).expect("cancels them");
            }
            best = best.min(started.elapsed());
        }
        best
    };
    assert_alike("book and cancel", cost(SMALL), cost(LARGE));
}

/// Every second seat taken, so that no two free ones lie side by side but for the last four, which somebody books and
/// cancels; others hold some of what is free before them.
#[test]
fn seats_side_by_side_far_apart_are_found_as_fast_as_the_first_ones() {
    let cost = |size: u32, adjacent: Adjacent| {
        let mut state = EventState::new(terms(size, WaitlistPolicy::Split, 3));
        let mut ask = |command: &Command| {
            state.decide(command, &context(), &mut Vec::new(), &mut || booking(0)).map(drop)
        };
        let every_second: Vec<SeatNo> = (1..size - 4).step_by(2).collect();
        ask(&book_named(1, &every_second)).expect("free");
        let avoid = Avoid::new((size - 3..size - 2).collect(), vec![2, 4]);
        let selection = SeatSelection::Any(AnySeats { count: 3, adjacent, avoid });
        let wish = Command::Book { booking: booking(2), user: user(2), selection };
        let mut best = Duration::MAX;
        for _ in 0..ROUNDS {
            let started = Instant::now();
            for _ in 0..OPERATIONS {
                ask(&wish).expect("books them");
                ask(&cancel(2)).expect("cancels them");
            }
            best = best.min(started.elapsed());
        }
        best
    };
    for adjacent in [Adjacent::No, Adjacent::Preferred, Adjacent::Required] {
        assert_alike("book side by side and cancel", cost(SMALL, adjacent), cost(LARGE, adjacent));
    }
}

#[test]
fn giving_back_many_seats_costs_each_of_them_once() {
    let cost = |size: u32| {
        let mut best = Duration::MAX;
        for _ in 0..7 {
            let mut state = EventState::new(terms(size, WaitlistPolicy::Split, 3));
            let mut ask = |command: &Command| {
                state.decide(command, &context(), &mut Vec::new(), &mut || booking(0)).map(drop)
            };
            ask(&book_any(1, size)).expect("sells out");
            // The upper half, from behind.
            let half = Command::CancelSeats { booking: booking(1), seats: (size / 2..=size).rev().collect() };
            let started = Instant::now();
            ask(&half).expect("gives back");
            best = best.min(started.elapsed());
        }
        best / size
    };
    // Compared with each other, seats would cost a hundred times as much each.
    let (few, many) = (cost(LARGE / 100), cost(LARGE));
    assert!(many <= few * 4 * FACTOR, "a seat given back: {many:?} of many, {few:?} of few");
}
