//! Commands at random, with all that people do wrong.

use super::{booking, now, user};
use crate::booking::{Adjacent, EventStatus, WaitlistPolicy};
use crate::booking::{Amendment, AnySeats, Avoid, Command, Limits, SeatNo, SeatSelection, Terms};
use crate::id::BookingId;
use chrono::Duration;
use proptest::prelude::*;
use proptest::sample::Index;

/// Events are small, so that they are full and people wait.
const CAPACITY: u32 = 12;

/// A command whose booking is drawn once it is known which there are; or the end of a commit.
#[derive(Debug, Clone)]
pub enum Step {
    BookAny {
        user: u8,
        any: AnySeats,
    },
    BookNamed {
        user: u8,
        seats: Vec<SeatNo>,
    },
    Cancel(Index),
    CancelUnknown,
    Leave(Index),
    Serve {
        by_hand: bool,
    },
    Promote(Index),
    CancelSeats {
        of: Index,
        seats: Vec<SeatNo>,
    },
    /// Some of its own seats: the bits of the mask.
    CancelOwnSeats {
        of: Index,
        mask: u8,
    },
    Move {
        of: Index,
        seats: Vec<SeatNo>,
    },
    /// Each of its seats so many further, counted round.
    MoveAlong {
        of: Index,
        by: u32,
    },
    Amend(Amendment),
    Settle,
}

impl Step {
    /// The command, for the bookings known so far and what they hold; `None` if it ends a commit.
    pub fn command(
        &self,
        next: u128,
        known: &[BookingId],
        seats_of: impl Fn(BookingId) -> Vec<SeatNo>,
    ) -> Option<Command> {
        let pick = |index: &Index| {
            if known.is_empty() { unknown() } else { *index.get(known) }
        };
        let book = |by: u8, selection| Command::Book {
            booking: booking(next),
            user: user(u128::from(by)),
            selection,
        };
        Some(match self {
            Self::BookAny { user, any } => book(*user, SeatSelection::Any(any.clone())),
            Self::BookNamed { user, seats } => book(*user, SeatSelection::Named(seats.clone())),
            Self::Cancel(index) => Command::Cancel { booking: pick(index) },
            Self::CancelUnknown => Command::Cancel { booking: unknown() },
            Self::Leave(index) => Command::Leave { booking: pick(index) },
            Self::Serve { by_hand } => Command::Serve { by_hand: *by_hand },
            Self::Promote(index) => Command::Promote { booking: pick(index) },
            Self::CancelSeats { of, seats } => {
                Command::CancelSeats { booking: pick(of), seats: seats.clone() }
            }
            Self::CancelOwnSeats { of, mask } => {
                let booking = pick(of);
                let bits = (0..8).filter(|bit| mask & (1 << bit) != 0);
                let own = seats_of(booking);
                let seats = bits.filter_map(|bit: usize| own.get(bit).copied()).collect();
                Command::CancelSeats { booking, seats }
            }
            Self::Move { of, seats } => Command::Move { booking: pick(of), seats: seats.clone() },
            Self::MoveAlong { of, by } => {
                let booking = pick(of);
                let seats =
                    seats_of(booking).into_iter().map(|seat| (seat - 1 + by) % CAPACITY + 1).collect();
                Command::Move { booking, seats }
            }
            Self::Amend(amendment) => Command::Amend(amendment.clone()),
            Self::Settle => return None,
        })
    }
}

fn unknown() -> BookingId {
    booking(u128::MAX)
}

pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..most)
}

fn step() -> impl Strategy<Value = Step> {
    let seat = || 0..=CAPACITY + 1;
    let index = any::<Index>;
    prop_oneof![
        4 => (0..6u8, 1..5u32).prop_map(|(user, seats)| Step::BookAny { user, any: AnySeats::lowest(seats) }),
        4 => (0..6u8, any_seats(1..5u32)).prop_map(|(user, any)| Step::BookAny { user, any }),
        1 => (0..6u8, any_seats(seat())).prop_map(|(user, any)| Step::BookAny { user, any }),
        4 => (0..6u8, prop::collection::vec(seat(), 0..4)).prop_map(|(user, seats)| Step::BookNamed { user, seats }),
        6 => index().prop_map(Step::Cancel),
        1 => Just(Step::CancelUnknown),
        1 => index().prop_map(Step::Leave),
        2 => any::<bool>().prop_map(|by_hand| Step::Serve { by_hand }),
        3 => index().prop_map(Step::Promote),
        2 => (index(), prop::collection::vec(seat(), 0..6)).prop_map(|(of, seats)| Step::CancelSeats { of, seats }),
        4 => (index(), any::<u8>()).prop_map(|(of, mask)| Step::CancelOwnSeats { of, mask }),
        2 => (index(), prop::collection::vec(seat(), 0..4)).prop_map(|(of, seats)| Step::Move { of, seats }),
        4 => (index(), 0..CAPACITY).prop_map(|(of, by)| Step::MoveAlong { of, by }),
        3 => amendment().prop_map(Step::Amend),
        2 => Just(Step::Settle),
    ]
}

