//! What all holds do: each rule runs on Redis and on its stand-in in the process. What people do to Redis by hand is in
//! `contract/tampering.rs`.
//!
//! Rules run side by side on one Redis: each has events of its own, and none wipes anything.

mod tampering;

use super::memory::MemoryHolds;
use super::redis::RedisHolds;
use super::{Hold, Holder, Holds, SetHolds};
use crate::ids::Ids;
use crate::testing::REDIS_SCRIPTS;
use chrono::DateTime;
use happening_core::clock::Clock;
use happening_core::id::{EventId, UserId};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::RwLockReadGuard;

/// Longer than any rule takes.
const LONG: Duration = Duration::from_mins(1);

/// Over soon.
const SHORT: Duration = Duration::from_millis(80);

/// Holds, and a way to let time pass for them.
struct Stage {
    holds: Arc<dyn Holds>,
    /// Redis has a clock of its own: there time passes by itself.
    clock: Option<Clock>,
    /// While nobody makes Redis forget its scripts.
    _scripts: Option<RwLockReadGuard<'static, ()>>,
}

impl Stage {
    #[expect(clippy::unused_async, reason = "as on Redis")]
    async fn in_memory() -> Self {
        let clock =
            Clock::stopped_at(DateTime::from_timestamp(1_800_000_000, 0).expect("an hour that exists"));
        Self { holds: Arc::new(MemoryHolds::new(clock.clone())), clock: Some(clock), _scripts: None }
    }

    async fn on_redis() -> Self {
        let scripts = REDIS_SCRIPTS.read().await;
        Self { _scripts: Some(scripts), ..Self::on_forgetful_redis() }
    }

    fn on_forgetful_redis() -> Self {
        let holds = RedisHolds::open(&crate::testing::address("REDIS_URL")).expect("an address");
        Self { holds: Arc::new(holds), clock: None, _scripts: None }
    }

    async fn pass(&self, time: Duration) {
        match &self.clock {
            Some(clock) => clock.set(clock.now() + time),
            None => tokio::time::sleep(time).await,
        }
    }

    async fn set(&self, event: EventId, holder: &Holder, seats: &[u32]) -> SetHolds {
        self.holds.set(event, holder, seats, LONG).await.expect("an answer")
    }

    /// Who holds what, ascending.
    async fn held(&self, event: EventId) -> Vec<(u32, Holder)> {
        let holds = self.holds.list(event).await.expect("an answer");
        holds.into_iter().map(|hold| (hold.seat, hold.holder)).collect()
    }
}

/// Makes of each rule, an `async fn(Stage)`, a test on Redis and a test in the process.
macro_rules! on_all_holds {
    ($($rule:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule(super::Stage::in_memory().await).await;
            })+
        }
        mod redis {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule(super::Stage::on_redis().await).await;
            })+
        }
    };
}

on_all_holds!(
    holds_become_exactly_what_is_wished_for,
    what_others_hold_stays_theirs,
    an_unchanged_wish_changes_nothing_but_the_end,
    a_hold_ends_by_itself,
    extending_keeps_what_is_still_held,
    releasing_frees_ones_own_alone,
    booked_seats_are_nobodys,
    what_one_person_holds_twice_is_in_nobodys_way,
    an_exchange_is_all_or_nothing,
    nobody_exchanges_what_is_over,
    persons_are_counted_over_tokens_and_sockets,
    events_know_nothing_of_each_other,
    of_fifty_at_once_each_seat_goes_to_one,
    what_nobody_ever_held_is_an_empty_answer,
);

fn event() -> EventId {
    Ids::default().event()
}

fn person() -> Holder {
    Holder::Person { user: Ids::default().user(), token: Ids::default().uuid() }
}

fn socket(id: &str) -> Holder {
    Holder::Socket { id: id.to_owned(), user: None }
}

fn set(allowed: &[u32], conflicts: &[u32], changed: bool) -> SetHolds {
    SetHolds { allowed: allowed.to_vec(), conflicts: conflicts.to_vec(), changed }
}

async fn holds_become_exactly_what_is_wished_for(stage: Stage) {
    let (event, holder) = (event(), person());
    assert_eq!(stage.set(event, &holder, &[30, 4, 4, 100]).await, set(&[4, 30, 100], &[], true));
    assert_eq!(stage.set(event, &holder, &[4, 5]).await, set(&[4, 5], &[], true));
    assert_eq!(stage.held(event).await, [(4, holder.clone()), (5, holder.clone())]);
    assert_eq!(stage.set(event, &holder, &[]).await, set(&[], &[], true));
    assert_eq!(stage.held(event).await, []);
}

