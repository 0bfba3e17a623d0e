//! Trials: what is written in one is seen in it, and nowhere else, and never again.

use super::kit::{Kit, at, by, new_user, terms};
use crate::store::{Constraint, StoreError, Update};
use crate::testing::{TestStore, on_every_store};
use happening_core::wire::{AuditQuery, OrganizationSettings};
use std::time::Duration;

on_every_store!(
    a_trial_sees_what_it_wrote_and_nobody_else_does,
    what_a_trial_is_refused_does_not_end_it,
    the_engine_commits_and_takes_turns_in_a_trial,
    a_trial_that_is_dropped_leaves_nothing_behind,
    there_is_no_trial_of_a_trial,
);

async fn a_trial_sees_what_it_wrote_and_nobody_else_does(db: TestStore) {
    let kit = Kit::new(db).await;
    let trial = kit.store.trial().await.expect("a trial");
    let (organization, settings) = (kit.ids.organization(), OrganizationSettings::default());
    trial
        .create_organization(organization, "Club", &settings, kit.organizer, &by(at(1)))
        .await
        .expect("an organization");
    assert!(trial.find_organization(organization).await.expect("readable").is_some());
    let audit = trial.list_audit(Some(organization), &AuditQuery::default()).await.expect("readable");
    assert_eq!(audit.len(), 1);
    assert_eq!(kit.store.find_organization(organization).await.expect("readable"), None);
    trial.close().await;
    assert_eq!(kit.store.find_organization(organization).await.expect("readable"), None);
    // Nothing is locked any more.
    let by = by(at(2));
    let renamed = kit.store.update_organization(kit.organization, None, Some("New"), None, &by);
    let renamed = tokio::time::timeout(Duration::from_secs(1), renamed).await.expect("no wait");
    assert_eq!(renamed.expect("a change"), Update::Done);
}

async fn what_a_trial_is_refused_does_not_end_it(db: TestStore) {
    let kit = Kit::new(db).await;
    let trial = kit.store.trial().await.expect("a trial");
    let ada = kit.ids.user();
    trial.create_user(&new_user(ada, "ada"), None, &by(at(1))).await.expect("a user");
    let again = trial.create_user(&new_user(kit.ids.user(), "olga"), None, &by(at(2))).await;
    assert!(matches!(again, Err(StoreError::Conflict(Constraint::Username | Constraint::UserSubject))));
    assert!(trial.find_user(ada).await.expect("readable").is_some(), "what came before is still there");
    trial.close().await;
    assert_eq!(kit.store.find_user(ada).await.expect("readable"), None);
}

async fn the_engine_commits_and_takes_turns_in_a_trial(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(3)).await;
    let trial = kit.store.trial().await.expect("a trial");
    let first = event.book(kit.organizer, 1);
    let mut batch = kit.batch(2);
    event.draft(&mut batch);
    assert_eq!(trial.commit(&batch).await.expect("a commit"), [event.id]);
    assert_eq!(trial.commit(&batch).await.expect("an answer"), [], "the version has moved on, in the trial");
    event.settle();
    let second = event.book(kit.organizer, 1);
    let mut batch = kit.batch(3);
    event.draft(&mut batch);
    let mut turn = trial.take_turn(&[(event.id, 0)]).await.expect("a turn");
    assert_eq!(turn.missed()[0].1, 1, "what it committed itself");
    assert_eq!(turn.commit(&batch).await.expect("a commit"), [event.id]);
    let mut idle = trial.take_turn(&[(event.id, 2)]).await.expect("a turn");
    assert_eq!(idle.missed()[0].1, 2);
    assert_eq!(idle.commit(&kit.batch(4)).await.expect("nothing to write"), []);
    for booking in [first, second] {
        assert!(trial.find_booking(booking).await.expect("readable").is_some());
    }
    trial.close().await;
    assert_eq!(kit.store.versions(&[event.id]).await.expect("readable"), [(event.id, 0)]);
    assert_eq!(kit.store.find_booking(first).await.expect("readable"), None);
    assert_eq!(kit.store.backlog().await.expect("readable"), 0, "nobody is told");
}

async fn a_trial_that_is_dropped_leaves_nothing_behind(db: TestStore) {
    let kit = Kit::new(db).await;
    let trial = kit.store.trial().await.expect("a trial");
    let mut event = kit.event_in(&*trial, terms(2)).await;
    event.book(kit.organizer, 2);
    drop(trial);
    let found = || async { kit.store.find_event(event.id).await.expect("readable") };
    assert_eq!(found().await, None);
    let by = by(at(2));
    let renamed = kit.store.update_organization(kit.organization, None, Some("New"), None, &by);
    let renamed = tokio::time::timeout(Duration::from_secs(5), renamed).await.expect("the locks go too");
    assert_eq!(renamed.expect("a change"), Update::Done);
}

async fn there_is_no_trial_of_a_trial(db: TestStore) {
    let trial = db.store.trial().await.expect("a trial");
    assert!(matches!(trial.trial().await, Err(StoreError::Defect(_))));
    trial.close().await;
}
