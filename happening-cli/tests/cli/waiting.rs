//! `event wait` and `booking wait`.

use crate::support::{Daemon, ID, TOKEN, event, happening, home, problem};
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use serde_json::{Value, json};

const EVENT: &str = "GET /events/0197a1b2-0000-7000-8000-000000000001";
const BOOKING: &str = "GET /bookings/0197a1b2-0000-7000-8000-000000000001";
const WHY: &str = "GET /bookings/0197a1b2-0000-7000-8000-000000000001/why";

fn standing(status: &str, free: u32) -> String {
    let mut event = event("Jazz");
    (event["status"], event["available_slots"]) = (json!(status), json!(free));
    event.to_string()
}

fn booking(status: &str) -> Value {
    json!({
        "id": ID, "event_id": ID, "user_id": ID, "seats": 2, "status": status, "waiting_number": null,
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
    })
}

fn why(reason: &str, explanation: &str, position: u32) -> String {
    let why = json!({
        "booking_id": ID, "event_id": ID, "status": "waiting", "reason": reason, "explanation": explanation,
        "seats": 2, "waiting_number": position, "position": position, "parties_ahead": 3, "seats_ahead": 6,
        "ahead": [], "available_slots": 0, "waitlist_policy": "split", "bypass_limit": 0, "head_passed": 0,
        "must_come_free": null, "first_seats_after": null,
    });
    why.to_string()
}

fn wait(daemon: &Daemon, noun: &str, what: &str) -> Assert {
    let home = home();
    let mut command = happening(home.path());
    command.args([noun, "wait", ID, "--for", what, "--timeout", "3s", "-o", "name", "--server", &daemon.url]);
    command.env("HAPPENING_TOKEN", TOKEN).assert()
}

#[test]
fn waits_until_it_is_so_and_bears_a_daemon_that_is_away_for_a_moment() {
    let daemon = Daemon::start(&[
        (EVENT, 200, &standing("upcoming", 1)),
        (EVENT, 500, &problem(500, "internal")),
        (EVENT, 200, &standing("upcoming", 0)),
    ]);
    wait(&daemon, "event", "sold-out").code(0).stdout(format!("{ID}\n")).stderr("");
    assert_eq!(daemon.requests().len(), 3);
    wait(&daemon, "event", "sold-out").code(0);
}

#[test]
fn waits_no_longer_than_it_was_told() {
    let daemon = Daemon::start(&[(EVENT, 200, &standing("upcoming", 0))]);
    wait(&daemon, "event", "available")
        .code(7)
        .stdout("")
        .stderr(predicate::str::contains("0 of 5 seats are free"));
}

#[test]
fn does_not_wait_for_what_can_no_longer_come() {
    let daemon = Daemon::start(&[(EVENT, 200, &standing("cancelled", 0))]);
    wait(&daemon, "event", "available").code(6).stderr(predicate::str::contains("the event is cancelled"));
    let daemon = Daemon::start(&[(BOOKING, 200, &booking("cancelled").to_string())]);
    wait(&daemon, "booking", "confirmed")
        .code(6)
        .stderr(predicate::str::contains("the booking is cancelled"));
    let daemon = Daemon::start(&[(EVENT, 404, &problem(404, "not_found"))]);
    wait(&daemon, "event", "available").code(3);
}

#[test]
fn nobody_waits_for_a_place_at_what_is_gone() {
    let (in_line, begun) =
        (why("behind_others", "3 parties are ahead.", 4), why("closed", "The event has begun.", 4));
    for (status, answer, place, told) in [
        (404, problem(404, "not_found"), &in_line, "the event is gone"),
        (200, standing("cancelled", 0), &in_line, "the event is cancelled"),
        (200, standing("completed", 0), &in_line, "the event is completed"),
        (200, standing("upcoming", 0), &begun, "The event has begun."),
    ] {
        let daemon = Daemon::start(&[
            (BOOKING, 200, &booking("waiting").to_string()),
            (WHY, 200, place),
            (EVENT, status, &answer),
        ]);
        wait(&daemon, "booking", "confirmed").code(6).stderr(predicate::str::contains(told));
        assert_eq!(daemon.requests_of(BOOKING).len(), 1, "at once");
    }
}

#[test]
fn a_booking_is_waited_for() {
    let place = why("behind_others", "3 parties are ahead.", 4);
    let daemon = Daemon::start(&[
        (BOOKING, 200, &booking("waiting").to_string()),
        (BOOKING, 200, &booking("confirmed").to_string()),
        (WHY, 200, &place),
    ]);
    wait(&daemon, "booking", "confirmed").code(0).stdout(format!("{ID}\n"));
    let daemon = Daemon::start(&[(BOOKING, 200, &booking("waiting").to_string()), (WHY, 200, &place)]);
    wait(&daemon, "booking", "confirmed").code(7).stderr(predicate::str::contains("number 4 in line"));
}
