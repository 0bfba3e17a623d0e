//! Signing in at the command line while Keycloak is away.

use crate::cli::Terminal;
use crate::stack::{Fault, Outage, Part};
use crate::stage::{pause, take_stack};
use crate::support::Daemon;
use crate::support::browser::{Decision, decide};

#[tokio::test]
async fn a_sign_in_outlasts_an_outage_of_keycloak_and_is_kept_over_one() {
    let (_turn, parts) = take_stack().await;
    let daemon = Daemon::start(&parts).await;
    let terminal = Terminal::at(&daemon);

    // While a code waits to be approved, Keycloak stands still for longer than one poll.
    let login = terminal.login().await;
    let outage = Outage::begin(Fault::Paused, Part::Keycloak).await;
    pause(8_000).await;
    outage.end().await;
    decide(&login.address, "member", Decision::Approve).await;
    let ended = login.end().await;
    assert_eq!(ended.code, 0, "{ended:?}");

    // It is away when the access token is to be renewed.
    terminal.lose_access_token();
    let kept = terminal.credentials();
    let outage = Outage::begin(Fault::Stopped, Part::Keycloak).await;
    let ended = terminal.run(&["whoami"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (8, ""), "{ended:?}");
    assert_eq!(terminal.credentials(), kept, "an outage signs nobody out");
    let ended = Terminal::at(&daemon).run(&["login", "--no-browser", "--insecure-storage"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (8, ""), "no code is shown: {ended:?}");
    outage.end().await;
    let person = terminal.json(&["whoami"]).await;
    assert_eq!(person["email"], "member@happening.test");
}
