//! How the binary behaves whatever the command: exit codes, streams, and what it does without a terminal.

use crate::support::{Daemon, ID, NOBODY, TOKEN, event, happening, home, problem, process, signal};
use predicates::prelude::*;
use serde_json::{Value, json};
use std::io::Read as _;
use std::process::Child;

#[test]
fn help_is_data_and_a_mistake_is_not() {
    let home = home();
    let run = |args: &[&str]| happening(home.path()).args(args).assert();
    run(&["--help"]).code(0).stdout(predicate::str::contains("First steps")).stderr("");
    run(&["--version"]).code(0).stdout(predicate::str::starts_with("happening ")).stderr("");
    run(&["booking", "create", "--help"]).code(0).stdout(predicate::str::contains("--seat <NUMBERS>"));
    for mistake in [
        &[][..],
        &["bokking"],
        &["event", "get", "not-an-id"],
        &["event", "list", "-o", "xml"],
        &["event", "list", "--timeout", "soon"],
        &["booking", "create", ID, "--seats", "2", "--seat", "3"],
        &["booking", "create", ID, "--seat", "5-3"],
        &["booking", "cancel-seats", ID],
        &["event", "create", "--name", "n", "--date", "d", "--seats", "5", "--category", "rave"],
        &["status", "--server", "ftp://x"],
    ] {
        run(mistake).code(2).stdout("").stderr(predicate::str::is_empty().not());
    }
}

#[test]
fn every_command_says_that_nobody_is_there() {
    let home = home();
    for args in [
        &["status"][..],
        &["whoami"],
        &["login", "--insecure-storage"],
        &["event", "list"],
        &["event", "get", ID],
        &["event", "seats", ID],
        &["event", "create", "--name", "n", "--date", "2026-12-01T19:00", "--seats", "5"],
        &["booking", "create", ID],
        &["booking", "list"],
        &["booking", "get", ID],
        &["booking", "cancel", ID, "--yes"],
        &["booking", "cancel-seats", ID, "--seat", "3", "--yes"],
        &["waitlist", "list", ID],
    ] {
        happening(home.path())
            .args(args)
            .env("HAPPENING_TOKEN", TOKEN)
            .assert()
            .code(8)
            .stdout("")
            .stderr(predicate::str::contains("cannot reach").and(predicate::str::contains("hint:")));
    }
}

#[test]
fn errors_are_documents_under_json() {
    let home = home();
    let output = happening(home.path())
        .args(["status", "-o", "json"])
        .assert()
        .code(8)
        .stdout("")
        .get_output()
        .clone();
    let document: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!((&document["code"], &document["exit_code"]), (&json!("network"), &json!(8)));
    assert!(document["detail"].as_str().unwrap().contains(NOBODY), "{document}");
}

#[test]
fn nobody_signed_in_is_told_what_to_do() {
    let home = home();
    for args in [&["whoami"][..], &["event", "list"], &["booking", "list"]] {
        happening(home.path())
            .args(args)
            .assert()
            .code(4)
            .stdout("")
            .stderr(predicate::str::contains("happening login"));
    }
    happening(home.path()).arg("logout").assert().code(0).stdout("").stderr("Nobody was signed in.\n");
    happening(home.path()).args(["logout", "-q", "-o", "json"]).assert().code(0).stdout("[]\n").stderr("");
}

#[test]
fn half_a_service_account_is_a_mistake() {
    let home = home();
    happening(home.path())
        .arg("whoami")
        .env("HAPPENING_CLIENT_ID", "bot")
        .assert()
        .code(2)
        .stderr(predicate::str::contains("HAPPENING_CLIENT_SECRET"));
}

