//! Tokens: what is in them, who gets them, how long they last.

use super::{Scene, part, refused, text};
use crate::identity::DEMO_PEOPLE;
use crate::identity::{RealmRoles, Rejection};
use serde_json::{Value, json};

#[tokio::test]
async fn discovery_leads_to_the_rest() {
    let scene = Scene::new().await;
    let document = format!("{}/.well-known/openid-configuration", scene.url);
    let document: Value = scene.http.get(document).send().await.unwrap().json().await.unwrap();
    assert_eq!(document["issuer"], scene.url);
    for endpoint in ["token_endpoint", "device_authorization_endpoint", "revocation_endpoint", "jwks_uri"] {
        assert!(text(&document, endpoint).starts_with(&scene.url), "{endpoint}");
    }
    let keys: Value = scene.http.get(text(&document, "jwks_uri")).send().await.unwrap().json().await.unwrap();
    let [key] = keys["keys"].as_array().unwrap().as_slice() else { panic!("{keys}") };
    assert_eq!([&key["use"], &key["alg"], &key["kty"]], ["sig", "RS256", "RSA"]);
    assert!(key.get("d").is_none() && key.get("p").is_none(), "the private half stays here");
}

#[tokio::test]
async fn every_demo_person_signs_in_and_is_recognized() {
    let scene = Scene::new().await;
    for person in DEMO_PEOPLE {
        let (status, answer) = scene.password("happening-demo", person.username, person.username).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!([&answer["token_type"], &answer["expires_in"]], [&json!("Bearer"), &json!(300)]);
        let claims = scene.verifier.verify(text(&answer, "access_token")).await.unwrap();
        assert_eq!(claims.subject, person.subject);
        assert_eq!(claims.username.as_deref(), Some(person.username));
        assert_eq!(claims.email.as_deref(), Some(person.email));
        assert_eq!(claims.client.as_deref(), Some("happening-demo"));
        assert!(claims.email_verified);
        let roles =
            RealmRoles { operator: person.username == "operator", support: person.username == "support" };
        assert_eq!(claims.realm_roles, roles, "{}", person.username);
    }
}

#[tokio::test]
async fn tokens_look_like_those_of_keycloak() {
    let scene = Scene::new().await;
    let (_, answer) = scene.password("happening-demo", "ADMIN@happening.test", "admin").await;
    let access = text(&answer, "access_token");
    assert_eq!([&part(access, 0)["alg"], &part(access, 0)["typ"]], ["RS256", "JWT"]);
    let claims = part(access, 1);
    assert_eq!(claims["aud"], json!(["happening-server", "account"]));
    assert_eq!([&claims["typ"], &claims["given_name"], &claims["name"]], ["Bearer", "Ada", "Ada Demo"]);
    assert!(claims["jti"].is_string() && claims["sid"].is_string() && claims.get("nbf").is_none());
    let id = part(text(&answer, "id_token"), 1);
    assert_eq!(
        [&id["typ"], &id["aud"], &id["sub"]],
        [&json!("ID"), &json!("happening-demo"), &claims["sub"]]
    );
    let refresh = part(text(&answer, "refresh_token"), 1);
    assert_eq!([&refresh["typ"], &refresh["aud"]], [&json!("Refresh"), &json!(scene.url)]);
}

#[tokio::test]
async fn only_the_access_token_is_one() {
    let scene = Scene::new().await;
    let (_, answer) = scene.password("happening-demo", "member", "member").await;
    let sent = scene.verifier.verify(text(&answer, "id_token")).await;
    assert_eq!(sent, Err(Rejection::WrongType));
    let sent = scene.verifier.verify(text(&answer, "refresh_token")).await;
    assert_eq!(sent, Err(Rejection::Algorithm));
    let access = text(&answer, "access_token");
    assert_eq!(refused(&scene.refresh("happening-demo", access).await), (400, "invalid_grant"));
    scene.pass(300);
    assert_eq!(scene.verifier.verify(access).await, Err(Rejection::Expired));
}

