//! A realm of an existing deployment, whose clients have no mapper for our audience: their tokens say `aud: account` only.

use crate::raw::Raw;
use crate::support::Daemon;
use crate::support::keycloak::Keycloak;
use crate::support::parts::Parts;
use crate::support::people::grant_by;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_without_the_audience_is_taken_if_it_is_trusted() {
    let (parts, keycloak) = (Parts::real().await, Keycloak::administered());
    let existing = keycloak.client_without_audience().await;
    let tokens = grant_by(&keycloak.issuer(), &existing, "member").await;
    let token =
        |kind: &str| tokens[kind].as_str().unwrap_or_else(|| panic!("no {kind}: {tokens}")).to_owned();

    let strict = Daemon::start(&parts).await;
    let refusal = Raw::new(&strict).get("/events", &token("access_token")).await;
    let problem = refusal.problem("an unknown client", 401, "unauthenticated");
    let detail = problem["detail"].as_str().expect("text");
    for word in ["oidc-audience-mapper", "OIDC_TRUSTED_CLIENTS", existing.as_str()] {
        assert!(detail.contains(word), "{detail} names {word}");
    }

    let trusting = Daemon::start_on(&parts, 0, &[("OIDC_TRUSTED_CLIENTS", existing.as_str())]).await;
    let raw = Raw::new(&trusting);
    assert!(!raw.get("/events", &token("access_token")).await.ok().as_array().expect("a list").is_empty());
    for kind in ["id_token", "refresh_token"] {
        raw.get("/events", &token(kind)).await.problem(kind, 401, "unauthenticated");
    }
}
