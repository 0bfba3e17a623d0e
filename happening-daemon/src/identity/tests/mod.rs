//! The verifier against an issuer on the same machine: real keys, real HTTP.

mod attacks;
mod keys;

use super::testing::{TestIssuer, TestKey};
use super::{Claims, Rejection, Verifier, VerifierSettings};
use chrono::{DateTime, TimeDelta, Utc};
use happening_core::clock::Clock;
use serde_json::{Value, json};
use std::sync::Arc;

/// An issuer with one key, `one`, and a verifier that trusts it; time stands still.
struct Scene {
    issuer: TestIssuer,
    key: TestKey,
    verifier: Arc<Verifier>,
    clock: Clock,
}

fn start_of_time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn settings(issuer: &str) -> VerifierSettings {
    VerifierSettings {
        kind: "test".to_owned(),
        issuer: issuer.to_owned(),
        inside_url: None,
        audience: "happening-server".to_owned(),
        trusted_clients: Vec::new(),
        trust_unverified_email: false,
    }
}

impl Scene {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut VerifierSettings)) -> Self {
        let key = TestKey::rsa(0, "one");
        let issuer = TestIssuer::start(&[&key]).await;
        let clock = Clock::stopped_at(start_of_time());
        let mut settings = settings(issuer.url());
        change(&mut settings);
        let verifier = Arc::new(Verifier::new(settings, clock.clone()));
        Self { issuer, key, verifier, clock }
    }

    /// Claims as Keycloak makes them.
    fn claims(&self) -> Value {
        json!({
            "iss": self.issuer.url(),
            "sub": "5b1e…",
            "aud": ["happening-server", "account"],
            "typ": "Bearer",
            "azp": "happening-cli",
            "exp": self.clock.now().timestamp() + 300,
            "iat": self.clock.now().timestamp(),
            "preferred_username": "ada",
            "email": "ada@example.org",
            "email_verified": true,
            "given_name": "Ada",
            "family_name": "Lovelace",
            "realm_access": { "roles": ["default-roles-happening", "happening-support"] },
        })
    }

    /// The usual claims, changed; `null` removes.
    fn but(&self, changes: &Value) -> Value {
        let mut claims = self.claims();
        for (name, value) in changes.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        claims
    }

    /// What becomes of a well-signed token with the usual claims, changed.
    async fn send(&self, changes: Value) -> Result<Arc<Claims>, Rejection> {
        self.verifier.verify(&self.key.sign(&self.but(&changes))).await
    }

    fn pass(&self, seconds: i64) {
        self.clock.set(self.clock.now() + TimeDelta::seconds(seconds));
    }
}

#[tokio::test]
async fn a_keycloak_token_says_who_the_caller_is() {
    let scene = Scene::new().await;
    let claims = scene.send(json!({})).await.unwrap();
    assert_eq!(claims.issuer, scene.issuer.url());
    assert_eq!(claims.subject, "5b1e…");
    assert_eq!(claims.username.as_deref(), Some("ada"));
    assert_eq!(claims.email.as_deref(), Some("ada@example.org"));
    assert!(claims.email_verified);
    assert_eq!(claims.first_name.as_deref(), Some("Ada"));
    assert_eq!(claims.last_name.as_deref(), Some("Lovelace"));
    assert_eq!(claims.client.as_deref(), Some("happening-cli"));
    assert!(claims.realm_roles.support && !claims.realm_roles.operator);
    assert_eq!(claims.expires_at, start_of_time() + TimeDelta::seconds(300));
}

#[tokio::test]
async fn forms_that_issuers_may_choose_are_understood() {
    let scene = Scene::new().await;
    for change in [
        json!({ "aud": "happening-server" }),
        json!({ "exp": 1_800_000_100.75 }),
        json!({ "nbf": 1_800_000_020 }),
        json!({ "typ": null }),
        json!({ "email_verified": null, "email": null, "given_name": 7, "realm_access": "?" }),
        json!({ "realm_access": { "roles": "happening-operator" } }),
    ] {
        let claims = scene.send(change.clone()).await.unwrap_or_else(|error| panic!("{change}: {error}"));
        assert!(!claims.realm_roles.operator);
    }
    let header = json!({ "alg": "RS256", "typ": "at+jwt", "kid": "one" });
    let token = scene.key.sign_with_header(&header, &scene.claims());
    scene.verifier.verify(&token).await.unwrap();
}

