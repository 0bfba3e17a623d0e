//! What all holds do: each rule runs on Redis and on its stand-in in the process. What people do to Redis by hand is in
//! `contract/tampering.rs`.
//!
//! Rules run side by side on one Redis: each has events of its own, and none wipes anything.

mod tampering;

use super::memory::MemoryHolds;
use super::redis::RedisHolds;
use super::{Hold, Holder, Holds, Peer, SetHolds, Wish};
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
        self.set_within(event, holder, seats, LONG, u32::MAX).await
    }

    async fn set_for(&self, event: EventId, holder: &Holder, seats: &[u32], ttl: Duration) -> SetHolds {
        self.set_within(event, holder, seats, ttl, u32::MAX).await
    }

    /// The answer; the list that comes with it is the one that is read next.
    async fn set_within(
        &self,
        event: EventId,
        holder: &Holder,
        seats: &[u32],
        ttl: Duration,
        limit: u32,
    ) -> SetHolds {
        let set = self.holds.set(event, holder, Wish { seats, ttl, limit }).await.expect("an answer");
        set.answer
    }

    async fn exchange(&self, event: EventId, holder: &Holder, seats: &[u32], limit: u32) -> SetHolds {
        let wish = Wish { seats, ttl: LONG, limit };
        self.holds.exchange(event, holder, wish).await.expect("an answer").answer
    }

    async fn extend(&self, event: EventId, holder: &Holder) -> Vec<u32> {
        self.holds.extend(event, holder, LONG).await.expect("an answer").answer
    }

    async fn release(&self, event: EventId, holder: &Holder) -> Vec<u32> {
        self.holds.release(event, holder).await.expect("an answer").answer
    }

    /// Who holds what, ascending.
    async fn held(&self, event: EventId) -> Vec<(u32, Holder)> {
        of(self.holds.list(event).await.expect("an answer").holds)
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
    anonymous_sockets_are_counted_by_their_address,
    people_go_before_anonymous_sockets,
    of_two_at_once_where_one_fits_exactly_one_fits,
    each_answer_has_what_is_held_then,
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
    Holder::Socket { id: id.to_owned(), user: None, peer: None }
}

/// A socket of nobody in particular, from an address.
fn socket_at(id: &str, address: [u8; 4]) -> Holder {
    Holder::Socket { id: id.to_owned(), user: None, peer: Some(Peer::of(address.into())) }
}

fn socket_of(id: &str, user: UserId) -> Holder {
    Holder::Socket { id: id.to_owned(), user: Some(user), peer: None }
}

fn set(allowed: &[u32], conflicts: &[u32], changed: bool) -> SetHolds {
    SetHolds { allowed: allowed.to_vec(), conflicts: conflicts.to_vec(), changed, exceeds: false }
}

/// The answer to what was too much.
fn exceeding() -> SetHolds {
    SetHolds { exceeds: true, ..SetHolds::default() }
}

/// Who holds what.
fn of(holds: Vec<Hold>) -> Vec<(u32, Holder)> {
    holds.into_iter().map(|hold| (hold.seat, hold.holder)).collect()
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
    stage.set_for(event, &holder, &[1, 2], SHORT).await;
    assert_eq!(stage.set(event, &holder, &[2, 1]).await, set(&[1, 2], &[], false));
    stage.pass(SHORT * 2).await;
    assert_eq!(stage.held(event).await.len(), 2);
}

async fn a_hold_ends_by_itself(stage: Stage) {
    let (event, brief, lasting) = (event(), person(), person());
    stage.set_for(event, &brief, &[1, 2], SHORT).await;
    stage.set(event, &lasting, &[3]).await;
    let holds = stage.holds.list(event).await.expect("an answer").holds;
    let left = |hold: &Hold| hold.expires_in;
    assert!(holds.iter().take(2).map(left).all(|left| left <= SHORT), "{holds:?}");
    assert!(left(&holds[2]) > LONG / 2 && left(&holds[2]) <= LONG, "{holds:?}");
    stage.pass(SHORT * 2).await;
    assert_eq!(stage.held(event).await, [(3, lasting.clone())]);
    assert_eq!(stage.set(event, &lasting, &[1, 3]).await, set(&[1, 3], &[], true), "anybody's");
}

async fn extending_keeps_what_is_still_held(stage: Stage) {
    let (event, holder, other) = (event(), person(), person());
    stage.set_for(event, &holder, &[9, 8], SHORT).await;
    stage.set_for(event, &other, &[7], SHORT).await;
    assert_eq!(stage.extend(event, &holder).await, [8, 9]);
    stage.pass(SHORT * 2).await;
    assert_eq!(stage.held(event).await, [(8, holder.clone()), (9, holder)]);
    let gone: [u32; 0] = [];
    assert_eq!(stage.extend(event, &other).await, gone, "too late");
}

