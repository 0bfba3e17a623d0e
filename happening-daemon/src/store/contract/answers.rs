//! Answers to requests that may be sent again.

use super::kit::{Kit, at, terms};
use crate::idempotency::Fingerprint;
use crate::store::{AnswerRow, Constraint, KeptAnswer, Remembered, StoreError};
use crate::testing::{TestStore, on_every_store};
use std::collections::BTreeMap;

on_every_store!(
    an_answer_is_part_of_its_commit,
    an_answer_of_an_event_that_moved_on_is_not_written,
    a_request_is_answered_by_one_commit,
    a_key_is_reserved_by_one_until_its_lease_ends,
    of_many_who_reserve_at_once_one_does,
    an_answer_is_kept_by_whoever_has_the_key,
    a_request_that_came_to_nothing_frees_its_key,
    old_answers_are_forgotten,
    of_each_caller_the_newest_answers_are_kept,
);

fn fingerprint(key: &str) -> Fingerprint {
    Fingerprint::of(&[b"ada"], &[key.as_bytes()], &[b"what is asked"])
}

fn answer(body: &str) -> KeptAnswer {
    let headers = BTreeMap::from([("etag".to_owned(), "\"7\"".to_owned())]);
    KeptAnswer { status: 201, headers, body: body.to_owned() }
}

async fn found(kit: &Kit, key: &str) -> Option<Remembered> {
    kit.store.find_answer(&fingerprint(key).key).await.expect("readable")
}

async fn an_answer_is_part_of_its_commit(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut one, mut two) = (kit.event(terms(3)).await, kit.event(terms(3)).await);
    let mut batch = kit.batch(2);
    for (event, key) in [(&mut one, "a"), (&mut two, "b")] {
        event.book(kit.organizer, 1);
        event.draft(&mut batch);
        let body = format!("{{\"of\":\"{key}☂\"}}");
        batch.answers.push(AnswerRow { fingerprint: fingerprint(key), event: event.id, status: 201, body });
    }
    batch.events.sort_by_key(|row| row.id);
    kit.store.commit(&batch).await.expect("a commit");
    for key in ["a", "b"] {
        let remembered = found(&kit, key).await.expect("remembered");
        assert_eq!(remembered.request, fingerprint(key).request);
        let body = format!("{{\"of\":\"{key}☂\"}}");
        assert_eq!(remembered.answer, Some(KeptAnswer { status: 201, headers: BTreeMap::new(), body }));
    }
    assert_eq!(found(&kit, "c").await, None);
}

async fn an_answer_of_an_event_that_moved_on_is_not_written(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(3)).await;
    event.book(kit.organizer, 1);
    let mut batch = kit.batch(2);
    event.draft(&mut batch);
    batch.events[0].expected += 1;
    let row =
        AnswerRow { fingerprint: fingerprint("a"), event: event.id, status: 201, body: "{}".to_owned() };
    batch.answers.push(row);
    assert_eq!(kit.store.commit(&batch).await.expect("a commit"), []);
    assert_eq!(found(&kit, "a").await, None);
}

async fn a_request_is_answered_by_one_commit(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut one, mut two) = (kit.event(terms(3)).await, kit.event(terms(3)).await);
    let row = |event, body: &str| AnswerRow {
        fingerprint: fingerprint("a"),
        event,
        status: 201,
        body: body.to_owned(),
    };
    one.book(kit.organizer, 1);
    two.book(kit.organizer, 1);
    let (mut first, mut second) = (kit.batch(2), kit.batch(3));
    one.draft(&mut first);
    first.answers.push(row(one.id, "1"));
    two.draft(&mut second);
    second.answers.push(row(two.id, "2"));
    kit.store.commit(&first).await.expect("a commit");
    let refused = kit.store.commit(&second).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Constraint::IdempotencyKey))), "{refused:?}");
    let state = kit.store.load(two.id).await.expect("readable").expect("an event");
    assert_eq!((state.version(), state.seats().taken()), (0, 0), "nothing of it is written");
    assert_eq!(
        found(&kit, "a").await.and_then(|found| found.answer).map(|answer| answer.body),
        Some("1".into())
    );
}

async fn a_key_is_reserved_by_one_until_its_lease_ends(db: TestStore) {
    let kit = Kit::new(db).await;
    let reserve =
        async |now, until| kit.store.reserve(&fingerprint("a"), at(now), at(until)).await.expect("an answer");
    assert!(reserve(1, 61).await);
    assert!(!reserve(2, 62).await);
    assert!(!reserve(60, 120).await);
    assert_eq!(found(&kit, "a").await.map(|found| found.answer), Some(None), "it runs");
    assert!(reserve(61, 121).await, "whoever had it was killed");
    let other = Fingerprint::of(&[b"ada"], &[b"a"], &[b"something else"]);
    assert!(!kit.store.reserve(&other, at(62), at(122)).await.expect("an answer"));
}

