//! Long work: started, looked at, ended, left by a killed daemon and gone on with.

use crate::raw::{Answer, Raw};
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, event_of, publish, sign_in};
use crate::support::{Daemon, eventually, refused};
use happening_core::client::{Client, Deletion, Heard, LiveStream};
use happening_core::id::{EventId, JobId, OrganizationId};
use happening_core::wire::{
    AuditQuery, Closed, CreateOrganization, ErrorCode, Job, JobKind, JobState, JobsQuery, LiveMessage,
    NotificationType, ReconcileQuery,
};
use reqwest::Method;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

on_both_parts!(
    all_events_are_compared_by_a_job_and_its_result_is_kept,
    one_of_a_kind_runs_at_a_time_and_is_named,
    operators_watch_how_far_jobs_have_come,
    a_job_that_another_daemon_left_goes_on_where_it_was,
    a_job_ends_when_somebody_asks_for_it,
    jobs_are_for_staff_and_for_whoever_asked,
    a_report_comes_in_parts,
    an_organization_of_many_events_is_closed_by_a_job_that_outlives_its_daemon,
    few_events_are_deleted_at_once_whatever_the_client_prefers,
    who_lost_the_right_closes_nothing,
);

const PATIENCE: Duration = Duration::from_mins(1);

/// More than one request deletes.
const MANY: usize = 130;

/// Another daemon.
const OTHER: &str = "aaaaaaaa-0000-4000-8000-000000000001";

/// Notes a job past the daemons: as one of another daemon, if `lease` says until when.
async fn leave(parts: &Parts, id: Uuid, kind: &str, scope: Uuid, lease: Option<&str>, more: &str) {
    let sql = |id: &str| match parts.stack() {
        Some(_) => format!("'{id}'"),
        None => format!("X'{}'", id.replace('-', "")),
    };
    let time = |text: &str| format!("'{text}T00:00:00+00:00'");
    let (owner, until) = lease.map_or(("NULL".to_owned(), "NULL".to_owned()), |day| (sql(OTHER), time(day)));
    let statement = format!(
        "INSERT INTO jobs (id, kind, scope, state, wish, leased_by, leased_until, created_at, started_at) VALUES \
         ({}, '{kind}', {}, 'running', '{{\"fix\": true}}', {owner}, {until}, {at}, {at})",
        sql(&id.to_string()),
        sql(&scope.to_string()),
        at = time("2026-01-01"),
    );
    let more = match more {
        "" => String::new(),
        more => format!("; UPDATE jobs SET {more} WHERE id = {}", sql(&id.to_string())),
    };
    // At once, or a daemon would take the job as it is in between.
    parts.execute(format!("BEGIN; {statement}{more}; COMMIT")).await;
}

async fn ended(client: &Client, id: JobId) -> Job {
    let is_over = async || client.job(id).await.is_ok_and(|job| job.state.is_final());
    eventually("the job ends", PATIENCE, is_over).await;
    client.job(id).await.expect("a job")
}

async fn post(raw: &Raw, person: &Signed, body: &str) -> Answer {
    raw.send(Method::POST, "/admin/reconcile", &person.token, body).await
}

async fn all_events_are_compared_by_a_job_and_its_result_is_kept(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, operator) = (Raw::new(&daemon), sign_in(&daemon, "operator").await);
    let organizer = sign_in(&daemon, "organizer").await;
    let event = publish(&organizer, 4).await.id;
    parts.by_hand("UPDATE events SET available_slots = 3 WHERE id = {id}", event.0).await;
    let answer = post(&raw, &operator, "").await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let started: Job = serde_json::from_value(answer.ok()).expect("a job");
    assert_eq!(answer.header("Location"), Some(format!("/admin/jobs/{}", started.id).as_str()));
    assert_eq!((started.kind, started.requested_by), (JobKind::Reconcile, operator.user));
    let job = ended(&operator.client, started.id).await;
    assert_eq!((job.state, job.error.as_deref()), (JobState::Done, None));
    let report = job.reconciled().expect("a report");
    assert_eq!((job.done, job.total), (report.events, Some(report.events)));
    assert!(report.events >= 3 && !report.truncated, "{report:?}");
    assert!(report.found >= 1 && report.left() == 0, "{report:?}");
    assert!(report.drifts.iter().any(|drift| drift.event_id == event && drift.fixed), "{report:?}");
    assert!(job.started_at >= Some(job.created_at) && job.finished_at >= job.started_at);

    // To look only is for support, too.
    parts.by_hand("UPDATE events SET available_slots = 3 WHERE id = {id}", event.0).await;
    let support = sign_in(&daemon, "support").await;
    post(&raw, &support, r#"{ "fix": true }"#).await.problem("support", 403, "forbidden");
    let looked = support.client.start_reconcile(false).await.expect("a job");
    let report = ended(&support.client, looked.id).await.reconciled().expect("a report");
    assert!(report.left() >= 1 && report.fixed == 0, "{report:?}");

    let page = operator.client.jobs(&JobsQuery::default()).await.expect("jobs").items;
    assert_eq!(page.iter().map(|job| job.id).collect::<Vec<_>>(), [looked.id, started.id]);
    assert!(page.iter().all(|job| job.result.is_none() && job.state == JobState::Done));
    let first = JobsQuery { limit: Some(1), cursor: None };
    let page = operator.client.jobs(&first).await.expect("a page");
    let next = operator.client.next_page(page.next.as_deref().expect("one more")).await.expect("a page");
    assert_eq!(next.items.iter().map(|job: &Job| job.id).collect::<Vec<_>>(), [started.id]);

    // A day later it is gone with the next housekeeping.
    let aged = if parts.stack().is_some() {
        "UPDATE jobs SET finished_at = finished_at - interval '1 day' WHERE id = {id}"
    } else {
        "UPDATE jobs SET finished_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', finished_at, '-1 day') WHERE id = {id}"
    };
    parts.by_hand(aged, started.id.0).await;
    let is_gone = async || operator.client.job(started.id).await.is_err();
    eventually("the result is forgotten", PATIENCE, is_gone).await;
    refused(operator.client.job(started.id).await, ErrorCode::NotFound);
    operator.client.job(looked.id).await.expect("this one is younger");
}