async fn what_others_hold_stays_theirs(stage: Stage) {
    let (event, first, second) = (event(), person(), socket("Zx-1_"));
    stage.set(event, &first, &[1, 2]).await;
    assert_eq!(stage.set(event, &second, &[3, 2, 1]).await, set(&[3], &[1, 2], true));
    assert_eq!(stage.set(event, &second, &[2]).await, set(&[], &[2], true), "3 is free again");
    assert_eq!(stage.held(event).await, [(1, first.clone()), (2, first)]);
}

async fn an_unchanged_wish_changes_nothing_but_the_end(stage: Stage) {
    let (event, holder) = (event(), person());
    stage.holds.set(event, &holder, &[1, 2], SHORT).await.expect("an answer");
    assert_eq!(stage.set(event, &holder, &[2, 1]).await, set(&[1, 2], &[], false));
    stage.pass(SHORT * 2).await;
    assert_eq!(stage.held(event).await.len(), 2);
}

async fn a_hold_ends_by_itself(stage: Stage) {
    let (event, brief, lasting) = (event(), person(), person());
    stage.holds.set(event, &brief, &[1, 2], SHORT).await.expect("an answer");
    stage.set(event, &lasting, &[3]).await;
    let holds = stage.holds.list(event).await.expect("an answer");
    let left = |hold: &Hold| hold.expires_in;
    assert!(holds.iter().take(2).map(left).all(|left| left <= SHORT), "{holds:?}");
    assert!(left(&holds[2]) > LONG / 2 && left(&holds[2]) <= LONG, "{holds:?}");
    stage.pass(SHORT * 2).await;
    assert_eq!(stage.held(event).await, [(3, lasting.clone())]);
    assert_eq!(stage.set(event, &lasting, &[1, 3]).await, set(&[1, 3], &[], true), "anybody's");
}

async fn extending_keeps_what_is_still_held(stage: Stage) {
    let (event, holder, other) = (event(), person(), person());
    stage.holds.set(event, &holder, &[9, 8], SHORT).await.expect("an answer");
    stage.holds.set(event, &other, &[7], SHORT).await.expect("an answer");
    assert_eq!(stage.holds.extend(event, &holder, LONG).await.expect("an answer"), [8, 9]);
    stage.pass(SHORT * 2).await;
    assert_eq!(stage.held(event).await, [(8, holder.clone()), (9, holder)]);
    let gone: [u32; 0] = [];
    assert_eq!(stage.holds.extend(event, &other, LONG).await.expect("an answer"), gone, "too late");
}

async fn releasing_frees_ones_own_alone(stage: Stage) {
    let (event, holder, other) = (event(), socket("a"), socket("b"));
    stage.set(event, &holder, &[2, 1]).await;
    stage.set(event, &other, &[3]).await;
    assert_eq!(stage.holds.release(event, &holder).await.expect("an answer"), [1, 2]);
    assert_eq!(stage.holds.release(event, &holder).await.expect("an answer").len(), 0);
    assert_eq!(stage.held(event).await, [(3, other)]);
}

async fn booked_seats_are_nobodys(stage: Stage) {
    let (event, holder, other) = (event(), person(), person());
    stage.set(event, &holder, &[1, 2]).await;
    stage.set(event, &other, &[3]).await;
    stage.holds.drop_seats(event, &[2, 3, 4]).await.expect("an answer");
    assert_eq!(stage.held(event).await, [(1, holder)]);
}

async fn what_one_person_holds_twice_is_in_nobodys_way(stage: Stage) {
    let (event, user) = (event(), Ids::default().user());
    let token = || Holder::Person { user, token: Ids::default().uuid() };
    let socket_of = |user| Holder::Socket { id: "s".to_owned(), user };
    let (first, second, window) = (token(), token(), socket_of(Some(user)));
    stage.set(event, &first, &[1, 2]).await;
    assert_eq!(stage.set(event, &second, &[2, 3]).await, set(&[2, 3], &[], true));
    assert_eq!(stage.set(event, &window, &[3, 4]).await, set(&[3, 4], &[], true));
    assert_eq!(stage.held(event).await, [(1, first), (2, second), (3, window.clone()), (4, window)]);
    assert_eq!(stage.set(event, &person(), &[1, 3]).await, set(&[], &[1, 3], false), "somebody else");
    assert_eq!(stage.set(event, &socket_of(None), &[1, 3]).await, set(&[], &[1, 3], false), "or nobody");
}