#[tokio::test]
async fn the_password_grant_is_for_one_client_alone() {
    let scene = Scene::new().await;
    for client in ["happening-cli", "happening-client", "happening-server"] {
        let answer = scene.password(client, "admin", "admin").await;
        assert_eq!(refused(&answer), (400, "unauthorized_client"), "{client}");
    }
    assert_eq!(refused(&scene.password("nobody", "admin", "admin").await), (401, "invalid_client"));
    for (username, password) in [("admin", "member"), ("nobody", "nobody"), ("admin", ""), ("admin", "Admin")]
    {
        let answer = scene.password("happening-demo", username, password).await;
        assert_eq!(refused(&answer), (400, "invalid_grant"), "{username}");
    }
}

#[tokio::test]
async fn requests_that_make_no_sense_are_told_why() {
    let scene = Scene::new().await;
    let demo = ("client_id", "happening-demo");
    for (form, expected) in [
        (vec![], (400, "invalid_request")),
        (vec![demo], (400, "invalid_request")),
        (vec![("grant_type", "implicit"), demo], (400, "unsupported_grant_type")),
        (vec![("grant_type", "password")], (401, "invalid_client")),
        (
            vec![("grant_type", "client_credentials"), ("client_id", "happening-server")],
            (400, "unauthorized_client"),
        ),
        (
            vec![("grant_type", "password"), demo, ("username", "admin"), ("scope", "")],
            (400, "invalid_scope"),
        ),
        (
            vec![("grant_type", "password"), demo, ("username", "admin"), ("scope", "root")],
            (400, "invalid_scope"),
        ),
        (vec![("grant_type", "password"), demo, demo, ("username", "admin")], (400, "invalid_request")),
        (vec![("grant_type", "password"), demo, ("password", "admin")], (400, "invalid_request")),
        (vec![("grant_type", "refresh_token"), demo], (400, "invalid_request")),
        (vec![("grant_type", "refresh_token"), demo, ("refresh_token", "a.b.c")], (400, "invalid_grant")),
    ] {
        assert_eq!(refused(&scene.token(&form).await), expected, "{form:?}");
    }
    let large = "x".repeat(20_000);
    let answer = scene.token(&[("grant_type", "password"), demo, ("username", &large)]).await;
    assert_eq!(refused(&answer), (400, "invalid_request"));
}

#[tokio::test]
async fn a_confidential_client_acts_by_itself() {
    let scene = Scene::new().await;
    let grant = ("grant_type", "client_credentials");
    let secret = ("client_secret", "happening-ci-dev-secret");
    let (status, answer) = scene.token(&[grant, ("client_id", "happening-ci"), secret]).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer.get("refresh_token").is_none() && answer.get("session_state").is_none(), "{answer}");
    let access = text(&answer, "access_token");
    let claims = scene.verifier.verify(access).await.unwrap();
    assert_eq!(claims.service_client.as_deref(), Some("happening-ci"));
    assert_eq!((claims.email.as_deref(), claims.realm_roles), (None, RealmRoles::default()));
    let signed = part(access, 1);
    assert_eq!([&signed["preferred_username"], &signed["typ"]], ["service-account-happening-ci", "Bearer"]);
    assert!(signed.get("sid").is_none() && signed.get("email").is_none(), "{signed}");
    let (_, again) = scene.token(&[grant, ("client_id", "happening-ci"), secret]).await;
    assert_eq!(part(text(&again, "access_token"), 1)["sub"], signed["sub"], "the same caller");

    let url = format!("{}/protocol/openid-connect/token", scene.url);
    let basic = |user: &str, password: &str| {
        scene.http.post(&url).basic_auth(user, Some(password)).form(&[grant]).send()
    };
    assert_eq!(basic("happening-ci", secret.1).await.unwrap().status(), 200, "as a header too");
    assert_eq!(basic("happening-ci", "wrong").await.unwrap().status(), 401);
    for form in [
        vec![grant, ("client_id", "happening-ci")],
        vec![grant, ("client_id", "happening-ci"), ("client_secret", "wrong")],
        vec![("grant_type", "refresh_token"), ("client_id", "happening-ci"), ("refresh_token", access)],
    ] {
        assert_eq!(refused(&scene.token(&form).await), (401, "invalid_client"), "{form:?}");
    }
    for client in ["happening-cli", "happening-demo", "happening-server"] {
        let answer = scene.token(&[grant, ("client_id", client), secret]).await;
        assert_eq!(refused(&answer), (400, "unauthorized_client"), "{client}");
    }
}

