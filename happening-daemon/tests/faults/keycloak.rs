//! Keycloak is away: whoever is signed in goes on.

use crate::keys::with_key;
use crate::stack::{Fault, Outage, Part};
use crate::stage::Stage;
use happening_core::client::ClientError;
use happening_core::wire::{ErrorCode, Health};
use std::time::{Duration, Instant};

/// Keycloak is asked about every five seconds.
const NOTICED: Duration = Duration::from_secs(8);

#[tokio::test]
async fn whoever_is_signed_in_goes_on_while_keycloak_is_stopped() {
    let stage = Stage::set().await;
    let load = stage.load().await;
    let outage = Outage::begin(Fault::Stopped, Part::Keycloak).await;
    stage.is_ready_as(Health::Degraded, Instant::now() + NOTICED).await;

    let strange = with_key(&stage.people[0].token, "never-seen");
    let asked = Instant::now();
    let refused = stage.daemon().client(strange).events(None, None).await.expect_err("an unknown key");
    assert_eq!(refused.code(), Some(ErrorCode::Unauthenticated), "{refused}");
    assert!(matches!(&refused, ClientError::Refused { problem, .. } if problem.status == 401), "{refused}");
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());

    let window = outage.end().await;
    stage.is_ready_as(Health::Ok, window.ended + NOTICED).await;
    let history = load.stop().await;
    history.begun_between(window.begun, window.ended).assert_flawless("while Keycloak was away");
    history.assert_flawless("before and after");
    stage.assert_true(&history).await;
}
