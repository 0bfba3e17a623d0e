//! How often one person may ask, and one address without a token; and that nobody else notices.

use crate::raw::{Answer, Raw};
use crate::support::parts::Parts;
use crate::support::people::{demo_organization, publish, sign_in};
use crate::support::{Daemon, eventually};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

on_both_parts!(
    one_person_has_so_many_requests_and_nobody_else_notices,
    one_address_has_so_many_requests_without_a_token,
    founding_inviting_and_questions_have_limits_of_their_own,
    the_web_client_meets_no_limit,
);

/// The settings of a person who does a lot; tests are otherwise without limits.
const DEFAULTS: [(&str, &str); 5] = [
    ("REQUESTS_PER_SECOND", "500"),
    ("ANONYMOUS_REQUESTS_PER_SECOND", "50"),
    ("QUESTIONS_PER_SECOND", "20"),
    ("INVITES_PER_HOUR", "200"),
    ("ORGANIZATIONS_PER_HOUR", "20"),
];

/// A refusal: its limit, and in how many seconds to ask again.
fn refusal(answer: &Answer) -> (u64, u64) {
    let problem = answer.problem("too many", 429, "rate_limited");
    let retry: u64 = answer.header("Retry-After").expect("when").parse().expect("seconds");
    assert!(retry >= 1);
    (problem["limit"].as_u64().expect("a limit"), retry)
}

async fn one_person_has_so_many_requests_and_nobody_else_notices(parts: Parts) {
    let daemon = Daemon::start_on(&parts, 0, &[("REQUESTS_PER_SECOND", "1")]).await;
    let (member, other) = (sign_in(&daemon, "member").await, sign_in(&daemon, "organizer").await);
    let operator = sign_in(&daemon, "operator").await;
    // Before the person is refused: on a slow machine a sign-in takes as long as a request to come back.
    let again = sign_in_token(&daemon, "member").await;
    let raw = Raw::new(&daemon);
    let mut left = Vec::new();
    let refused = loop {
        let answer = raw.get("/events", &member.token).await;
        if answer.status != 200 {
            break answer;
        }
        assert_eq!(answer.header("RateLimit-Limit"), Some("10"));
        left.push(
            answer.header("RateLimit-Remaining").expect("what is left").parse::<u32>().expect("a number"),
        );
        assert!(left.len() < 60, "never refused");
    };
    assert_eq!(refusal(&refused).0, 1);
    assert!(left.iter().all(|left| *left < 10) && left.last() == Some(&0), "{left:?}");
    // Another token is the same person.
    let asked = join_all((0..5).map(|_| raw.get("/events", &again))).await;
    refusal(asked.iter().find(|answer| answer.status == 429).expect("one of them comes too soon"));
    assert_eq!(raw.get("/events", &other.token).await.status, 200, "somebody else");
    for _ in 0..30 {
        let answer = raw.get("/events", &operator.token).await;
        assert_eq!(
            (answer.status, answer.header("RateLimit-Limit")),
            (200, None),
            "operators are not counted"
        );
    }
    assert_eq!(raw.get("/healthz", &member.token).await.status, 200);
}

async fn sign_in_token(daemon: &Daemon, name: &str) -> String {
    let discovery = daemon.client(None).discovery().await.expect("discovery");
    crate::support::people::password_grant(&discovery.issuer, name).await
}

async fn one_address_has_so_many_requests_without_a_token(parts: Parts) {
    let daemon = Daemon::start_on(&parts, 0, &[("ANONYMOUS_REQUESTS_PER_SECOND", "1")]).await;
    let member = sign_in(&daemon, "member").await;
    let raw = Raw::new(&daemon);
    let mut answers = Vec::new();
    for number in 0..40 {
        let token = format!("e30.{number}.x");
        answers.push(raw.get("/events", &token).await);
        if answers.last().is_some_and(|answer| answer.status == 429) {
            break;
        }
    }
    let (last, rest) = answers.split_last().expect("answers");
    assert!(rest.len() >= 10 && rest.iter().all(|answer| answer.status == 401), "{}", rest.len());
    assert_eq!(refusal(last).0, 1);
    refusal(&Answer::to(raw.request(Method::GET, "/events")).await);
    assert_eq!(raw.get("/events", &member.token).await.status, 200, "a person at the same address");
    assert_eq!(Answer::to(raw.request(Method::GET, "/.well-known/happening")).await.status, 200);
}

