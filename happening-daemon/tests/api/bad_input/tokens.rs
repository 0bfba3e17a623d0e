//! Tokens that are none, are somebody else's, or were given for something else.

use super::Scene;
use crate::raw::Answer;
use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::grant_by;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

on_both_parts!(
    nobody_gets_in_without_a_token,
    tokens_that_the_issuer_did_not_sign_are_refused,
    tokens_for_something_else_are_refused,
);

/// One route of each folder, and all that write.
fn guarded(scene: &Scene) -> Vec<(Method, String)> {
    let (event, booking) = (scene.event, scene.taken.id);
    let user = scene.admin.user.expect("a user");
    vec![
        (Method::GET, "/events".to_owned()),
        (Method::POST, "/events".to_owned()),
        (Method::GET, format!("/events/{event}")),
        (Method::GET, format!("/events/{event}/seats")),
        (Method::GET, format!("/events/{event}/waitlist")),
        (Method::PUT, format!("/events/{event}")),
        (Method::DELETE, format!("/events/{event}")),
        (Method::POST, format!("/events/{event}/reassign")),
        (Method::POST, "/bookings".to_owned()),
        (Method::GET, format!("/bookings/{booking}")),
        (Method::GET, format!("/bookings/{booking}/seats")),
        (Method::GET, format!("/bookings/{booking}/waiting-position")),
        (Method::POST, format!("/bookings/{booking}/cancel")),
        (Method::POST, format!("/bookings/{booking}/cancel-seats")),
        (Method::POST, format!("/bookings/{booking}/move")),
        (Method::GET, format!("/bookings/user/{user}")),
        (Method::GET, format!("/notifications/user/{user}")),
        (Method::GET, format!("/users?keycloak_id={}", scene.admin.subject)),
        (Method::POST, "/users".to_owned()),
        (Method::POST, "/organizations".to_owned()),
        (Method::GET, format!("/organizations/user/{user}")),
    ]
}

async fn nobody_gets_in_without_a_token(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let headers = ["", "Bearer", "Bearer ", "Basic YWRtaW46YWRtaW4=", "Bearer null", "Bearer a.b.c"];
    for (method, path) in guarded(&scene) {
        let answer = Answer::to(scene.raw.request(method.clone(), &path)).await;
        answer.problem(&format!("{method} {path} without a header"), 401, "unauthenticated");
        assert!(answer.header("WWW-Authenticate").is_some_and(|value| value.starts_with("Bearer")));
    }
    for header in headers {
        let request = scene.raw.request(Method::GET, "/events").header("Authorization", header);
        Answer::to(request).await.problem(header, 401, "unauthenticated");
    }
    let bare = scene.admin.token.clone();
    let request = scene.raw.request(Method::GET, "/events").header("Authorization", bare);
    Answer::to(request).await.problem("a token without its scheme", 401, "unauthenticated");
    assert_eq!(scene.state().await, before);
}

async fn tokens_that_the_issuer_did_not_sign_are_refused(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let good = scene.admin.token.clone();
    let (header, claims, signature) = pieces(&good);
    let elsewhere = Parts::embedded();
    let stranger = Daemon::start_empty(&elsewhere).await;
    let mut operator = read(claims);
    operator["realm_access"] = json!({ "roles": ["happening-operator"] });
    let header_of_none = write(&json!({ "alg": "none", "typ": "JWT" }));
    let same_key_id = jsonwebtoken::decode_header(&good).expect("a header");
    let mut shared_secret = Header::new(Algorithm::HS256);
    shared_secret.kid.clone_from(&same_key_id.kid);
    let secret = EncodingKey::from_secret(b"happening-server");
    let encode = |header: &Header, key: &EncodingKey| {
        jsonwebtoken::encode(header, &read(claims), key).expect("a token")
    };
    let cases = [
        ("a bit of the signature flipped", format!("{header}.{claims}.{}", flipped(signature))),
        ("other claims", format!("{header}.{}.{signature}", write(&operator))),
        ("no signature", format!("{header}.{claims}.")),
        ("algorithm none", format!("{header_of_none}.{claims}.")),
        ("a shared secret", encode(&shared_secret, &secret)),
        ("another issuer's key under our key's name", encode(&same_key_id, &key_of(&stranger))),
        ("another issuer's token", foreign(&stranger, "admin").await),
    ];
    for (case, token) in cases {
        scene.raw.get("/events", &token).await.problem(case, 401, "unauthenticated");
        let body = json!({ "event_id": scene.event, "seats": 1 }).to_string();
        let answer = scene.raw.send(Method::POST, "/bookings", &token, body).await;
        answer.problem(case, 401, "unauthenticated");
    }
    assert!(scene.raw.get("/events", &good).await.ok().is_array(), "the good one is still good");
    assert_eq!(scene.state().await, before);
}

async fn tokens_for_something_else_are_refused(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let tokens = grant(&scene.daemon, "admin").await;
    for kind in ["id_token", "refresh_token"] {
        let token = tokens[kind].as_str().unwrap_or_else(|| panic!("no {kind}: {tokens}"));
        scene.raw.get("/events", token).await.problem(kind, 401, "unauthenticated");
        let body = json!({ "event_id": scene.event, "seats": 1 }).to_string();
        let answer = scene.raw.send(Method::POST, "/bookings", token, body).await;
        answer.problem(kind, 401, "unauthenticated");
    }
    assert_eq!(scene.state().await, before);
}

/// With the issuer's own key, so that nothing but the claim is wrong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_that_do_not_hold_are_refused() {
    let scene = Scene::set(Parts::embedded()).await;
    let (_, claims, _) = pieces(&scene.admin.token);
    let (header, key) =
        (jsonwebtoken::decode_header(&scene.admin.token).expect("a header"), key_of(&scene.daemon));
    let with = |name: &str, value: Value| {
        let mut claims = read(claims);
        claims[name] = value;
        jsonwebtoken::encode(&header, &claims, &key).expect("a token")
    };
    assert!(
        scene.raw.get("/events", &with("jti", json!("another"))).await.ok().is_array(),
        "the key is right"
    );
    let cases = [
        ("exp", json!(1_000_000_000)),
        ("exp", json!("4102444800")),
        ("exp", Value::Null),
        ("nbf", json!(4_102_444_800_u64)),
        ("aud", json!("account")),
        ("aud", json!([])),
        ("iss", json!("http://localhost/realms/other")),
        ("typ", json!("ID")),
        ("sub", json!("")),
    ];
    for (name, value) in cases {
        let case = format!("{name} {value}");
        scene.raw.get("/events", &with(name, value)).await.problem(&case, 401, "unauthenticated");
    }
}

fn pieces(token: &str) -> (&str, &str, &str) {
    let (signed, signature) = token.rsplit_once('.').expect("a JWT");
    let (header, claims) = signed.split_once('.').expect("a JWT");
    (header, claims, signature)
}

fn read(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
}

fn write(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn flipped(signature: &str) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    bytes[17] ^= 4;
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The key of a daemon's built-in issuer.
fn key_of(daemon: &Daemon) -> EncodingKey {
    let pem = std::fs::read(daemon.directory().join("issuer-key.pem")).expect("the issuer's key");
    EncodingKey::from_rsa_pem(&pem).expect("an RSA key")
}

async fn foreign(daemon: &Daemon, name: &str) -> String {
    grant(daemon, name).await["access_token"].as_str().expect("a token").to_owned()
}

/// All tokens of a sign-in.
async fn grant(daemon: &Daemon, name: &str) -> Value {
    let issuer = daemon.client(None).discovery().await.expect("discovery").issuer;
    grant_by(&issuer, "happening-demo", name).await
}
