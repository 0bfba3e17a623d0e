//! What the daemon says of itself, to anyone.

use super::has_shape;
use crate::raw::{Answer, Raw};
use crate::support::Daemon;
use crate::support::eventually;
use crate::support::parts::Parts;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

on_both_parts!(anyone_may_ask_how_the_daemon_is);

async fn anyone_may_ask_how_the_daemon_is(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let raw = Raw::new(&daemon);
    let root = ask(&raw, "/").await;
    has_shape("GET /", &root, "message:text status:Running version:text features:list");
    assert!(root["features"].as_array().expect("a list").iter().all(Value::is_string));
    let database = ask(&raw, "/db-test").await;
    has_shape("GET /db-test", &database, "postgresql:any socketio:any");
    assert_eq!(database["socketio"], true);
    has_shape("its database", &database["postgresql"], "now:text");
    let alive = Answer::to(raw.request(Method::GET, "/healthz")).await;
    assert_eq!(alive.status, 200);
    let kinds = if parts.stack().is_some() {
        [("store", "postgresql"), ("counters", "redis"), ("queue", "rabbitmq"), ("identity", "keycloak")]
    } else {
        [("store", "sqlite"), ("counters", "in-process"), ("queue", "in-process"), ("identity", "built-in")]
    };
    // Parts are taken to be well when they have answered once: the broker may need a moment.
    let is_ok = || async { ask(&raw, "/readyz").await["status"] == "ok" };
    eventually("all parts answer", Duration::from_secs(10), is_ok).await;
    let ready = ask(&raw, "/readyz").await;
    for (part, kind) in kinds {
        assert_eq!(ready["parts"][part]["kind"], kind, "{ready}");
        assert_eq!(ready["parts"][part]["state"], "ok", "{ready}");
        assert!(ready["parts"][part]["latency_ms"].is_number(), "{ready}");
    }
    let known = ask(&raw, "/.well-known/happening").await;
    has_shape("the discovery", &known, "issuer:text clients:any audience:text version:text dry_runs:any");
    assert_eq!(known["clients"]["cli"], json!("happening-cli"));
    let issuer = known["issuer"].as_str().expect("an issuer");
    assert!(issuer.ends_with("/realms/happening"), "{issuer}");
}

async fn ask(raw: &Raw, path: &str) -> Value {
    Answer::to(raw.request(Method::GET, path)).await.ok()
}
