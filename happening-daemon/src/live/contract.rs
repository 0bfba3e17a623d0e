//! What every broadcast does: each rule runs on Redis and on its stand-in in the process. Rules run side by side on one
//! Redis, so each looks for its own messages only. What happens to Redis itself is tested in `tests/faults`.

use super::broadcast::{Broadcast, Received};
use super::memory::MemoryBroadcast;
use super::redis::RedisBroadcast;
use crate::testing::{address, own_name};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Long enough for whatever is sent to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Two daemons' ways to the same broadcast.
type Pair = (Arc<dyn Broadcast>, Arc<dyn Broadcast>);

fn memory() -> Pair {
    let shared = Arc::new(MemoryBroadcast::default());
    (shared.clone(), shared)
}

fn redis() -> Pair {
    let open = || Arc::new(RedisBroadcast::open(&address("REDIS_URL")).expect("an address"));
    (open(), open())
}

macro_rules! on_every_broadcast {
    ($($rule:ident),+ $(,)?) => {
        mod memory_broadcast {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule(super::memory()).await;
            })+
        }
        mod redis_broadcast {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule(super::redis()).await;
            })+
        }
    };
}
on_every_broadcast!(everybody_hears_everything_in_order, who_is_alone_knows_it_and_who_is_not_too);

/// Hears from now on; the gap that marks the beginning has passed.
async fn hear(broadcast: &Arc<dyn Broadcast>) -> mpsc::Receiver<Received> {
    let (sender, mut heard) = mpsc::channel(1_024);
    let broadcast = broadcast.clone();
    tokio::spawn(async move { broadcast.hear(sender).await });
    assert_eq!(next(&mut heard).await, Received::Gap, "the beginning");
    heard
}

async fn next(heard: &mut mpsc::Receiver<Received>) -> Received {
    tokio::time::timeout(PATIENCE, heard.recv()).await.expect("heard in time").expect("it goes on for ever")
}

async fn everybody_hears_everything_in_order((one, other): Pair) {
    let mut ears = [hear(&one).await, hear(&other).await];
    let name = own_name();
    let sent: Vec<String> = (0..100).map(|number| format!("{name} {number} \u{1f3ab}")).collect();
    for message in &sent {
        one.send(message).await.expect("sent");
    }
    for ear in &mut ears {
        let mut own = Vec::new();
        while own.len() < sent.len() {
            match next(ear).await {
                Received::Message(text) if text.starts_with(&name) => own.push(text),
                Received::Message(_) => {}
                Received::Gap => panic!("nothing was lost"),
            }
        }
        assert_eq!(own, sent);
    }
}

async fn who_is_alone_knows_it_and_who_is_not_too((one, other): Pair) {
    if one.kind() == "in-process" {
        let _alone = hear(&one).await;
        assert!(!one.has_others());
    }
    let _ears = (hear(&one).await, hear(&other).await);
    let noticed = async {
        while !(one.has_others() && other.has_others()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, noticed).await.expect("noticed");
}