fn any_seats(count: impl Strategy<Value = u32>) -> impl Strategy<Value = AnySeats> {
    let adjacent = prop::sample::select(&[Adjacent::No, Adjacent::Preferred, Adjacent::Required]);
    let some = || prop::collection::vec(0..=CAPACITY + 1, 0..5);
    (count, adjacent, some(), some()).prop_map(|(count, adjacent, gently, firmly)| AnySeats {
        count,
        adjacent,
        avoid: Avoid::new(gently, firmly),
    })
}

/// Mostly one thing at a time, as people change things; sometimes several.
fn amendment() -> impl Strategy<Value = Amendment> {
    let one = || {
        prop_oneof![
            4 => (0..=CAPACITY).prop_map(|capacity| Amendment { capacity: Some(capacity), ..Amendment::default() }),
            2 => policy().prop_map(|policy| Amendment { policy: Some(policy), ..Amendment::default() }),
            2 => (0..4u32).prop_map(|limit| Amendment { bypass_limit: Some(limit), ..Amendment::default() }),
            2 => prop::option::of(0..5u32)
                .prop_map(|limit| Amendment { waitlist_limit: Some(limit), ..Amendment::default() }),
            2 => status().prop_map(|status| Amendment { status: Some(status), ..Amendment::default() }),
            1 => any::<bool>().prop_map(|past| Amendment { starts_at: Some(start(past)), ..Amendment::default() }),
            2 => prop::option::of(any::<bool>()).prop_map(|past| Amendment {
                bookings_close_at: Some(past.map(close)),
                ..Amendment::default()
            }),
            1 => prop::option::of(1..5u32)
                .prop_map(|limit| Amendment { max_seats: Some(limit), ..Amendment::default() }),
            1 => any::<bool>().prop_map(|paused| Amendment { sales_paused: Some(paused), ..Amendment::default() }),
            1 => Just(Amendment::default()),
            1 => Just(Amendment { capacity: Some(u32::MAX), ..Amendment::default() }),
        ]
    };
    let merge = |(first, second): (Amendment, Amendment)| Amendment {
        capacity: first.capacity.or(second.capacity),
        status: first.status.or(second.status),
        starts_at: first.starts_at.or(second.starts_at),
        bookings_close_at: first.bookings_close_at.or(second.bookings_close_at),
        policy: first.policy.or(second.policy),
        bypass_limit: first.bypass_limit.or(second.bypass_limit),
        waitlist_limit: first.waitlist_limit.or(second.waitlist_limit),
        max_seats: first.max_seats.or(second.max_seats),
        sales_paused: first.sales_paused.or(second.sales_paused),
        delete: false,
        as_of: None,
    };
    prop_oneof![
        30 => one(),
        10 => (one(), one()).prop_map(merge),
        1 => Just(Amendment { delete: true, ..Amendment::default() }),
    ]
}

fn policy() -> impl Strategy<Value = WaitlistPolicy> {
    prop::sample::select(WaitlistPolicy::ALL)
}

fn status() -> impl Strategy<Value = EventStatus> {
    prop_oneof![
        3 => Just(EventStatus::Upcoming),
        3 => Just(EventStatus::Ongoing),
        1 => Just(EventStatus::Completed),
        1 => Just(EventStatus::Cancelled),
    ]
}

fn start(past: bool) -> chrono::DateTime<chrono::Utc> {
    if past { now() } else { now() + Duration::days(1) }
}

/// Sooner than the start that is to come, and later than the one that was.
fn close(past: bool) -> chrono::DateTime<chrono::Utc> {
    if past { now() } else { now() + Duration::hours(1) }
}

pub fn terms() -> impl Strategy<Value = Terms> {
    (1..=CAPACITY, policy(), 0..4u32, prop::option::weighted(0.2, 0..5u32)).prop_map(
        |(capacity, policy, bypass_limit, waitlist_limit)| Terms {
            waitlist_limit,
            ..super::terms(capacity, policy, bypass_limit)
        },
    )
}

/// Mostly as they are by default; sometimes so low that they matter.
pub fn limits() -> impl Strategy<Value = Limits> {
    let usual = Limits::default();
    let booking = prop_oneof![3 => Just(usual.seats_per_booking), 1 => 1..5u32];
    let at_once = prop_oneof![1 => Just(usual.seats_at_once), 2 => 1..6u32];
    let few = |most| prop::option::weighted(0.3, 0..most);
    (booking, at_once, few(6u32), few(3u32)).prop_map(
        |(seats_per_booking, seats_at_once, parties, parties_of_one)| Limits {
            seats_per_booking,
            seats_at_once,
            parties,
            parties_of_one,
        },
    )
}