#[test]
fn what_destroys_asks_or_refuses_but_never_hangs() {
    let home = home();
    for args in [&["booking", "cancel", ID][..], &["booking", "cancel-seats", ID, "--seat", "3,4"]] {
        // Before anyone is asked anything: there is no daemon, and it does not matter.
        happening(home.path())
            .args(args)
            .env("HAPPENING_TOKEN", TOKEN)
            .write_stdin("y\n")
            .assert()
            .code(2)
            .stderr(predicate::str::contains("--yes"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_store_is_tried_before_anything_is_asked_of_a_person() {
    let home = tempfile::tempdir().unwrap();
    happening(home.path()).arg("login").assert().code(1).stdout("").stderr(predicate::str::starts_with(
        "error: cannot sign in without --insecure-storage: there is no keyring",
    ));
}

#[cfg(target_os = "linux")]
#[test]
fn a_keyring_that_does_not_answer_is_not_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let bus = home.path().join("bus");
    let _silent = std::os::unix::net::UnixListener::bind(&bus).unwrap();
    let run = |args: &[&str]| {
        let mut command = happening(home.path());
        command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", bus.display())).args(args);
        command.assert().stdout("")
    };
    run(&["login"]).code(1).stderr(predicate::str::contains("locked"));
    run(&["whoami"]).code(4).stderr(predicate::str::contains("locked"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_change_is_reported() {
    let home = home();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let child =
        process(home.path(), &url, &["booking", "create", ID]).env("HAPPENING_TOKEN", TOKEN).spawn().unwrap();
    // The request is there, and is never answered.
    let (mut request, _) = listener.accept().unwrap();
    request.read_exact(&mut [0; 13]).unwrap();
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"
    error: interrupted before the daemon answered: what was asked of it may have been done
    hint: look before you try again: `happening booking list`, `happening event list` and their like show what is there
    ");
}

#[cfg(unix)]
#[test]
fn a_filter_without_end_can_be_stopped() {
    let home = home();
    let daemon = Daemon::start(&[("GET /events", 200, "[]")]);
    let run = |filter: &str, options: &[&str]| {
        let arguments = [&["event", "list", "--jq", filter], options].concat();
        process(home.path(), &daemon.url, &arguments).env("HAPPENING_TOKEN", TOKEN).spawn().unwrap()
    };
    for name in ["INT", "TERM"] {
        let mut child = run("\"begun\", (def f: f; f)", &[]);
        // The first result is there although the second never comes.
        child.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{name}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(told, "error: interrupted: the command was carried out, but --jq had not ended\n");
    }
    let output = run("def f: f; f", &["--timeout", "300ms"]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    let mut child = run("range(1e12)", &[]);
    child.stdout.take().unwrap().read_exact(&mut [0; 10]).unwrap();
    quiet_end(child, &["range(1e12)"]);
}

#[test]
fn what_is_wrong_with_a_value_is_told_in_its_own_words() {
    let home = home();
    for (words, told) in [
        (&["event", "get", "nope"][..], "it is an event's id, as `happening event list` shows it"),
        (&["booking", "get", "nope"], "a booking's id, as `happening booking list` shows it"),
        (&["booking", "create", ID, "--hold", "nope"], "a hold's token, as `happening event hold` shows it"),
        (&["invite", "accept", "nope"], "an invite's id, as `happening invite list` shows it"),
        (&["queue", "requeue", "nope"], "the id of what is parked, as `happening queue parked` shows it"),
        (
            &["notification", "resend", "nope"],
            "a notification's id, as `happening notification list` shows it",
        ),
        (&["event", "list", "--limit", "-1"], "-1 is not in 1..=4294967295"),
        (&["booking", "create", ID, "--seats", "-1"], "invalid value '-1' for '--seats <N>'"),
        (&["audit", "--limit", "0"], "0 is not in 1..=4294967295"),
        (&["event", "hold", ID], "<--seats <N>|--seat <NUMBERS>>"),
        (&["booking", "export"], "<--event <ID>|--org <ID|NAME>>"),
    ] {
        happening(home.path()).args(words).assert().code(2).stdout("").stderr(predicate::str::contains(told));
    }
}

#[test]
fn a_member_that_is_wrong_is_called_by_its_option() {
    let home = home();
    let mut refused: Value = serde_json::from_str(&problem(400, "validation_failed")).unwrap();
    refused["field"] = json!("total_slots");
    refused["detail"] = json!("total_slots: must be fewer");
    let daemon = Daemon::start(&[("POST /events", 400, &refused.to_string()), ("GET /events", 200, "[]")]);
    let told = |words: &[&str], told: &str| {
        let mut command = happening(home.path());
        command
            .args(words)
            .args(["--server", &daemon.url])
            .env("HAPPENING_TOKEN", TOKEN)
            .assert()
            .code(2)
            .stderr(predicate::str::contains(told));
    };
    let create =
        ["event", "create", "--org", ID, "--name", "n", "--date", "2030-06-01T19:00", "--seats", "9"];
    told(&create, "the event was not created: --seats: must be fewer");
    told(&["api", "POST", "/events", "-d", "{}"], "total_slots: must be fewer");
}

#[test]
fn refusals_of_the_daemon_have_their_exit_codes() {
    let home = home();
    for (status, code, exit) in [
        (400, "validation_failed", 2),
        (401, "unauthenticated", 4),
        (403, "forbidden", 5),
        (404, "not_found", 3),
        (409, "seats_conflict", 6),
        (409, "a_code_of_tomorrow", 6),
        (429, "rate_limited", 1),
        (500, "internal", 1),
        (503, "unavailable", 1),
    ] {
        let daemon = Daemon::start(&[("POST /bookings", status, &problem(status, code))]);
        happening(home.path())
            .args(["booking", "create", ID, "--server", &daemon.url, "--timeout", "300ms"])
            .env("HAPPENING_TOKEN", TOKEN)
            .assert()
            .code(exit)
            .stdout("")
            .stderr(
                predicate::str::contains("nothing was booked: because")
                    .and(predicate::str::contains("req-7")),
            );
    }
}

#[test]
fn what_is_no_daemon_is_told() {
    let home = home();
    let other = Daemon::start(&[]);
    happening(home.path())
        .args(["status", "--server", &other.url])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("does not look like a Happening daemon"));
}

#[test]
fn a_daemon_that_hangs_is_given_up() {
    let home = home();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    happening(home.path())
        .args(["status", "--timeout", "300ms", "--server", &url])
        .assert()
        .code(7)
        .stderr(predicate::str::contains("did not answer in time"));
}

#[test]
fn names_of_others_do_not_reach_the_terminal_as_they_are() {
    let home = home();
    let events = json!([event("Jazz\u{1b}[2J\u{202e}\u{9b} 日本")]).to_string();
    let daemon = Daemon::start(&[("GET /events", 200, &events)]);
    let run = |format: &str| {
        let mut command = happening(home.path());
        command.args(["event", "list", "--server", &daemon.url, "-o", format]).env("HAPPENING_TOKEN", TOKEN);
        String::from_utf8(command.assert().code(0).stderr("").get_output().stdout.clone()).unwrap()
    };
    let acts = |text: &str| text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}');
    insta::assert_snapshot!(run("table"), @"
        ID                                    NAME                           DATE                  FREE  SEATS  WAITING  STATUS
        0197a1b2-0000-7000-8000-000000000001  Jazz␛[2J<U+202E><U+009B> 日本  2026-12-01 19:00 UTC     2      5        0  upcoming
        ");
    assert!(!acts(&run("table")));
    assert!(!acts(&run("json")));
    let parsed: Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!(parsed[0]["name"], "Jazz\u{1b}[2J\u{202e}\u{9b} 日本");
}

#[test]
fn colours_only_on_demand_where_there_is_no_terminal() {
    let home = home();
    let ready =
        json!({"status": "ok", "parts": {"store": {"kind": "sqlite", "state": "ok", "latency_ms": 0.2}}});
    let daemon = Daemon::start(&[("GET /readyz", 200, &ready.to_string())]);
    let run = |color: &str| {
        let mut command = happening(home.path());
        command.args(["status", "--server", &daemon.url, "--color", color]);
        String::from_utf8(command.assert().code(0).get_output().stdout.clone()).unwrap()
    };
    assert!(!run("auto").contains('\u{1b}'));
    assert!(!run("never").contains('\u{1b}'));
    assert!(run("always").contains('\u{1b}'));
}

#[test]
fn a_daemon_that_is_down_shows_its_parts_and_fails() {
    let home = home();
    let down = json!({"status": "down", "parts": {"store": {"kind": "postgresql", "state": "down"}}});
    let daemon = Daemon::start(&[("GET /readyz", 503, &down.to_string())]);
    happening(home.path())
        .args(["status", "--server", &daemon.url])
        .assert()
        .code(1)
        .stdout(predicate::str::contains("postgresql"))
        .stderr(predicate::str::contains("the daemon is down"));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let home = home();
    // More than a pipe holds, so that the write is under way when the reader goes.
    let events = json!(vec![event("Jazz"); 5000]).to_string();
    let daemon = Daemon::start(&[("GET /events", 200, &events)]);
    let formats = ["table", "json", "jsonl", "yaml", "csv", "name"].map(|format| ["-o", format]);
    for options in formats.into_iter().chain([["--jq", "."]]) {
        let arguments = [&["event", "list", "--all"][..], &options].concat();
        let mut child =
            process(home.path(), &daemon.url, &arguments).env("HAPPENING_TOKEN", TOKEN).spawn().unwrap();
        let mut first = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        quiet_end(child, &options);
    }
}

#[test]
fn a_reader_that_is_gone_before_the_first_line_is_no_error() {
    let home = home();
    let events = json!([event("Jazz")]).to_string();
    let daemon = Daemon::start(&[("GET /events", 200, &events)]);
    for arguments in [
        &["event", "list"][..],
        &["event", "list", "-o", "json"],
        &["--help"],
        &["help", "exit-codes"],
        &["man"],
        &["completion", "bash"],
    ] {
        let mut child =
            process(home.path(), &daemon.url, arguments).env("HAPPENING_TOKEN", TOKEN).spawn().unwrap();
        drop(child.stdout.take());
        quiet_end(child, arguments);
    }
}

fn quiet_end(child: Child, arguments: &[&str]) {
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
}

#[test]
fn what_the_environment_says_wrongly_is_told() {
    let home = home();
    let file = home.path().join("config.json");
    let file = file.to_str().unwrap();
    for (name, value, exit, told) in [
        ("HAPPENING_SERVER", "ftp://nowhere", 2, "`ftp://nowhere` is no address of a daemon"),
        ("HAPPENING_CLIENT_SECRET", "s3cret", 2, "HAPPENING_CLIENT_ID and HAPPENING_CLIENT_SECRET"),
        ("HAPPENING_TOKEN", "token", 4, "the token of HAPPENING_TOKEN is no JWT"),
        ("HAPPENING_TOKEN", "no token", 2, "HAPPENING_TOKEN is no access token"),
        ("HAPPENING_TOKEN", "no\ntoken", 2, "HAPPENING_TOKEN is no access token"),
        ("HAPPENING_CONFIG_DIR", file, 1, file),
    ] {
        let mut command = happening(home.path());
        command
            .arg("whoami")
            .env(name, value)
            .assert()
            .code(exit)
            .stdout("")
            .stderr(predicate::str::contains(told).and(predicate::str::contains("s3cret").not()));
    }
    // An empty one is none.
    happening(home.path())
        .arg("whoami")
        .env("HAPPENING_TOKEN", "")
        .assert()
        .code(4)
        .stdout("")
        .stderr(predicate::str::contains("nobody is at").and(predicate::str::contains("happening login")));
}
