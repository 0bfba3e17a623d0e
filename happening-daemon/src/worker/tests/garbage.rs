//! Whatever bytes lie in the queue, the next notification is sent, and each of them is parked.

use super::*;
use happening_core::text::acts;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

on_every_store!(whatever_lies_in_the_queue_the_next_notification_is_sent, a_flood_of_garbage_delays_nobody);

/// A message with any texts and numbers in it.
fn message_like() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof!["\\PC{0,20}", any::<String>(), Just("booking_confirmed".to_owned())];
    let number =
        prop_oneof![any::<f64>().prop_map(|number| number.to_string()), "[0-9]{1,400}", "1e[0-9]{1,9}"];
    (text.clone(), text, number).prop_map(|(kind, message, number)| {
        let (kind, message) = (serde_json::json!(kind), serde_json::json!(message));
        format!(
            r#"{{"id":"{id}","type":{kind},"userId":"{id}","message":{message},"seats":{number}}}"#,
            id = Ids::default().uuid()
        )
        .into_bytes()
    })
}

/// Anything that another program may put into a queue.
fn garbage() -> impl Strategy<Value = Vec<u8>> {
    let odd = prop::sample::select(vec![
        b"\0".to_vec(),
        b"\x1b]0;owned\x07\x1b[2J".to_vec(),
        br#"{"type":"\u0000"}"#.to_vec(),
        br#"{"type":"\ud800"}"#.to_vec(),
        br#"{"id":1,"id":2,"version":1,"version":2}"#.to_vec(),
        br#"{"version":99999999999999999999999999}"#.to_vec(),
        b"\xEF\xBB\xBF{}".to_vec(),
        vec![b'['; 20_000],
        br#"{"a":"#.repeat(20_000),
        vec![b'"'; 300_000],
    ]);
    let cut = (message_like(), any::<prop::sample::Index>()).prop_map(|(mut whole, at)| {
        whole.truncate(at.index(whole.len()));
        whole
    });
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        any::<String>().prop_map(String::into_bytes),
        message_like(),
        cut,
        odd
    ]
}

async fn whatever_lies_in_the_queue_the_next_notification_is_sent(db: TestStore) {
    let scene = Scene::set(db, Script::failing(0)).await;
    let (mut runner, mut all) = (TestRunner::default(), HashSet::new());
    for _ in 0..60 {
        let round = prop::collection::vec(garbage(), 1..5).new_tree(&mut runner).expect("a value").current();
        for payload in &round {
            scene.queue.publish_bytes(payload.clone()).await.expect("published");
            all.insert(payload.clone());
        }
        let told = scene.kit.notified(1, 15).await;
        scene.queue.publish(&told).await.expect("published");
        let sent = async || scene.states(&told).await == [NotificationStatus::Sent];
        until(&format!("the one after {round:?} is sent"), sent).await;
    }
    scene.is_quiet().await;
    let parked = scene.parked().await;
    assert_eq!(parked.len(), all.len(), "all of it is parked");
    let by = Actor::daemon(scene.clock.now());
    for one in parked {
        assert!(!one.reason.contains(|c: char| c.is_control() || acts(c)), "{:?}", one.reason);
        assert!(
            scene.kit.rules().unpark(one.id, one.times, "message.discarded", &by).await.expect("discarded")
        );
    }
}

async fn a_flood_of_garbage_delays_nobody(db: TestStore) {
    let scene = Scene::set(db, Script::failing(0)).await;
    for number in 0..5_000 {
        scene.queue.publish_bytes(format!("garbage {number}").into_bytes()).await.expect("published");
    }
    let started = Instant::now();
    let told = scene.kit.notified(20, 15).await;
    scene.queue.publish(&told).await.expect("published");
    scene.are(&told, NotificationStatus::Sent).await;
    let waited = started.elapsed();
    scene.is_quiet().await;
    let stats = scene.store.outbox_figures().await.expect("figures");
    assert_eq!((stats.parked, stats.parked_evicted), (1_000, 4_000));
    // For whoever looks at it: how long depends on the machine, that it happened does not.
    println!("sent {waited:?} after 5,000 messages of garbage");
}
