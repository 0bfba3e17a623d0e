//! What is seen of people, what they change, and whether they may act.

use super::{first_sign_in, id, refused};
use crate::contract::has_shape;
use crate::raw::Raw;
use crate::support::keycloak::Keycloak;
use crate::support::parts::Parts;
use crate::support::people::{Signed, demo_organization, publish, sign_in};
use crate::support::{Daemon, eventually};
use happening_core::wire::{CreateOrganization, ErrorCode, FoundUser, UpdateUser, UserStatus, UsersQuery};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

on_both_parts!(
    people_are_seen_by_themselves_by_staff_and_by_who_governs_them,
    people_change_their_telephone_and_picture,
    searching_shows_no_more_than_the_dialog_needs,
    strangers_are_found_by_their_whole_name_alone,
    staff_list_people,
    a_suspended_person_is_refused_everywhere,
);

const USER: &str = "id:id keycloak_id:text username:text email:text first_name:text? last_name:text? phone:text? \
     avatar_url:text? status:active|suspended created_at:time updated_at:time";

async fn with_phone(person: &Signed) {
    let update = UpdateUser { phone: Some(Some("+1 555 0100".to_owned())), avatar_url: None };
    person.client.update_user(id(person), &update).await.expect("updated");
}

async fn people_are_seen_by_themselves_by_staff_and_by_who_governs_them(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, member) = (Raw::new(&daemon), sign_in(&daemon, "member").await);
    with_phone(&member).await;
    let shown = raw.get(&format!("/users/{}", id(&member)), &member.token).await.ok();
    has_shape("GET /users/:id", &shown, USER);
    assert_eq!(shown["organizations"][0]["organization_name"], "Demo");
    for name in ["support", "operator"] {
        let staff = sign_in(&daemon, name).await;
        let seen = staff.client.user(id(&member)).await.expect("staff see everybody");
        assert_eq!(seen.phone.as_deref(), Some("+1 555 0100"));
        refused(
            staff.client.user(happening_core::id::UserId(demo_organization(&member).await.0)).await,
            ErrorCode::NotFound,
        );
    }
    let admin = sign_in(&daemon, "admin").await;
    let seen = admin.client.user(id(&member)).await.expect("a member of theirs");
    assert_eq!((seen.username.as_str(), seen.phone), ("member", None));
    let guest = sign_in(&daemon, "guest").await;
    let unseen = [admin.client.user(id(&guest)).await, guest.client.user(id(&member)).await];
    for answer in unseen {
        refused(answer, ErrorCode::NotFound);
    }
    let organizer = sign_in(&daemon, "organizer").await;
    refused(organizer.client.user(id(&member)).await, ErrorCode::NotFound);
    raw.get("/users/1", &member.token).await.problem("no id", 400, "validation_failed");
}

async fn people_change_their_telephone_and_picture(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, member) = (Raw::new(&daemon), sign_in(&daemon, "member").await);
    let path = format!("/users/{}", id(&member));
    let put = |body: serde_json::Value| {
        let (raw, path, token) = (&raw, &path, &member.token);
        async move { raw.send(Method::PUT, path, token, body.to_string()).await }
    };
    let picture = "https://example.org/me.png";
    let changed = put(json!({ "phone": "+49 30 1", "avatar_url": picture })).await.ok();
    assert_eq!((&changed["phone"], &changed["avatar_url"]), (&json!("+49 30 1"), &json!(picture)));
    let changed = put(json!({ "phone": null })).await.ok();
    assert_eq!((&changed["phone"], &changed["avatar_url"]), (&json!(null), &json!(picture)), "null clears");
    let changed = put(json!({})).await.ok();
    assert_eq!(changed["avatar_url"], picture, "absent stays");
    for body in [
        json!({ "phone": "call me" }),
        json!({ "phone": "" }),
        json!({ "avatar_url": "javascript:alert(1)" }),
        json!({ "avatar_url": 7 }),
        json!({ "username": "king" }),
        json!({ "status": "active" }),
    ] {
        put(body.clone()).await.problem(&body.to_string(), 400, "validation_failed");
    }
    assert_eq!(member.client.user(id(&member)).await.expect("oneself").avatar_url.as_deref(), Some(picture));
    let update = UpdateUser { phone: Some(None), ..UpdateUser::default() };
    for (name, code) in [
        ("guest", ErrorCode::NotFound),
        ("organizer", ErrorCode::NotFound),
        ("admin", ErrorCode::Forbidden),
        ("operator", ErrorCode::Forbidden),
    ] {
        let other = sign_in(&daemon, name).await;
        refused(other.client.update_user(id(&member), &update).await, code);
    }
}

