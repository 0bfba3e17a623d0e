//! What names lead to; and what is there already, or no longer.

use crate::support::{Daemon, ID, TOKEN, event, happening, home, problem};
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};
use std::path::Path;

const OTHER: &str = "0197a1b2-0000-7000-8000-000000000002";
const AT_ID: &str = "/organizations/0197a1b2-0000-7000-8000-000000000001";

fn run(home: &Path, daemon: &Daemon, arguments: &[&str]) -> Assert {
    let mut command = happening(home);
    command.env("HAPPENING_SERVER", &daemon.url).env("HAPPENING_TOKEN", TOKEN).args(arguments).assert()
}

/// Ada, who governs organizations of these ids and names.
fn ada(organizations: &[(&str, &str)]) -> String {
    let mine = organizations.iter().map(|(id, name)| {
        json!({"organization_id": id, "role": "orgAdmin", "organization_name": name, "keycloak_org_id": null})
    });
    json!([{
        "id": ID, "keycloak_id": "ada", "username": "ada", "email": "ada@example.org", "first_name": null,
        "last_name": null, "phone": null, "avatar_url": null, "status": "active",
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
        "organizations": mine.collect::<Vec<_>>(),
    }])
    .to_string()
}

fn organization(id: &str, name: &str) -> Value {
    json!({
        "id": id, "name": name, "keycloak_org_id": null, "created_at": "2026-11-01T00:00:00Z", "settings": {},
        "member_count": 1, "owner_username": "ada", "owner_id": ID, "role": "orgAdmin",
        "joined_at": "2026-11-01T00:00:00Z",
    })
}

fn invite() -> Value {
    json!({
        "id": ID, "organization_id": ID, "organization_name": "Jazz", "email": "bix@example.org", "role": "user",
        "invited_by": ID, "invited_by_username": "ada", "message": null, "expires_at": "2030-11-08T00:00:00Z",
        "status": "pending", "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
    })
}

#[test]
fn a_person_is_found_by_the_whole_name_alone() {
    let home = home();
    let mut two: Value = serde_json::from_str(&ada(&[])).unwrap();
    let mut twin = two[0].clone();
    (twin["id"], twin["username"]) = (json!(OTHER), json!("ada2"));
    two.as_array_mut().unwrap().push(twin);
    let daemon = Daemon::start(&[
        ("GET /users", 200, &two.to_string()),
        (
            "PUT /organizations/0197a1b2-0000-7000-8000-000000000001/members/0197a1b2-0000-7000-8000-000000000002",
            200,
            r#"{"ok": true}"#,
        ),
    ]);
    let set = |who: &str| run(home.path(), &daemon, &["org", "set-role", ID, who, "user", "-o", "name"]);
    set("ADA2").code(0);
    assert!(daemon.requests_of("GET /users").iter().all(|request| request.query == "names=ADA2"));
    set("ada@example.org").code(2).stderr(contains("2 people have the address ada@example.org"));
    set("ad").code(3).stderr(contains("it has to be the whole username or address"));
    set("ada,bix").code(3);
}

#[test]
fn an_update_of_settings_keeps_what_others_changed_meanwhile() {
    let home = home();
    let (before, mut after) = (organization(ID, "Jazz"), organization(ID, "Jazz"));
    after["settings"] = json!({"contact": "x@example.org"});
    let stale = problem(412, "stale");
    let daemon = Daemon::start(&[
        ("GET /organizations/0197a1b2-0000-7000-8000-000000000001", 200, &before.to_string()),
        ("GET /organizations/0197a1b2-0000-7000-8000-000000000001", 200, &after.to_string()),
        ("PUT /organizations/0197a1b2-0000-7000-8000-000000000001", 412, &stale),
        ("PUT /organizations/0197a1b2-0000-7000-8000-000000000001", 200, &after.to_string()),
    ]);
    run(home.path(), &daemon, &["org", "update", ID, "--timezone", "Europe/Berlin"]).code(0);
    let puts = daemon.requests_of("PUT /organizations/0197a1b2-0000-7000-8000-000000000001");
    assert_eq!(
        puts.iter().map(|put| put.headers["if-match"].as_str()).collect::<Vec<_>>(),
        ["\"1\"", "\"2\""]
    );
    let last: Value = serde_json::from_str(&puts[1].body).unwrap();
    assert_eq!(last, json!({"settings": {"timezone": "Europe/Berlin"}}), "the daemon keeps what is absent");
}

