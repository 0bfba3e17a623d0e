//! `happening event import`: what is wrong with a file is told before anything is sent, and what failed may be sent again.

use crate::support::{Daemon, ID, REPLAYED, SILENCE, TOKEN, event, happening, problem};
use assert_cmd::assert::Assert;
use predicates::str::contains;
use serde_json::json;
use std::path::Path;

/// What a daemon that knows dry runs says of itself.
fn discovery() -> String {
    let discovery = json!({
        "name": "Happening", "version": env!("CARGO_PKG_VERSION"), "issuer": "{url}", "audience": "happening-server",
        "clients": {"cli": "happening-cli", "web": "happening-client"}, "dry_runs": true,
    });
    discovery.to_string()
}

fn import(home: &Path, daemon: &Daemon, file: &str, arguments: &[&str]) -> Assert {
    happening(home)
        .args(["event", "import", "-", "--org", ID])
        .args(arguments)
        .env("HAPPENING_SERVER", &daemon.url)
        .env("HAPPENING_TOKEN", TOKEN)
        .write_stdin(file)
        .assert()
}

#[test]
fn nothing_is_sent_of_a_file_with_mistakes() {
    let home = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(&[]);
    let file = "name;date;seats\r\nGala;2030-06-01T19:00;5\r\nJazz;tomorrow;none\r\n";
    import(home.path(), &daemon, file, &[])
        .code(2)
        .stdout("")
        .stderr(contains("2 mistakes in the file, nothing was sent"))
        .stderr(contains("line 3, column date: `tomorrow` is no date"))
        .stderr(contains("line 3, column seats: `none`"));
    import(home.path(), &daemon, "name,date,seats\nGala\nJazz,tomorrow,5\n\"Rust,d,5\n", &[])
        .code(2)
        .stderr(contains("3 mistakes in the file, nothing was sent"))
        .stderr(contains("line 2: has one cell, and there are 3 columns"))
        .stderr(contains("line 3, column date: `tomorrow`"))
        .stderr(contains("line 4: has a quote that is not closed"));
    import(home.path(), &daemon, "name,room\n", &[])
        .code(2)
        .stderr(contains("there is no column `room`: the columns are name, date, seats"));
    happening(home.path())
        .args(["event", "import", "no-such.csv"])
        .assert()
        .code(2)
        .stderr(contains("no-such.csv cannot be read"));
    assert!(daemon.requests().is_empty());
}

#[test]
fn what_failed_is_told_and_written_for_another_try() {
    let home = tempfile::tempdir().unwrap();
    let refused = problem(400, "validation_failed");
    let made = event("Gala").to_string();
    let daemon = Daemon::start(&[
        ("POST /events", 201, &made),
        ("POST /events", 400, &refused),
        ("POST /events", 201, &made),
    ]);
    let failed = home.path().join("failed.csv");
    let file = "\u{feff}name,date,seats\nGala,2030-06-01T19:00,5\n\"No, no\",2030-06-02T19:00,5\nJazz,2030-06-03T19:00,5\n";
    let arguments = ["--failed", failed.to_str().unwrap(), "-o", "csv", "--fields", "line,outcome,why"];
    import(home.path(), &daemon, file, &arguments)
        .code(9)
        .stdout("line,outcome,why\n2,created,\n3,failed,because\n4,created,\n")
        .stderr(contains("1 of 3 could not be done; the rest is done"));
    assert_eq!(std::fs::read_to_string(&failed).unwrap(), "name,date,seats\n\"No, no\",2030-06-02T19:00,5\n");
    // Never over a file that is there.
    import(home.path(), &daemon, file, &arguments).code(2).stderr(contains("exists already"));
    assert_eq!(daemon.requests().len(), 3);
}