async fn searching_shows_no_more_than_the_dialog_needs(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, organizer, member) =
        (Raw::new(&daemon), sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    with_phone(&member).await;
    let found = raw.get("/users?search=mem", &organizer.token).await.ok();
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    has_shape("GET /users?search=", &found[0], USER);
    assert_eq!((&found[0]["username"], &found[0]["phone"]), (&json!("member"), &json!(null)));
    assert!(found[0].get("organizations").is_none(), "{found}");
    assert_eq!(raw.get("/users?search=zzzz", &organizer.token).await.ok(), json!([]));
    for query in
        ["search=m", "", "search=", "search=mem&limit=0", "search=mem&limit=5001", "search=mem&limit=x"]
    {
        raw.get(&format!("/users?{query}"), &organizer.token).await.problem(query, 400, "validation_failed");
    }
    raw.get("/users?search=mem&status=active", &organizer.token).await.problem("by status", 403, "forbidden");
    let called = raw.get("/users?names=MEMBER,organizer@happening.test,x", &organizer.token).await.ok();
    assert_eq!(called.as_array().map(Vec::len), Some(2));
    assert_eq!((&called[0]["username"], &called[0]["phone"]), (&json!("member"), &json!(null)));
    let many = vec!["x"; 201].join(",");
    for query in [format!("names={many}"), "names=a&search=mem".to_owned(), "names=a&limit=1".to_owned()] {
        raw.get(&format!("/users?{query}"), &organizer.token).await.problem(&query, 400, "validation_failed");
    }
    raw.get("/users?names=member", &member.token).await.problem("names", 403, "forbidden");
    let both = format!("/users?search=mem&keycloak_id={}", organizer.subject);
    raw.get(&both, &organizer.token).await.problem("both", 400, "validation_failed");
    for name in ["member", "guest"] {
        let person = sign_in(&daemon, name).await;
        raw.get("/users?search=mem", &person.token).await.problem(name, 403, "forbidden");
    }
}