async fn one_of_a_kind_runs_at_a_time_and_is_named(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, operator) = (Raw::new(&daemon), sign_in(&daemon, "operator").await);
    let (id, key) = (Uuid::from_u128(7), "once");
    leave(&parts, id, "reconcile", Uuid::nil(), Some("2999-01-01"), "").await;
    let problem = post(&raw, &operator, r#"{ "fix": false }"#).await.problem("running", 409, "job_running");
    assert_eq!(problem["job_id"], id.to_string());
    assert_eq!(operator.client.job(JobId(id)).await.expect("a job").state, JobState::Running);
    parts.by_hand("DELETE FROM jobs WHERE id = {id}", id).await;

    // Sent again under its key it is the same job.
    let keyed = async || {
        let request = raw.request(Method::POST, "/admin/reconcile").bearer_auth(&operator.token);
        Answer::to(request.header("Idempotency-Key", key)).await
    };
    let (first, second) = (keyed().await, keyed().await);
    assert_eq!((first.status, second.status), (202, 202));
    assert_eq!(first.ok()["id"], second.ok()["id"]);
    assert_eq!(first.header("Location"), second.header("Location"));
    ended(&operator.client, first.ok()["id"].as_str().expect("an id").parse().expect("an id")).await;
}

/// The job is another daemon's, as far as this one can tell.
async fn operators_watch_how_far_jobs_have_come(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let mut stream = sign_in(&daemon, "support").await.client.watch_everything();
    let id = Uuid::from_u128(8);
    leave(&parts, id, "reconcile", Uuid::nil(), Some("2999-01-01"), "done = 40, total = 200").await;
    let watching = async |stream: &mut LiveStream, wanted: &dyn Fn(&[Job]) -> bool| loop {
        if let Heard::Message(LiveMessage::Metrics(told)) = stream.next().await.expect("not refused")
            && told.jobs.is_some_and(|jobs| wanted(&jobs))
        {
            break;
        }
    };
    let is_on_its_way = |jobs: &[Job]| {
        let far = |job: &Job| (job.id, job.state, job.done, job.total);
        jobs.iter().map(far).eq([(JobId(id), JobState::Running, 40, Some(200))])
    };
    timeout(PATIENCE, watching(&mut stream, &is_on_its_way)).await.expect("its progress is told");
    parts
        .by_hand("UPDATE jobs SET done = 200, state = 'done', finished_at = created_at WHERE id = {id}", id)
        .await;
    timeout(PATIENCE, watching(&mut stream, &<[Job]>::is_empty))
        .await
        .expect("one that has ended is not told of");
}

