//! What went wrong is found in the log by the id that the answer bears.

use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::{book, publish, sign_in};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

on_both_parts!(
    a_failure_is_found_in_a_log_for_people_by_its_request_id,
    a_failure_is_found_in_a_log_for_machines_by_its_request_id,
);

/// Asks by hand; the status, and the id in header and body.
async fn ask(daemon: &Daemon, path: &str, token: &str) -> (u16, String) {
    let http = happening_core::net::http_client(Duration::from_secs(20));
    let url = daemon.url().join(path).expect("a path");
    let answer = http.get(url).bearer_auth(token).send().await.expect("an answer");
    let status = answer.status().as_u16();
    let id = answer.headers()["x-request-id"].to_str().expect("text").to_owned();
    let problem: Value = answer.json().await.expect("JSON");
    assert_eq!(problem["request_id"], id.as_str(), "{problem}");
    (status, id)
}

async fn a_failure_is_found_in_a_log_for_people_by_its_request_id(parts: Parts) {
    a_failure_is_found_by_its_request_id(&parts, "text").await;
}

async fn a_failure_is_found_in_a_log_for_machines_by_its_request_id(parts: Parts) {
    a_failure_is_found_by_its_request_id(&parts, "json").await;
}

async fn a_failure_is_found_by_its_request_id(parts: &Parts, format: &'static str) {
    let daemon = Daemon::start_with(parts, &["--demo", "--log-format", format]).await;
    let organizer = sign_in(&daemon, "organizer").await;
    let event = publish(&organizer, 5).await.id;
    let booking = book(&organizer, event, 1).await.id;
    parts.by_hand("ALTER TABLE booking_history RENAME TO elsewhere", Uuid::nil()).await;
    let (status, id) = ask(&daemon, &format!("/bookings/{booking}/history"), &organizer.token).await;
    assert_eq!(status, 500);
    let log = daemon.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(&id)).collect();
    assert!(lines.iter().any(|line| line.contains("the store failed")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("answered") && line.contains("500")), "{lines:?}");
    let person = organizer.user.expect("a user").to_string();
    for line in &lines {
        assert!(line.contains("/bookings/{id}/history") && line.contains(&person), "{line}");
        if format == "json" {
            let line: Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(line["span"]["request_id"], id.as_str());
        }
    }
}
