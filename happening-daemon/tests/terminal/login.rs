//! `happening login`, approved and denied on the pages of either issuer.

use crate::cli::{Ended, Terminal};
use crate::support::Daemon;
use crate::support::browser::{Decision, decide};
use crate::support::keycloak::OwnRealm;
use crate::support::parts::Parts;
use futures::future::join_all;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

async fn a_person_signs_in_and_out(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let terminal = Terminal::at(&daemon);
    assert_eq!(terminal.run(&["whoami"]).await.code, 4, "nobody is signed in yet");

    let login = terminal.login().await;
    decide(&login.address, "member", Decision::Approve).await;
    let ended = login.end().await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.json()["username"], "member");
    assert!(ended.stderr.contains("Signed in"), "{ended:?}");

    let me = terminal.json(&["whoami"]).await;
    assert_eq!(me["username"], "member");
    assert_eq!(me["organizations"][0]["organization_name"], "Demo");
    assert_eq!(me["token"]["origin"], "file");
    let file = std::fs::metadata(terminal.home.path().join("credentials.json")).expect("a file");
    assert_eq!(file.permissions().mode() & 0o777, 0o600, "only its owner reads it");

    assert_eq!(terminal.json(&["logout"]).await[0]["revoked"], true);
    let ended = terminal.run(&["whoami"]).await;
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("happening login"), "{ended:?}");
}

async fn a_person_says_no(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let terminal = Terminal::at(&daemon);
    let login = terminal.login().await;
    decide(&login.address, "member", Decision::Deny).await;
    let ended = login.end().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{ended:?}");
    let document = document(&ended);
    assert_eq!(document["code"], "not_signed_in", "{ended:?}");
    assert_eq!(document["detail"], "not signed in: the sign-in was denied in the browser", "{ended:?}");
    assert_eq!(document["hint"], "`happening login` starts anew", "{ended:?}");
    assert_eq!(terminal.run(&["whoami"]).await.code, 4);
}

/// The document of the error under `-o json`, which comes last.
fn document(ended: &Ended) -> Value {
    let begin = ended.stderr.find('{').unwrap_or_else(|| panic!("no document of an error: {ended:?}"));
    serde_json::from_str(&ended.stderr[begin..]).expect("JSON")
}

/// A realm that gives each refresh token out for one use, as RFC 9700 (section 2.2.2) recommends: whoever uses one twice is
/// taken for a thief, and signed out.
#[tokio::test]
async fn ten_commands_at_once_use_a_refresh_token_once() {
    let realm = OwnRealm::make(json!({ "revokeRefreshToken": true, "refreshTokenMaxReuse": 0 })).await;
    let parts = Parts::real().await;
    let daemon = Daemon::start_empty_with(&parts, &[("KEYCLOAK_REALM", realm.name())]).await;
    let member = Terminal::signed_in(&daemon, "member").await;
    for round in 1..=2 {
        let before = member.credentials();
        member.lose_access_token();
        let all = join_all((0..10).map(|_| member.run(&["whoami", "-o", "json"]))).await;
        for ended in all {
            assert_eq!(ended.code, 0, "round {round}: {ended:?}");
            assert_eq!(ended.json()["email"], "member@happening.test");
        }
        assert_ne!(member.credentials(), before, "the rotated token is kept");
    }

    // The server ends the sign-in.
    realm.end_sign_in("member", "happening-cli").await;
    member.lose_access_token();
    let ended = member.run(&["whoami"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{ended:?}");
    assert!(ended.stderr.contains("signed out by the server ("), "{ended:?}");
    assert!(ended.stderr.contains("run `happening login`"), "{ended:?}");
}

#[tokio::test]
async fn a_code_that_nobody_approves_expires_at_keycloak() {
    let realm = OwnRealm::make(json!({})).await;
    realm.set_client_attribute("happening-cli", "oauth2.device.code.lifespan", "3").await;
    let parts = Parts::real().await;
    let daemon = Daemon::start_empty_with(&parts, &[("KEYCLOAK_REALM", realm.name())]).await;
    let terminal = Terminal::at(&daemon);
    let begun = Instant::now();
    let ended = terminal.login().await.end().await;
    assert!(begun.elapsed() < Duration::from_secs(15), "told when it ends: {:?}", begun.elapsed());
    assert_eq!((ended.code, ended.stdout.as_str()), (7, ""), "{ended:?}");
    let document = document(&ended);
    assert_eq!(document["detail"], "not signed in: the code expired before anyone approved it");
    assert_eq!(document["hint"], "`happening login` starts anew");
    assert_eq!(terminal.run(&["whoami"]).await.code, 4);
}

/// The built-in issuer is the daemon itself, and forgets its codes with its end.
#[tokio::test]
async fn an_issuer_that_goes_is_waited_for_and_one_that_forgot_is_told() {
    let parts = Parts::embedded();
    let mut daemon = Daemon::start(&parts).await;
    let terminal = Terminal::at(&daemon);
    let login = terminal.login().await;
    daemon.kill().await;
    let waiting = tokio::spawn(login.end());
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!waiting.is_finished(), "the code is not over, and nobody has decided");
    daemon.restart().await;
    let ended = waiting.await.expect("an end");
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{ended:?}");
    let document = document(&ended);
    assert_eq!(document["detail"], "not signed in: the issuer refused: Device code not valid");
    assert_eq!(document["hint"], "`happening login` starts anew");
}

#[tokio::test]
async fn a_person_signs_in_and_out_by_the_pages_of_the_built_in_issuer() {
    a_person_signs_in_and_out(Parts::embedded()).await;
}

#[tokio::test]
async fn a_person_signs_in_and_out_by_the_pages_of_keycloak() {
    a_person_signs_in_and_out(Parts::real().await).await;
}

#[tokio::test]
async fn a_person_says_no_on_the_pages_of_the_built_in_issuer() {
    a_person_says_no(Parts::embedded()).await;
}

#[tokio::test]
async fn a_person_says_no_on_the_pages_of_keycloak() {
    a_person_says_no(Parts::real().await).await;
}