/// Everything of two letters, as somebody would ask who wants to know who is registered, and parts of what people are called.
async fn nobody_is_read_out(raw: &Raw, guest: &Signed) {
    let mut seen = std::collections::BTreeSet::new();
    for one in 'a'..='z' {
        for other in 'a'..='z' {
            let found = raw.get(&format!("/users?search={one}{other}"), &guest.token).await.ok();
            seen.extend(found.as_array().expect("a list").iter().map(|user| user["username"].to_string()));
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["\"guest\""], "oneself alone");
    for part in [
        "membe",
        "ember",
        "member@",
        "@happening.test",
        "happening.test",
        "mem%25",
        "m_mber",
        "member@happening.tes",
    ] {
        let found = raw.get(&format!("/users?search={part}"), &guest.token).await.ok();
        let others =
            found.as_array().expect("a list").iter().filter(|user| user["username"] != "guest").count();
        assert_eq!(others, 0, "{part}: {found}");
    }
}

/// Whoever shares no organization with the caller.
async fn strangers_are_found_by_their_whole_name_alone(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let raw = Raw::new(&daemon);
    // Signed up by themselves, and so orgAdmin of an organization of their own.
    let guest = sign_in(&daemon, "guest").await;
    guest.client.sign_up(&first_sign_in(&guest, "guest@happening.test")).await.expect("signed up");
    let (guest, admin) = (sign_in(&daemon, "guest").await, sign_in(&daemon, "admin").await);
    let own = CreateOrganization { name: "Elsewhere".to_owned(), settings: None };
    guest.client.create_organization(&own).await.expect("founded");
    nobody_is_read_out(&raw, &guest).await;
    let member = sign_in(&daemon, "member").await;
    with_phone(&member).await;
    let stranger = json!({
        "id": id(&member), "username": "member", "email": "member@happening.test", "keycloak_id": null, "first_name": null,
        "last_name": null, "phone": null, "avatar_url": null, "status": null, "created_at": null, "updated_at": null
    });
    for query in [
        "search=member",
        "search=%20Member",
        "search=MEMBER@happening.TEST",
        "names=Member,nobody,membe,member@happening.test,happening",
    ] {
        assert_eq!(
            raw.get(&format!("/users?{query}"), &guest.token).await.ok(),
            json!([stranger]),
            "{query}"
        );
    }
    // U+212A and U+017F are no `k` and no `s`.
    let found = raw.get("/users?names=%C5%BFupport,organi%C5%BFer", &guest.token).await.ok();
    assert_eq!(found, json!([]));
    let names = |count: usize| vec!["member"; count].join(",");
    assert_eq!(raw.get(&format!("/users?names={}", names(20)), &guest.token).await.ok(), json!([stranger]));
    for (person, count) in [(&guest, 21), (&admin, 21)] {
        let asked = raw.get(&format!("/users?names={}", names(count)), &person.token).await;
        asked.problem("too many names", 400, "validation_failed");
    }
    let support = sign_in(&daemon, "support").await;
    let found = raw.get(&format!("/users?names={}", names(200)), &support.token).await.ok();
    assert_eq!(found[0]["status"], "active", "staff see everybody in full");
    raw.get(&format!("/users/{}", id(&member)), &guest.token).await.problem("a stranger", 404, "not_found");
}

async fn staff_list_people(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (support, operator, member) = (
        sign_in(&daemon, "support").await,
        sign_in(&daemon, "operator").await,
        sign_in(&daemon, "member").await,
    );
    let names = |users: Vec<FoundUser>| users.into_iter().map(|user| user.username).collect::<Vec<_>>();
    let all = support.client.users(&UsersQuery::default()).await.expect("a list");
    assert_eq!(names(all), ["admin", "guest", "member", "operator", "organizer", "support"]);
    let first = UsersQuery { limit: Some(2), ..UsersQuery::default() };
    assert_eq!(names(support.client.users(&first).await.expect("a list")), ["admin", "guest"]);
    operator.client.set_user_status(id(&member), UserStatus::Suspended).await.expect("suspended");
    let suspended = UsersQuery { status: Some(UserStatus::Suspended), ..UsersQuery::default() };
    assert_eq!(names(support.client.users(&suspended).await.expect("a list")), ["member"]);
    let too_many = UsersQuery { limit: Some(5_001), ..UsersQuery::default() };
    refused(support.client.users(&too_many).await, ErrorCode::ValidationFailed);
}

async fn a_suspended_person_is_refused_everywhere(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, operator, member) =
        (Raw::new(&daemon), sign_in(&daemon, "operator").await, sign_in(&daemon, "member").await);
    let event = publish(&sign_in(&daemon, "organizer").await, 5).await.id;
    // A second daemon, where there may be one, remembers the person too.
    let other = if parts.stack().is_some() { Some(Daemon::start(&parts).await) } else { None };
    if let Some(other) = &other {
        other.client(member.token.clone()).event(event).await.expect("active there");
    }
    let me = id(&member);
    for (name, code) in
        [("support", ErrorCode::Forbidden), ("admin", ErrorCode::Forbidden), ("guest", ErrorCode::NotFound)]
    {
        let person = sign_in(&daemon, name).await;
        refused(person.client.set_user_status(me, UserStatus::Suspended).await, code);
    }
    refused(
        operator.client.set_user_status(id(&operator), UserStatus::Suspended).await,
        ErrorCode::Forbidden,
    );
    let suspended = operator.client.set_user_status(me, UserStatus::Suspended).await.expect("suspended");
    assert_eq!(suspended.status, UserStatus::Suspended);
    let paths = [
        format!("/users?keycloak_id={}", member.subject),
        format!("/users/{me}"),
        format!("/users/{me}/export"),
        format!("/bookings/user/{me}"),
        format!("/org-invites/pending/{me}"),
        format!("/events/{event}"),
        "/events".to_owned(),
    ];
    for path in &paths {
        raw.get(path, &member.token).await.problem(path, 403, "forbidden");
    }
    if let Some(other) = &other {
        let client = other.client(member.token.clone());
        let refused_there = || async {
            client.event(event).await.is_err_and(|error| error.code() == Some(ErrorCode::Forbidden))
        };
        eventually("the other daemon refuses too", Duration::from_secs(6), refused_there).await;
    }
    operator.client.set_user_status(me, UserStatus::Active).await.expect("active again");
    for path in &paths {
        raw.get(path, &member.token).await.ok();
    }
}

/// Only at the real Keycloak an account can be changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_newer_token_says_of_a_person_counts() {
    let (parts, keycloak) = (Parts::real().await, Keycloak::administered());
    let (name, subject) = keycloak.account(json!({})).await;
    let daemon = Daemon::start_empty(&parts).await;
    let old = sign_in(&daemon, &name).await;
    let email = format!("{name}@happening.test");
    let me = old.client.sign_up(&first_sign_in(&old, &email)).await.expect("signed up").id;
    let before = old.client.user(me).await.expect("oneself");
    assert_eq!((before.email.as_str(), before.last_name.as_deref()), (email.as_str(), Some("Comer")));
    // `iat` is in whole seconds.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let email = format!("new-{email}");
    keycloak.change_account(&subject, json!({ "email": email, "lastName": "Married" })).await;
    let fresh = Daemon::start_empty(&parts).await;
    let new = sign_in(&fresh, &name).await;
    let after = new.client.user(me).await.expect("oneself");
    assert_eq!((after.email.as_str(), after.last_name.as_deref()), (email.as_str(), Some("Married")));
    assert_eq!((&after.username, &after.first_name), (&before.username, &before.first_name));
    // A daemon that has forgotten the person looks them up by the older token, which is still valid.
    let third = Daemon::start_empty(&parts).await;
    let seen = third.client(old.token.clone()).user(me).await.expect("oneself");
    assert_eq!(seen.email, email, "an older token takes nothing back");
    keycloak.delete_account(&subject).await;
}
