//! Signing in and out with the built binary, against a scripted daemon and issuer. The real ones are in the daemon's tests.

use crate::support::{Daemon, ID, NOBODY, SILENCE, TOKEN, happening, home, spawned};
use predicates::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Child;
use std::time::Duration;
use tempfile::TempDir;

const HAPPENING: &str = r#"{"name":"Happening","version":"0","issuer":"{url}","audience":"happening-server",
    "clients":{"cli":"happening-cli","web":"happening-client"}}"#;
const ISSUER: &str = r#"{"issuer":"{url}","token_endpoint":"{url}/token","device_authorization_endpoint":"{url}/device",
    "revocation_endpoint":"{url}/revoke"}"#;
const CODE: &str = r#"{"device_code":"d","user_code":"ABCDEFGH","verification_uri":"{url}/approve",
    "verification_uri_complete":"{url}/approve?user_code=ABCDEFGH","expires_in":60,"interval":1}"#;

/// A person as the daemon tells them, in an organization of their own.
pub fn person() -> Value {
    json!({
        "id": ID, "keycloak_id": "ada", "username": "ada", "email": "ada@example.org", "first_name": null,
        "last_name": null, "phone": null, "avatar_url": null, "status": "active",
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
        "organizations": [{"organization_id": ID, "role": "orgAdmin", "organization_name": "org-of-ada",
            "keycloak_org_id": null}],
    })
}

#[test]
fn the_first_sign_in_makes_a_person_known_and_sign_out_forgets() {
    let home = tempfile::tempdir().unwrap();
    let tokens =
        json!({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300, "refresh_token": "r1"});
    let signed_up = json!({"id": ID, "userId": ID, "email": "ada@example.org", "organizationId": ID,
        "keycloakOrgId": null, "clientId": "happening-server", "message": "welcome"});
    let daemon = Daemon::start(&[
        ("GET /.well-known/happening", 200, HAPPENING),
        ("GET /.well-known/openid-configuration", 200, ISSUER),
        ("POST /device", 200, CODE),
        ("POST /token", 400, r#"{"error":"authorization_pending"}"#),
        ("POST /token", 200, &tokens.to_string()),
        ("GET /users", 200, "[]"),
        ("GET /users", 200, &json!([person()]).to_string()),
        ("POST /users", 201, &signed_up.to_string()),
        ("POST /revoke", 200, ""),
    ]);
    let run = |args: &[&str]| {
        let mut command = happening(home.path());
        command.env("HAPPENING_SERVER", &daemon.url).args(args);
        command.assert()
    };
    run(&["login", "--insecure-storage"])
        .code(0)
        .stdout(predicate::str::contains("org-of-ada (orgAdmin)"))
        .stderr(predicate::str::contains("Your code: ABCD-EFGH"))
        .stderr(predicate::str::contains(format!("{}/approve?user_code=ABCDEFGH", daemon.url)))
        .stderr(predicate::str::contains("Welcome"))
        .stderr(predicate::str::contains("credentials.json"));
    let whoami = run(&["whoami", "-o", "json"]).code(0).stderr("").get_output().stdout.clone();
    let whoami: Value = serde_json::from_slice(&whoami).unwrap();
    assert_eq!((&whoami["username"], &whoami["token"]["origin"]), (&json!("ada"), &json!("file")));

    run(&["logout", "-o", "json"]).code(0).stdout(predicate::str::contains("\"revoked\": true"));
    run(&["whoami"]).code(4);
    assert!(!home.path().join("credentials.json").exists());
}

#[test]
fn denied_and_expired_are_told_apart() {
    for (answer, exit, told) in [("access_denied", 4, "denied"), ("expired_token", 7, "expired")] {
        let home = tempfile::tempdir().unwrap();
        let daemon = Daemon::start(&[
            ("GET /.well-known/happening", 200, HAPPENING),
            ("GET /.well-known/openid-configuration", 200, ISSUER),
            ("POST /device", 200, CODE),
            ("POST /token", 400, &json!({"error": answer}).to_string()),
        ]);
        happening(home.path())
            .args(["login", "--insecure-storage", "--server", &daemon.url])
            .assert()
            .code(exit)
            .stdout("")
            .stderr(predicate::str::contains(told).and(predicate::str::contains("happening login")));
        assert!(!home.path().join("credentials.json").exists());
    }
}

const TOKENS: &str = r#"{"access_token":"e30.eyJzdWIiOiJhZGEiLCJlbWFpbCI6ImFkYUBleGFtcGxlLm9yZyJ9.x","token_type":"Bearer",
    "expires_in":300,"refresh_token":"r2"}"#;

