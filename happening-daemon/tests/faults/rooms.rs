//! Rooms of two daemons while Redis, by which they tell each other, is broken: whatever was lost, those who watch know how
//! things are soon after.

use crate::stack::{Fault, Outage, Part, reset};
use crate::stage::{Stage, pause};
use crate::support::node::{self, Running, Transports};

async fn rooms_are_right_after_redis_was(fault: Fault, milliseconds: u64) {
    let stage = Stage::set_for_two().await;
    let daemons: Vec<_> = stage.daemons.iter().collect();
    let script = node::stage(&daemons, Transports::Default).await;
    let mut watching = Running::start(&script, "rooms_are_right_after_an_outage");
    watching.reaches("broken").await;
    let outage = Outage::begin(fault, Part::Redis).await;
    watching.go_on("broken").await;
    watching.reaches("mended").await;
    pause(milliseconds).await;
    outage.end().await;
    watching.go_on("mended").await;
    watching.end().await;
}

#[tokio::test]
async fn rooms_are_right_after_redis_was_killed() {
    rooms_are_right_after_redis_was(Fault::Killed, 500).await;
}

#[tokio::test]
async fn rooms_are_right_after_redis_stalled() {
    rooms_are_right_after_redis_was(Fault::Paused, 4_000).await;
}

#[tokio::test]
async fn rooms_are_right_after_redis_was_reset() {
    let stage = Stage::set_for_two().await;
    let daemons: Vec<_> = stage.daemons.iter().collect();
    let script = node::stage(&daemons, Transports::Default).await;
    let mut watching = Running::start(&script, "rooms_are_right_after_an_outage");
    watching.reaches("broken").await;
    reset(Part::Redis).await;
    watching.go_on("broken").await;
    watching.reaches("mended").await;
    watching.go_on("mended").await;
    watching.end().await;
}
