//! `happening login`, approved and denied on the pages of either issuer.

use crate::cli::Terminal;
use crate::support::Daemon;
use crate::support::browser::{Decision, decide};
use crate::support::parts::Parts;

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
    let document = &ended.stderr[ended.stderr.find('{').expect("an error's document")..];
    assert!(document.contains("not_signed_in"), "{ended:?}");
    assert_eq!(terminal.run(&["whoami"]).await.code, 4);
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