#[test]
fn what_may_be_absent_can_be_cleared() {
    let home = home();
    let daemon = Daemon::start(&[
        (
            "GET /organizations/0197a1b2-0000-7000-8000-000000000001",
            200,
            &organization(ID, "Jazz").to_string(),
        ),
        (
            "PUT /organizations/0197a1b2-0000-7000-8000-000000000001",
            200,
            &organization(ID, "Jazz").to_string(),
        ),
        ("PUT /events/0197a1b2-0000-7000-8000-000000000001", 200, &event("Gala").to_string()),
    ]);
    for (arguments, body) in [
        (
            &["event", "update", ID, "--clear", "description,category", "--clear", "waitlist-limit"][..],
            json!({"description": null, "category": null, "waitlist_limit": null}),
        ),
        (
            &["event", "update", ID, "--description", "", "--seats", "9"],
            json!({"description": null, "total_slots": 9}),
        ),
        (
            &["org", "update", ID, "--clear", "timezone,contact", "--waitlist-policy", "whole"],
            json!({"settings": {"timezone": null, "contact": null, "waitlist_policy": "whole"}}),
        ),
    ] {
        run(home.path(), &daemon, arguments).code(0);
        let last = daemon.requests().pop().unwrap();
        assert_eq!(serde_json::from_str::<Value>(&last.body).unwrap(), body, "{arguments:?}");
    }
    run(home.path(), &daemon, &["event", "update", ID, "--category", "concert", "--clear", "category"])
        .code(2)
        .stderr(contains("--category and --clear category contradict each other"));
    run(home.path(), &daemon, &["event", "update", ID, "--clear", "name"]).code(2);
}

#[test]
fn a_name_as_it_is_written_outranks_one_in_other_capitals() {
    let home = home();
    let both = Daemon::start(&[
        ("GET /users", 200, &ada(&[(ID, "Big G"), (OTHER, "big g")])),
        (
            "GET /organizations/0197a1b2-0000-7000-8000-000000000002",
            200,
            &organization(OTHER, "big g").to_string(),
        ),
    ]);
    let get = |name: &str| run(home.path(), &both, &["org", "get", name, "-o", "name"]);
    get("big g").code(0).stdout(format!("{OTHER}\n"));
    get("BIG G").code(2).stderr(contains("several of your organizations"));
}

#[test]
fn what_a_name_leads_to_exists() {
    let home = home();
    let mine = json!([organization(ID, "Big G")]).to_string();
    let daemon = Daemon::start(&[
        ("GET /users", 200, &ada(&[(ID, "Big G")])),
        ("GET /organizations/user/0197a1b2-0000-7000-8000-000000000001", 200, &mine),
        (
            "GET /organizations/0197a1b2-0000-7000-8000-000000000001",
            200,
            &organization(ID, "Big G").to_string(),
        ),
        ("GET /events", 200, &json!([event("GALA night"), event("Gala")]).to_string()),
    ]);
    run(home.path(), &daemon, &["org", "create", "--name", " big g ", "--if-not-exists", "-o", "name"])
        .code(0)
        .stdout(format!("{ID}\n"))
        .stderr(contains("nothing was changed"));
    let create =
        ["event", "create", "--org", ID, "--date", "2030-06-01T19:00", "--seats", "5", "--if-not-exists"];
    run(home.path(), &daemon, &[&create[..], &["--name", "gala", "--jq", ".name"]].concat())
        .code(0)
        .stdout("Gala\n");
    assert!(daemon.requests().iter().all(|request| request.route.starts_with("GET ")), "nothing was made");
    assert!(daemon.requests_of("GET /events")[0].query.contains("q=gala"));
}

