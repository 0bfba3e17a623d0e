//! `demo`, `smoke` and `load` at daemons that are not as they should be. With the real one they are tested in
//! `happening-daemon/tests/terminal`.

use crate::support::{Daemon, ID, NOBODY, TOKEN, event, happening, problem};
use assert_cmd::Command;
use serde_json::{Value, json};
use std::path::Path;

const ORGANIZATION: &str = "/organizations/0197a1b2-0000-7000-8000-000000000001";

/// An organization of this name and age.
fn organization(name: &str, owner: &str, founded: &str) -> Value {
    json!({
        "id": ID, "name": name, "keycloak_org_id": null, "created_at": founded, "settings": {}, "member_count": 1,
        "owner_username": "ada", "owner_id": owner, "role": "orgAdmin", "joined_at": founded,
    })
}

fn booking(status: &str) -> Value {
    json!({
        "id": ID, "event_id": ID, "user_id": ID, "seats": 2, "status": status, "waiting_number": null,
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z", "assigned_seats": [1, 2],
    })
}

/// A daemon at which ada may found an organization and publish; `more` is what else it answers.
fn daemon(mine: &Value, more: &[(&'static str, u16, Value)]) -> Daemon {
    let ada = json!([{
        "id": ID, "keycloak_id": "ada", "username": "ada", "email": "ada@example.org", "first_name": "Ada",
        "last_name": "Lovelace", "phone": null, "avatar_url": null, "status": "active",
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z", "organizations": [],
    }]);
    let mut published = event("First Night");
    published["available_slots"] = json!(5);
    let own = organization("Happening smoke 00000000", ID, "2026-11-01T00:00:00Z");
    let mut script = vec![
        ("GET /users", 200, ada),
        ("GET /readyz", 200, json!({"status": "ok", "parts": {}})),
        ("GET /organizations/user/0197a1b2-0000-7000-8000-000000000001", 200, mine.clone()),
        ("POST /organizations", 201, own),
        ("DELETE /organizations/0197a1b2-0000-7000-8000-000000000001", 200, json!({"ok": true})),
        ("POST /events", 201, published),
    ];
    script.extend(more.iter().cloned());
    let script: Vec<_> =
        script.iter().map(|(route, status, body)| (*route, *status, body.to_string())).collect();
    let script: Vec<_> =
        script.iter().map(|(route, status, body)| (*route, *status, body.as_str())).collect();
    Daemon::start(&script)
}

fn ada(home: &Path, daemon: &Daemon, words: &[&str]) -> Command {
    let mut command = happening(home);
    command.args(words).env("HAPPENING_SERVER", &daemon.url).env("HAPPENING_TOKEN", TOKEN);
    command
}

fn removals(daemon: &Daemon) -> usize {
    let removal = format!("DELETE {ORGANIZATION}");
    daemon.requests().iter().filter(|request| request.route == removal).count()
}

#[test]
fn a_daemon_that_books_wrong_seats_is_found_out_and_left_clean() {
    let home = tempfile::tempdir().unwrap();
    let gone: Value = serde_json::from_str(&problem(404, "not_found")).unwrap();
    let daemon = daemon(
        &json!([]),
        &[
            ("POST /bookings", 201, booking("confirmed")),
            ("GET /events/0197a1b2-0000-7000-8000-000000000001", 404, gone),
        ],
    );
    let (junit, report) = (home.path().join("smoke.xml"), home.path().join("smoke.json"));
    let mut command = ada(home.path(), &daemon, &["smoke", "--timeout", "10s", "-o", "json"]);
    let output = command.arg("--junit").arg(&junit).arg("--report").arg(&report).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["passed"], 3, "{printed}");
    let checks = printed["checks"].as_array().unwrap();
    let failed: Vec<_> = checks.iter().filter(|check| check["status"] == "failed").collect();
    assert_eq!(failed[0]["check"], "seats are booked, the lowest first");
    assert_eq!(failed[0]["expected"], "seats Some([1, 2, 3])");
    assert_eq!(failed[0]["got"], "Some([1, 2])");
    assert!(checks.iter().any(|check| check["status"] == "skipped"), "{printed}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("checks failed"), "{stderr}");

    let written: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(written, printed);
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("<failure message=\"expected seats Some([1, 2, 3])"), "{junit}");
    assert_eq!(removals(&daemon), 1, "what was made is removed");
}

#[test]
fn a_daemon_that_is_down_is_told_by_its_answer() {
    let home = tempfile::tempdir().unwrap();
    let refused: Value = serde_json::from_str(&problem(503, "unavailable")).unwrap();
    let daemon = daemon(&json!([]), &[("POST /bookings", 503, refused)]);
    let output = ada(home.path(), &daemon, &["smoke", "--timeout", "5s"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("expected success, got 503 unavailable: because"), "{stdout}");
    assert_eq!(removals(&daemon), 1);
}

#[test]
fn a_check_that_cannot_begin_ends_as_every_command_and_leaves_a_red_report() {
    let home = tempfile::tempdir().unwrap();
    let junit = home.path().join("smoke.xml");
    let mut command = happening(home.path());
    command.env("HAPPENING_TOKEN", TOKEN).args(["smoke", "--server", NOBODY, "--junit"]).arg(&junit);
    command.assert().code(8);
    assert!(
        std::fs::read_to_string(junit)
            .unwrap()
            .contains("<error message=\"the run did not come to its end\"")
    );

    let daemon = daemon(&json!([]), &[]);
    let unwritable = ["smoke", "--junit", "/nowhere/at/all.xml"];
    let output = ada(home.path(), &daemon, &unwritable).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(daemon.requests().len(), 0, "nothing was asked");
    ada(home.path(), &daemon, &["smoke", "--timeout", "31m"]).assert().code(2);
    for wrong in [
        &["load", "--buyers", "0"][..],
        &["load", "--cancel-ratio", "2"],
        &["load", "--duration", "31m"],
        &["load", "--seats", "3", "--party", "4"],
        &["load", "--event", ID, "--dry-run"],
        &["smoke", "--dry-run"],
        &["demo", "--dry-run"],
    ] {
        ada(home.path(), &daemon, wrong).assert().code(2);
    }
    let output = ada(home.path(), &daemon, &["demo", "--step"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(daemon.requests().len(), 0, "nothing was asked");
}

#[test]
fn what_a_killed_run_has_left_is_removed_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let (name, long_ago) = ("Happening smoke 0197a1b2", "2020-01-01T00:00:00Z");
    let other = "0197a1b2-0000-7000-8000-000000000009";
    let cases = [
        (organization(name, ID, long_ago), 2, "left behind"),
        (organization(name, other, long_ago), 1, "somebody else's"),
        (organization("Jazz", ID, long_ago), 1, "no stage"),
        (organization(name, ID, "2999-01-01T00:00:00Z"), 1, "still running"),
    ];
    for (found, expected, why) in cases {
        let daemon = daemon(
            &json!([found]),
            &[("GET /organizations/0197a1b2-0000-7000-8000-000000000001", 200, found.clone())],
        );
        ada(home.path(), &daemon, &["smoke", "--timeout", "5s"]).assert().code(1);
        // One of them is the run's own.
        assert_eq!(removals(&daemon), expected, "{why}");
    }
}

#[test]
fn a_crowd_does_not_come_where_people_have_booked() {
    let home = tempfile::tempdir().unwrap();
    let mut somebodys = booking("cancelled");
    somebodys["username"] = json!("bix");
    somebodys["email"] = json!("bix@example.org");
    let daemon = daemon(
        &json!([]),
        &[
            ("GET /events/0197a1b2-0000-7000-8000-000000000001", 200, event("Gala")),
            ("GET /events/0197a1b2-0000-7000-8000-000000000001/bookings", 200, json!([somebodys])),
        ],
    );
    let output = ada(home.path(), &daemon, &["load", "--event", ID]).output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("the event has bookings"), "{stderr}");
    assert!(daemon.requests().iter().all(|request| request.route.starts_with("GET ")), "nothing was done");
}