#[test]
fn who_is_told_to_slow_down_asks_five_seconds_later_and_gets_in() {
    let daemon = Daemon::start(&[
        ("GET /.well-known/happening", 200, HAPPENING),
        ("GET /.well-known/openid-configuration", 200, ISSUER),
        ("POST /device", 200, CODE),
        ("POST /token", 400, r#"{"error":"slow_down"}"#),
        ("POST /token", 400, r#"{"error":"authorization_pending"}"#),
        ("POST /token", 200, TOKENS),
        ("GET /users", 200, &json!([person()]).to_string()),
    ]);
    let home = home();
    let ended = spawned(home.path(), &daemon.url, &["login"]).wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let polls = daemon.requests_of("POST /token");
    // RFC 8628, section 3.5: five seconds more, for this and all later ones. The interval was one.
    for pair in polls.windows(2) {
        let gap = pair[1].at - pair[0].at;
        assert!((Duration::from_millis(5_950)..Duration::from_secs(9)).contains(&gap), "{gap:?}");
    }
    assert_eq!(polls.len(), 3);
}

#[test]
fn an_issuer_that_is_away_is_told_before_anybody_is_shown_a_code() {
    let here = HAPPENING.replace("{url}", NOBODY);
    let daemon = Daemon::start(&[("GET /.well-known/happening", 200, &here)]);
    let home = home();
    let mut login = happening(home.path());
    login.args(["login", "--server", &daemon.url]).assert().code(8).stdout("").stderr(
        predicate::str::contains(format!("error: cannot sign in: cannot reach the issuer {NOBODY}"))
            .and(predicate::str::contains("hint: `happening status`"))
            .and(predicate::str::contains("Your code").not()),
    );
    assert!(!home.path().join("credentials.json").exists());
}

#[test]
fn an_issuer_that_goes_and_stays_away_is_not_taken_for_a_code_that_nobody_approved() {
    let brief = CODE.replace("\"expires_in\":60", "\"expires_in\":3");
    let daemon = Daemon::start(&[
        ("GET /.well-known/happening", 200, HAPPENING),
        ("GET /.well-known/openid-configuration", 200, ISSUER),
        ("POST /device", 200, &brief),
        ("POST /token", 400, r#"{"error":"authorization_pending"}"#),
        ("POST /token", 502, "<html>Bad Gateway</html>"),
    ]);
    let home = home();
    happening(home.path()).args(["login", "--server", &daemon.url]).assert().code(8).stdout("").stderr(
        predicate::str::contains("it stopped answering while the code was waiting for approval")
            .and(predicate::str::contains("expired").not()),
    );
    assert!(!home.path().join("credentials.json").exists());
}

/// Somebody whose access token has expired.
fn signed_in(daemon: &Daemon) -> TempDir {
    let home = home();
    let credentials = json!({&daemon.url:
        {"issuer": daemon.url, "client_id": "happening-cli", "refresh_token": "r1"}});
    std::fs::write(home.path().join("credentials.json"), credentials.to_string()).unwrap();
    home
}

fn refresh_token(home: &Path, daemon: &Daemon) -> String {
    let text = std::fs::read(home.join("credentials.json")).unwrap();
    let kept: Value = serde_json::from_slice(&text).unwrap();
    kept[&daemon.url]["refresh_token"].as_str().unwrap().to_owned()
}

/// So many at once, each a process.
fn crowd(home: &Path, daemon: &Daemon, size: usize) -> Vec<Child> {
    (0..size).map(|_| spawned(home, &daemon.url, &["whoami", "-o", "json"])).collect()
}

fn all_succeed(crowd: Vec<Child>) {
    for child in crowd {
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
        let me: Value = serde_json::from_slice(&ended.stdout).unwrap();
        assert_eq!(me["username"], "ada");
    }
}

#[test]
fn ten_commands_at_once_ask_the_issuer_once() {
    let daemon = Daemon::start(&[
        ("GET /.well-known/openid-configuration", 200, ISSUER),
        ("POST /token", 200, TOKENS),
        ("POST /token", 400, r#"{"error":"invalid_grant","error_description":"Maximum reuse exceeded"}"#),
        ("GET /users", 200, &json!([person()]).to_string()),
    ]);
    let home = signed_in(&daemon);
    all_succeed(crowd(home.path(), &daemon, 10));
    let refreshes = daemon.requests_of("POST /token");
    assert_eq!(refreshes.len(), 1);
    assert!(refreshes[0].body.contains("refresh_token=r1"), "{}", refreshes[0].body);
    assert_eq!(refresh_token(home.path(), &daemon), "r2");
}

#[cfg(unix)]
#[test]
fn who_is_killed_while_it_refreshes_keeps_nobody_from_it() {
    let daemon = Daemon::start(&[
        ("GET /.well-known/openid-configuration", 200, ISSUER),
        ("POST /token", SILENCE, ""),
        ("POST /token", 200, TOKENS),
        ("GET /users", 200, &json!([person()]).to_string()),
    ]);
    let home = signed_in(&daemon);
    let mut holder = spawned(home.path(), &daemon.url, &["whoami"]);
    daemon.await_request("POST /token");
    let others = crowd(home.path(), &daemon, 9);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(daemon.requests_of("POST /token").len(), 1, "the others wait for the one that asks");
    holder.kill().unwrap();
    holder.wait().unwrap();
    all_succeed(others);
    assert_eq!(daemon.requests_of("POST /token").len(), 2, "one of them asked for all");
    assert_eq!(refresh_token(home.path(), &daemon), "r2");
}

#[test]
fn an_issuer_that_is_away_costs_nobody_their_sign_in() {
    let daemon = Daemon::start(&[
        ("GET /.well-known/openid-configuration", 200, ISSUER),
        ("POST /token", 503, "<html>busy</html>"),
        ("POST /token", 200, TOKENS),
        ("GET /users", 200, &json!([person()]).to_string()),
    ]);
    let home = signed_in(&daemon);
    let whoami = || {
        let mut command = happening(home.path());
        command.args(["whoami", "--server", &daemon.url]).assert()
    };
    whoami().code(8).stdout("").stderr(predicate::str::contains(&daemon.url));
    assert_eq!(refresh_token(home.path(), &daemon), "r1");
    whoami().code(0).stdout(predicate::str::contains("ada"));
}

#[test]
fn who_was_signed_out_by_the_server_is_told_so() {
    let refused = r#"{"error":"invalid_grant","error_description":"Offline session not active"}"#;
    let daemon = Daemon::start(&[
        ("GET /.well-known/openid-configuration", 200, ISSUER),
        ("POST /token", 400, refused),
    ]);
    let home = signed_in(&daemon);
    happening(home.path()).args(["whoami", "--server", &daemon.url]).assert().code(4).stdout("").stderr(
        predicate::str::contains(
            "signed out by the server (Offline session not active); run `happening login`",
        ),
    );
}

#[test]
fn a_damaged_file_is_named_and_locks_nobody_out() {
    let home = home();
    let run = |args: &[&str], token: Option<&str>| {
        let mut command = happening(home.path());
        command.args(args);
        if let Some(token) = token {
            command.env("HAPPENING_TOKEN", token);
        }
        command.assert()
    };
    std::fs::write(home.path().join("credentials.json"), "x\n").unwrap();
    std::fs::write(home.path().join("access.json"), "x\n").unwrap();
    let told = run(&["event", "list"], None).code(4).get_output().stderr.clone();
    let told = String::from_utf8(told).unwrap();
    assert_eq!(told.matches("expected value at line 1 column 1").count(), 1, "{told}");
    assert!(told.contains("credentials.json is damaged") && told.contains("hint: sign in again"), "{told}");
    run(&["logout"], None).code(0).stdout(predicate::str::contains("file"));
    assert!(!home.path().join("credentials.json").exists() && !home.path().join("access.json").exists());

    std::fs::write(home.path().join("config.json"), "{").unwrap();
    run(&["status"], None).code(2).stderr(
        predicate::str::contains("config.json is damaged").and(predicate::str::contains("delete it")),
    );
}

#[test]
fn the_environment_signs_in_whatever_logout_does() {
    let home = home();
    let run = |name: &str| happening(home.path()).arg("logout").env(name, TOKEN).assert().code(0);
    for name in ["HAPPENING_TOKEN", "HAPPENING_CLIENT_ID"] {
        run(name).stderr(predicate::str::contains(format!("warning: {name} is set")));
    }
}