async fn releasing_frees_ones_own_alone(stage: Stage) {
    let (event, holder, other) = (event(), socket("a"), socket("b"));
    stage.set(event, &holder, &[2, 1]).await;
    stage.set(event, &other, &[3]).await;
    assert_eq!(stage.release(event, &holder).await, [1, 2]);
    assert_eq!(stage.release(event, &holder).await.len(), 0);
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
    let (first, second, window) = (token(), token(), socket_of("s", user));
    stage.set(event, &first, &[1, 2]).await;
    assert_eq!(stage.set(event, &second, &[2, 3]).await, set(&[2, 3], &[], true));
    assert_eq!(stage.set(event, &window, &[3, 4]).await, set(&[3, 4], &[], true));
    assert_eq!(stage.held(event).await, [(1, first), (2, second), (3, window.clone()), (4, window)]);
    assert_eq!(stage.set(event, &person(), &[1, 3]).await, set(&[], &[1, 3], false), "somebody else");
    assert_eq!(stage.set(event, &socket("s"), &[1, 3]).await, set(&[], &[1, 3], false), "or nobody");
}

async fn an_exchange_is_all_or_nothing(stage: Stage) {
    let (event, holder, other) = (event(), person(), person());
    stage.set(event, &holder, &[1, 2]).await;
    stage.set(event, &other, &[3]).await;
    let exchange = async |seats: &[u32]| stage.exchange(event, &holder, seats, u32::MAX).await;
    assert_eq!(exchange(&[2, 4, 3]).await, set(&[], &[3], false));
    let before = [(1, holder.clone()), (2, holder.clone()), (3, other.clone())];
    assert_eq!(stage.held(event).await, before, "nothing has changed");
    assert_eq!(exchange(&[5, 2]).await, set(&[2, 5], &[], true));
    assert_eq!(exchange(&[2, 5]).await, set(&[2, 5], &[], false));
    assert_eq!(stage.held(event).await, [(2, holder.clone()), (3, other), (5, holder.clone())]);
}

async fn nobody_exchanges_what_is_over(stage: Stage) {
    let (event, holder, other) = (event(), person(), person());
    assert_eq!(stage.exchange(event, &holder, &[1], u32::MAX).await, set(&[], &[], false));
    stage.set_for(event, &holder, &[1], SHORT).await;
    stage.set(event, &other, &[2]).await;
    stage.pass(SHORT * 2).await;
    for seats in [[1], [2]] {
        assert_eq!(stage.exchange(event, &holder, &seats, u32::MAX).await, set(&[], &[], false));
    }
    assert_eq!(stage.held(event).await, [(2, other)]);
}

async fn persons_are_counted_over_tokens_and_sockets(stage: Stage) {
    let (event, user) = (event(), Ids::default().user());
    let token = || Holder::Person { user, token: Ids::default().uuid() };
    let (first, second) = (token(), token());
    stage.set(event, &first, &[1, 2]).await;
    stage.set(event, &socket_of("s", user), &[4]).await;
    stage.set(event, &person(), &[5]).await;
    stage.set(event, &socket_at("t", [192, 0, 2, 1]), &[6]).await;
    let before = stage.held(event).await;
    assert_eq!(stage.set_within(event, &second, &[7, 8], LONG, 4).await, exceeding());
    assert_eq!(stage.held(event).await, before, "and nothing has changed");
    // A seat that somebody else has is none of theirs, and one of their own counts once.
    let fits = stage.set_within(event, &second, &[5, 2, 7], LONG, 4).await;
    assert_eq!(fits, set(&[2, 7], &[5], true));
    assert_eq!(stage.exchange(event, &second, &[2, 7, 8], 4).await, exceeding());
    assert_eq!(stage.exchange(event, &second, &[7, 8], 4).await, set(&[7, 8], &[], true));
    assert_eq!(stage.set_within(event, &first, &[], LONG, 0).await, set(&[], &[], true), "less always fits");
}

async fn anonymous_sockets_are_counted_by_their_address(stage: Stage) {
    let (event, here, there) = (event(), [192, 0, 2, 1], [192, 0, 2, 2]);
    let set_of = async |holder: Holder, seats: &[u32]| stage.set_within(event, &holder, seats, LONG, 3).await;
    assert_eq!(set_of(socket_at("a", here), &[1, 2]).await, set(&[1, 2], &[], true));
    assert_eq!(set_of(socket_at("b", here), &[3, 4]).await, exceeding());
    assert_eq!(set_of(socket_at("b", here), &[3, 1]).await, set(&[3], &[1], true));
    assert_eq!(set_of(socket_at("a", here), &[1, 4]).await, set(&[1, 4], &[], true), "as many as before");
    assert_eq!(set_of(socket_at("c", there), &[5, 6, 7]).await, set(&[5, 6, 7], &[], true));
    let somebody = Ids::default().user();
    assert_eq!(set_of(socket_of("d", somebody), &[8, 9, 10]).await, set(&[8, 9, 10], &[], true));
    assert_eq!(set_of(socket("e"), &[11, 12, 13]).await, set(&[11, 12, 13], &[], true), "from nowhere known");
}

