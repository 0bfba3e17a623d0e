//! What is wrong before a body is even read: size, kind, method, route, origin.

use super::Scene;
use crate::raw::{Answer, WEB};
use crate::support::parts::Parts;
use reqwest::Method;
use serde_json::json;

on_both_parts!(
    bodies_that_are_too_large_or_no_json_are_refused,
    unknown_routes_and_methods_are_told_apart,
    only_known_origins_may_call,
);

async fn bodies_that_are_too_large_or_no_json_are_refused(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let token = &scene.member.token;
    let body = json!({ "event_id": scene.event, "seats": 1, "user_id": "x".repeat(3 << 20) }).to_string();
    for path in ["/bookings", "/events", "/users", "/organizations"] {
        // More than once: an answer that is sent while the body still comes must not be lost with the connection.
        for _ in 0..5 {
            let answer = scene.raw.send(Method::POST, path, token, body.clone()).await;
            answer.problem(&format!("3 MB to {path}"), 413, "payload_too_large");
            let answer = scene.raw.send(Method::POST, path, "nobody", body.clone()).await;
            answer.problem(&format!("3 MB to {path} of nobody"), 401, "unauthenticated");
        }
    }
    let good = json!({ "event_id": scene.event, "seats": 1 }).to_string();
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "text/json", "application/jsonp", "json", ""]
    {
        let request = scene.raw.request(Method::POST, "/bookings").bearer_auth(token);
        let request = request.header("Content-Type", kind).body(good.clone());
        Answer::to(request).await.problem(kind, 415, "unsupported_media_type");
    }
    let request = scene.raw.request(Method::POST, "/bookings").bearer_auth(token).body(good.clone());
    Answer::to(request).await.problem("no content type", 415, "unsupported_media_type");
    assert_eq!(scene.state().await, before);
    let request = scene.raw.request(Method::POST, "/bookings").bearer_auth(token);
    let request = request.header("Content-Type", "Application/JSON; charset=utf-8").body(good);
    assert_eq!(Answer::to(request).await.status, 201, "however it is spelt");
}

async fn unknown_routes_and_methods_are_told_apart(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let token = &scene.admin.token;
    for path in
        ["/nowhere", "/events/", "/bookings/user/", "/Events", "/api/events", "/%2e%2e/etc/passwd", "//"]
    {
        scene.raw.get(path, token).await.problem(path, 404, "not_found");
    }
    let event = format!("/events/{}", scene.event);
    let booking = format!("/bookings/{}", scene.taken.id);
    let cases = [
        (Method::DELETE, "/events".to_owned(), "GET,HEAD,POST"),
        (Method::PATCH, event.clone(), "DELETE,GET,HEAD,PUT"),
        (Method::POST, event, "DELETE,GET,HEAD,PUT"),
        (Method::GET, "/bookings".to_owned(), "POST"),
        (Method::DELETE, booking.clone(), "GET,HEAD"),
        (Method::GET, format!("{booking}/cancel"), "POST"),
        (Method::PUT, format!("{booking}/cancel-seats"), "POST"),
        (Method::POST, "/".to_owned(), "GET,HEAD"),
        (Method::DELETE, "/users".to_owned(), "GET,HEAD,POST"),
    ];
    for (method, path, allowed) in cases {
        let case = format!("{method} {path}");
        let answer = scene.raw.send(method, &path, token, "{}").await;
        answer.problem(&case, 405, "method_not_allowed");
        let mut methods: Vec<_> = answer.header("Allow").expect("Allow").split(',').map(str::trim).collect();
        methods.sort_unstable();
        assert_eq!(methods.join(","), allowed, "{case}");
    }
    assert_eq!(scene.state().await, before);
}

async fn only_known_origins_may_call(parts: Parts) {
    let scene = Scene::set(parts).await;
    for path in ["/events", "/bookings", "/nowhere"] {
        for asked in ["authorization", "authorization,content-type"] {
            for origin in [WEB, "http://localhost:3001"] {
                let answer = preflight(&scene, path, origin, asked).await;
                assert!((200..300).contains(&answer.status), "{path}: {}", answer.status);
                assert_eq!(answer.header("Access-Control-Allow-Origin"), Some(origin));
                assert_eq!(answer.header("Access-Control-Allow-Credentials"), None);
                let headers = answer.header("Access-Control-Allow-Headers").expect("headers").to_lowercase();
                assert!(asked.split(',').all(|name| headers.contains(name)), "{headers}");
                let methods = answer.header("Access-Control-Allow-Methods").expect("methods");
                assert!(
                    ["GET", "POST", "PUT", "DELETE"].iter().all(|name| methods.contains(name)),
                    "{methods}"
                );
            }
        }
    }
    for origin in
        ["http://evil.example", "http://localhost:3000.evil.example", "https://localhost:3000", "null"]
    {
        let answer = preflight(&scene, "/bookings", origin, "authorization,content-type").await;
        assert_eq!(answer.header("Access-Control-Allow-Origin"), None, "{origin}");
        let request = scene.raw.request(Method::GET, "/events").bearer_auth(&scene.admin.token);
        let mut request = request.build().expect("a request");
        request.headers_mut().insert("Origin", origin.parse().expect("a header"));
        let answer = scene.raw.execute(request).await;
        assert_eq!(answer.header("Access-Control-Allow-Origin"), None, "{origin}");
    }
    let good = scene.raw.get("/events", &scene.admin.token).await;
    assert_eq!(good.header("Access-Control-Allow-Origin"), Some(WEB));
    let exposed = good.header("Access-Control-Expose-Headers").expect("exposed").to_lowercase();
    assert!(exposed.contains("x-request-id") && exposed.contains("retry-after"), "{exposed}");
}

async fn preflight(scene: &Scene, path: &str, origin: &str, headers: &str) -> Answer {
    let mut request = scene.raw.request(Method::OPTIONS, path).build().expect("a request");
    let values = [
        ("Origin", origin),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", headers),
    ];
    for (name, value) in values {
        request.headers_mut().insert(name, value.parse().expect("a header"));
    }
    scene.raw.execute(request).await
}