#[test]
fn a_file_that_is_sent_again_is_the_same_requests() {
    let home = tempfile::tempdir().unwrap();
    let made = event("Gala").to_string();
    let keys = |file: &str| {
        let daemon = Daemon::start(&[("POST /events", 201, &made)]);
        import(home.path(), &daemon, file, &["-q"]).code(0);
        let requests = daemon.requests();
        requests.iter().map(|request| request.headers["idempotency-key"].clone()).collect::<Vec<_>>()
    };
    let first = keys("name,date,seats\nGala,2030-06-01T19:00,5\nJazz,2030-06-01T19:00,5\n");
    let again =
        keys("seats;name;date\n5;Jazz;2030-06-01T19:00\n5;Gala;2030-06-01T19:00\n6;Jazz;2030-06-01T19:00\n");
    assert_eq!((&again[0], &again[1]), (&first[1], &first[0]), "whatever the file looks like");
    assert!(!first.contains(&again[2]), "another number of seats is another event");
}

#[test]
fn what_an_earlier_run_created_is_not_said_to_be_created() {
    let home = tempfile::tempdir().unwrap();
    let (made, found) = (event("Gala").to_string(), "GET /events/0197a1b2-0000-7000-8000-000000000001");
    let file = "name,date,seats\nGala,2030-06-01T19:00,5\n";
    let fields = ["-o", "csv", "--fields", "line,outcome,event_id,why"];
    let daemon = Daemon::start(&[("POST /events", REPLAYED, &made), (found, 200, &made)]);
    import(home.path(), &daemon, file, &fields)
        .code(0)
        .stdout(format!("line,outcome,event_id,why\n2,was there,{ID},\n"));
    let mut changed = event("Gala Night");
    (changed["total_slots"], changed["status"]) = (json!(9), json!("cancelled"));
    let daemon = Daemon::start(&[("POST /events", REPLAYED, &made), (found, 200, &changed.to_string())]);
    import(home.path(), &daemon, file, &fields)
        .code(0)
        .stdout(contains("\"it is called Gala Night now, it has 9 seats now, it is cancelled now\""));
}

#[test]
fn a_dry_run_tells_what_is_there_from_what_would_be_created() {
    let home = tempfile::tempdir().unwrap();
    let (made, found) = (event("Gala").to_string(), "GET /events/0197a1b2-0000-7000-8000-000000000001");
    let daemon = Daemon::start(&[
        ("GET /.well-known/happening", 200, &discovery()),
        ("POST /events", REPLAYED, &made),
        ("POST /events", 200, &made),
        (found, 200, &made),
    ]);
    let file = "name,date,seats\nGala,2030-06-01T19:00,5\nJazz,2030-06-01T19:00,5\n";
    import(home.path(), &daemon, file, &["--dry-run", "-o", "csv", "--fields", "line,outcome"])
        .code(0)
        .stdout("line,outcome\n2,was there\n3,would be created\n");
}

#[test]
fn what_was_deleted_since_is_created_again() {
    let home = tempfile::tempdir().unwrap();
    let (made, other) = (event("Gala").to_string(), "0197a1b2-0000-7000-8000-000000000002");
    let daemon = Daemon::start(&[
        ("POST /events", REPLAYED, &made),
        ("POST /events", 201, &made.replace(ID, other)),
        ("GET /events/0197a1b2-0000-7000-8000-000000000001", 404, &problem(404, "not_found")),
    ]);
    let file = "name,date,seats\nGala,2030-06-01T19:00,5\n";
    import(home.path(), &daemon, file, &["-o", "csv", "--fields", "outcome,event_id"])
        .code(0)
        .stdout(format!("outcome,event_id\ncreated,{other}\n"));
    let keys: Vec<_> = daemon.requests_of("POST /events");
    assert_ne!(keys[0].headers["idempotency-key"], keys[1].headers["idempotency-key"]);
}

