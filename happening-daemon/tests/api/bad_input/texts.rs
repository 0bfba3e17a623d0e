//! Texts in bodies, queries and paths: what a field takes, on every route that has one.

use super::Scene;
use crate::support::parts::Parts;
use crate::support::people::sign_in;
use reqwest::Method;
use serde_json::{Map, Value, json};

on_both_parts!(
    every_text_field_takes_lines_paragraphs_or_addresses_alone,
    every_address_that_is_none_is_refused,
    no_text_has_a_nul,
    searches_are_bounded_and_what_is_empty_is_absent,
    searches_find_all_scripts_in_any_case,
    what_is_wrong_is_named,
);

/// What a field takes.
#[derive(Clone, Copy)]
enum Kind {
    /// A line, 255 characters at most.
    Line,
    /// Paragraphs of so many characters at most.
    Paragraphs(usize),
}

/// What breaks the rules of a kind.
fn bad(kind: Kind) -> Vec<String> {
    let bad = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    match kind {
        Kind::Line => {
            let mut all = bad(&[
                "",
                " ",
                "\u{200b}",
                "\u{2060}\u{feff}",
                "\u{3164}",
                "\u{2800}",
                "a\nb",
                "a\r\nb",
                "a\tb",
                "a\u{1b}[2Jb",
                "a\u{85}b",
                "a\u{2028}b",
                "a\u{202e}b",
                "a\u{2066}b",
                "a\0b",
            ]);
            all.push("x".repeat(256));
            all
        }
        Kind::Paragraphs(most) => {
            let mut all = bad(&["a\0b", "a\u{1b}[2Jb", "a\u{7f}b", "a\u{9b}b"]);
            all.push("x".repeat(most + 1));
            all
        }
    }
}

/// A field of a request: where it is in the body, whose other members are as they should be.
struct Field<'a> {
    method: Method,
    path: String,
    token: &'a str,
    body: Value,
    name: &'a str,
    kind: Kind,
}

fn with(body: &Value, field: &str, value: Value) -> String {
    let mut body = body.clone();
    let pointer = format!("/{}", field.replace('.', "/"));
    match body.pointer_mut(&pointer) {
        Some(place) => *place = value,
        None => {
            body.as_object_mut().expect("an object").insert(field.to_owned(), value);
        }
    }
    body.to_string()
}

fn fields<'a>(scene: &'a Scene, organization: &str) -> Vec<Field<'a>> {
    let (organizer, admin) = (scene.organizer.token.as_str(), scene.admin.token.as_str());
    let event =
        json!({ "org_id": organization, "name": "N", "event_date": "2099-01-01T10:00", "total_slots": 5 });
    let invite = json!({ "email": "new@example.org", "role": "user", "organization_id": organization });
    let own = format!("/organizations/{organization}");
    let settings = json!({ "name": "Other", "settings": { "contact": "door" } });
    let field = |method, path: &str, token, body: &Value, field, kind| Field {
        method,
        path: path.to_owned(),
        token,
        body: body.clone(),
        name: field,
        kind,
    };
    let this = format!("/events/{}", scene.event);
    vec![
        field(Method::POST, "/events", organizer, &event, "name", Kind::Line),
        field(Method::POST, "/events", organizer, &event, "description", Kind::Paragraphs(10_000)),
        field(Method::PUT, &this, organizer, &json!({}), "name", Kind::Line),
        field(Method::PUT, &this, organizer, &json!({}), "description", Kind::Paragraphs(10_000)),
        field(Method::POST, "/organizations", admin, &settings, "name", Kind::Line),
        field(Method::POST, "/organizations", admin, &settings, "settings.contact", Kind::Line),
        field(Method::PUT, &own, admin, &json!({}), "name", Kind::Line),
        field(Method::PUT, &own, admin, &settings, "settings.contact", Kind::Line),
        field(Method::POST, "/org-invites", admin, &invite, "message", Kind::Paragraphs(1_000)),
        field(Method::POST, "/org-invites/send", admin, &invite, "message", Kind::Paragraphs(1_000)),
    ]
}

