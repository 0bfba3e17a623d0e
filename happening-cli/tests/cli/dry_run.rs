//! `--dry-run`: the daemon says what would become of a change, and nothing is changed.

use crate::commands::daemon;
use crate::support::{Daemon, ID, TOKEN, happening, home, problem};
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;

/// Every command that has the daemon change something, and one that asks it to foretell by itself. Those that destroy ask
/// nobody.
const WRITES: &[&str] = &[
    "event create --org Jazz --name Gala --date 2026-12-01T19:00 --seats 5",
    "event update {id} --seats 9",
    "event resize {id} --seats 9",
    "event resize {id} --seats 9 --plan",
    "event cancel {id}",
    "event delete {id}",
    "event reassign {id} --to ada",
    "booking create {id} --seats 2",
    "booking cancel {id}",
    "booking cancel-seats {id} --seat 2",
    "org create --name Jazz --timezone Europe/Berlin",
    "org update Jazz --timezone Asia/Tokyo",
    "org transfer Jazz --to ada",
    "org suspend Jazz",
    "org resume Jazz",
    "org delete Jazz",
    "org map-service-account Jazz bot organizer",
    "org unmap-service-account Jazz bot",
    "org set-role Jazz ada organizer",
    "org remove-member Jazz ada",
    "notification read {id}",
    "notification read --all",
    "invite send ada@example.org --org Jazz --role organizer",
    "invite accept {id}",
    "invite reject {id}",
    "invite resend {id}",
    "invite revoke {id}",
    "user suspend ada",
    "user resume ada",
    "user erase ada",
    "api PUT /events/{id} --data {}",
];

fn run(daemon: &Daemon, case: &str) -> Assert {
    let home = home();
    let mut command = happening(home.path());
    command.args(case.split(' ').map(|word| word.replace("{id}", ID)));
    command.args(["--dry-run", "--server", &daemon.url]).env("HAPPENING_TOKEN", TOKEN).assert()
}

#[test]
fn every_write_is_tried_and_nothing_is_asked() {
    for case in WRITES {
        let daemon = daemon();
        let printed = run(&daemon, case).code(0).stderr(contains("Dry run: nothing was changed"));
        printed.stdout(predicate::str::is_empty().not());
        let requests = daemon.requests();
        let writes: Vec<_> = requests.iter().filter(|request| !request.route.starts_with("GET ")).collect();
        assert_eq!(writes.len(), 1, "{case}: it ends with the first");
        assert!(writes[0].query.ends_with("dry_run=true"), "{case}: {}", writes[0].query);
        assert!(!writes[0].headers.contains_key("idempotency-key"), "{case}");
    }
}

#[test]
fn the_answer_is_printed_in_every_format() {
    let would = json!({"id": null, "event_id": ID, "seats": 2, "status": "confirmed"}).to_string();
    let told = json!({"name": "H", "version": "1", "issuer": "{url}", "audience": "a", "dry_runs": true,
        "clients": {"cli": "c", "web": "w"}});
    let daemon = Daemon::start(&[
        ("GET /.well-known/happening", 200, &told.to_string()),
        ("POST /bookings", 200, &would),
    ]);
    let print = |options: &str| {
        let assert = run(&daemon, &format!("booking create {{id}} --seats 2{options}")).code(0);
        String::from_utf8(assert.get_output().stdout.clone()).unwrap()
    };
    assert_eq!(print(""), format!("event_id  {ID}\nid        -\nseats     2\nstatus    confirmed\n"));
    assert_eq!(print(" -o jsonl"), format!("{would}\n"));
    run(&daemon, "booking create {id} -q").code(0).stderr("");
    assert_eq!(print(" --jq .status"), "\"confirmed\"\n".replace('"', ""));
    assert_eq!(print(" --fields status,seats -o csv"), "status,seats\nconfirmed,2\n");
}

#[test]
fn a_daemon_that_would_do_it_is_not_asked() {
    let told = json!({"name": "H", "version": "1", "issuer": "{url}", "audience": "a",
        "clients": {"cli": "c", "web": "w"}});
    let daemon = Daemon::start(&[("GET /.well-known/happening", 200, &told.to_string())]);
    run(&daemon, "booking create {id}").code(2).stderr(contains("knows no dry runs"));
    assert!(daemon.requests().iter().all(|request| request.route.starts_with("GET ")));
}

#[test]
fn refusals_are_the_real_ones() {
    let told = json!({"name": "H", "version": "1", "issuer": "{url}", "audience": "a", "dry_runs": true,
        "clients": {"cli": "c", "web": "w"}});
    for (status, code, exit) in [(409, "sold_out", 6), (403, "forbidden", 5), (400, "dry_run_unsupported", 2)]
    {
        let daemon = Daemon::start(&[
            ("GET /.well-known/happening", 200, &told.to_string()),
            ("POST /bookings", status, &problem(status, code)),
        ]);
        run(&daemon, "booking create {id}").code(exit).stderr(contains("because")).stdout("");
    }
}

#[test]
fn what_only_reads_is_done_and_what_cannot_be_tried_is_refused() {
    let daemon = daemon();
    run(&daemon, "event list").code(0).stderr(contains("nothing was changed")).stdout(contains("Gala"));
    for case in ["logout", "context add other http://localhost:1", "config set storage file", "man", "smoke"]
    {
        run(&daemon, case).code(2).stderr(contains("cannot be tried")).stdout("");
    }
}
