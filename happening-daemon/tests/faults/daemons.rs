//! One of two daemons fails: the other one goes on.

use crate::history::History;
use crate::mirror::HEALED;
use crate::stage::{Stage, pause};
use crate::support::signal;
use std::time::{Duration, Instant};

/// How long a daemon that is stopped in its turn may hold the other one up.
const HELD_UP: Duration = Duration::from_secs(3);

#[tokio::test]
async fn a_daemon_goes_on_when_the_other_one_is_killed() {
    let mut stage = Stage::set_for_two().await;
    let load = stage.load().await;
    pause(1_000).await;
    let killed = Instant::now();
    stage.daemons[1].kill().await;
    pause(3_000).await;
    let history = load.stop().await;
    let survivor = of_daemon(&history, 0);
    survivor.only(|call| call.begun < killed).assert_flawless("while there were two daemons");
    survivor
        .begun_after(killed + Duration::from_secs(1))
        .assert_flawless("after the other daemon was killed");
    stage.assert_true(&history).await;
    stage.redis_is_true(&stage.all(), Instant::now() + Duration::from_secs(2)).await;
    // What the dead one had handed to nobody comes due in the outbox.
    stage.everybody_is_told(killed + Duration::from_secs(30)).await;
}

#[tokio::test]
async fn a_daemon_goes_on_when_the_other_one_is_stopped_in_its_turn() {
    let stage = Stage::set_for_two().await;
    let load = stage.load().await;
    let stopped = stop_in_its_turn(&stage).await;
    pause(6_000).await;
    signal(stage.daemons[1].pid(), "CONT");
    let continued = Instant::now();
    pause(3_000).await;
    let history = load.stop().await;
    let survivor = of_daemon(&history, 0);
    let held_up = survivor.begun_between(stopped, continued);
    assert!(
        held_up.slowest() < HELD_UP + Duration::from_secs(1),
        "somebody waited for {:?}",
        held_up.slowest()
    );
    survivor
        .begun_between(stopped + HELD_UP, continued)
        .assert_flawless("while the other daemon was stopped");
    survivor.begun_after(continued).assert_flawless("after the other daemon went on");
    let woken = of_daemon(&history, 1).begun_after(continued + Duration::from_secs(2));
    woken.assert_flawless("from the daemon that had been stopped");
    stage.assert_true(&history).await;
    stage.redis_is_true(&stage.all(), continued + HEALED + Duration::from_secs(2)).await;
}

fn of_daemon(history: &History, daemon: usize) -> History {
    history.only(|call| call.daemon == daemon)
}

/// Stops the second daemon while it has locked an event: tries until a transaction of it stays open.
async fn stop_in_its_turn(stage: &Stage) -> Instant {
    let pid = stage.daemons[1].pid();
    for _ in 0..200 {
        let stopped = Instant::now();
        signal(pid, "STOP");
        pause(150).await;
        if is_held(stage).await {
            return stopped;
        }
        signal(pid, "CONT");
        pause(37).await;
    }
    panic!("never in its turn when it was stopped");
}

/// Whether a daemon has left a transaction open for a while.
async fn is_held(stage: &Stage) -> bool {
    let open: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND state = 'idle in transaction' AND state_change < now() - interval '120 milliseconds' \
         AND query LIKE '%FOR UPDATE%'",
    )
    .fetch_one(&stage.truth)
    .await
    .expect("PostgreSQL answers");
    open > 0
}