async fn organization(scene: &Scene) -> String {
    scene.organizer.client.event(scene.event).await.expect("the event").org_id.to_string()
}

async fn every_text_field_takes_lines_paragraphs_or_addresses_alone(parts: Parts) {
    let scene = Scene::set(parts).await;
    let before = scene.state().await;
    let organization = organization(&scene).await;
    for Field { method, path, token, body, name: field, kind } in fields(&scene, &organization) {
        for text in bad(kind) {
            let case = format!("{method} {path}: {field} = {text:?}");
            let answer = scene.raw.send(method.clone(), &path, token, with(&body, field, json!(text))).await;
            let told = answer.problem(&case, 400, "validation_failed");
            assert_eq!(told["field"], field, "{case}: {told}");
        }
        let lone = with(&body, field, json!("SURROGATE")).replace("SURROGATE", r"\ud800");
        let answer = scene.raw.send(method.clone(), &path, token, lone).await;
        answer.problem(&format!("{path}: {field}"), 400, "validation_failed");
    }
    assert_eq!(scene.state().await, before);
    // And what looks odd is a name all the same.
    for name in ["\u{1f469}\u{200d}\u{1f680}", "e\u{301}", "\u{5d0}\u{200f}!", "?", &"\u{e4}".repeat(255)] {
        let body = json!({ "name": name, "description": "One\r\n\tTwo\n" }).to_string();
        let renamed = scene
            .raw
            .send(Method::PUT, &format!("/events/{}", scene.event), &scene.organizer.token, body)
            .await;
        let renamed = renamed.ok();
        assert_eq!(
            (renamed["name"].as_str(), renamed["description"].as_str()),
            (Some(name), Some("One\r\n\tTwo\n"))
        );
    }
}

/// Addresses that no mail is delivered to, or that people take for another.
const NO_ADDRESSES: [&str; 24] = [
    "ada@example.org;bob@example.org",
    "mailto:ada@example.org",
    "a@b@c.org",
    "https://x@y.org",
    "a@x..org",
    "a@.org",
    "a@org.",
    "a@x.org/",
    "member@happening.test.",
    "a@b",
    "ada",
    "@example.org",
    "ada@",
    "<ada@example.org>",
    "Ada <ada@example.org>",
    "a da@example.org",
    "ada@example.org\u{200b}",
    "\u{feff}ada@example.org",
    "ada\u{202e}@example.org",
    "a\u{ad}da@example.org",
    "ada@\u{212a}elvin.org",
    "ada\0@example.org",
    "a\nda@example.org",
    "\"a da\"@example.org",
];

async fn every_address_that_is_none_is_refused(parts: Parts) {
    let scene = Scene::set(parts).await;
    let organization = organization(&scene).await;
    for address in NO_ADDRESSES {
        for path in ["/org-invites", "/org-invites/send"] {
            let body = json!({ "email": address, "role": "user", "organization_id": organization });
            let answer = scene.raw.send(Method::POST, path, &scene.admin.token, body.to_string()).await;
            assert_eq!(answer.problem(address, 400, "validation_failed")["field"], "email", "{address:?}");
        }
    }
    // An address is the same in the case of ASCII letters, and of no others.
    let invite = async |email: &str| {
        let body = json!({ "email": email, "role": "user", "organization_id": organization }).to_string();
        scene.raw.send(Method::POST, "/org-invites/send", &scene.admin.token, body).await
    };
    assert_eq!(invite("KIM@Example.org").await.ok()["invite"]["email"], "kim@example.org");
    invite("kim@EXAMPLE.org").await.problem("the same", 400, "invite_pending");
    assert_eq!(invite("\u{212a}im@example.org").await.ok()["invite"]["email"], "\u{212a}im@example.org");
    let known = invite("zo\u{eb}@m\u{fc}nchen.example").await.ok();
    assert_eq!(known["invite"]["email"], "zo\u{eb}@xn--mnchen-3ya.example");
    invite("zo\u{eb}@XN--mnchen-3ya.example").await.problem("the same domain", 400, "invite_pending");
    invite("MEMBER@Happening.test").await.problem("a member", 400, "already_member");
}