async fn a_job_that_another_daemon_left_goes_on_where_it_was(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let operator = sign_in(&daemon, "operator").await;
    let organizer = sign_in(&daemon, "organizer").await;
    let mut events: Vec<EventId> = Vec::new();
    for seats in 1..=3 {
        events.push(publish(&organizer, seats).await.id);
    }
    // It was through with all but the newest.
    let report = r#"{"events": 70, "drifts": [], "truncated": false, "found": 5, "fixed": 4}"#;
    let progress = format!(r#"{{"after": "{}", "report": {report}}}"#, events[1]);
    let more = format!("total = 71, done = 70, progress = '{progress}'");
    let id = Uuid::from_u128(8);
    leave(&parts, id, "reconcile", Uuid::nil(), Some("2026-01-01"), &more).await;
    let job = ended(&operator.client, JobId(id)).await;
    let report = job.reconciled().expect("a report");
    assert_eq!((job.state, report.events, report.found, report.left()), (JobState::Done, 71, 5, 1));
}

async fn a_job_ends_when_somebody_asks_for_it(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let operator = sign_in(&daemon, "operator").await;
    let id = Uuid::from_u128(9);
    leave(&parts, id, "reconcile", Uuid::nil(), Some("2999-01-01"), "").await;
    let asked = operator.client.cancel_job(JobId(id)).await.expect("asked");
    assert!(asked.cancelling && asked.state == JobState::Running, "another daemon has it: {asked:?}");
    parts.by_hand("UPDATE jobs SET leased_until = created_at WHERE id = {id}", id).await;
    let job = ended(&operator.client, JobId(id)).await;
    assert_eq!((job.state, job.result), (JobState::Cancelled, None));
    let again = operator.client.cancel_job(JobId(id)).await.expect("as it is");
    assert_eq!(again.state, JobState::Cancelled);
    let next = operator.client.start_reconcile(true).await.expect("the next may run");
    assert_eq!(ended(&operator.client, next.id).await.state, JobState::Done);
}

async fn jobs_are_for_staff_and_for_whoever_asked(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let raw = Raw::new(&daemon);
    let (support, operator) = (sign_in(&daemon, "support").await, sign_in(&daemon, "operator").await);
    let of_operator = operator.client.start_reconcile(true).await.expect("a job").id;
    ended(&operator.client, of_operator).await;
    let path = format!("/admin/jobs/{of_operator}");
    let cancel = format!("{path}/cancel");
    for name in ["guest", "member", "organizer", "admin"] {
        let person = sign_in(&daemon, name).await;
        raw.get("/admin/jobs", &person.token).await.problem(name, 403, "forbidden");
        raw.get(&path, &person.token).await.problem(name, 404, "not_found");
        raw.send(Method::POST, &cancel, &person.token, "").await.problem(name, 404, "not_found");
        post(&raw, &person, "").await.problem(name, 403, "forbidden");
    }
    assert_eq!(support.client.job(of_operator).await.expect("support reads").id, of_operator);
    refused(support.client.cancel_job(of_operator).await, ErrorCode::Forbidden);
    let own = support.client.start_reconcile(false).await.expect("a job").id;
    support.client.cancel_job(own).await.expect("one's own");
    ended(&operator.client, own).await;
    raw.get(&path, "nonsense").await.problem("nobody", 401, "unauthenticated");
}

async fn a_report_comes_in_parts(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, support) = (Raw::new(&daemon), sign_in(&daemon, "support").await);
    let organizer = sign_in(&daemon, "organizer").await;
    for seats in 1..=3 {
        publish(&organizer, seats).await;
    }
    let whole = support.client.examine(None).await.expect("a report");
    assert_eq!((whole.cursor, whole.truncated), (None, false));
    let (mut events, mut cursor) = (0, None);
    loop {
        let query = ReconcileQuery { limit: Some(2), cursor, ..ReconcileQuery::default() };
        let part = support.client.examine_part(&query).await.expect("a part");
        assert!(part.events <= 2 && part.truncated == part.cursor.is_some(), "{part:?}");
        (events, cursor) = (events + part.events, part.cursor);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(events, whole.events);
    for wrong in ["limit=0", "limit=5001", "cursor=first"] {
        raw.get(&format!("/admin/reconcile?{wrong}"), &support.token).await.problem(
            wrong,
            400,
            "validation_failed",
        );
    }
}

/// An organization of the admin's with events, each booked out by the admin, who waits for more.
async fn found(admin: &Signed, events: usize) -> OrganizationId {
    let create = CreateOrganization { name: "Many Nights".to_owned(), settings: None };
    let organization = admin.client.create_organization(&create).await.expect("an organization").id;
    for number in 0..events {
        let create = event_of(organization, format!("Night {number}"), 1);
        let event = admin.client.create_event(&create).await.expect("an event").id;
        book(admin, event, 1).await;
        book(admin, event, 1).await;
    }
    organization
}

fn closing(raw: &Raw, person: &Signed, organization: OrganizationId) -> reqwest::RequestBuilder {
    let path = format!("/organizations/{organization}?force=true");
    raw.request(Method::DELETE, &path).bearer_auth(&person.token).header("Prefer", "respond-async")
}

async fn an_organization_of_many_events_is_closed_by_a_job_that_outlives_its_daemon(parts: Parts) {
    let mut daemon = Daemon::start(&parts).await;
    let raw = Raw::new(&daemon);
    let admin = sign_in(&daemon, "admin").await;
    let organization = found(&admin, MANY).await;
    let answer = Answer::to(closing(&raw, &admin, organization)).await;
    daemon.kill().await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    assert_eq!(answer.header("Preference-Applied"), Some("respond-async"));
    let job: Job = serde_json::from_value(answer.ok()).expect("a job");
    assert_eq!(answer.header("Location"), Some(format!("/admin/jobs/{}", job.id).as_str()));
    assert_eq!((job.kind, job.organization_id), (JobKind::CloseOrganization, Some(organization)));

    let second = if parts.stack().is_some() { Some(Daemon::start(&parts).await) } else { None };
    if second.is_none() {
        daemon.restart().await;
    }
    let next = second.as_ref().unwrap_or(&daemon);
    let (client, operator) = (next.client(admin.token.clone()), sign_in(next, "operator").await);
    // Its lease is over.
    parts.execute("UPDATE jobs SET leased_until = created_at WHERE leased_until IS NOT NULL").await;
    let job = ended(&client, job.id).await;
    assert_eq!((job.state, job.error), (JobState::Done, None));
    let closed: Closed = serde_json::from_value(job.result.expect("a result")).expect("readable");
    assert!(closed.deleted_events <= MANY as u64, "{closed:?}");
    refused(client.organization(organization).await, ErrorCode::NotFound);

    let audit = operator.client.audit_of(organization, &AuditQuery::default()).await.expect("audit").items;
    let of = |action: &'static str| audit.iter().filter(move |entry| entry.action == action);
    let deleted: BTreeSet<String> = of("event.deleted").map(|entry| entry.target.id.clone()).collect();
    assert_eq!((of("event.deleted").count(), deleted.len()), (MANY, MANY), "each once");
    assert_eq!(of("organization.deleted").count(), 1);
    assert!(of("event.deleted").all(|entry| entry.actor_id == admin.user && entry.address.is_some()));
    let told = async || {
        let told = client.notifications_of(admin.user.expect("a user")).await.expect("notifications");
        let told = told.into_iter().filter(|told| told.kind == NotificationType::EventUpdated);
        told.filter_map(|told| told.event_id).collect::<Vec<_>>()
    };
    eventually("everybody is told", PATIENCE, async || told().await.len() >= MANY).await;
    let told = told().await;
    assert_eq!((told.len(), told.iter().collect::<BTreeSet<_>>().len()), (MANY, MANY), "each once");
}

async fn few_events_are_deleted_at_once_whatever_the_client_prefers(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin) = (Raw::new(&daemon), sign_in(&daemon, "admin").await);
    let organization = found(&admin, 2).await;
    let id = Uuid::from_u128(11);
    leave(&parts, id, "close_organization", organization.0, Some("2999-01-01"), "").await;
    // Also for clients that know no jobs.
    for force in [true, false] {
        let refusal = admin.client.delete_organization(organization, force).await.expect_err("refused");
        let expected = if force { ErrorCode::JobRunning } else { ErrorCode::UpcomingEvents };
        assert_eq!(refusal.code(), Some(expected));
    }
    parts.by_hand("DELETE FROM jobs WHERE id = {id}", id).await;
    let answer = Answer::to(closing(&raw, &admin, organization)).await;
    assert_eq!((answer.status, answer.header("Preference-Applied")), (200, None), "{}", answer.text);
    assert_eq!(answer.ok(), serde_json::json!({ "ok": true }));
    let other = found(&admin, 1).await;
    let deleted = admin.client.begin_to_delete_organization(other, true).await.expect("deleted");
    assert_eq!(deleted, Deletion::Done);
}

async fn who_lost_the_right_closes_nothing(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (admin, operator) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "operator").await);
    let organization = found(&admin, 2).await;
    let id = Uuid::from_u128(12);
    leave(&parts, id, "close_organization", organization.0, Some("2999-01-01"), "").await;
    let member = admin.user.expect("a user").0;
    let asked = r#"UPDATE jobs SET wish = '{"from": null, "by_operator": false}', requested_by = {id}"#;
    parts.by_hand(asked, member).await;
    parts.by_hand("UPDATE organization_users SET role = 'organizer' WHERE user_id = {id}", member).await;
    parts.execute("UPDATE jobs SET leased_until = created_at").await;
    let job = ended(&operator.client, JobId(id)).await;
    assert_eq!(job.state, JobState::Failed);
    assert!(job.error.as_deref().is_some_and(|why| why.contains("may no longer")), "{job:?}");
    assert_eq!((job.done, job.total), (0, Some(2)), "nothing was deleted");
    assert!(operator.client.organization(organization).await.expect("it is there").deleted_at.is_none());
}
