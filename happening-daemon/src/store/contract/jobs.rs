//! Long work.

use super::kit::{Kit, at};
use crate::store::{Actor, ClaimedJob, Constraint, Ending, JobEnd, JobProgress, NewJob, StoreError};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::JobId;
use happening_core::wire::{Job, JobKind, JobState};
use serde_json::{Value, json};
use std::net::IpAddr;
use uuid::Uuid;

on_every_store!(
    of_a_kind_and_scope_one_is_under_way,
    a_job_is_one_daemons_until_its_lease_is_over,
    who_takes_a_job_goes_on_where_it_was,
    what_a_daemon_no_longer_has_it_does_not_touch,
    a_daemon_that_ends_gives_its_jobs_back,
    an_end_is_asked_for_once_it_has_not_come,
    what_ended_is_kept_without_what_it_needed_and_forgotten_later,
    jobs_are_listed_newest_first_in_pages,
);

const ONE: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

fn new_job(kit: &Kit, scope: Uuid) -> NewJob {
    let kind = if scope.is_nil() { JobKind::Reconcile } else { JobKind::CloseOrganization };
    NewJob { id: kit.ids.job(), kind, scope, wish: json!({ "fix": true }) }
}

fn asked(kit: &Kit, seconds: i64) -> Actor {
    let address: IpAddr = "192.0.2.7".parse().expect("an address");
    let request_id = Some("req-\0-7".to_owned());
    Actor { user: Some(kit.organizer), address: Some(address), request_id, now: at(seconds) }
}

async fn create(kit: &Kit, scope: Uuid, seconds: i64) -> JobId {
    let job = new_job(kit, scope);
    kit.store.create_job(&job, &asked(kit, seconds)).await.expect("a job");
    job.id
}

async fn claim(kit: &Kit, daemon: Uuid, seconds: i64) -> Option<ClaimedJob> {
    kit.store.claim_job(daemon, at(seconds), at(seconds + 10)).await.expect("a look")
}

async fn note(kit: &Kit, id: JobId, daemon: Uuid, done: u64, seconds: i64) -> Option<bool> {
    let progress = JobProgress { done, total: Some(9), at: Some(json!({ "after": done })) };
    kit.store.note_job(id, daemon, &progress, at(seconds + 10)).await.expect("an answer")
}

async fn finish(kit: &Kit, id: JobId, daemon: Uuid, result: Option<Value>, seconds: i64) -> bool {
    let progress = JobProgress { done: 9, total: Some(9), at: Some(json!("the end")) };
    let end = JobEnd { state: JobState::Done, result, error: None };
    kit.store.finish_job(id, daemon, &progress, &end, at(seconds)).await.expect("an answer")
}

/// Asks for the end of a job. The job as the transaction has it then.
async fn cancel(kit: &Kit, id: JobId) -> Option<Job> {
    let mut tx = kit.store.begin(&asked(kit, 2), Ending::Commit).await.expect("a transaction");
    tx.cancel_job(id).await.expect("asked");
    let job = tx.find_job(id).await.expect("readable");
    tx.commit().await.expect("a commit");
    job
}

async fn found(kit: &Kit, id: JobId) -> Job {
    kit.store.find_job(id).await.expect("readable").expect("a job")
}

async fn of_a_kind_and_scope_one_is_under_way(db: TestStore) {
    let kit = Kit::new(db).await;
    let (first, second) = (new_job(&kit, Uuid::nil()), new_job(&kit, Uuid::nil()));
    let by = asked(&kit, 1);
    let (one, two) = tokio::join!(kit.store.create_job(&first, &by), kit.store.create_job(&second, &by));
    let conflicts = [&one, &two].map(|made| {
        made.as_ref().is_err_and(|error| matches!(error, StoreError::Conflict(Constraint::JobRunning)))
    });
    assert_eq!(conflicts.iter().filter(|is| **is).count(), 1, "{one:?} {two:?}");
    let winner = if one.is_ok() { first.id } else { second.id };
    let open = kit.store.find_open_job(JobKind::Reconcile, Uuid::nil()).await.expect("readable");
    assert_eq!(open.map(|job| (job.id, job.state)), Some((winner, JobState::Waiting)));

    create(&kit, kit.organization.0, 2).await;
    create(&kit, Uuid::from_u128(99), 2).await;
    let again = kit.store.create_job(&new_job(&kit, kit.organization.0), &by).await;
    assert!(matches!(again, Err(StoreError::Conflict(Constraint::JobRunning))), "{again:?}");
    assert_eq!(claim(&kit, ONE, 3).await.map(|job| job.id), Some(winner), "the oldest");
    assert!(finish(&kit, winner, ONE, None, 4).await);
    assert_eq!(kit.store.find_open_job(JobKind::Reconcile, Uuid::nil()).await.expect("readable"), None);
    create(&kit, Uuid::nil(), 5).await;
}

async fn a_job_is_one_daemons_until_its_lease_is_over(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = create(&kit, Uuid::nil(), 1).await;
    let (one, other) = tokio::join!(claim(&kit, ONE, 2), claim(&kit, OTHER, 2));
    assert_eq!([&one, &other].iter().filter(|claimed| claimed.is_some()).count(), 1);
    let holder = if one.is_some() { ONE } else { OTHER };
    assert_eq!(claim(&kit, OTHER, 11).await, None);
    assert_eq!(note(&kit, id, holder, 1, 11).await, Some(false));
    assert_eq!(claim(&kit, OTHER, 20).await, None, "it was extended");
    let taken = claim(&kit, OTHER, 21).await.expect("taken over");
    assert_eq!((taken.id, taken.done), (id, 1));
    let job = found(&kit, id).await;
    assert_eq!((job.state, job.started_at), (JobState::Running, Some(at(2))), "it began once");
}