#[tokio::test]
async fn a_service_account_is_told_by_name_session_and_address_together() {
    let scene = Scene::new().await;
    let of_service = |mut changes: Value| {
        let service = json!({
            "azp": "Robot",
            "preferred_username": "service-account-robot",
            "email": null,
            "sid": null,
            "given_name": null,
            "family_name": null,
        });
        for (name, value) in service.as_object().unwrap() {
            changes.as_object_mut().unwrap().entry(name).or_insert(value.clone());
        }
        changes
    };
    let claims = scene.send(of_service(json!({}))).await.unwrap();
    assert_eq!(claims.service_client.as_deref(), Some("Robot"));
    for person in [
        json!({ "sid": "a session" }),
        json!({ "email": "robot@example.org" }),
        json!({ "preferred_username": "robot" }),
        json!({ "preferred_username": "service-account-" }),
        json!({ "preferred_username": "service-account-happening-ci" }),
        json!({ "preferred_username": null }),
        json!({ "azp": null }),
    ] {
        let claims = scene.send(of_service(person.clone())).await.unwrap();
        assert_eq!(claims.service_client, None, "{person}");
    }
}

#[tokio::test]
async fn email_is_verified_only_if_the_issuer_says_so() {
    let scene = Scene::new().await;
    for said in [json!("true"), json!(1), json!(false), json!(null)] {
        assert!(!scene.send(json!({ "email_verified": said })).await.unwrap().email_verified);
    }
}

#[tokio::test]
async fn addresses_are_trusted_where_the_installation_says_so() {
    let scene = Scene::with(|settings| settings.trust_unverified_email = true).await;
    for said in [json!(false), json!(null)] {
        assert!(scene.send(json!({ "email_verified": said })).await.unwrap().email_verified);
    }
}

#[tokio::test]
async fn a_token_tells_when_it_was_issued() {
    let scene = Scene::new().await;
    assert_eq!(scene.send(json!({})).await.unwrap().issued_at, Some(start_of_time()));
    assert_eq!(scene.send(json!({ "iat": null })).await.unwrap().issued_at, None);
    scene.send(json!({ "iat": "now" })).await.unwrap_err();
}

#[tokio::test]
async fn a_trusted_client_needs_no_audience_but_an_access_token() {
    let scene = Scene::with(|settings| settings.trusted_clients = vec!["happening-client".to_owned()]).await;
    scene.send(json!({ "azp": "happening-client", "aud": "account" })).await.unwrap();
    scene.send(json!({ "azp": "happening-client", "aud": null })).await.unwrap();
    // Another client's, and a token that could be an ID token of an issuer without `typ`.
    for change in [
        json!({ "azp": "happening-cli", "aud": "account" }),
        json!({ "azp": null, "aud": "account" }),
        json!({ "azp": "happening-client", "aud": "happening-client", "typ": null }),
    ] {
        let refused = scene.send(change.clone()).await;
        assert!(matches!(refused, Err(Rejection::WrongAudience { .. })), "{change}: {refused:?}");
    }
    let refused =
        scene.send(json!({ "azp": "happening-client", "aud": "happening-client", "typ": "ID" })).await;
    assert_eq!(refused, Err(Rejection::WrongType));
}

#[tokio::test]
async fn elliptic_keys_work_and_each_key_has_its_own_algorithm() {
    let scene = Scene::new().await;
    let elliptic = TestKey::ec("two");
    let pss = TestKey::rsa(1, "three").with(jsonwebtoken::Algorithm::PS256);
    let mut pss_jwk = TestKey::rsa(1, "three").jwk();
    pss_jwk["alg"] = json!("PS256");
    scene.issuer.publish(vec![scene.key.jwk(), elliptic.jwk(), pss_jwk]);
    scene.verifier.verify(&elliptic.sign(&scene.claims())).await.unwrap();
    scene.verifier.verify(&pss.sign(&scene.claims())).await.unwrap();
    let not_pss = TestKey::rsa(1, "three").sign(&scene.claims());
    assert_eq!(scene.verifier.verify(&not_pss).await, Err(Rejection::Algorithm));
}

#[tokio::test]
async fn a_cached_token_expires_to_the_second() {
    let scene = Scene::new().await;
    let token = scene.key.sign(&scene.claims());
    let first = scene.verifier.verify(&token).await.unwrap();
    scene.pass(299);
    let again = scene.verifier.verify(&token).await.unwrap();
    assert!(Arc::ptr_eq(&first, &again), "the second time comes from the cache");
    scene.pass(1);
    assert_eq!(scene.verifier.verify(&token).await, Err(Rejection::Expired));
    assert_eq!(scene.issuer.asked_for_keys(), 1);
}

#[test]
fn the_header_is_read_as_rfc_9110_has_it() {
    let value = http::HeaderValue::from_static;
    assert_eq!(super::bearer(Some(&value("bearer abc"))), Ok("abc"));
    for not in ["Basic abc", "Bearer", "Bearer ", "abc"] {
        assert_eq!(super::bearer(Some(&value(not))), Err(Rejection::Missing), "{not}");
    }
    assert_eq!(super::bearer(None), Err(Rejection::Missing));
}