#[test]
fn who_may_not_is_told_once_and_the_rest_is_not_sent() {
    let home = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(&[("POST /events", 403, &problem(403, "forbidden"))]);
    let file = "name,date,seats\nGala,2030-06-01T19:00,5\nJazz,2030-06-01T19:00,5\n";
    import(home.path(), &daemon, file, &["-o", "csv", "--fields", "line,outcome"])
        .code(5)
        .stdout("line,outcome\n2,failed\n3,not sent\n")
        .stderr(contains("no event was created"));
    assert_eq!(daemon.requests().len(), 1);
}

#[test]
fn beyond_a_quota_no_further_line_is_sent() {
    let home = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(&[
        ("POST /events", 201, &event("Gala").to_string()),
        ("POST /events", 409, &problem(409, "quota_exceeded")),
    ]);
    let failed = home.path().join("failed.csv");
    let fields = ["-o", "csv", "--fields", "line,outcome", "--failed", failed.to_str().unwrap()];
    let file =
        "name,date,seats\nGala,2030-06-01T19:00,5\nJazz,2030-06-01T19:00,5\nSwing,2030-06-01T19:00,5\n";
    import(home.path(), &daemon, file, &fields)
        .code(9)
        .stdout("line,outcome\n2,created\n3,failed\n4,not sent\n");
    assert_eq!(daemon.requests().len(), 2);
    let rest = "name,date,seats\nJazz,2030-06-01T19:00,5\nSwing,2030-06-01T19:00,5\n";
    assert_eq!(std::fs::read_to_string(failed).unwrap(), rest);
}

#[test]
fn a_dry_run_asks_the_daemon_for_each_line() {
    let home = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(&[
        ("GET /.well-known/happening", 200, &discovery()),
        ("POST /events", 200, &event("Gala").to_string()),
        ("POST /events", 409, &problem(409, "organization_suspended")),
    ]);
    let failed = home.path().join("failed.csv");
    let fields = ["-o", "csv", "--fields", "line,name,outcome", "--failed", failed.to_str().unwrap()];
    let file = "name,date\nGala,2030-06-01T19:00\nJazz,2030-06-01T19:00\n";
    import(home.path(), &daemon, file, &[&["--dry-run", "--seats", "9"], &fields[..]].concat())
        .code(9)
        .stdout("line,name,outcome\n2,Gala,would be created\n3,Jazz,failed\n");
    assert!(!failed.exists(), "a dry run writes nothing here either");
}

#[cfg(unix)]
#[test]
fn whoever_interrupts_it_knows_how_far_it_came() {
    use std::time::{Duration, Instant};

    let home = tempfile::tempdir().unwrap();
    let made = event("Gala").to_string();
    let daemon = Daemon::start(&[("POST /events", 201, &made), ("POST /events", SILENCE, "")]);
    let (file, failed) = (home.path().join("season.csv"), home.path().join("failed.csv"));
    let (gala, jazz, swing) =
        ("Gala,2030-06-01T19:00,5\n", "Jazz,2030-06-02T19:00,5\n", "Swing,2030-06-03T19:00,5\n");
    std::fs::write(&file, format!("name,date,seats\n{gala}{jazz}{swing}")).unwrap();
    let arguments =
        ["event", "import", file.to_str().unwrap(), "--org", ID, "--failed", failed.to_str().unwrap()];
    let mut process = crate::support::process(home.path(), &daemon.url, &arguments);
    let child = process.env("HAPPENING_TOKEN", TOKEN).spawn().unwrap();
    let begun = Instant::now();
    while daemon.requests().len() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the second is not sent");
        std::thread::sleep(Duration::from_millis(10));
    }
    crate::support::signal(&child, "INT");
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{ended:?}");
    let told = String::from_utf8(ended.stderr).unwrap();
    for line in [
        "interrupted; the same file may be sent again within a day: what was created is not created again",
        "  made: 1 (Gala)",
        "  perhaps made: 1 (Jazz)",
        "  not made: 1 (Swing)",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert_eq!(std::fs::read_to_string(failed).unwrap(), format!("name,date,seats\n{jazz}{swing}"));
}
