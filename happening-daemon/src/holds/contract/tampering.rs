//! What people, restarts and other programs do to Redis.

use super::*;

/// Runs a command on Redis by hand.
async fn by_hand<T: ::redis::FromRedisValue>(words: &[&str]) -> T {
    let client = ::redis::Client::open(crate::testing::address("REDIS_URL")).expect("an address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("Redis at REDIS_URL");
    let mut command = ::redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async(&mut connection).await.expect("a command that Redis takes")
}

fn key(event: EventId, seat: u32) -> String {
    format!("event:{event}:hold:{seat}")
}

fn index(event: EventId) -> String {
    format!("event:{event}:holds")
}

#[tokio::test]
async fn the_keys_are_those_that_operators_read() {
    let (stage, event, holder) = (Stage::on_redis().await, event(), person());
    stage.set_for(event, &holder, &[7], Duration::from_secs(10)).await;
    assert_eq!(by_hand::<String>(&["GET", &key(event, 7)]).await, holder.to_string());
    let left: i64 = by_hand(&["PTTL", &key(event, 7)]).await;
    assert!((9_000..=10_000).contains(&left), "{left}");
    let list: i64 = by_hand(&["PTTL", &index(event)]).await;
    assert!(list > left, "the list of holds outlives them");
    assert!(list <= 11_000, "and ends");
}

#[tokio::test]
async fn a_seat_whose_hold_is_gone_leaves_the_list() {
    let (stage, event, holder) = (Stage::on_redis().await, event(), person());
    stage.set(event, &holder, &[1, 2]).await;
    let _: i64 = by_hand(&["DEL", &key(event, 1)]).await;
    let _: i64 = by_hand(&["SADD", &index(event), "5", "many", "0", "-1", "12345678901"]).await;
    assert_eq!(stage.held(event).await, [(2, holder.clone())]);
    assert_eq!(by_hand::<Vec<String>>(&["SMEMBERS", &index(event)]).await, ["2"], "healed");
    assert_eq!(stage.set(event, &holder, &[1, 2]).await, set(&[1, 2], &[], true), "1 was lost");
}

#[tokio::test]
async fn a_lost_or_spoilt_list_loses_nobodys_hold() {
    let (stage, holder, other) = (Stage::on_redis().await, person(), person());
    for spoil in [&["DEL"][..], &["SET", "nonsense"]] {
        let event = event();
        stage.set(event, &holder, &[1, 2]).await;
        let mut words = vec![spoil[0]];
        let list = index(event);
        words.push(&list);
        words.extend(&spoil[1..]);
        let _: ::redis::Value = by_hand(&words).await;
        assert_eq!(stage.set(event, &other, &[2, 3]).await, set(&[3], &[2], true));
        assert_eq!(stage.set(event, &holder, &[1, 2]).await.allowed, [1, 2]);
        let expected = [(1, holder.clone()), (2, holder.clone()), (3, other.clone())];
        assert_eq!(stage.held(event).await, expected);
    }
}

#[tokio::test]
async fn what_somebody_sets_by_hand_is_a_strangers_hold() {
    let (stage, event, holder) = (Stage::on_redis().await, event(), person());
    let _: String = by_hand(&["SET", &key(event, 3), "box office", "EX", "60"]).await;
    assert_eq!(stage.set(event, &holder, &[3, 4]).await, set(&[4], &[3], true));
    assert_eq!(stage.held(event).await, [(3, socket("box office")), (4, holder.clone())]);
    let _: i64 = by_hand(&["PERSIST", &key(event, 3)]).await;
    let holds = stage.holds.list(event).await.expect("an answer").holds;
    assert!(holds[0].expires_in > LONG, "without an end: {holds:?}");
}

#[tokio::test]
async fn what_is_no_text_is_no_hold() {
    let (stage, event, holder) = (Stage::on_redis().await, event(), person());
    let _: i64 = by_hand(&["RPUSH", &key(event, 3), "a list"]).await;
    assert_eq!(stage.set(event, &holder, &[3]).await, set(&[3], &[], true));
    assert_eq!(stage.held(event).await, [(3, holder)]);
}

#[tokio::test]
async fn an_emptied_redis_takes_holds_again() {
    let _alone = REDIS_SCRIPTS.write().await;
    let (stage, event, holder) = (Stage::on_forgetful_redis(), event(), person());
    stage.set(event, &holder, &[1, 2]).await;
    // As a restart leaves it: neither keys nor scripts.
    let _: i64 = by_hand(&["DEL", &key(event, 1), &key(event, 2), &index(event)]).await;
    let _: String = by_hand(&["SCRIPT", "FLUSH"]).await;
    assert_eq!(stage.extend(event, &holder).await.len(), 0, "gone");
    assert_eq!(stage.set(event, &holder, &[1, 2]).await, set(&[1, 2], &[], true));
}

#[tokio::test]
async fn a_redis_that_is_away_is_an_error_within_the_deadline() {
    // A listener that never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let holds = RedisHolds::open(&format!("redis://{address}")).expect("an address");
    let started = std::time::Instant::now();
    assert!(holds.list(event()).await.is_err());
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}
