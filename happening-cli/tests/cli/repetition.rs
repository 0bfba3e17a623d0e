//! What a busy daemon turns away is asked again; and what goes over the wire can be seen.

use crate::support::{Daemon, ID, TOKEN, booking, event, happening, home, problem};
use predicates::prelude::*;
use serde_json::json;

const BOOKING: &str = "POST /bookings";

#[test]
fn a_write_is_repeated_under_one_key() {
    let home = home();
    let daemon = Daemon::start(&[
        (BOOKING, 503, &problem(503, "unavailable")),
        (BOOKING, 429, &problem(429, "rate_limited")),
        (BOOKING, 201, &booking()),
    ]);
    let book = || {
        let mut command = happening(home.path());
        command.args(["booking", "create", ID, "--server", &daemon.url, "-v"]).env("HAPPENING_TOKEN", TOKEN);
        command.assert().code(0).stdout(predicate::str::contains("confirmed"))
    };
    book().stderr(predicate::str::contains("the daemon is busy (503)"));
    let keys: Vec<_> =
        daemon.requests().iter().map(|request| request.headers["idempotency-key"].clone()).collect();
    assert_eq!(keys.len(), 3);
    let bodies = daemon.requests().into_iter().map(|request| request.body);
    assert_eq!(bodies.collect::<Vec<_>>(), vec![format!(r#"{{"event_id":"{ID}","seats":1}}"#); 3]);
    assert!(keys.iter().all(|key| *key == keys[0] && key.len() == 36), "{keys:?}");
    book();
    assert_ne!(daemon.requests()[3].headers["idempotency-key"], keys[0], "another booking has another key");
}

#[test]
fn a_read_is_repeated_without_a_key_until_the_time_is_up() {
    let home = home();
    let daemon = Daemon::start(&[("GET /events", 503, &problem(503, "unavailable"))]);
    let begun = std::time::Instant::now();
    happening(home.path())
        .args(["event", "list", "--server", &daemon.url, "--timeout", "700ms"])
        .env("HAPPENING_TOKEN", TOKEN)
        .assert()
        .code(1)
        .stderr(predicate::str::contains("because").and(predicate::str::contains("try again")));
    assert!(begun.elapsed().as_secs() < 5);
    let requests = daemon.requests();
    assert!(requests.len() > 1, "{}", requests.len());
    assert!(requests.iter().all(|request| !request.headers.contains_key("idempotency-key")));
}

#[test]
fn other_refusals_are_not_repeated() {
    for (status, code) in [(500, "internal"), (409, "seats_conflict"), (404, "not_found")] {
        let home = home();
        let daemon = Daemon::start(&[(BOOKING, status, &problem(status, code))]);
        happening(home.path())
            .args(["booking", "create", ID, "--server", &daemon.url])
            .env("HAPPENING_TOKEN", TOKEN)
            .assert()
            .failure();
        assert_eq!(daemon.requests().len(), 1, "{code}");
    }
}

#[test]
fn requests_can_be_seen_without_their_secrets() {
    let home = home();
    let daemon = Daemon::start(&[("GET /events", 200, &json!([event("Jazz")]).to_string())]);
    let run = |options: &[&str]| {
        let mut command = happening(home.path());
        command.args(["event", "list", "--server", &daemon.url, "-o", "name"]).args(options);
        let assert = command.env("HAPPENING_TOKEN", TOKEN).assert().code(0).stdout(format!("{ID}\n"));
        String::from_utf8(assert.get_output().stderr.clone()).unwrap()
    };
    assert_eq!(run(&[]), "");
    let brief = run(&["-v"]);
    assert!(brief.starts_with(&format!("> GET {}/events?limit=501\n< 200 in ", daemon.url)), "{brief}");
    let whole = run(&["-vv"]);
    assert!(whole.contains("> authorization: ***\n"), "{whole}");
    assert!(whole.contains("< content-type: application/json\n"), "{whole}");
    let curl = run(&["--curl"]);
    assert_eq!(
        curl,
        format!(
            "curl -X GET '{}/events?limit=501' -H \"Authorization: Bearer $HAPPENING_TOKEN\"\n",
            daemon.url
        )
    );
    for told in [brief, whole, curl] {
        assert!(!told.contains(TOKEN), "{told}");
    }
}