async fn no_text_has_a_nul(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (support, organization) = (sign_in(&scene.daemon, "operator").await, organization(&scene).await);
    let event = scene.event;
    for (path, field) in [
        ("/events?q=a%00".to_owned(), "q"),
        ("/events?cursor=a%00".to_owned(), "cursor"),
        ("/users?search=a%00".to_owned(), "search"),
        ("/users?names=a%00,b".to_owned(), "names"),
        ("/users?keycloak_id=a%00".to_owned(), "keycloak_id"),
        ("/organizations?q=a%00".to_owned(), "q"),
        (format!("/organizations/{organization}/members?q=a%00"), "q"),
        (format!("/organizations/{organization}/audit?action=a%00"), "action"),
        ("/admin/audit?target=a%00".to_owned(), "target"),
        (format!("/events/{event}/bookings?q=a%00"), "q"),
        ("/admin/redis/keys?match=a%00".to_owned(), "match"),
        ("/org-invites/a%00b".to_owned(), "id"),
        // A cursor that says NUL is none that was handed out.
        ("/users?search=ab&cursor=AA".to_owned(), "cursor"),
        (format!("/organizations/{organization}/members?cursor=YQA"), "cursor"),
    ] {
        let told = scene.raw.get(&path, &support.token).await.problem(&path, 400, "validation_failed");
        assert_eq!(told["field"], field, "{path}");
    }
    let account = format!("/organizations/{organization}/service-accounts/a%00b");
    let told = scene.raw.send(Method::DELETE, &account, &scene.admin.token, "").await;
    assert_eq!(told.problem(&account, 400, "validation_failed")["field"], "client_id");
    // Also where nobody reads it.
    for (path, body) in [
        ("/users", json!({ "keycloak_id": "a\0", "email": "a@b.org" })),
        ("/users", json!({ "keycloak_id": "a", "email": "a@b.org", "role": "a\0" })),
        ("/org-invites", json!({ "email": "a@b.org", "role": "user", "invited_by": "a\0" })),
        ("/events", json!({ "org_id": organization, "name": "N", "event_date": "2099\0", "total_slots": 1 })),
    ] {
        let answer = scene.raw.send(Method::POST, path, &scene.admin.token, body.to_string()).await;
        answer.problem(path, 400, "validation_failed");
    }
}

async fn searches_are_bounded_and_what_is_empty_is_absent(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (operator, organization) = (sign_in(&scene.daemon, "operator").await, organization(&scene).await);
    let event = scene.event;
    let members = format!("/organizations/{organization}/members");
    let bookings = format!("/events/{event}/bookings");
    for (path, name) in
        [("/events", "q"), ("/organizations", "q"), ("/users", "search"), (&members, "q"), (&bookings, "q")]
    {
        for length in [201, 60_000] {
            let query = format!("{path}?{name}={}", "a".repeat(length));
            let told = scene.raw.get(&query, &operator.token).await.problem(path, 400, "validation_failed");
            assert_eq!(told["field"], name, "{path}");
        }
        let most = format!("{path}?{name}={}", "%C3%84".repeat(200));
        assert_eq!(scene.raw.get(&most, &operator.token).await.ok(), json!([]), "{path}");
        let all = scene.raw.get(path, &operator.token).await.ok();
        let empty = format!("{path}?{name}=&limit=&cursor=");
        assert_eq!(scene.raw.get(&empty, &operator.token).await.ok(), all, "{path}");
    }
    let all = scene.raw.get("/events", &scene.member.token).await.ok();
    assert_eq!(scene.raw.get("/events?org_id=&created_by=", &scene.member.token).await.ok(), all);
    let audit = scene.raw.get("/admin/audit", &operator.token).await.ok();
    let empty = "/admin/audit?action=&actor=&target=&before=&limit=";
    assert_eq!(scene.raw.get(empty, &operator.token).await.ok(), audit);
    let nobody = scene.raw.get("/users?keycloak_id=", &scene.member.token).await.ok();
    assert_eq!(nobody, json!([]), "nobody has no sub");
}

