//! Keys that come, go, and cannot be had.

use super::{Rejection, Scene, settings};
use crate::identity::Verifier;
use crate::identity::testing::{Mood, TestKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use happening_core::wire::Health;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

fn unknown(scene: &Scene, number: usize) -> String {
    TestKey::rsa(1, &format!("unknown-{number}")).sign(&scene.claims())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_unknown_keys_asks_once_in_ten_seconds() {
    let scene = Scene::new().await;
    scene.send(json!({})).await.unwrap();
    assert_eq!(scene.issuer.asked_for_keys(), 1);
    scene.pass(10);
    // One signature serves for all: an unknown key is noticed before it is checked.
    let sent = unknown(&scene, 0);
    let (_, payload_and_signature) = sent.split_once('.').unwrap();
    for round in 2..=4 {
        let storm = (0..10_000).map(|number| {
            let header = json!({ "alg": "RS256", "kid": format!("{round}-{number}") });
            let head = URL_SAFE_NO_PAD.encode(header.to_string());
            let verifier = Arc::clone(&scene.verifier);
            let token = format!("{head}.{payload_and_signature}");
            tokio::spawn(async move { verifier.verify(&token).await })
        });
        for sent in futures::future::join_all(storm).await {
            assert_eq!(sent.unwrap(), Err(Rejection::UnknownKey));
        }
        assert_eq!(scene.issuer.asked_for_keys(), round);
        scene.send(json!({ "round": round })).await.unwrap();
        scene.pass(9);
        assert_eq!(scene.verifier.verify(&unknown(&scene, round)).await, Err(Rejection::UnknownKey));
        assert_eq!(scene.issuer.asked_for_keys(), round, "nine seconds are not ten");
        scene.pass(1);
    }
}

#[tokio::test]
async fn everybody_waits_for_the_same_asking() {
    let scene = Scene::new().await;
    let tokens: Vec<String> =
        (0..50).map(|number| scene.key.sign(&scene.but(&json!({ "jti": number })))).collect();
    let all = tokens.iter().map(|token| scene.verifier.verify(token));
    for sent in futures::future::join_all(all).await {
        sent.unwrap();
    }
    assert_eq!(scene.issuer.asked_for_keys(), 1);
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_end_the_asking() {
    let scene = Scene::new().await;
    let token = scene.key.sign(&scene.claims());
    let gone = tokio::time::timeout(Duration::ZERO, scene.verifier.verify(&token)).await;
    assert!(gone.is_err());
    scene.verifier.verify(&token).await.unwrap();
    assert_eq!(scene.issuer.asked_for_keys(), 1);
}

#[tokio::test]
async fn keys_rotate() {
    let scene = Scene::new().await;
    let old = scene.key.sign(&scene.claims());
    scene.verifier.verify(&old).await.unwrap();
    let two = TestKey::rsa(1, "two");
    scene.issuer.publish(vec![two.jwk(), scene.key.jwk()]);
    scene.pass(10);
    let new = two.sign(&scene.claims());
    scene.verifier.verify(&new).await.unwrap();
    scene.verifier.verify(&old).await.unwrap();
    assert_eq!(scene.issuer.asked_for_keys(), 2);

    // Withdrawn: noticed at the next asking, cached tokens included.
    let three = TestKey::rsa(2, "three");
    scene.issuer.publish(vec![three.jwk(), two.jwk()]);
    scene.pass(10);
    scene.verifier.verify(&three.sign(&scene.claims())).await.unwrap();
    scene.verifier.verify(&new).await.unwrap();
    assert_eq!(scene.verifier.verify(&old).await, Err(Rejection::UnknownKey));
}

#[tokio::test]
async fn another_key_under_the_same_name_ends_cached_tokens() {
    let scene = Scene::new().await;
    let old = scene.key.sign(&scene.claims());
    scene.verifier.verify(&old).await.unwrap();
    scene.issuer.publish(vec![TestKey::rsa(1, "one").jwk()]);
    scene.pass(10);
    assert_eq!(scene.verifier.verify(&unknown(&scene, 0)).await, Err(Rejection::UnknownKey));
    assert_eq!(scene.verifier.verify(&old).await, Err(Rejection::BadSignature));
}

#[tokio::test]
async fn only_signing_keys_count_and_strange_ones_spoil_nothing() {
    let scene = Scene::new().await;
    let mut for_encryption = TestKey::rsa(1, "enc").jwk();
    for_encryption["use"] = json!("enc");
    for_encryption["alg"] = json!("RSA-OAEP");
    let mut mislabelled = TestKey::rsa(1, "enc2").jwk();
    mislabelled["use"] = json!("enc");
    scene.issuer.publish(vec![
        for_encryption,
        mislabelled,
        json!({ "kty": "oct", "kid": "secret", "k": "AAAA", "alg": "HS256", "use": "sig" }),
        json!({ "kty": "AKP", "kid": "future", "alg": "ML-DSA-44", "pub": "AAAA" }),
        json!("nonsense"),
        json!({ "kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB" }),
        scene.key.jwk(),
    ]);
    scene.send(json!({})).await.unwrap();
    for kid in ["enc", "enc2"] {
        let sent = scene.verifier.verify(&TestKey::rsa(1, kid).sign(&scene.claims())).await;
        assert_eq!(sent, Err(Rejection::UnknownKey), "{kid}");
    }
}

#[tokio::test]
async fn known_keys_go_on_while_the_issuer_is_away() {
    let scene = Scene::new().await;
    scene.send(json!({})).await.unwrap();
    for mood in [Mood::Failing, Mood::Hanging] {
        scene.issuer.be(mood);
        scene.pass(10);
        let start = Instant::now();
        assert_eq!(scene.verifier.verify(&unknown(&scene, 0)).await, Err(Rejection::UnknownKey));
        assert!(start.elapsed() < Duration::from_secs(4));
        let start = Instant::now();
        scene.send(json!({ "mood": format!("{mood:?}") })).await.unwrap();
        assert!(start.elapsed() < Duration::from_secs(1));
        let health = scene.verifier.health().await;
        assert_eq!((health.state, health.latency_ms), (Health::Degraded, None));
    }
    scene.issuer.be(Mood::Well);
    scene.pass(10);
    assert_eq!(scene.verifier.health().await.state, Health::Ok);
}

#[tokio::test]
async fn without_any_key_nobody_is_recognized_until_the_issuer_is_back() {
    let scene = Scene::new().await;
    scene.issuer.be(Mood::Failing);
    assert_eq!(scene.verifier.health().await.state, Health::Down);
    assert_eq!(scene.send(json!({})).await, Err(Rejection::KeysUnavailable));
    scene.issuer.be(Mood::Well);
    assert_eq!(scene.send(json!({})).await, Err(Rejection::KeysUnavailable), "a second has not passed");
    scene.pass(1);
    scene.send(json!({})).await.unwrap();
}

#[tokio::test]
async fn a_clock_that_is_set_back_locks_nobody_out() {
    let scene = Scene::new().await;
    scene.send(json!({})).await.unwrap();
    scene.pass(-3600);
    let two = TestKey::rsa(1, "two");
    scene.issuer.publish(vec![two.jwk()]);
    scene.verifier.verify(&two.sign(&scene.claims())).await.unwrap();
}

#[tokio::test]
async fn an_issuer_under_another_name_is_not_trusted() {
    let scene = Scene::new().await;
    let alias = scene.issuer.url().replace("127.0.0.1", "localhost");
    let verifier = Verifier::new(settings(&alias), scene.clock.clone());
    let token = scene.key.sign(&scene.but(&json!({ "iss": alias })));
    assert_eq!(verifier.verify(&token).await, Err(Rejection::KeysUnavailable));
}

#[tokio::test]
async fn an_issuer_can_be_reached_on_an_inside_address() {
    let scene = Scene::new().await;
    let mut settings = settings("https://id.example.org/realms/test");
    settings.inside_url = Some(scene.issuer.url().to_owned());
    let verifier = Verifier::new(settings, scene.clock.clone());
    let token = scene.key.sign(&scene.but(&json!({ "iss": "https://id.example.org/realms/test" })));
    verifier.verify(&token).await.unwrap();
}

#[tokio::test]
async fn the_background_task_fetches_keys_at_once_and_ends_when_told() {
    let scene = Scene::new().await;
    scene.issuer.be(Mood::Hanging);
    let stop = CancellationToken::new();
    let task = tokio::spawn({
        let (verifier, stop) = (Arc::clone(&scene.verifier), stop.clone());
        async move { verifier.run(stop).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    scene.issuer.be(Mood::Well);
    let wait_for_keys = async {
        while scene.verifier.health().await.state != Health::Ok {
            scene.pass(5);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(8), wait_for_keys).await.unwrap();
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(1), task).await.unwrap().unwrap();
}
