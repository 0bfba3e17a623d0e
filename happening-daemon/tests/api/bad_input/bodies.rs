//! Bodies and ids that do not fit.

use super::Scene;
use crate::support::parts::Parts;
use reqwest::Method;
use serde_json::{Value, json};

on_both_parts!(
    bodies_that_do_not_fit_are_refused,
    events_that_cannot_be_are_refused,
    lists_are_no_objects,
    what_is_wrong_is_told_in_words,
    unknown_ids_are_not_found,
    malformed_ids_are_refused,
);

const NOBODY: &str = "00000000-0000-4000-8000-00000000dead";

async fn bodies_that_do_not_fit_are_refused(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let event = scene.event;
    let cases = [
        ("an unknown member", format!(r#"{{"event_id": "{event}", "seats": 1, "price": 0}}"#)),
        ("a misspelt member", format!(r#"{{"event_id": "{event}", "seats": 1, "seat_number": [2]}}"#)),
        ("a member twice", format!(r#"{{"event_id": "{event}", "seats": 1, "seats": 2}}"#)),
        ("broken JSON", format!(r#"{{"event_id": "{event}", "seats": 1"#)),
        ("more than JSON", format!(r#"{{"event_id": "{event}", "seats": 1}} and more"#)),
        ("no event", r#"{"seats": 1}"#.to_owned()),
        ("an event that is no id", r#"{"event_id": "tonight", "seats": 1}"#.to_owned()),
        ("a user that is no id", format!(r#"{{"event_id": "{event}", "user_id": 5, "seats": 1}}"#)),
        ("a list", "[]".to_owned()),
        ("a text", "\"book\"".to_owned()),
        ("null", "null".to_owned()),
        ("nothing", String::new()),
        ("no UTF-8 escape", format!(r#"{{"event_id": "{event}", "seats": 1, "user_id": "\ud800"}}"#)),
        ("a thousand brackets", "[".repeat(1_000)),
    ];
    for (case, body) in cases {
        let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, body).await;
        answer.problem(case, 400, "validation_failed");
    }
    let cancel_seats = format!("/bookings/{}/cancel-seats", scene.taken.id);
    for none in [r#"{"seat_numbers": [-1, 0, 4294967296]}"#, r#"{"seat_numbers": [99]}"#] {
        let answer = scene.raw.send(Method::POST, &cancel_seats, &scene.admin.token, none).await;
        assert_eq!(answer.ok()["cancelled"], 0, "{none}: not of this booking");
    }
    for body in [r#"{"seat_numbers": []}"#, r#"{"seat_numbers": "1"}"#, r#"{"seat_numbers": ["one"]}"#, "{}"]
    {
        let answer = scene.raw.send(Method::POST, &cancel_seats, &scene.admin.token, body).await;
        answer.problem(body, 400, "validation_failed");
    }
    assert_eq!(scene.state().await, before);
}

/// Derived readers take a list of values for an object.
async fn lists_are_no_objects(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let organization = scene.organizer.client.event(scene.event).await.expect("the event").org_id;
    for (method, path, body) in [
        (Method::POST, "/organizations".to_owned(), json!(["A list"])),
        (Method::PUT, format!("/organizations/{organization}"), json!({ "settings": [] })),
        (Method::POST, "/bookings".to_owned(), json!([scene.event, null, 1])),
        (Method::POST, "/org-invites/send".to_owned(), json!(["a@b.test", "user"])),
    ] {
        let answer = scene.raw.send(method, &path, &scene.admin.token, body.to_string()).await;
        answer.problem(&path, 400, "validation_failed");
    }
    assert_eq!(scene.state().await, before);
}

/// `error` is shown to people as it is.
async fn what_is_wrong_is_told_in_words(parts: Parts) {
    let scene = Scene::set(parts).await;
    let send = async |body: Value| {
        let answer = scene.raw.send(Method::POST, "/bookings", &scene.member.token, body.to_string()).await;
        answer.problem("a booking", 400, "validation_failed")
    };
    let told = send(json!({ "event_id": scene.event, "seats": "two" })).await;
    assert_eq!(told["error"], "seats: must be a whole number, 0 or more, not \"two\".");
    assert_eq!(told["field"], "seats");
    assert_eq!(send(json!({ "seats": 1 })).await["error"], "event_id: is missing.");
    let query = scene.raw.get("/events?limit=many", &scene.member.token).await;
    assert_eq!(
        query.problem("a list", 400, "validation_failed")["error"],
        "limit: must be a whole number, 0 or more."
    );
}

async fn events_that_cannot_be_are_refused(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let organization = scene.organizer.client.event(scene.event).await.expect("the event").org_id;
    let good =
        json!({ "org_id": organization, "name": "N", "event_date": "2099-01-01T10:00", "total_slots": 5 });
    let path = format!("/events/{}", scene.event);
    let bad: [(&str, Value); 19] = [
        ("total_slots", json!(0)),
        ("total_slots", json!(-5)),
        ("total_slots", json!(2.5)),
        ("total_slots", json!(1_000_001)),
        ("total_slots", json!(4_294_967_296_u64)),
        ("total_slots", json!("many")),
        ("name", json!("")),
        ("name", json!(" \t ")),
        ("name", json!("n".repeat(256))),
        ("name", json!("a\0b")),
        ("name", json!(7)),
        ("event_date", json!("tomorrow")),
        ("event_date", json!("2099-02-30T10:00")),
        ("event_date", json!("2099-01-01")),
        ("event_date", json!(4_070_908_800_u64)),
        ("category", json!("wedding")),
        ("description", json!("d".repeat(10_001))),
        ("waitlist_policy", json!("auction")),
        ("price", json!(5)),
    ];
    for (member, value) in bad {
        let mut create = good.clone();
        create[member] = value.clone();
        let answer =
            scene.raw.send(Method::POST, "/events", &scene.organizer.token, create.to_string()).await;
        answer.problem(&format!("POST {member} {value}"), 400, "validation_failed");
        let update = json!({ member: value }).to_string();
        let answer = scene.raw.send(Method::PUT, &path, &scene.organizer.token, update).await;
        answer.problem(&format!("PUT {member} {value}"), 400, "validation_failed");
    }
    for member in ["org_id", "name", "event_date", "total_slots"] {
        let mut create = good.clone();
        create.as_object_mut().expect("an object").remove(member);
        let answer =
            scene.raw.send(Method::POST, "/events", &scene.organizer.token, create.to_string()).await;
        answer.problem(&format!("without {member}"), 400, "validation_failed");
    }
    let answer =
        scene.raw.send(Method::PUT, &path, &scene.organizer.token, r#"{"status": "postponed"}"#).await;
    answer.problem("status postponed", 400, "validation_failed");
    assert_eq!(scene.state().await, before);
}

async fn unknown_ids_are_not_found(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    for (method, path, body) in addressed(NOBODY) {
        let case = format!("{method} {path}");
        let answer = scene.raw.send(method, &path, &scene.admin.token, body).await;
        answer.problem(&case, 404, "not_found");
    }
    let body = json!({ "event_id": NOBODY, "seats": 1 }).to_string();
    let answer = scene.raw.send(Method::POST, "/bookings", &scene.admin.token, body).await;
    answer.problem("a booking for an unknown event", 404, "not_found");
    assert_eq!(scene.state().await, before);
}

async fn malformed_ids_are_refused(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    for id in
        ["7", "tonight", "00000000-0000-4000-8000-00000000000g", "%00", "'%20OR%20'1'='1", "%F0%9F%8E%AB"]
    {
        for (method, path, body) in addressed(id) {
            let case = format!("{method} {path}");
            let answer = scene.raw.send(method, &path, &scene.admin.token, body).await;
            answer.problem(&case, 400, "validation_failed");
        }
        let body = json!({ "event_id": id, "seats": 1 }).to_string();
        let answer = scene.raw.send(Method::POST, "/bookings", &scene.admin.token, body).await;
        answer.problem(id, 400, "validation_failed");
    }
    for query in ["/events?org_id=7", "/events?created_by=me", "/users", "/users?keycloak_id=a&search=b"] {
        scene.raw.get(query, &scene.admin.token).await.problem(query, 400, "validation_failed");
    }
    assert_eq!(scene.state().await, before);
}

/// Every route with this id in its address.
fn addressed(id: &str) -> Vec<(Method, String, String)> {
    let reassign = json!({ "new_created_by": NOBODY }).to_string();
    let none = String::new;
    vec![
        (Method::GET, format!("/events/{id}"), none()),
        (Method::GET, format!("/events/{id}/seats"), none()),
        (Method::GET, format!("/events/{id}/waitlist"), none()),
        (Method::PUT, format!("/events/{id}"), r#"{"name": "Mine"}"#.to_owned()),
        (Method::DELETE, format!("/events/{id}"), none()),
        (Method::POST, format!("/events/{id}/reassign"), reassign),
        (Method::GET, format!("/bookings/{id}"), none()),
        (Method::GET, format!("/bookings/{id}/seats"), none()),
        (Method::GET, format!("/bookings/{id}/waiting-position"), none()),
        (Method::GET, format!("/bookings/user/{id}"), none()),
        (Method::POST, format!("/bookings/{id}/cancel"), none()),
        (Method::POST, format!("/bookings/{id}/cancel-seats"), r#"{"seat_numbers": [1]}"#.to_owned()),
        (Method::POST, format!("/bookings/{id}/move"), r#"{"seat_numbers": [1]}"#.to_owned()),
        (Method::GET, format!("/notifications/user/{id}"), none()),
        (Method::GET, format!("/organizations/{id}"), none()),
        (Method::GET, format!("/organizations/{id}/members"), none()),
        (Method::GET, format!("/organizations/user/{id}"), none()),
    ]
}