async fn who_takes_a_job_goes_on_where_it_was(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = create(&kit, kit.organization.0, 1).await;
    let first = claim(&kit, ONE, 2).await.expect("a job");
    let by = Actor { request_id: Some("req-\u{2400}-7".to_owned()), ..asked(&kit, 1) };
    let expected = ClaimedJob {
        id,
        kind: JobKind::CloseOrganization,
        scope: kit.organization.0,
        by,
        wish: json!({ "fix": true }),
        progress: None,
        done: 0,
        total: None,
        cancelling: false,
    };
    assert_eq!(first, expected);
    note(&kit, id, ONE, 4, 3).await;
    let further = JobProgress { done: 5, total: Some(9), at: None };
    assert_eq!(kit.store.note_job(id, ONE, &further, at(13)).await.expect("noted"), Some(false));
    let second = claim(&kit, OTHER, 13).await.expect("taken over");
    let progress = Some(json!({ "after": 4 }));
    assert_eq!(second, ClaimedJob { progress, done: 5, total: Some(9), ..expected });
}

async fn what_a_daemon_no_longer_has_it_does_not_touch(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = create(&kit, Uuid::nil(), 1).await;
    claim(&kit, ONE, 2).await.expect("a job");
    claim(&kit, OTHER, 12).await.expect("taken over");
    assert_eq!(note(&kit, id, ONE, 7, 13).await, None);
    assert!(!finish(&kit, id, ONE, None, 13).await);
    kit.store.release_jobs(ONE).await.expect("nothing to give back");
    assert_eq!(claim(&kit, ONE, 13).await, None);
    let job = found(&kit, id).await;
    assert_eq!((job.state, job.done), (JobState::Running, 0));
}

async fn a_daemon_that_ends_gives_its_jobs_back(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = create(&kit, Uuid::nil(), 1).await;
    claim(&kit, ONE, 2).await.expect("a job");
    kit.store.release_jobs(ONE).await.expect("given back");
    assert_eq!(found(&kit, id).await.state, JobState::Running);
    assert_eq!(claim(&kit, OTHER, 3).await.map(|job| job.id), Some(id));
}

async fn an_end_is_asked_for_once_it_has_not_come(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = create(&kit, Uuid::nil(), 1).await;
    for _ in 0..2 {
        assert!(cancel(&kit, id).await.is_some_and(|job| job.cancelling));
    }
    assert!(found(&kit, id).await.cancelling);
    assert!(claim(&kit, ONE, 2).await.expect("a job").cancelling);
    assert_eq!(note(&kit, id, ONE, 1, 3).await, Some(true));
    finish(&kit, id, ONE, None, 4).await;
    let late = create(&kit, Uuid::nil(), 5).await;
    claim(&kit, ONE, 6).await.expect("a job");
    finish(&kit, late, ONE, None, 7).await;
    let ended = found(&kit, late).await;
    assert!(!ended.cancelling);
    assert_eq!(cancel(&kit, late).await, Some(ended), "too late");
    assert_eq!(cancel(&kit, kit.ids.job()).await, None);
    assert_eq!(claim(&kit, ONE, 99).await, None);
}

async fn what_ended_is_kept_without_what_it_needed_and_forgotten_later(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = create(&kit, kit.organization.0, 1).await;
    claim(&kit, ONE, 2).await.expect("a job");
    let result = json!({ "deleted_events": 9, "name": "a\0b" });
    assert!(finish(&kit, id, ONE, Some(result.clone()), 5).await);
    let expected = Job {
        id,
        kind: JobKind::CloseOrganization,
        state: JobState::Done,
        organization_id: Some(kit.organization),
        requested_by: Some(kit.organizer),
        created_at: at(1),
        started_at: Some(at(2)),
        finished_at: Some(at(5)),
        done: 9,
        total: Some(9),
        cancelling: false,
        result: Some(result),
        error: None,
    };
    assert_eq!(found(&kit, id).await, expected);
    let needed = "SELECT wish || COALESCE(progress, '') || COALESCE(address, '') || COALESCE(request_id, '') FROM jobs";
    assert_eq!(kit.db.texts(needed).await, [""]);
    let open = create(&kit, Uuid::nil(), 1).await;
    kit.store.forget_jobs(at(5)).await.expect("a look");
    assert_eq!(found(&kit, id).await.state, JobState::Done);
    kit.store.forget_jobs(at(6)).await.expect("forgotten");
    assert_eq!(kit.store.find_job(id).await.expect("readable"), None);
    assert_eq!(found(&kit, open).await.state, JobState::Waiting, "what has not ended is not old");
}

async fn jobs_are_listed_newest_first_in_pages(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut ids = Vec::new();
    for number in 1..=5 {
        ids.insert(0, create(&kit, Uuid::from_u128(number), 1).await);
    }
    let last = claim(&kit, ONE, 2).await.expect("a job").id;
    finish(&kit, last, ONE, Some(json!([1])), 3).await;
    let page = async |before| {
        let page = kit.store.list_jobs(before, 2).await.expect("readable");
        assert!(page.iter().all(|job| job.result.is_none()), "results are not in lists");
        page.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(page(None).await, ids[..2]);
    assert_eq!(page(Some(ids[1])).await, ids[2..4]);
    assert_eq!(page(Some(ids[3])).await, ids[4..]);
    assert_eq!(found(&kit, last).await.result, Some(json!([1])));
}