#[test]
fn organizations_of_others_are_asked_for_by_name() {
    let home = home();
    let found = json!([organization(ID, "Jazz Club"), organization(OTHER, "jazz")]).to_string();
    let daemon = Daemon::start(&[
        ("GET /users", 200, &ada(&[])),
        ("GET /organizations", 200, &found),
        (
            "GET /organizations/0197a1b2-0000-7000-8000-000000000002",
            200,
            &organization(OTHER, "jazz").to_string(),
        ),
    ]);
    run(home.path(), &daemon, &["org", "get", "Jazz", "-o", "name"]).code(0).stdout(format!("{OTHER}\n"));
    let asked = daemon.requests_of("GET /organizations");
    assert!(asked.len() == 1 && asked[0].query.contains("q=Jazz"), "{asked:?}");
}

#[test]
fn what_is_not_there_need_not_be_removed() {
    let home = home();
    let gone = problem(404, "not_found");
    let jazz = organization(ID, "Jazz").to_string();
    let daemon = Daemon::start(&[
        ("GET /users", 200, &ada(&[(ID, "Jazz")])),
        ("GET /organizations", 200, "[]"),
        ("GET /organizations/0197a1b2-0000-7000-8000-000000000001", 200, &jazz),
        ("GET /organizations/0197a1b2-0000-7000-8000-000000000002", 404, &gone),
        (
            "DELETE /organizations/0197a1b2-0000-7000-8000-000000000001/members/0197a1b2-0000-7000-8000-000000000001",
            404,
            &gone,
        ),
        ("DELETE /organizations/0197a1b2-0000-7000-8000-000000000001/service-accounts/ci", 404, &gone),
        ("DELETE /organizations/0197a1b2-0000-7000-8000-000000000002", 404, &gone),
        ("DELETE /organizations/0197a1b2-0000-7000-8000-000000000002/service-accounts/ci", 404, &gone),
        ("DELETE /org-invites/0197a1b2-0000-7000-8000-000000000001", 404, &gone),
    ]);
    for words in [
        &["org", "delete", OTHER][..],
        &["org", "delete", "Nowhere"],
        &["org", "remove-member", "Jazz", "ada"],
        &["org", "remove-member", "Nowhere", "ada"],
        &["org", "remove-member", "Jazz", "nobody"],
        &["org", "unmap-service-account", "Jazz", "ci"],
        &["org", "unmap-service-account", OTHER, "ci"],
        &["invite", "revoke", ID],
    ] {
        let plain = run(home.path(), &daemon, &[words, &["--yes"]].concat());
        plain.code(3);
        let ignoring =
            run(home.path(), &daemon, &[words, &["--yes", "--ignore-missing", "-o", "json"]].concat());
        let told = if words[1] == "remove-member" { "" } else { "\"deleted\": false" };
        ignoring.code(0).stdout(contains(told));
    }
    assert!(daemon.requests_of(&format!("DELETE {AT_ID}")).is_empty());
    // Whatever else is wrong is wrong.
    let refused = Daemon::start(&[(
        "DELETE /org-invites/0197a1b2-0000-7000-8000-000000000001",
        403,
        &problem(403, "forbidden"),
    )]);
    run(home.path(), &refused, &["invite", "revoke", ID, "--yes", "--ignore-missing"]).code(5);
}

#[test]
fn whoever_is_invited_is_not_invited_again() {
    let home = home();
    let other = json!({"email": "other@example.org"});
    let mut first = invite();
    first["email"] = other["email"].clone();
    let send = |code: &str, more: &[&str]| {
        let daemon = Daemon::start(&[
            ("GET /users", 200, &ada(&[(ID, "Jazz")])),
            ("POST /org-invites", 400, &problem(400, code)),
            (
                "GET /organizations/0197a1b2-0000-7000-8000-000000000001/invites",
                200,
                &json!([first, invite()]).to_string(),
            ),
        ]);
        run(home.path(), &daemon, &[&["invite", "send", "Bix@example.org", "-o", "name"], more].concat())
    };
    send("invite_pending", &[]).code(6).stderr(contains("--if-not-exists"));
    send("already_member", &[]).code(6);
    for org in [&["--if-not-exists"][..], &["--if-not-exists", "--org", "Jazz"]] {
        send("invite_pending", org).code(0).stdout(format!("{ID}\n")).stderr(contains("invited already"));
        send("already_member", org).code(0).stdout("").stderr(contains("a member already"));
        send("validation_failed", org)
            .code(2)
            .stderr(contains("nobody was invited").and(contains("already").not()));
    }
}