async fn searches_find_all_scripts_in_any_case(parts: Parts) {
    let scene = Scene::set(parts).await;
    let path = format!("/events/{}", scene.event);
    for (name, searches) in [
        ("\u{c4}rzte", ["%C3%A4rzte", "%C3%84RZTE", "A%CC%88rzte"]),
        ("\u{416}\u{438}\u{432}\u{43e}", ["%D0%B6%D0%98", "%D0%96", "%D0%B2%D0%BE"]),
        ("50%_off", ["50%25_OFF", "%25", "_"]),
    ] {
        let body = json!({ "name": name }).to_string();
        scene.raw.send(Method::PUT, &path, &scene.organizer.token, body).await.ok();
        for search in searches {
            let found = scene.raw.get(&format!("/events?q={search}"), &scene.member.token).await.ok();
            let names: Vec<_> =
                found.as_array().expect("a list").iter().map(|event| &event["name"]).collect();
            assert_eq!(names, [name], "{search}");
        }
    }
}

async fn what_is_wrong_is_named(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (token, event, booking) = (&scene.admin.token, scene.event, scene.taken.id);
    let get = async |path: &str| {
        let told = scene.raw.get(path, token).await.problem(path, 400, "validation_failed");
        (told["field"].clone(), told["detail"].as_str().expect("a sentence").to_owned())
    };
    for (path, field, expected) in [
        ("/events/tonight".to_owned(), "id", "id: must be an id (a UUID) in the path, not \"tonight\"."),
        (
            "/bookings/user/me".to_owned(),
            "user_id",
            "user_id: must be an id (a UUID) in the path, not \"me\".",
        ),
        ("/events?limit=1&limit=2".to_owned(), "limit", "limit: is there twice."),
        ("/events?org_id=Demo".to_owned(), "org_id", "org_id: must be an id (a UUID)."),
    ] {
        assert_eq!(get(&path).await, (json!(field), expected.to_owned()));
    }
    let cancel = format!("/bookings/{booking}/cancel-seats");
    for (body, field, expected) in [
        (
            r#"{"seat_numbers":["1"]}"#,
            "seat_numbers[0]",
            "seat_numbers[0]: must be a whole number, not \"1\".",
        ),
        (
            r#"{"seat_numbers":[1, null]}"#,
            "seat_numbers[1]",
            "seat_numbers[1]: must be a whole number, not null.",
        ),
        (r#"{"seat_numbers":[1.5]}"#, "seat_numbers[0]", "seat_numbers[0]: must be a whole number, not 1.5."),
        (r#"{"seat_numbers":[1],"seat_numbers":[2]}"#, "seat_numbers", "seat_numbers: is there twice."),
    ] {
        let answer = scene.raw.send(Method::POST, &cancel, token, body).await;
        let told = answer.problem(body, 400, "validation_failed");
        assert_eq!((&told["field"], &told["detail"]), (&json!(field), &json!(expected)));
    }
    // Files of some systems begin with a mark that is no part of the text.
    let marked = format!("\u{feff}{}", json!({ "event_id": event, "seats": 1 }));
    let booked: Map<String, Value> =
        serde_json::from_value(scene.raw.send(Method::POST, "/bookings", token, marked).await.ok())
            .expect("a row");
    assert_eq!(booked["status"], "confirmed");
}
