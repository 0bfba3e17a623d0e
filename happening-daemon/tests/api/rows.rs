//! Edits: what is absent stays, `null` clears what may be absent, and a row can be put back as it was read.

use crate::raw::Raw;
use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::{Signed, demo_organization, publish, sign_in};
use reqwest::Method;
use serde_json::{Value, json};

on_both_parts!(
    null_clears_what_may_be_absent_and_is_refused_elsewhere,
    settings_are_edited_member_by_member,
    a_row_is_put_back_as_it_was_read,
    nothing_is_edited_that_must_not_be_there,
);

struct Scene {
    raw: Raw,
    admin: Signed,
    organizer: Signed,
    member: Signed,
    daemon: Daemon,
    /// The database goes with them.
    _parts: Parts,
}

impl Scene {
    async fn set(parts: Parts) -> Self {
        let daemon = Daemon::start(&parts).await;
        let (admin, organizer, member) = (
            sign_in(&daemon, "admin").await,
            sign_in(&daemon, "organizer").await,
            sign_in(&daemon, "member").await,
        );
        Self { raw: Raw::new(&daemon), admin, organizer, member, daemon, _parts: parts }
    }

    async fn put(&self, path: &str, who: &Signed, body: &Value) -> crate::raw::Answer {
        self.raw.send(Method::PUT, path, &who.token, body.to_string()).await
    }

    /// Path and editor of an event, an organization and a person.
    async fn rows(&self) -> [(String, &Signed); 3] {
        let event = publish(&self.organizer, 5).await.id;
        let organization = demo_organization(&self.member).await;
        let user = self.member.user.as_ref().expect("signed up");
        [
            (format!("/events/{event}"), &self.organizer),
            (format!("/organizations/{organization}"), &self.admin),
            (format!("/users/{user}"), &self.member),
        ]
    }
}

