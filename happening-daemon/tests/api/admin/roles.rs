//! Who may: operators act, support reads, everyone else is refused.

use crate::raw::Raw;
use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::{publish, sign_in};
use reqwest::Method;
use uuid::Uuid;

on_both_parts!(
    operators_act_support_reads_and_all_others_are_refused,
    what_is_not_there_and_what_makes_no_sense
);

async fn operators_act_support_reads_and_all_others_are_refused(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let raw = Raw::new(&daemon);
    let organizer = sign_in(&daemon, "organizer").await;
    let event = publish(&organizer, 5).await.id;
    let nothing = Uuid::max();
    let reads = [
        "/admin/status".to_owned(),
        "/admin/queue".to_owned(),
        "/admin/queue/parked".to_owned(),
        "/admin/redis/keys".to_owned(),
        format!("/admin/redis/events/{event}"),
        "/admin/reconcile".to_owned(),
        "/admin/jobs".to_owned(),
    ];
    let writes = [
        (Method::POST, format!("/admin/reconcile?event_id={event}"), 200),
        (Method::POST, format!("/admin/queue/parked/{nothing}/requeue"), 404),
        (Method::DELETE, format!("/admin/queue/parked/{nothing}"), 404),
        (Method::POST, "/admin/reconcile".to_owned(), 202),
    ];
    for name in ["guest", "member", "organizer", "admin", "support", "operator"] {
        let person = sign_in(&daemon, name).await;
        let (sees, acts) = (["support", "operator"].contains(&name), name == "operator");
        for path in &reads {
            let status = raw.get(path, &person.token).await.status;
            assert_eq!(status, if sees { 200 } else { 403 }, "{name}: {path}");
        }
        for (method, path, done) in &writes {
            let answer = raw.send(method.clone(), path, &person.token, "").await;
            assert_eq!(answer.status, if acts { *done } else { 403 }, "{name}: {method} {path}");
        }
        if !sees {
            raw.get("/admin/queue", &person.token).await.problem(name, 403, "forbidden");
        }
    }
    for path in &reads {
        raw.get(path, "nonsense").await.problem(path, 401, "unauthenticated");
    }
}

async fn what_is_not_there_and_what_makes_no_sense(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, operator) = (Raw::new(&daemon), sign_in(&daemon, "operator").await);
    let nothing = Uuid::max();
    for path in [
        format!("/admin/jobs/{nothing}"),
        format!("/admin/redis/events/{nothing}"),
        format!("/admin/reconcile?event_id={nothing}"),
    ] {
        raw.get(&path, &operator.token).await.problem(&path, 404, "not_found");
    }
    for path in [
        "/admin/queue/parked?limit=0".to_owned(),
        "/admin/queue/parked?limit=1001".to_owned(),
        "/admin/queue/parked?cursor=first".to_owned(),
        "/admin/redis/keys?cursor=-1".to_owned(),
        format!("/admin/redis/keys?match={}", "*".repeat(501)),
        "/admin/reconcile?event_id=all".to_owned(),
        "/admin/redis/events/all".to_owned(),
    ] {
        raw.get(&path, &operator.token).await.problem(&path, 400, "validation_failed");
    }
}
