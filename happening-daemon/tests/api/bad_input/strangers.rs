//! People who ask for what is not theirs.

use super::Scene;
use crate::support::parts::Parts;
use crate::support::people::{book, sign_in};
use reqwest::Method;
use serde_json::json;

on_both_parts!(
    a_guest_learns_nothing_of_an_organization,
    a_member_learns_nothing_of_others_bookings,
    ids_of_others_in_a_body_are_refused,
    a_member_governs_nothing,
);

async fn a_guest_learns_nothing_of_an_organization(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let guest = sign_in(&scene.daemon, "guest").await;
    let (event, booking) = (scene.event, scene.taken.id);
    let organization = scene.organizer.client.event(event).await.expect("the event").org_id;
    let (admin, me) = (scene.admin.user.expect("a user"), guest.user.expect("a user"));
    let create =
        json!({ "org_id": organization, "name": "N", "event_date": "2099-01-01T10:00", "total_slots": 5 });
    let mut cases = belonging_to_others(&scene);
    cases.extend([
        (Method::GET, format!("/events/{event}"), json!(null)),
        (Method::GET, format!("/events/{event}/seats"), json!(null)),
        (Method::GET, format!("/events/{event}/waitlist"), json!(null)),
        (Method::PUT, format!("/events/{event}"), json!({ "name": "Mine" })),
        (Method::DELETE, format!("/events/{event}"), json!(null)),
        (Method::POST, format!("/events/{event}/reassign"), json!({ "new_created_by": me })),
        (Method::POST, "/events".to_owned(), create),
        (Method::POST, "/bookings".to_owned(), json!({ "event_id": event, "seats": 1 })),
        (Method::GET, format!("/organizations/{organization}"), json!(null)),
        (Method::GET, format!("/organizations/{organization}/members"), json!(null)),
        (Method::PUT, format!("/organizations/{organization}/members/{me}"), json!({ "role": "orgAdmin" })),
        (Method::DELETE, format!("/organizations/{organization}/members/{admin}"), json!(null)),
        (Method::GET, format!("/organizations/user/{admin}"), json!(null)),
    ]);
    for (method, path, body) in cases {
        let case = format!("{method} {path}");
        let answer = scene.raw.send(method, &path, &guest.token, body.to_string()).await;
        answer.problem(&case, 404, "not_found");
    }
    assert_eq!(scene.raw.get("/events", &guest.token).await.ok(), json!([]), "an empty list");
    let listed = scene.raw.get(&format!("/events?org_id={organization}"), &guest.token).await.ok();
    assert_eq!(listed, json!([]));
    let subject = format!("/users?keycloak_id={}", scene.admin.subject);
    assert_eq!(
        scene.raw.get(&subject, &guest.token).await.ok(),
        json!([]),
        "not even that {booking}'s owner exists"
    );
    scene.raw.get("/users?search=admin", &guest.token).await.problem("a search", 403, "forbidden");
    assert_eq!(scene.state().await, before);
}

async fn a_member_learns_nothing_of_others_bookings(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    for (method, path, body) in belonging_to_others(&scene) {
        let case = format!("{method} {path}");
        let answer = scene.raw.send(method, &path, &scene.member.token, body.to_string()).await;
        answer.problem(&case, 404, "not_found");
    }
    assert_eq!(scene.state().await, before);
    // Those who run the event may, and so may the support.
    let own = book(&scene.member, scene.event, 1).await;
    for name in ["organizer", "admin", "support", "operator"] {
        let person = sign_in(&scene.daemon, name).await;
        let seen = person.client.booking(own.id).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(seen.user_id, own.user_id);
    }
}

async fn ids_of_others_in_a_body_are_refused(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let event = scene.organizer.client.event(scene.event).await.expect("the event");
    let (other, path) = (scene.admin.user.expect("a user"), format!("/events/{}", event.id));
    let create = json!({ "org_id": event.org_id, "created_by": other, "name": "N", "event_date": "2099-01-01T10:00",
        "total_slots": 5 });
    let cases = [
        (Method::POST, "/events".to_owned(), create),
        (Method::PUT, path.clone(), json!({ "user_id": other, "name": "Mine" })),
        (Method::DELETE, format!("{path}?user_id={other}"), json!(null)),
        (Method::POST, format!("{path}/reassign"), json!({ "new_created_by": other, "requested_by": other })),
        (
            Method::POST,
            "/users".to_owned(),
            json!({ "keycloak_id": scene.admin.subject, "email": "admin@happening.test" }),
        ),
    ];
    for (method, path, body) in cases {
        let case = format!("{method} {path}");
        let answer = scene.raw.send(method, &path, &scene.organizer.token, body.to_string()).await;
        answer.problem(&case, 403, "forbidden");
    }
    // The organizer runs the event and may book for its members (`on_behalf.rs`); a member may not.
    let booking = json!({ "event_id": event.id, "user_id": other, "seats": 1 }).to_string();
    let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, booking).await;
    answer.problem("a booking by a member", 403, "forbidden");
    assert_eq!(scene.state().await, before);
}

async fn a_member_governs_nothing(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let event = scene.organizer.client.event(scene.event).await.expect("the event");
    let (organization, me) = (event.org_id, scene.member.user.expect("a user"));
    let create =
        json!({ "org_id": organization, "name": "N", "event_date": "2099-01-01T10:00", "total_slots": 5 });
    let cases = [
        (Method::POST, "/events".to_owned(), create),
        (Method::PUT, format!("/events/{}", event.id), json!({ "total_slots": 50 })),
        (Method::DELETE, format!("/events/{}", event.id), json!(null)),
        (Method::GET, format!("/events/{}/waitlist", event.id), json!(null)),
        (Method::POST, format!("/events/{}/reassign", event.id), json!({ "new_created_by": me })),
        (Method::PUT, format!("/organizations/{organization}/members/{me}"), json!({ "role": "orgAdmin" })),
        (
            Method::DELETE,
            format!("/organizations/{organization}/members/{}", scene.admin.user.expect("a user")),
            json!(null),
        ),
    ];
    for (method, path, body) in cases {
        let case = format!("{method} {path}");
        let answer = scene.raw.send(method, &path, &scene.member.token, body.to_string()).await;
        answer.problem(&case, 403, "forbidden");
    }
    assert_eq!(scene.state().await, before);
}

/// What of the admin's only the admin, the organizer of the event and the staff may know.
fn belonging_to_others(scene: &Scene) -> Vec<(Method, String, serde_json::Value)> {
    let (booking, admin) = (scene.taken.id, scene.admin.user.expect("a user"));
    vec![
        (Method::GET, format!("/bookings/{booking}"), json!(null)),
        (Method::GET, format!("/bookings/{booking}/seats"), json!(null)),
        (Method::GET, format!("/bookings/{booking}/waiting-position"), json!(null)),
        (Method::POST, format!("/bookings/{booking}/cancel"), json!(null)),
        (Method::POST, format!("/bookings/{booking}/cancel-seats"), json!({ "seat_numbers": [1] })),
        (Method::POST, format!("/bookings/{booking}/move"), json!({ "seat_numbers": [1] })),
        (Method::GET, format!("/bookings/user/{admin}"), json!(null)),
        (Method::GET, format!("/notifications/user/{admin}"), json!(null)),
    ]
}