/// Members of each edit with a value, and whether they may be absent.
fn members() -> [Vec<(&'static str, Value, bool)>; 3] {
    [
        vec![
            ("name", json!("Named"), false),
            ("description", json!("Described"), true),
            ("category", json!("concert"), true),
            ("event_date", json!("2099-01-01T10:00:00Z"), false),
            ("total_slots", json!(9), false),
            ("status", json!("ongoing"), false),
            ("bookings_close_at", json!("2099-01-01T09:00:00Z"), true),
            ("waitlist_policy", json!("whole"), false),
            ("bypass_limit", json!(7), false),
            ("waitlist_limit", json!(8), true),
            ("max_seats_per_booking", json!(4), true),
            ("sales_paused", json!(true), false),
        ],
        vec![
            ("name", json!("Named"), false),
            ("settings.timezone", json!("Asia/Tokyo"), true),
            ("settings.waitlist_policy", json!("whole"), true),
            ("settings.contact", json!("door"), true),
        ],
        vec![("phone", json!("+1 555"), true), ("avatar_url", json!("https://example.org/a.png"), true)],
    ]
}

fn pointer(member: &str) -> String {
    format!("/{}", member.replace('.', "/"))
}

fn body(member: &str, value: &Value) -> Value {
    match member.split_once('.') {
        Some((outer, inner)) => json!({ outer: { inner: value } }),
        None => json!({ member: value }),
    }
}

async fn null_clears_what_may_be_absent_and_is_refused_elsewhere(parts: Parts) {
    let scene = Scene::set(parts).await;
    let rows = scene.rows().await;
    for ((path, who), members) in rows.iter().zip(members()) {
        for (member, value, _) in &members {
            let edited = scene.put(path, who, &body(member, value)).await.ok();
            assert_eq!(edited.pointer(&pointer(member)), Some(value), "{path} {member}: {edited}");
        }
        for (member, value, may_be_absent) in &members {
            let answer = scene.put(path, who, &body(member, &Value::Null)).await;
            if *may_be_absent {
                let cleared = answer.ok();
                let found = cleared.pointer(&pointer(member)).filter(|found| !found.is_null());
                assert_eq!(found, None, "{path} {member}: {cleared}");
            } else {
                let told = answer.problem(member, 400, "validation_failed");
                assert_eq!(told["field"], *member);
                let kept = scene.raw.get(path, &who.token).await.ok();
                assert_eq!(kept.pointer(&pointer(member)), Some(value));
            }
        }
        // What an edit does not name stays, in the others as in this one.
        let before = scene.raw.get(path, &who.token).await.ok();
        let after = scene.put(path, who, &json!({})).await.ok();
        for (member, ..) in &members {
            assert_eq!(after.pointer(&pointer(member)), before.pointer(&pointer(member)), "{path} {member}");
        }
    }
    let (path, who) = &rows[0];
    scene.put(path, who, &json!({ "user_id": null })).await.ok();
    let (path, who) = &rows[1];
    let told = scene.put(path, who, &json!({ "settings": null })).await.problem(
        "settings",
        400,
        "validation_failed",
    );
    assert_eq!(told["field"], "settings");
}

async fn settings_are_edited_member_by_member(parts: Parts) {
    let scene = Scene::set(parts).await;
    let [_, (path, admin), _] = scene.rows().await;
    let set = |settings: Value| {
        let (scene, path) = (&scene, path.as_str());
        async move { scene.put(path, admin, &json!({ "settings": settings })).await.ok()["settings"].clone() }
    };
    // At once, as three people who change a setting each.
    tokio::join!(
        set(json!({ "timezone": "Europe/Berlin" })),
        set(json!({ "contact": "door" })),
        set(json!({ "waitlist_policy": "whole" })),
    );
    let all = json!({ "timezone": "Europe/Berlin", "contact": "door", "waitlist_policy": "whole" });
    assert_eq!(set(json!({})).await, all);
    let less = set(json!({ "contact": null, "waitlist_policy": "split" })).await;
    assert_eq!(less, json!({ "timezone": "Europe/Berlin", "waitlist_policy": "split" }));
    for (bad, field) in [
        (json!({ "timezone": "Nowhere" }), "settings.timezone"),
        (json!({ "timezone": 5 }), "settings.timezone"),
        (json!({ "colour": "red" }), "settings.colour"),
        (json!([]), "settings"),
    ] {
        let told = scene.put(&path, admin, &json!({ "settings": bad })).await;
        assert_eq!(told.problem("settings", 400, "validation_failed")["field"], field, "{bad}");
    }
    assert_eq!(set(json!({})).await, less);
}

async fn a_row_is_put_back_as_it_was_read(parts: Parts) {
    let scene = Scene::set(parts).await;
    let rows = scene.rows().await;
    for (path, who) in &rows {
        let row = scene.raw.get(path, &who.token).await.ok();
        let put = scene.put(path, who, &row).await.ok();
        for (member, value) in row.as_object().expect("a row") {
            let moves = ["updated_at", "version"].contains(&member.as_str());
            assert!(moves || put.get(member) == Some(value), "{path} {member}: {put}");
        }
    }
    // As a list of somebody's organizations has it.
    let (path, who) = &rows[1];
    let own = format!("/organizations/user/{}", who.user.expect("signed up"));
    let row = scene.raw.get(&own, &who.token).await.ok()[0].clone();
    assert!(row["joined_at"].is_string() && path.ends_with(row["id"].as_str().expect("an id")), "{row}");
    assert_eq!(scene.put(path, who, &row).await.ok()["name"], row["name"]);
    // With a member changed, and figures that moved meanwhile.
    let (path, who) = &rows[0];
    let mut row = scene.raw.get(path, &who.token).await.ok();
    row["name"] = json!("Renamed");
    row["available_slots"] = json!(1);
    row["waiting"] = json!(7);
    let put = scene.put(path, who, &row).await.ok();
    assert_eq!((&put["name"], &put["available_slots"]), (&json!("Renamed"), &json!(5)));
    // Another value where nothing changes it.
    for (place, member, value) in [
        (0, "created_by", json!(scene.admin.user.as_ref().expect("signed up"))),
        (0, "org_id", json!("x")),
        (1, "status", json!("suspended")),
        (1, "owner_id", json!(scene.member.user.as_ref().expect("signed up"))),
        (2, "email", json!("other@example.org")),
        (2, "first_name", json!("Other")),
    ] {
        let (path, who) = &rows[place];
        let mut row = scene.raw.get(path, &who.token).await.ok();
        row[member] = value;
        let told = scene.put(path, who, &row).await.problem(member, 400, "validation_failed");
        assert_eq!(told["field"], member);
        assert!(
            told["detail"].as_str().is_some_and(|told| told.contains("cannot be changed here")),
            "{told}"
        );
    }
    // A figure alone is no row, and what no row has is not known.
    for (body, field) in
        [(json!({ "available_slots": 3 }), "available_slots"), (json!({ "price": 3 }), "price")]
    {
        let told = scene.put(path, who, &body).await.problem(field, 400, "validation_failed");
        assert_eq!(told["field"], field);
    }
    let mut row = scene.raw.get(path, &who.token).await.ok();
    row["price"] = json!(3);
    assert_eq!(scene.put(path, who, &row).await.problem("price", 400, "validation_failed")["field"], "price");
    // Whoever may not see or change it is told that, and nothing of the row.
    let guest = json!({ "id": "x", "created_by": "y", "name": "N" });
    scene.put(path, &scene.member, &guest).await.problem("a member", 403, "forbidden");
}

/// RFC 9110, section 13.1.2.
async fn nothing_is_edited_that_must_not_be_there(parts: Parts) {
    let scene = Scene::set(parts).await;
    for (path, who) in scene.rows().await {
        let before = scene.raw.get(&path, &who.token).await.ok();
        let request = scene.raw.request(Method::PUT, &path).bearer_auth(&who.token);
        let request = request.header("If-None-Match", "*").json(&json!({}));
        crate::raw::Answer::to(request).await.problem(&path, 412, "stale");
        assert_eq!(scene.raw.get(&path, &who.token).await.ok(), before);
    }
    let (operator, guest) = (sign_in(&scene.daemon, "operator").await, sign_in(&scene.daemon, "guest").await);
    let organization = demo_organization(&scene.member).await;
    let id = |person: &Signed| person.user.expect("signed up");
    let ask = async |path: &str, body: Value| {
        let request = scene.raw.request(Method::PUT, path).bearer_auth(&operator.token);
        crate::raw::Answer::to(request.header("If-None-Match", "*").json(&body)).await
    };
    let role = json!({ "role": "user" });
    let member = format!("/organizations/{organization}/members/{}", id(&scene.member));
    ask(&member, role.clone()).await.problem("a member", 412, "stale");
    let status = json!({ "status": "suspended" });
    for path in
        [format!("/users/{}/status", id(&scene.member)), format!("/organizations/{organization}/status")]
    {
        ask(&path, status.clone()).await.problem(&path, 412, "stale");
    }
    let stranger = format!("/organizations/{organization}/members/{}", id(&guest));
    assert_eq!(ask(&stranger, role).await.status, 200, "there was no membership");
}
