//! Redis is away, or stalls: bookings go on, and it equals the truth soon after.

use crate::mirror::HEALED;
use crate::stack::{Fault, Outage, Part};
use crate::stage::{Stage, pause};
use happening_core::wire::Health;
use std::time::{Duration, Instant};

/// Redis fails, is away for a while, and comes back. Whatever happens to it, nobody is refused.
async fn bookings_go_on_while_redis_is(fault: Fault, milliseconds: u64) {
    let stage = Stage::set().await;
    let load = stage.load().await;
    let outage = Outage::begin(fault, Part::Redis).await;
    stage.is_ready_as(Health::Degraded, outage.begun + Duration::from_secs(3)).await;
    pause(milliseconds).await;
    stage.is_ready_as(Health::Degraded, Instant::now()).await;
    let window = outage.end().await;
    stage.redis_is_true(&[stage.events.quiet], window.ended + HEALED).await;
    let history = load.stop().await;
    stage.redis_is_true(&stage.all(), window.ended + HEALED).await;
    stage.is_ready_as(Health::Ok, window.ended + HEALED).await;
    history.assert_flawless("while Redis was away");
    history.assert_one_slow_answer_at_most(window);
    stage.assert_true(&history).await;
}

#[tokio::test]
async fn bookings_go_on_while_redis_is_stopped() {
    bookings_go_on_while_redis_is(Fault::Stopped, 2_000).await;
}

#[tokio::test]
async fn bookings_go_on_while_redis_is_killed_and_comes_back_empty() {
    bookings_go_on_while_redis_is(Fault::Killed, 300).await;
}

#[tokio::test]
async fn bookings_go_on_while_redis_stalls() {
    bookings_go_on_while_redis_is(Fault::Paused, 6_000).await;
}

#[tokio::test]
async fn nobody_notices_that_redis_was_wiped_and_forgot_its_scripts() {
    let stage = Stage::set().await;
    let load = stage.load().await;
    let mut redis = stage.redis().await;
    let (mut wiped, mut begun) = (Instant::now(), None);
    for _ in 0..3 {
        redis::cmd("FLUSHALL").exec_async(&mut redis).await.expect("FLUSHALL");
        redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut redis).await.expect("SCRIPT FLUSH");
        wiped = Instant::now();
        begun.get_or_insert(wiped);
        pause(400).await;
    }
    stage.redis_is_true(&[stage.events.quiet], wiped + HEALED).await;
    let history = load.stop().await;
    stage.redis_is_true(&stage.all(), wiped + HEALED).await;
    history.assert_flawless("while Redis was wiped");
    let quick = history.as_quick_as_before(begun.unwrap_or(wiped), Duration::from_secs(1));
    assert!(history.slowest() < quick, "{:?}, not within {quick:?}", history.slowest());
    stage.assert_true(&history).await;
}