async fn founding_inviting_and_questions_have_limits_of_their_own(parts: Parts) {
    let settings =
        [("ORGANIZATIONS_PER_HOUR", "2"), ("INVITES_PER_HOUR", "3"), ("QUESTIONS_PER_SECOND", "1")];
    let daemon = Daemon::start_on(&parts, 0, &settings).await;
    let admin = sign_in(&daemon, "admin").await;
    let raw = Raw::new(&daemon);
    let post =
        async |path: &str, body: Value| raw.send(Method::POST, path, &admin.token, body.to_string()).await;
    for number in 0..2 {
        assert_eq!(post("/organizations", json!({ "name": format!("Own {number}") })).await.status, 201);
    }
    // It counts as a question, since it founds nothing.
    assert_eq!(post("/organizations?dry_run=true", json!({ "name": "Own 3" })).await.status, 200);
    let (limit, retry) = refusal(&post("/organizations", json!({ "name": "Own 3" })).await);
    assert!(limit == 2 && (60..=1_801).contains(&retry), "{limit} {retry}");

    let organization = demo_organization(&admin).await;
    let invite = async |number: u32| {
        let body = json!({
            "email": format!("new{number}@example.org"), "role": "user", "organization_id": organization,
        });
        post("/org-invites/send", body).await
    };
    for number in 0..3 {
        assert_eq!(invite(number).await.status, 201);
    }
    let (limit, retry) = refusal(&invite(3).await);
    assert!(limit == 3 && (60..=1_201).contains(&retry), "{limit} {retry}");

    let event = publish(&admin, 5).await.id;
    let plan = format!("/events/{event}/resize/plan");
    let asked = join_all((0..40).map(|_| post(&plan, json!({ "total_slots": 6 })))).await;
    assert!(asked.iter().filter(|answer| answer.status == 200).count() >= 5);
    let refused = asked.iter().find(|answer| answer.status == 429).expect("too many");
    assert_eq!(refusal(refused).0, 1);
    assert_eq!(post("/bookings", json!({ "event_id": event, "seats": 1 })).await.status, 201, "no question");
}

/// Its page asks twenty-one things at once, and people reload it.
async fn the_web_client_meets_no_limit(parts: Parts) {
    let daemon = Daemon::start_on(&parts, 0, &DEFAULTS).await;
    let member = sign_in(&daemon, "member").await;
    let raw = Raw::new(&daemon);
    for _ in 0..10 {
        let page = join_all((0..21).map(|_| raw.get("/events", &member.token))).await;
        assert!(page.iter().all(|answer| answer.status == 200));
    }
    let answer = raw.get("/events", &member.token).await;
    let exposed = answer.header("Access-Control-Expose-Headers").expect("exposed").to_ascii_lowercase();
    assert!(exposed.contains("ratelimit-remaining"), "{exposed}");
    assert_eq!(answer.header("RateLimit-Limit"), Some("5000"));
}

/// Behind a balancer a person has one rate, whichever daemon answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn daemons_of_one_installation_share_the_count_of_rates() {
    let (parts, others) = (Parts::real().await, Parts::real().await);
    let settings = [("ORGANIZATIONS_PER_HOUR", "4")];
    let here = Daemon::start_on(&parts, 0, &settings).await;
    let there = Daemon::start_on(&parts, 0, &settings).await;
    let other = Daemon::start_on(&others, 0, &settings).await;
    let (admin, organizer) = (sign_in(&here, "admin").await, sign_in(&here, "organizer").await);
    let found = async |daemon: &Daemon, by: &str| {
        let body = json!({ "name": "Theatre" }).to_string();
        Raw::new(daemon).send(Method::POST, "/organizations", by, body).await
    };
    for _ in 0..4 {
        assert_eq!(found(&here, &admin.token).await.status, 201);
    }
    let is_refused = async || found(&there, &admin.token).await.status == 429;
    eventually("the other daemon knows", Duration::from_secs(5), is_refused).await;
    assert_eq!(refusal(&found(&there, &admin.token).await).0, 4);
    assert_eq!(found(&there, &organizer.token).await.status, 201, "somebody else");
    let elsewhere = sign_in(&other, "admin").await;
    assert_eq!(found(&other, &elsewhere.token).await.status, 201, "another installation on the same Redis");
}
