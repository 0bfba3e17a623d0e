//! Contexts, settings, and which of them wins.

use crate::support::{Daemon, NOBODY, TOKEN, happening};
use predicates::prelude::*;
use serde_json::{Value, json};
use std::path::Path;

/// `happening` without `HAPPENING_SERVER`.
fn run(home: &Path, args: &[&str]) -> assert_cmd::assert::Assert {
    happening(home).env_remove("HAPPENING_SERVER").args(args).assert()
}

fn json_of(home: &Path, args: &[&str]) -> Value {
    let output = run(home, &[args, &["-o", "json"]].concat()).code(0).get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

#[test]
fn contexts_are_added_used_and_removed() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    run(home, &["context", "list"])
        .code(0)
        .stdout("")
        .stderr(predicate::str::contains("context add NAME URL"));
    run(home, &["context", "add", "prod", "https://happening.example.org"]).code(0);
    run(home, &["context", "add", "local", "127.0.0.1:1", "--use"]).code(0).stderr("");
    insta::assert_snapshot!(String::from_utf8_lossy(&run(home, &["context", "list"]).code(0).get_output().stdout), @r"
    NAME   SERVER                         CURRENT
    local  http://127.0.0.1:1             yes
    prod   https://happening.example.org  -
    ");
    run(home, &["status"]).code(8).stderr(predicate::str::contains(NOBODY));
    run(home, &["context", "use", "prod"]).code(0);
    assert_eq!(json_of(home, &["config", "list"])[0]["value"], "https://happening.example.org");
    assert_eq!(json_of(home, &["config", "list"])[0]["from"], "context prod");
    // For one run only.
    run(home, &["status", "--context", "local"]).code(8).stderr(predicate::str::contains(NOBODY));
    run(home, &["status", "--context", "nowhere"]).code(2).stderr(predicate::str::contains("context list"));
    run(home, &["status", "--context", "local", "--server", "x"]).code(2);

    run(home, &["context", "use", "nowhere"]).code(3);
    run(home, &["context", "remove", "prod"]).code(0).stderr(predicate::str::contains("the one in use"));
    run(home, &["context", "remove", "prod"]).code(3);
    let gone = json_of(home, &["context", "remove", "prod", "--ignore-missing"]);
    assert_eq!(gone, json!({"id": "prod", "deleted": false}));
    run(home, &["context", "add", "bad", "ftp://x"]).code(2).stderr(predicate::str::contains("no address"));
    assert_eq!(json_of(home, &["context", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn the_environment_outranks_the_context_and_is_said_to() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    run(home, &["context", "add", "prod", "https://happening.example.org"]).code(0);
    happening(home)
        .args(["context", "use", "prod"])
        .assert()
        .code(0)
        .stderr(predicate::str::contains("HAPPENING_SERVER is set"));
    happening(home).args(["status"]).assert().code(8).stderr(predicate::str::contains(NOBODY));
}

#[test]
fn settings_are_kept_and_forgotten() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let storage = |home: &Path| json_of(home, &["config", "list"])[2].clone();
    assert_eq!(storage(home), json!({"name": "storage", "value": "keyring", "from": "default"}));
    run(home, &["config", "set", "storage", "file"]).code(0);
    assert_eq!(storage(home), json!({"name": "storage", "value": "file", "from": "config.json"}));
    run(home, &["config", "set", "storage", "cloud"])
        .code(2)
        .stderr(predicate::str::contains("keyring or file"));
    run(home, &["config", "unset", "storage"]).code(0);
    assert_eq!(storage(home)["from"], "default");
}

#[test]
fn a_broken_file_is_told_and_keeps_help_from_nobody() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    std::fs::write(home.join("config.json"), "{").unwrap();
    run(home, &["status"]).code(2).stderr(predicate::str::contains("config.json"));
    run(home, &["help", "environment"]).code(0).stdout(predicate::str::contains("HAPPENING_TOKEN"));
    run(home, &["completion", "bash"]).code(0);
}

#[test]
fn a_service_account_asks_the_issuer_once_for_many_commands() {
    let home = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(&[
        (
            "GET /.well-known/happening",
            200,
            r#"{"name":"Happening","version":"0","issuer":"{url}","audience":"a","clients":{"cli":"c","web":"w"}}"#,
        ),
        (
            "GET /.well-known/openid-configuration",
            200,
            r#"{"issuer":"{url}","token_endpoint":"{url}/token"}"#,
        ),
        (
            "POST /token",
            200,
            &json!({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300}).to_string(),
        ),
        ("GET /events", 200, "[]"),
    ]);
    for _ in 0..3 {
        happening(home.path())
            .args(["event", "list", "--server", &daemon.url])
            .env("HAPPENING_CLIENT_ID", "bot")
            .env("HAPPENING_CLIENT_SECRET", "s3cret")
            .assert()
            .code(0);
    }
    let asked = |route: &str| daemon.requests().iter().filter(|request| request.route == route).count();
    assert_eq!((asked("POST /token"), asked("GET /events")), (1, 3));
}
