//! The first sign-in of one person, many times at once; and of many who want the same name.

use super::first_sign_in;
use crate::raw::Raw;
use crate::support::Daemon;
use crate::support::keycloak::Keycloak;
use crate::support::parts::Parts;
use crate::support::people::{Signed, sign_in};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;

on_both_parts!(a_page_load_of_a_new_person_makes_one_of_everything);

/// Requests of the web client within a second, from one address.
const PAGE_LOAD: usize = 21;

async fn a_page_load_of_a_new_person_makes_one_of_everything(parts: Parts) {
    let daemon = Daemon::start_empty(&parts).await;
    let guest = sign_in(&daemon, "guest").await;
    page_load(&[&daemon], &guest).await;
}

/// SQLite serves one daemon.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_load_at_two_daemons_makes_one_of_everything() {
    let parts = Parts::real().await;
    let daemons = [Daemon::start_empty(&parts).await, Daemon::start_empty(&parts).await];
    let guest = sign_in(&daemons[0], "guest").await;
    page_load(&[&daemons[0], &daemons[1]], &guest).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_up_at_one_daemon_is_found_at_another_at_once() {
    let parts = Parts::real().await;
    let (here, there) = (Daemon::start_empty(&parts).await, Daemon::start_empty(&parts).await);
    let guest = sign_in(&here, "guest").await;
    let elsewhere = there.client(guest.token.clone());
    assert!(elsewhere.user_by_subject(&guest.subject).await.expect("a look").is_none());
    let body = json!({ "keycloak_id": guest.subject, "username": "guest", "email": "guest@happening.test" });
    Raw::new(&here).send(Method::POST, "/users", &guest.token, body.to_string()).await.ok();
    assert!(elsewhere.user_by_subject(&guest.subject).await.expect("a look").is_some());
}

/// Ten sign-ups, and the looks of a page beside them: all good, and one user with one organization.
async fn page_load(daemons: &[&Daemon], person: &Signed) {
    let raws: Vec<Raw> = daemons.iter().map(|daemon| Raw::new(daemon)).collect();
    // The web client's fallback, without names.
    let body = json!({
        "keycloak_id": person.subject,
        "username": "guest",
        "email": "guest@happening.test",
        "role": "user",
    });
    let look = format!("/users?keycloak_id={}", person.subject);
    let asked = (0..PAGE_LOAD).map(|index| {
        let (raw, body, look) = (&raws[index % raws.len()], body.to_string(), &look);
        async move {
            match index % 2 {
                0 => raw.send(Method::POST, "/users", &person.token, body).await,
                _ => raw.get(look, &person.token).await,
            }
        }
    });
    let answers: Vec<Value> = join_all(asked).await.iter().map(crate::raw::Answer::ok).collect();
    let signed_up: HashSet<(String, String)> = answers
        .iter()
        .filter(|answer| answer.is_object())
        .map(|answer| (answer["id"].to_string(), answer["organizationId"].to_string()))
        .collect();
    assert_eq!(signed_up.len(), 1, "one user, one organization: {signed_up:?}");
    for raw in &raws {
        let found = raw.get(&look, &person.token).await.ok();
        assert_eq!(found.as_array().map(Vec::len), Some(1));
        assert_eq!(found[0]["username"], "gus.demo");
        let organizations = found[0]["organizations"].as_array().expect("a list");
        assert_eq!(organizations.len(), 1);
        assert_eq!(
            (&organizations[0]["organization_name"], &organizations[0]["role"]),
            (&json!("org-of-guest"), &json!("orgAdmin"))
        );
    }
}

/// Only at the real Keycloak there are many of one name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_of_one_name_get_usernames_of_their_own() {
    let (parts, keycloak) = (Parts::real().await, Keycloak::administered());
    let daemons = [Daemon::start_empty(&parts).await, Daemon::start_empty(&parts).await];
    let accounts =
        join_all((0..12).map(|_| keycloak.account(json!({ "firstName": "Ada", "lastName": "Byron" })))).await;
    let people =
        join_all(accounts.iter().enumerate().map(|(index, (name, _))| sign_in(&daemons[index % 2], name)))
            .await;
    let signed_up = join_all(people.iter().zip(&accounts).map(|(person, (name, _))| async move {
        let create = first_sign_in(person, &format!("{name}@happening.test"));
        person.client.sign_up(&create).await.expect("signed up")
    }))
    .await;
    let users =
        join_all(people.iter().zip(&signed_up).map(|(person, signed_up)| person.client.user(signed_up.id)))
            .await;
    let names: HashSet<String> = users.into_iter().map(|user| user.expect("oneself").username).collect();
    assert_eq!(names.len(), 12, "{names:?}");
    assert!(names.contains("ada.byron") && names.contains("ada.byron2"), "{names:?}");
    for (_, subject) in &accounts {
        keycloak.delete_account(subject).await;
    }
}
