//! What people, restarts and other programs do to Redis: whatever is there, it is either right, or seen to be wrong and
//! set right by a snapshot.

use super::*;
use std::time::{Duration, Instant};

/// Runs a command on Redis by hand.
async fn by_hand(words: &[&str]) {
    let client = ::redis::Client::open(crate::testing::address("REDIS_URL")).expect("an address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("Redis at REDIS_URL");
    let mut command = ::redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async::<::redis::Value>(&mut connection).await.expect("a command that Redis takes");
}

fn key(event: EventId, name: &str) -> String {
    format!("event:{event}:{name}")
}

/// An event at version 5 with one free seat and two waiting.
async fn healthy(counters: &dyn Counters) -> (EventId, [UserId; 2]) {
    let (event, line) = (event(), users());
    counters.restore(&[snapshot(event, 5, 1, &line)], false).await.expect("set");
    assert_says(counters, event, 5, 1, &line).await;
    (event, line)
}

/// Sets the event as the reconciler does: by force only if the version that it saw is ahead of the truth.
async fn heal(counters: &dyn Counters, truth: CounterSnapshot) {
    let seen = counters.observe(&[truth.mark.event]).await.expect("an answer");
    let invented = seen[0].version.is_some_and(|version| version > truth.mark.version);
    counters.restore(&[truth], invented).await.expect("set");
}

#[tokio::test]
async fn the_keys_are_those_that_operators_read() {
    let (counters, [user]) = (redis().await, users());
    let event = event();
    counters.restore(&[snapshot(event, 5, 17, &[user])], false).await.expect("set");
    let client = ::redis::Client::open(crate::testing::address("REDIS_URL")).expect("an address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("Redis at REDIS_URL");
    let mut pipeline = ::redis::pipe();
    pipeline.cmd("GET").arg(key(event, "slots"));
    pipeline.cmd("LRANGE").arg(key(event, "waitlist")).arg(0).arg(-1);
    let (slots, line): (String, Vec<String>) = pipeline.query_async(&mut connection).await.expect("both");
    assert_eq!((slots.as_str(), line), ("17", vec![user.to_string()]));
}

#[tokio::test]
async fn a_missing_or_unreadable_figure_is_unknown() {
    let counters = redis().await;
    for (name, field) in [("slots", 0), ("version", 1)] {
        for tampered in [None, Some("many"), Some(""), Some("1.5"), Some("99999999999999999999999")] {
            let (event, _) = healthy(&*counters).await;
            match tampered {
                None => by_hand(&["DEL", &key(event, name)]).await,
                Some(text) => by_hand(&["SET", &key(event, name), text]).await,
            }
            let seen = counters.observe(&[event]).await.expect("an answer")[0];
            let expected = if field == 0 { (None, Some(5)) } else { (Some(1), None) };
            assert_eq!((seen.available, seen.version), expected, "{name} {tampered:?}");
        }
    }
    let (event, _) = healthy(&*counters).await;
    by_hand(&["SET", &key(event, "waitlist"), "nobody"]).await;
    let seen = counters.observe(&[event]).await.expect("an answer")[0];
    assert_eq!((seen.version, seen.available, seen.waiting), (Some(5), Some(1), None));
    assert_ne!(counters.line_digests(&[event]).await.expect("an answer"), [line_digest([])]);
}

#[tokio::test]
async fn a_tampered_figure_is_seen_as_it_is() {
    let counters = redis().await;
    let (event, _) = healthy(&*counters).await;
    by_hand(&["INCRBY", &key(event, "slots"), "-51"]).await;
    let seen = counters.observe(&[event]).await.expect("an answer")[0];
    assert_eq!((seen.version, seen.available, seen.waiting), (Some(5), Some(-50), Some(2)));
    assert_eq!(counters.project(&[projection(event, 6, 3, &[])]).await.expect("an answer"), []);
    let seen = counters.observe(&[event]).await.expect("an answer")[0];
    assert_eq!(seen.available, Some(3), "the next commit sets it");
}

#[tokio::test]
async fn whatever_a_key_was_made_into_a_snapshot_sets_it_right() {
    let counters = redis().await;
    for name in ["slots", "version", "waitlist"] {
        for made in ["string", "list", "hash", "stream", "number"] {
            let (event, [one, two]) = healthy(&*counters).await;
            let key = key(event, name);
            by_hand(&["DEL", &key]).await;
            match made {
                "string" => by_hand(&["SET", &key, "x"]).await,
                "list" => by_hand(&["RPUSH", &key, "x", "y"]).await,
                "hash" => by_hand(&["HSET", &key, "x", "y"]).await,
                "stream" => by_hand(&["XADD", &key, "*", "x", "y"]).await,
                _ => by_hand(&["SET", &key, "7"]).await,
            }
            heal(&*counters, snapshot(event, 6, 2, &[two, one])).await;
            assert_says(&*counters, event, 6, 2, &[two, one]).await;
        }
    }
}

#[tokio::test]
async fn a_version_that_nobody_committed_is_set_right() {
    let counters = redis().await;
    let invented = [
        "6",
        "7",
        "999",
        "9007199254740993",
        "18446744073709551615",
        "99999999999999999999999",
        "1e300",
        "inf",
        "nan",
    ];
    let strange = ["-1", "0x7fffffff", " 7 ", "+8", "7.5", "1e2", "007", "v7"];
    for version in invented.iter().chain(&strange) {
        let (event, line) = healthy(&*counters).await;
        by_hand(&["SET", &key(event, "version"), version]).await;
        heal(&*counters, snapshot(event, 5, 1, &line)).await;
        assert_says(&*counters, event, 5, 1, &line).await;
    }
}

#[tokio::test]
async fn a_step_onto_an_unreadable_event_says_that_it_is_unknown() {
    let counters = redis().await;
    for version in ["1e300", "inf", "nan", "", "v5", "5.0", "99999999999999999999999"] {
        let (event, _) = healthy(&*counters).await;
        by_hand(&["SET", &key(event, "version"), version]).await;
        let step = projection(event, 6, 0, &[LineStep::Leave { ahead: 0 }]);
        assert_eq!(counters.project(&[step]).await.expect("an answer"), [event], "version {version:?}");
    }
    for (name, step) in [
        ("version", LineStep::Leave { ahead: 0 }),
        ("waitlist", LineStep::Leave { ahead: 0 }),
        ("waitlist", LineStep::Leave { ahead: 1 }),
        ("waitlist", LineStep::Join(users::<1>()[0])),
    ] {
        let (event, _) = healthy(&*counters).await;
        let (other, line) = healthy(&*counters).await;
        by_hand(&["DEL", &key(event, name)]).await;
        by_hand(&["HSET", &key(event, name), "x", "y"]).await;
        let steps = [projection(event, 6, 0, &[step]), projection(other, 6, 0, &[])];
        assert_eq!(
            counters.project(&steps).await.expect("an answer"),
            [event],
            "{name}: the other one moves on"
        );
        assert_says(&*counters, other, 6, 0, &line).await;
    }
}

#[tokio::test]
async fn forgotten_scripts_are_sent_again() {
    let counters = redis_alone().await;
    let (event, [one, two]) = healthy(&*counters).await;
    let (other, line) = healthy(&*counters).await;
    by_hand(&["SCRIPT", "FLUSH"]).await;
    let steps = [
        projection(event, 6, 4, &[LineStep::Join(one)]),
        projection(other, 6, 3, &[]),
        projection(event, 7, 4, &[LineStep::Leave { ahead: 0 }]),
    ];
    assert_eq!(counters.project(&steps).await.expect("an answer"), []);
    by_hand(&["SCRIPT", "FLUSH"]).await;
    assert_says(&*counters, event, 7, 4, &[two, one]).await;
    assert_says(&*counters, other, 6, 3, &line).await;
    by_hand(&["SCRIPT", "FLUSH"]).await;
    counters.restore(&[snapshot(event, 8, 0, &[two])], false).await.expect("set");
    assert_says(&*counters, event, 8, 0, &[two]).await;
}

#[tokio::test]
async fn a_cut_connection_is_made_again() {
    let _scripts = redis().await;
    // A name of its own, so that no other test's connection is cut.
    let name = crate::testing::own_name();
    by_hand(&["ACL", "SETUSER", &name, "on", ">secret", "~*", "&*", "+@all"]).await;
    let address =
        crate::testing::address("REDIS_URL").replace("redis://", &format!("redis://{name}:secret@"));
    let counters = RedisCounters::open(&address).expect("an address");
    let (event, line) = healthy(&counters).await;
    by_hand(&["CLIENT", "KILL", "USER", &name]).await;
    let started = Instant::now();
    // What was on its way when it was cut may fail.
    while counters.ping().await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(3), "it connects again by itself");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_says(&counters, event, 5, 1, &line).await;
    by_hand(&["ACL", "DELUSER", &name]).await;
}

#[tokio::test]
async fn redis_that_is_away_is_an_error_in_time() {
    let nobody = RedisCounters::open("redis://127.0.0.1:1").expect("an address");
    let started = Instant::now();
    assert!(nobody.ping().await.is_err());
    assert!(nobody.observe(&[event()]).await.is_err());
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert!(RedisCounters::open("not an address").is_err());
}

/// The reconciler's own doubt is nothing that people should be told of as if somebody had done it.
#[tokio::test]
async fn what_is_distrusted_still_says_what_it_knows_and_is_restored_before_it_moves_on() {
    let counters = redis().await;
    let (event, [ada, ben]) = (event(), users());
    counters.restore(&[snapshot(event, 7, 0, &[ada])], false).await.expect("restored");
    for _ in 0..2 {
        counters.distrust(&[event]).await.expect("distrusted");
        assert_says(&*counters, event, 7, 0, &[ada]).await;
        assert_eq!(counters.inspect(event).await.expect("an answer").version.as_deref(), Some("7"));
    }
    let next = projection(event, 8, 0, &[LineStep::Join(ben)]);
    assert_eq!(counters.project(&[next]).await.expect("an answer"), [event], "it has to be restored whole");
    counters.restore(&[snapshot(event, 8, 0, &[ada, ben])], false).await.expect("restored");
    assert_says(&*counters, event, 8, 0, &[ada, ben]).await;
}
