//! What goes wrong on the way to the daemon and back, and on this machine.

use crate::support::{CLOSED, Daemon, ID, STREAM, TOKEN, booking, event, happening, home, problem};
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;
use std::path::Path;

const BOOKING: &str = "POST /bookings";

/// Of the service account `ci`.
const ACCOUNT: &str = "e30.eyJzdWIiOiAiYm90IiwgInByZWZlcnJlZF91c2VybmFtZSI6ICJzZXJ2aWNlLWFjY291bnQtY2kifQ.x";

fn run(home: &Path, daemon: &Daemon, arguments: &[&str]) -> Assert {
    let mut command = happening(home);
    command.env("HAPPENING_SERVER", &daemon.url).env("HAPPENING_TOKEN", TOKEN).args(arguments).assert()
}

#[test]
fn a_booking_whose_answer_is_lost_is_sent_again_and_found() {
    let home = home();
    let daemon = Daemon::start(&[(BOOKING, CLOSED, ""), (BOOKING, 201, &booking())]);
    run(home.path(), &daemon, &["booking", "create", ID, "-v"])
        .code(0)
        .stdout(contains("confirmed"))
        .stderr(contains("was lost").and(contains("asking again")));
    let keys = daemon.requests().into_iter().map(|request| request.headers["idempotency-key"].clone());
    let keys: Vec<_> = keys.collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn a_change_that_may_have_been_made_is_not_said_to_be_unmade() {
    let home = home();
    let create =
        ["event", "create", "--org", ID, "--name", "n", "--date", "2030-06-01T19:00", "--seats", "5"];
    for (route, lost, arguments) in [
        (BOOKING, CLOSED, &["booking", "create", ID][..]),
        (BOOKING, 502, &["booking", "create", ID]),
        ("POST /events", CLOSED, &create),
        ("DELETE /events/0197a1b2-0000-7000-8000-000000000001", CLOSED, &["event", "delete", ID, "--yes"]),
    ] {
        let daemon = Daemon::start(&[(route, lost, "oops")]);
        run(home.path(), &daemon, &[arguments, &["--timeout", "700ms"]].concat())
            .code(7)
            .stdout("")
            .stderr(
                contains("what was asked may have been done")
                    .and(contains("hint: look before you try again")),
            )
            .stderr(contains("nothing was").or(contains("was not")).or(contains("cannot reach")).not());
        assert!(daemon.requests_of(route).len() > 1, "{arguments:?}");
    }
}

#[test]
fn a_read_that_is_lost_did_nothing() {
    let home = home();
    let daemon = Daemon::start(&[("GET /events", CLOSED, "")]);
    run(home.path(), &daemon, &["event", "list"]).code(8).stderr(contains("cannot reach"));
    assert_eq!(daemon.requests().len(), 3);
    let daemon = Daemon::start(&[("GET /events", 502, "<html>")]);
    run(home.path(), &daemon, &["event", "list"])
        .code(1)
        .stderr("error: a proxy or the daemon answered 502 Bad Gateway: try again\n");
}

#[test]
fn a_stream_that_goes_on_is_ended_by_the_time() {
    let home = home();
    let daemon = Daemon::start(&[("GET /events/x/stream", STREAM, ": hello\n\n")]);
    run(home.path(), &daemon, &["api", "GET", "/events/x/stream", "--timeout", "400ms"])
        .code(7)
        .stderr(contains("did not answer in time").and(contains("it may have been done").not()));
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_printed_is_told_to_have_been_one() {
    let home = home();
    let daemon = Daemon::start(&[("POST /events", 201, &event("Gala").to_string())]);
    let create =
        ["event", "create", "--org", ID, "--name", "n", "--date", "2030-06-01T19:00", "--seats", "5"];
    for format in ["name", "json", "table"] {
        let mut command = crate::support::process(home.path(), &daemon.url, &create);
        command.args(["-o", format]).env("HAPPENING_TOKEN", TOKEN);
        command.stdout(std::fs::File::create("/dev/full").unwrap());
        let ended = command.output().unwrap();
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(
            told.contains("the command was carried out, but its answer could not be printed: No space"),
            "{told}"
        );
    }
}

#[test]
fn a_token_that_was_mounted_as_a_file_is_one() {
    let home = home();
    let daemon = Daemon::start(&[("GET /events", 200, "[]")]);
    let ask = |token: &str| {
        let mut command = happening(home.path());
        command.args(["event", "list", "--server", &daemon.url]).env("HAPPENING_TOKEN", token).assert()
    };
    ask(&format!("{TOKEN}\r\n")).code(0);
    assert_eq!(daemon.requests()[0].headers["authorization"], format!("Bearer {TOKEN}"));
    ask("two\nlines").code(2).stderr(contains("HAPPENING_TOKEN is no access token"));
    assert_eq!(daemon.requests().len(), 1);
}

#[test]
fn a_password_in_an_address_is_refused_and_not_shown() {
    let home = home();
    for server in ["http://ada:s3cret@127.0.0.1:1", "ada:s3cret@127.0.0.1:1"] {
        happening(home.path())
            .args(["status", "--server", server])
            .assert()
            .code(2)
            .stderr(contains("has a username or a password in it").and(contains("s3cret").not()));
    }
}

#[test]
fn a_service_account_without_a_role_is_told_who_gives_it_one() {
    let home = home();
    let daemon = Daemon::start(&[("GET /users", 200, "[]"), ("GET /organizations", 200, "[]")]);
    for arguments in [
        &["org", "list"][..],
        &["event", "list", "--org", "Jazz"],
        &["event", "create", "--name", "n", "--date", "2030-06-01T19:00", "--seats", "5"],
        &["smoke", "--org", "Jazz"],
    ] {
        happening(home.path())
            .args(arguments)
            .env("HAPPENING_SERVER", &daemon.url)
            .env("HAPPENING_TOKEN", ACCOUNT)
            .assert()
            .code(5)
            .stderr(contains("the service account ci has no role in any organization"))
            .stderr(contains("`happening org map-service-account ORG ci organizer`"));
    }
}

#[test]
fn hints_lead_on() {
    let home = home();
    let daemon = Daemon::start(&[
        ("GET /users", 403, &problem(403, "forbidden")),
        ("GET /x", 404, &problem(404, "not_found").replace("because", "There is no route /x.")),
    ]);
    run(home.path(), &daemon, &["whoami"]).code(5).stderr(contains("hint:").not());
    run(home.path(), &daemon, &["org", "list"]).code(5).stderr(contains("hint: `happening whoami`"));
    run(home.path(), &daemon, &["api", "GET", "/x"]).code(3).stderr(contains("hint:").not());
}