async fn an_exchange_is_all_or_nothing(stage: Stage) {
    let (event, holder, other) = (event(), person(), socket("other"));
    stage.set(event, &holder, &[1, 2]).await;
    stage.set(event, &other, &[3]).await;
    let exchange =
        async |seats: &[u32]| stage.holds.exchange(event, &holder, seats, LONG).await.expect("an answer");
    assert_eq!(exchange(&[2, 4, 3]).await, set(&[], &[3], false));
    let before = [(1, holder.clone()), (2, holder.clone()), (3, other.clone())];
    assert_eq!(stage.held(event).await, before, "nothing has changed");
    assert_eq!(exchange(&[5, 2]).await, set(&[2, 5], &[], true));
    assert_eq!(exchange(&[2, 5]).await, set(&[2, 5], &[], false));
    assert_eq!(stage.held(event).await, [(2, holder.clone()), (3, other), (5, holder.clone())]);
}

async fn nobody_exchanges_what_is_over(stage: Stage) {
    let (event, holder, other) = (event(), person(), person());
    assert_eq!(
        stage.holds.exchange(event, &holder, &[1], LONG).await.expect("an answer"),
        set(&[], &[], false)
    );
    stage.holds.set(event, &holder, &[1], SHORT).await.expect("an answer");
    stage.set(event, &other, &[2]).await;
    stage.pass(SHORT * 2).await;
    for seats in [[1], [2]] {
        let gone = stage.holds.exchange(event, &holder, &seats, LONG).await.expect("an answer");
        assert_eq!(gone, set(&[], &[], false));
    }
    assert_eq!(stage.held(event).await, [(2, other)]);
}

async fn persons_are_counted_over_tokens_and_sockets(stage: Stage) {
    let (event, user) = (event(), Ids::default().user());
    let token = || Holder::Person { user, token: Ids::default().uuid() };
    stage.set(event, &token(), &[1, 2]).await;
    stage.set(event, &token(), &[3]).await;
    stage.set(event, &Holder::Socket { id: "s".to_owned(), user: Some(user) }, &[4]).await;
    stage.set(event, &person(), &[5]).await;
    stage.set(event, &socket("t"), &[6]).await;
    assert_eq!(stage.holds.count_of(event, user).await.expect("an answer"), 4);
    let nobody: UserId = Ids::default().user();
    assert_eq!(stage.holds.count_of(event, nobody).await.expect("an answer"), 0);
}

async fn events_know_nothing_of_each_other(stage: Stage) {
    let (one, two, holder, other) = (event(), event(), person(), person());
    stage.set(one, &holder, &[1]).await;
    assert_eq!(stage.set(two, &other, &[1]).await, set(&[1], &[], true));
    stage.holds.release(two, &holder).await.expect("an answer");
    assert_eq!(stage.held(one).await, [(1, holder)]);
    assert_eq!(stage.held(two).await, [(1, other)]);
}

async fn of_fifty_at_once_each_seat_goes_to_one(stage: Stage) {
    let event = event();
    let holders: Vec<Holder> = (0..50).map(|_| person()).collect();
    // Each wants three seats of sixty, most of which others want too, in another order.
    let wish = |number: usize| {
        let seat = |step: usize| u32::try_from((number * 7 + step * 11) % 60 + 1).expect("a seat");
        [seat(0), seat(1), seat(2)]
    };
    let setting = holders.iter().enumerate().map(|(number, holder)| {
        let (holds, holder) = (stage.holds.clone(), holder.clone());
        tokio::spawn(async move { holds.set(event, &holder, &wish(number), LONG).await.expect("an answer") })
    });
    let answers = futures::future::join_all(setting.collect::<Vec<_>>()).await;
    let mut expected = Vec::new();
    for (number, answer) in answers.into_iter().enumerate() {
        let answer = answer.expect("a task that ends");
        let mut told: Vec<u32> = answer.allowed.iter().chain(&answer.conflicts).copied().collect();
        told.sort_unstable();
        let mut wanted = wish(number).to_vec();
        wanted.sort_unstable();
        assert_eq!(told, wanted, "every seat is either allowed or in conflict");
        expected.extend(answer.allowed.into_iter().map(|seat| (seat, holders[number].clone())));
    }
    expected.sort_unstable_by_key(|(seat, _)| *seat);
    assert_eq!(stage.held(event).await, expected, "nobody was told a seat that another one has");
    assert!(expected.windows(2).all(|pair| pair[0].0 != pair[1].0), "no seat twice");
}

async fn what_nobody_ever_held_is_an_empty_answer(stage: Stage) {
    let event = event();
    assert_eq!(stage.held(event).await, []);
    assert_eq!(stage.holds.extend(event, &person(), LONG).await.expect("an answer").len(), 0);
    assert_eq!(stage.holds.release(event, &person()).await.expect("an answer").len(), 0);
    stage.holds.drop_seats(event, &[]).await.expect("an answer");
}