#[tokio::test]
async fn refreshing_goes_on_with_old_and_new_tokens_alike() {
    let scene = Scene::new().await;
    let (_, first) = scene.password("happening-demo", "organizer", "organizer").await;
    let old = text(&first, "refresh_token");
    scene.pass(1799);
    let (status, second) = scene.refresh("happening-demo", old).await;
    assert_eq!(status, 200);
    let again = scene.refresh("happening-demo", old).await;
    assert_eq!(again.0, 200, "a used one stays good");
    let claims = scene.verifier.verify(text(&second, "access_token")).await.unwrap();
    assert_eq!(claims.username.as_deref(), Some("organizer"));
    assert_eq!(first["session_state"], second["session_state"]);
    scene.pass(1);
    assert_eq!(
        refused(&scene.refresh("happening-demo", old).await),
        (400, "invalid_grant"),
        "30 idle minutes"
    );
    let (status, _) = scene.refresh("happening-demo", text(&second, "refresh_token")).await;
    assert_eq!(status, 200);
    let answer = scene.refresh("happening-cli", text(&second, "refresh_token")).await;
    assert_eq!(refused(&answer), (400, "invalid_grant"), "another client's");
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_but_not_for_more() {
    let scene = Scene::new().await;
    let (_, answer) = scene.password("happening-demo", "member", "member").await;
    let refresh = |scope| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "happening-demo"),
            ("refresh_token", text(&answer, "refresh_token")),
            ("scope", scope),
        ];
        let scene = &scene;
        async move { scene.token(&form).await }
    };
    let (_, less) = refresh("profile").await;
    assert!(less.get("id_token").is_none());
    assert_eq!(refused(&refresh("openid offline_access").await), (400, "invalid_scope"));
}

#[tokio::test]
async fn offline_access_lasts_thirty_days() {
    let scene = Scene::new().await;
    let form = [
        ("grant_type", "password"),
        ("client_id", "happening-demo"),
        ("username", "member"),
        ("password", "member"),
        ("scope", "openid offline_access"),
    ];
    let (_, answer) = scene.token(&form).await;
    assert_eq!(answer["refresh_expires_in"], 0);
    assert_eq!(part(text(&answer, "refresh_token"), 1)["typ"], "Offline");
    scene.pass(29 * 86_400);
    assert_eq!(scene.refresh("happening-demo", text(&answer, "refresh_token")).await.0, 200);
}

#[tokio::test]
async fn revoking_ends_the_sign_in() {
    let scene = Scene::new().await;
    let (_, first) = scene.password("happening-demo", "member", "member").await;
    let (_, other) = scene.password("happening-demo", "member", "member").await;
    let token = text(&first, "refresh_token");
    let (_, second) = scene.refresh("happening-demo", token).await;
    let foreign = scene.post("revoke", &[("client_id", "happening-cli"), ("token", token)]).await;
    assert_eq!(refused(&foreign), (400, "invalid_token"));
    for token in [token, "junk", token] {
        let answer = scene.post("revoke", &[("client_id", "happening-demo"), ("token", token)]).await;
        assert_eq!(answer.0, 200);
    }
    for token in [token, text(&second, "refresh_token")] {
        assert_eq!(refused(&scene.refresh("happening-demo", token).await), (400, "invalid_grant"));
    }
    assert_eq!(
        scene.refresh("happening-demo", text(&other, "refresh_token")).await.0,
        200,
        "the other goes on"
    );
}

#[tokio::test]
async fn a_restart_signs_nobody_out() {
    let mut scene = Scene::new().await;
    let (_, answer) = scene.password("happening-demo", "member", "member").await;
    let kid = part(text(&answer, "access_token"), 0)["kid"].clone();
    scene.restart().await;
    let (status, again) = scene.refresh("happening-demo", text(&answer, "refresh_token")).await;
    assert_eq!(status, 200);
    let access = text(&again, "access_token");
    assert_eq!(part(access, 0)["kid"], kid);
    scene.verifier.verify(access).await.unwrap();
}
