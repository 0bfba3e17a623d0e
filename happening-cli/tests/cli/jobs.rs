//! Long work at the daemon: followed, left, and come back to.

use crate::support::{Daemon, ID, SILENCE, TOKEN, happening, home, problem, signal};
use predicates::str::contains;
use serde_json::{Value, json};
use std::io::Read as _;
use std::process::Child;
use std::time::{Duration, Instant};

const JOB: &str = "GET /admin/jobs/0197a1b2-0000-7000-8000-000000000001";

fn job(state: &str, done: u32, more: &Value) -> String {
    let mut job = json!({
        "id": ID, "kind": "reconcile", "state": state, "created_at": "2026-11-01T00:00:00Z", "done": done, "total": 9,
    });
    job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    job.to_string()
}

fn report(found: u64, fixed: u64) -> Value {
    json!({ "result": { "events": 9, "drifts": [], "truncated": false, "found": found, "fixed": fixed } })
}

fn run(daemon: &Daemon, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let home = home();
    let mut command = happening(home.path());
    command.args(arguments).args(["--server", &daemon.url]).env("HAPPENING_TOKEN", TOKEN).assert()
}

#[test]
fn a_job_is_followed_to_its_end_and_its_end_is_the_exit() {
    let cases = [
        ("done", report(0, 0), 0, "Everything agrees."),
        ("done", report(3, 3), 0, "9 events compared."),
        ("done", report(1_500, 1_000), 10, "500 differences are left"),
        ("failed", json!({ "error": "it\u{1b}broke" }), 1, "the job has failed: it"),
        ("cancelled", json!({}), 6, "was cancelled before its end"),
    ];
    for (state, more, code, told) in cases {
        let daemon = Daemon::start(&[
            ("POST /admin/reconcile", 202, &job("waiting", 0, &json!({}))),
            (JOB, 200, &job("running", 4, &json!({}))),
            // Away for a moment.
            (JOB, 503, &problem(503, "unavailable")),
            (JOB, 200, &job(state, 9, &more)),
        ]);
        let assert = run(&daemon, &["reconcile", "--fix"]).code(code).stderr(contains(told));
        assert!(
            !assert.get_output().stderr.contains(&0x1b),
            "no control characters, and no bar off a terminal"
        );
        assert_eq!(daemon.requests_of("POST /admin/reconcile")[0].body, r#"{"fix":true}"#);
    }
}

#[test]
fn a_job_is_left_to_the_daemon_and_come_back_to() {
    let waiting = job("waiting", 0, &json!({}));
    let daemon = Daemon::start(&[
        ("POST /admin/reconcile", 202, &waiting),
        ("GET /admin/jobs", 200, &format!("[{waiting}]")),
        (JOB, 200, &job("done", 9, &report(2, 0))),
    ]);
    run(&daemon, &["reconcile", "--no-wait", "-o", "name"]).code(0).stdout(format!("{ID}\n"));
    assert!(daemon.requests_of(JOB).is_empty(), "nobody waits for it");
    run(&daemon, &["reconcile", "status", "-o", "json", "--jq", ".state"]).code(10).stdout("done\n");
    run(&daemon, &["reconcile", "status", "--wait"]).code(10).stderr(contains("2 differences are left"));
    run(&daemon, &["reconcile", "status", "xyz"]).code(2).stderr(contains("a job's id"));
    run(&daemon, &["reconcile", ID, "--no-wait"]).code(2);
    let none = Daemon::start(&[("GET /admin/jobs", 200, "[]")]);
    run(&none, &["reconcile", "status"]).code(3).stderr(contains("nothing was compared"));
}

#[test]
fn one_runs_at_a_time() {
    let refusal = problem(409, "job_running");
    let daemon = Daemon::start(&[("POST /admin/reconcile", 409, &refusal)]);
    run(&daemon, &["reconcile"]).code(6).stderr(contains("happening reconcile status --wait"));
}

#[test]
fn patience_ends_and_the_job_does_not() {
    let daemon = Daemon::start(&[
        ("POST /admin/reconcile", 202, &job("waiting", 0, &json!({}))),
        (JOB, 200, &job("running", 4, &json!({}))),
    ]);
    let back = format!("happening reconcile status {ID} --wait");
    run(&daemon, &["reconcile", "--timeout", "1s"]).code(7).stderr(contains(&back));
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_the_job_and_says_how_to_come_back() {
    let home = home();
    let begun = job("waiting", 0, &json!({}));
    let deletes = "DELETE /organizations/0197a1b2-0000-7000-8000-000000000001";
    let daemon = Daemon::start(&[
        ("POST /admin/reconcile", 202, &begun),
        (deletes, 202, &begun),
        ("GET /organizations/0197a1b2-0000-7000-8000-000000000001", 200, &organization()),
        (JOB, SILENCE, ""),
    ]);
    let status = format!("reconcile status {ID} --wait");
    let cases: [(&[&str], &str); 2] = [
        (&["reconcile"], &status),
        (&["org", "delete", ID, "--force", "--yes"], "the same command comes back to it"),
    ];
    for (number, (arguments, told)) in cases.into_iter().enumerate() {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--timeout", "20s"]).collect();
        let mut command = crate::support::process(home.path(), &daemon.url, &arguments);
        let child = command.env("HAPPENING_TOKEN", TOKEN).spawn().unwrap();
        let begun = Instant::now();
        while daemon.requests_of(JOB).len() <= number {
            assert!(begun.elapsed() < Duration::from_secs(20), "{arguments:?}: nobody looks at the job");
            std::thread::sleep(Duration::from_millis(10));
        }
        signal(&child, "INT");
        let (code, stderr) = ended(child);
        assert_eq!(code, Some(130), "{stderr}");
        assert!(stderr.contains("the job goes on at the daemon") && stderr.contains(told), "{stderr}");
    }
}

#[cfg(unix)]
fn ended(mut child: Child) -> (Option<i32>, String) {
    let code = child.wait().unwrap().code();
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    (code, stderr)
}

fn organization() -> String {
    json!({
        "id": ID, "name": "Jazz", "keycloak_org_id": null, "created_at": "2026-11-01T00:00:00Z", "settings": {},
        "member_count": 2, "owner_username": "ada",
    })
    .to_string()
}

#[test]
fn an_organization_of_many_events_is_deleted_by_a_job() {
    let path = "DELETE /organizations/0197a1b2-0000-7000-8000-000000000001";
    let running = json!({
        "type": "x", "title": "x", "status": 409, "detail": "under way", "error": "under way", "code": "job_running",
        "job_id": ID,
    });
    let over = job("done", 9, &json!({ "kind": "close_organization", "result": { "deleted_events": 9 } }));
    for (status, answer) in [
        (202, job("waiting", 0, &json!({}))),
        // One that was begun before.
        (409, running.to_string()),
    ] {
        let daemon = Daemon::start(&[
            (path, status, &answer),
            ("GET /organizations/0197a1b2-0000-7000-8000-000000000001", 200, &organization()),
            (JOB, 200, &over),
        ]);
        run(&daemon, &["org", "delete", ID, "--force", "--yes", "-o", "json", "--jq", ".deleted"])
            .code(0)
            .stdout("true\n");
        assert_eq!(daemon.requests_of(path)[0].headers["prefer"], "respond-async");
    }
}
