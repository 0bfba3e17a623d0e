//! PostgreSQL is away, stalls, or cuts connections: nobody waits for long, nothing that was answered is lost, nothing is
//! done twice, and bookings go on as soon as it is back.

use crate::history::Call;
use crate::stack::{Fault, Outage, Part};
use crate::stage::{Stage, pause};
use crate::support::processes::memory_of;
use happening_core::client::ClientError;
use happening_core::id::EventId;
use happening_core::wire::{CreateBooking, Health};
use std::time::{Duration, Instant};

/// How long anybody waits at most while it is not yet known that the database is away: the daemon's longest time for an
/// answer, and a little for the way.
const FIRST_ANSWER: Duration = Duration::from_millis(5_500);

/// Until bookings are confirmed again.
const RECOVERY: Duration = Duration::from_secs(3);

/// Requests that arrive at once while the database is away.
const CROWD: usize = 200;

async fn bookings_are_refused_at_once_while_postgresql_is(fault: Fault, milliseconds: u64) {
    let stage = Stage::set().await;
    let load = stage.load().await;
    let before = memory_of(stage.daemon().pid());
    let outage = Outage::begin(fault, Part::Postgres).await;
    stage.is_ready_as(Health::Down, outage.begun + FIRST_ANSWER).await;
    let known = Instant::now();
    pause(milliseconds).await;
    crowd_is_refused_at_once(&stage, stage.events.wide).await;
    let grown = memory_of(stage.daemon().pid()).saturating_sub(before);
    assert!(grown < 64 * 1024, "the daemon grew by {grown} KB");
    stage.is_ready_as(Health::Down, Instant::now()).await;
    let window = outage.end().await;
    stage.is_ready_as(Health::Ok, window.ended + RECOVERY).await;
    pause(3_500).await;
    let history = load.stop().await;

    let failures = history.failures();
    assert!(
        failures.0.iter().all(Call::is_come_back),
        "no other failures than 503 with Retry-After: {failures:?}"
    );
    assert!(!failures.0.is_empty(), "somebody must have noticed");
    assert!(failures.slowest() < FIRST_ANSWER, "somebody waited for {:?}", failures.slowest());
    let refused = failures.begun_between(known, window.ended);
    let quick = history.as_quick_as_before(window.begun, Duration::from_millis(200));
    assert!(refused.percentile(95) < quick, "p95 is {:?}, not within {quick:?}", refused.percentile(95));
    let confirmed =
        history.begun_after(window.begun).only(|call| call.is_confirmed() && call.ended() > window.ended);
    let first = confirmed.0.iter().map(Call::ended).min().expect("bookings go on");
    assert!(first < window.ended + RECOVERY, "bookings went on after {:?}", first - window.ended);
    history.begun_after(window.ended + RECOVERY).assert_flawless("after PostgreSQL's return");
    stage.assert_true(&history).await;
}

#[tokio::test]
async fn bookings_are_refused_at_once_while_postgresql_is_stopped() {
    bookings_are_refused_at_once_while_postgresql_is(Fault::Stopped, 1_000).await;
}

#[tokio::test]
async fn bookings_are_refused_at_once_while_postgresql_is_killed() {
    bookings_are_refused_at_once_while_postgresql_is(Fault::Killed, 1_000).await;
}

#[tokio::test]
async fn bookings_are_refused_at_once_while_postgresql_stalls() {
    bookings_are_refused_at_once_while_postgresql_is(Fault::Paused, 3_000).await;
}

#[tokio::test]
async fn a_connection_cut_in_mid_commit_loses_and_doubles_nothing() {
    let stage = Stage::set().await;
    let load = stage.load().await;
    let (mut cut, mut backends) = (Instant::now(), 0);
    for _ in 0..20 {
        backends += sqlx::query_scalar::<_, i64>(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'happening-daemon'",
        )
        .fetch_one(&stage.truth)
        .await
        .expect("PostgreSQL answers");
        cut = Instant::now();
        // Long enough for the daemon to be at work again, most times.
        pause(300).await;
    }
    assert!(backends > 20, "{backends} connections cut");
    pause(4_500).await;
    let history = load.stop().await;
    let failures = history.failures();
    assert!(
        failures.0.iter().all(Call::is_come_back),
        "no other failures than 503 with Retry-After: {failures:?}"
    );
    assert!(failures.slowest() < FIRST_ANSWER, "somebody waited for {:?}", failures.slowest());
    history.begun_after(cut + RECOVERY).assert_flawless("after the last cut");
    stage.assert_true(&history).await;
    stage.redis_is_true(&stage.all(), Instant::now() + Duration::from_secs(2)).await;
    stage.everybody_is_told(Instant::now() + Duration::from_secs(15)).await;
}

/// Many requests at once, each answered with 503 before long: none waits for what will not come.
async fn crowd_is_refused_at_once(stage: &Stage, event: EventId) {
    let begun = Instant::now();
    let person = &stage.people[0];
    let create = CreateBooking { user_id: person.user, ..CreateBooking::any(event, 1) };
    let crowd = (0..CROWD).map(|_| person.client.create_booking(&create));
    for answer in futures::future::join_all(crowd).await {
        let Err(ClientError::Refused { problem, retry_after }) = answer else {
            panic!("not refused: {answer:?}")
        };
        assert_eq!((problem.status, retry_after.is_some()), (503, true), "{problem:?}");
    }
    let took = begun.elapsed();
    // The same crowd, asking for what nobody has to work for: how fast this machine is now.
    let begun = Instant::now();
    futures::future::join_all((0..CROWD).map(|_| stage.readyz())).await;
    let most = Duration::from_secs(1).max(5 * begun.elapsed());
    assert!(took < most, "{CROWD} refusals took {took:?}, not within {most:?}");
}
