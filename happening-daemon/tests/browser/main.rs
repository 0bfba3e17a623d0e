//! The web client's side, in a real browser: a page of this test's own, on another origin, that signs in to the real
//! Keycloak, calls the API and watches seats with the very libraries that the web client uses. What the page does is in
//! `page/`, what two people do with it in `story.mjs`.

#[path = "../support/mod.rs"]
mod support;

use std::fs::File;
use std::process::Stdio;
use std::time::Duration;
use support::keycloak::Keycloak;
use support::parts::{Parts, stack_env};
use support::{Daemon, npm};

/// A quiet machine takes less than two minutes.
const PATIENCE: Duration = Duration::from_mins(8);

/// Where people sign in.
const KEYCLOAK: [&str; 2] = ["KEYCLOAK_SERVER_URL", "KEYCLOAK_REALM"];

#[tokio::test]
async fn two_people_fill_a_hall_from_their_browsers() {
    let (chromium, package) = (npm::tool("chromium"), npm::package("browser"));
    let parts = Parts::real().await;
    let daemon = Daemon::start(&parts).await;
    let keycloak = Keycloak::administered();
    let newcomer = keycloak.newcomer("nora").await;
    let screenshots = package.join("screenshots");
    let said = package.join("story.log");
    let log = File::create(&said).expect("a log");
    let story = tokio::process::Command::new("node")
        .arg("story.mjs")
        .current_dir(&package)
        .envs(KEYCLOAK.map(|name| (name, stack_env(name))))
        .env("NEWCOMER", &newcomer.username)
        .env("NEWCOMER_EMAIL", &newcomer.email)
        .env("API_URL", daemon.url().as_str())
        .env("CHROMIUM", chromium)
        .env("SCREENSHOTS", &screenshots)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .kill_on_drop(true)
        .status();
    let played = tokio::time::timeout(PATIENCE, story).await;
    keycloak.delete_account(&newcomer.subject).await;
    assert!(
        matches!(played, Ok(Ok(status)) if status.success()),
        "{played:?}, within {PATIENCE:?}: {}\nscreenshots: {}",
        std::fs::read_to_string(said).expect("a log"),
        screenshots.display()
    );
}