async fn of_many_who_reserve_at_once_one_does(db: TestStore) {
    let kit = Kit::new(db).await;
    let reserving = (0..20).map(|_| {
        let store = kit.store.clone();
        tokio::spawn(async move { store.reserve(&fingerprint("a"), at(1), at(61)).await.expect("an answer") })
    });
    let reserved = futures::future::join_all(reserving).await;
    assert_eq!(reserved.into_iter().filter(|won| *won.as_ref().expect("no panic")).count(), 1);
}

async fn an_answer_is_kept_by_whoever_has_the_key(db: TestStore) {
    let kit = Kit::new(db).await;
    let key = fingerprint("a").key;
    assert!(kit.store.reserve(&fingerprint("a"), at(1), at(61)).await.expect("an answer"));
    assert!(kit.store.reserve(&fingerprint("a"), at(70), at(130)).await.expect("an answer"));
    let late = kit.store.keep_answer(&key, at(61), &answer("late")).await.expect("an answer");
    assert!(!late, "somebody else has the key by now");
    assert!(kit.store.keep_answer(&key, at(130), &answer("in time")).await.expect("an answer"));
    assert_eq!(found(&kit, "a").await.and_then(|found| found.answer), Some(answer("in time")));
    assert!(!kit.store.reserve(&fingerprint("a"), at(999), at(1_059)).await.expect("an answer"), "answered");
    kit.store.release(&key, at(130)).await.expect("an answer");
    assert!(found(&kit, "a").await.is_some(), "an answer is not released");
}

async fn a_request_that_came_to_nothing_frees_its_key(db: TestStore) {
    let kit = Kit::new(db).await;
    let key = fingerprint("a").key;
    assert!(kit.store.reserve(&fingerprint("a"), at(1), at(61)).await.expect("an answer"));
    kit.store.release(&key, at(60)).await.expect("an answer");
    assert!(found(&kit, "a").await.is_some(), "not one's own reservation");
    kit.store.release(&key, at(61)).await.expect("an answer");
    assert_eq!(found(&kit, "a").await, None);
    assert!(kit.store.reserve(&fingerprint("a"), at(2), at(62)).await.expect("an answer"));
}

async fn old_answers_are_forgotten(db: TestStore) {
    let kit = Kit::new(db).await;
    for (key, asked) in [("a", 1), ("b", 2)] {
        assert!(kit.store.reserve(&fingerprint(key), at(asked), at(61)).await.expect("an answer"));
    }
    let stays = fingerprint("b");
    assert!(kit.store.keep_answer(&stays.key, at(61), &answer("b")).await.expect("an answer"));
    assert_eq!(kit.store.forget_answers(at(2)).await.expect("an answer"), 1);
    assert_eq!(found(&kit, "a").await, None);
    assert!(found(&kit, "b").await.is_some());
}

async fn of_each_caller_the_newest_answers_are_kept(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(9)).await;
    let of = |owner: &str, key: &str| Fingerprint::of(&[owner.as_bytes()], &[key.as_bytes()], &[]);
    let ada = of("ada", "0").owner;
    // Answers of commits and of other requests alike.
    event.book(kit.organizer, 1);
    let mut batch = kit.batch(2);
    event.draft(&mut batch);
    batch.answers.push(AnswerRow {
        fingerprint: of("ada", "0"),
        event: event.id,
        status: 201,
        body: "{}".to_owned(),
    });
    kit.store.commit(&batch).await.expect("a commit");
    for (owner, key, seconds) in [("ada", "1", 3), ("bo", "1", 3), ("ada", "2", 4), ("ada", "3", 5)] {
        let fingerprint = of(owner, key);
        assert!(kit.store.reserve(&fingerprint, at(seconds), at(60)).await.expect("an answer"));
        if key != "3" {
            assert!(kit.store.keep_answer(&fingerprint.key, at(60), &answer("{}")).await.expect("kept"));
        }
    }
    let left =
        async |owner, key| kit.store.find_answer(&of(owner, key).key).await.expect("readable").is_some();
    assert_eq!(kit.store.forget_oldest_answers(&ada, 5).await.expect("done"), 0, "no more than that");
    assert_eq!(kit.store.forget_oldest_answers(&ada, 1).await.expect("done"), 2);
    assert!(!left("ada", "0").await && !left("ada", "1").await);
    assert!(left("ada", "2").await, "the newest answer");
    assert!(left("ada", "3").await, "its request runs");
    assert!(left("bo", "1").await, "somebody else's");
}
