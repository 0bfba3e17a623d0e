//! Signing in and out with the built binary, against a scripted daemon and issuer. The real ones are in the daemon's tests.

use crate::support::{Daemon, ID, TOKEN, happening};
use predicates::prelude::*;
use serde_json::{Value, json};

const HAPPENING: &str = r#"{"name":"Happening","version":"0","issuer":"{url}","audience":"happening-server",
    "clients":{"cli":"happening-cli","web":"happening-client"}}"#;
const ISSUER: &str = r#"{"issuer":"{url}","token_endpoint":"{url}/token","device_authorization_endpoint":"{url}/device",
    "revocation_endpoint":"{url}/revoke"}"#;
const CODE: &str = r#"{"device_code":"d","user_code":"ABCDEFGH","verification_uri":"{url}/approve",
    "verification_uri_complete":"{url}/approve?user_code=ABCDEFGH","expires_in":60,"interval":1}"#;

fn person() -> Value {
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
