//! The first sign-in.

use super::has_shape;
use crate::raw::Raw;
use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::{Signed, sign_in};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

on_both_parts!(
    a_new_person_signs_up_once_however_often_they_ask,
    a_person_without_names_gets_the_addresses_name
);

async fn a_new_person_signs_up_once_however_often_they_ask(parts: Parts) {
    let daemon = Daemon::start_empty(&parts).await;
    let (raw, guest) = (Raw::new(&daemon), sign_in(&daemon, "guest").await);
    assert_eq!(guest.user, None, "not known yet");
    let look = format!("/users?keycloak_id={}", guest.subject);
    assert_eq!(raw.get(&look, &guest.token).await.ok(), json!([]), "200, and nobody");
    assert_eq!(raw.get("/events", &guest.token).await.ok(), json!([]), "lists are empty before");
    let body = json!({
        "keycloak_id": guest.subject,
        "email": "guest@happening.test",
        "first_name": "Gus",
        "last_name": "Demo",
    });
    // As the web client does on a page load: everything at once.
    let asked = (0..10).map(|_| raw.send(Method::POST, "/users", &guest.token, body.to_string()));
    let answers: Vec<Value> = join_all(asked)
        .await
        .iter()
        .map(|answer| {
            assert_eq!(answer.status, 201, "{}", answer.text);
            answer.ok()
        })
        .collect();
    let first = &answers[0];
    has_shape(
        "POST /users",
        first,
        "id:id userId:id email:text organizationId:id keycloakOrgId:text? clientId:text message:text",
    );
    assert_eq!(first["id"], first["userId"]);
    for answer in &answers {
        assert_eq!(
            (&answer["id"], &answer["organizationId"]),
            (&first["id"], &first["organizationId"]),
            "one person"
        );
    }
    let found = raw.get(&look, &guest.token).await.ok();
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    let user = &found[0];
    assert_eq!((&user["username"], &user["status"]), (&json!("gus.demo"), &json!("active")));
    let organizations = user["organizations"].as_array().expect("a list");
    assert_eq!(organizations.len(), 1);
    assert_eq!(organizations[0]["organization_name"], "org-of-guest");
    assert_eq!(organizations[0]["role"], "orgAdmin");
    may_publish_at_once(&raw, &guest, &first["organizationId"]).await;
}

async fn a_person_without_names_gets_the_addresses_name(parts: Parts) {
    let daemon = Daemon::start_empty(&parts).await;
    let (raw, member) = (Raw::new(&daemon), sign_in(&daemon, "member").await);
    // The web client's fallback.
    let body = json!({
        "keycloak_id": member.subject,
        "username": "member",
        "email": "member@happening.test",
        "role": "user",
    });
    let signed_up = raw.send(Method::POST, "/users", &member.token, body.to_string()).await;
    assert_eq!(signed_up.status, 201);
    let organization = signed_up.ok()["organizationId"].clone();
    let found = raw.get(&format!("/users?keycloak_id={}", member.subject), &member.token).await.ok();
    assert!(found[0]["username"].is_string(), "never null: {found}");
    assert_eq!(found[0]["organizations"][0]["role"], "orgAdmin", "whatever the body says");
    may_publish_at_once(&raw, &member, &organization).await;
    let nobody = json!({ "keycloak_id": "somebody-else", "email": "else@happening.test" }).to_string();
    raw.send(Method::POST, "/users", &member.token, nobody).await.problem("another's sub", 403, "forbidden");
}

/// What was remembered of the person before the sign-up no longer counts.
async fn may_publish_at_once(raw: &Raw, person: &Signed, organization: &Value) {
    let create = json!({ "org_id": organization, "name": "The first", "event_date": "2099-01-01T10:00", "total_slots": 5 });
    let answer = raw.send(Method::POST, "/events", &person.token, create.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}