async fn people_go_before_anonymous_sockets(stage: Stage) {
    let (event, anybody, user) = (event(), socket_at("a", [192, 0, 2, 1]), Ids::default().user());
    stage.set(event, &anybody, &[1, 2, 3]).await;
    stage.set(event, &socket("b"), &[4]).await;
    let token = Holder::Person { user, token: Ids::default().uuid() };
    assert_eq!(stage.set(event, &token, &[1, 4]).await, set(&[1, 4], &[], true));
    let window = socket_of("c", Ids::default().user());
    assert_eq!(stage.set(event, &window, &[2, 1]).await, set(&[2], &[1], true));
    assert_eq!(stage.exchange(event, &token, &[4, 3], u32::MAX).await, set(&[3, 4], &[], true));
    assert_eq!(stage.extend(event, &anybody).await, [0; 0], "nothing is theirs any more");
    assert_eq!(stage.set(event, &anybody, &[2, 3]).await, set(&[], &[2, 3], false), "nor comes back");
    assert_eq!(stage.held(event).await, [(2, window), (3, token.clone()), (4, token)]);
}

async fn of_two_at_once_where_one_fits_exactly_one_fits(stage: Stage) {
    let user = Ids::default().user();
    for _ in 0..20 {
        let event = event();
        let token = || Holder::Person { user, token: Ids::default().uuid() };
        let holding = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]].map(|seats| {
            let (holds, holder) = (stage.holds.clone(), token());
            tokio::spawn(async move {
                let wish = Wish { seats: &seats, ttl: LONG, limit: 5 };
                holds.set(event, &holder, wish).await.expect("an answer").answer
            })
        });
        let answers = futures::future::join_all(holding).await;
        let fitted = answers.iter().filter(|answer| answer.as_ref().is_ok_and(|answer| !answer.exceeds));
        assert_eq!(fitted.count(), 1, "{answers:?}");
        assert_eq!(stage.held(event).await.len(), 3);
    }
}

async fn each_answer_has_what_is_held_then(stage: Stage) {
    let (event, one, other) = (event(), person(), person());
    let wish = Wish { seats: &[1, 2], ttl: LONG, limit: 9 };
    let mut lists = vec![stage.holds.list(event).await.expect("a list")];
    lists.push(stage.holds.set(event, &one, wish).await.expect("set").list);
    lists.push(stage.holds.set(event, &other, Wish { seats: &[2, 3], ..wish }).await.expect("set").list);
    lists.push(stage.holds.exchange(event, &one, Wish { seats: &[1], ..wish }).await.expect("set").list);
    lists.push(stage.holds.extend(event, &other, SHORT * 100).await.expect("extended").list);
    lists.push(stage.holds.drop_seats(event, &[1]).await.expect("dropped"));
    lists.push(stage.holds.release(event, &other).await.expect("released").list);
    assert!(lists.iter().map(|list| list.order).is_sorted_by(|before, after| before < after), "{lists:?}");
    assert!(lists[4].holds[1].expires_in <= SHORT * 100, "{lists:?}");
    let held: Vec<Vec<(u32, Holder)>> = lists.into_iter().map(|list| of(list.holds)).collect();
    let (one, other) = (|seat| (seat, one.clone()), |seat| (seat, other.clone()));
    let expected = [
        vec![],
        vec![one(1), one(2)],
        vec![one(1), one(2), other(3)],
        vec![one(1), other(3)],
        vec![one(1), other(3)],
        vec![other(3)],
        vec![],
    ];
    assert_eq!(held, expected);
}

async fn events_know_nothing_of_each_other(stage: Stage) {
    let (one, two, holder, other) = (event(), event(), person(), person());
    stage.set(one, &holder, &[1]).await;
    assert_eq!(stage.set(two, &other, &[1]).await, set(&[1], &[], true));
    stage.release(two, &holder).await;
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
        tokio::spawn(async move {
            let wish = Wish { seats: &wish(number), ttl: LONG, limit: 20 };
            holds.set(event, &holder, wish).await.expect("an answer").answer
        })
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
    assert_eq!(stage.extend(event, &person()).await.len(), 0);
    assert_eq!(stage.release(event, &person()).await.len(), 0);
    stage.holds.drop_seats(event, &[]).await.expect("an answer");
}
