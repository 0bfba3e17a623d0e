//! Trials: what is written in one is seen in it, and nowhere else, and never again.

use super::kit::{Kit, at, by, new_user, terms};
use crate::service::Error;
use crate::service::testing::{Update, rules};
use crate::store::{Constraint, StoreError};
use crate::testing::{TestStore, on_every_store};
use happening_core::wire::{AuditQuery, OrganizationSettings};
use std::time::Duration;

on_every_store!(
    a_trial_sees_what_it_wrote_and_nobody_else_does,
    what_a_trial_is_refused_does_not_end_it,
    a_store_that_only_looks_writes_nothing,
    trials_follow_each_other,
    a_trial_that_is_dropped_leaves_nothing_behind,
    there_is_no_trial_of_a_trial,
);

async fn a_trial_sees_what_it_wrote_and_nobody_else_does(db: TestStore) {
    let kit = Kit::new(db).await;
    let trial = kit.store.trial().await.expect("a trial");
    let (organization, settings) = (kit.ids.organization(), OrganizationSettings::default());
    rules(&trial)
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
    let renamed = kit.rules().update_organization(kit.organization, None, Some("New"), None, &by);
    let renamed = tokio::time::timeout(Duration::from_secs(1), renamed).await.expect("no wait");
    assert_eq!(renamed.expect("a change"), Update::Done);
}

async fn what_a_trial_is_refused_does_not_end_it(db: TestStore) {
    let kit = Kit::new(db).await;
    let trial = kit.store.trial().await.expect("a trial");
    let ada = kit.ids.user();
    rules(&trial).create_user(&new_user(ada, "ada"), None, &by(at(1))).await.expect("a user");
    let again = rules(&trial).create_user(&new_user(kit.ids.user(), "olga"), None, &by(at(2))).await;
    assert!(matches!(
        again,
        Err(Error { conflict: Some(Constraint::Username | Constraint::UserSubject), .. })
    ));
    assert!(trial.find_user(ada).await.expect("readable").is_some(), "what came before is still there");
    trial.close().await;
    assert_eq!(kit.store.find_user(ada).await.expect("readable"), None);
}

async fn a_store_that_only_looks_writes_nothing(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(3)).await;
    let booking = event.book(kit.organizer, 1);
    kit.commit(2, &mut [&mut event]).await;
    let looking = kit.store.looking();
    assert!(looking.find_booking(booking).await.expect("readable").is_some());
    assert_eq!(looking.versions(&[event.id]).await.expect("readable"), [(event.id, 1)]);
    assert!(looking.load(event.id).await.expect("readable").is_some());
    let ada = kit.ids.user();
    assert!(rules(&looking).create_user(&new_user(ada, "ada"), None, &by(at(3))).await.is_err());
    let renamed =
        rules(&looking).update_organization(kit.organization, None, Some("New"), None, &by(at(3))).await;
    assert!(renamed.is_err());
    assert!(looking.release_all(at(3)).await.is_err());
    assert_eq!(kit.store.find_user(ada).await.expect("readable"), None);
    kit.rules().create_user(&new_user(ada, "ada"), None, &by(at(4))).await.expect("the other one writes");
}

async fn trials_follow_each_other(db: TestStore) {
    let kit = Kit::new(db).await;
    for round in 1..=5 {
        let trial = kit.store.trial().await.expect("a trial");
        let ada = kit.ids.user();
        rules(&trial)
            .create_user(&new_user(ada, "ada"), None, &by(at(round)))
            .await
            .expect("nobody was left behind");
        assert!(trial.find_user(ada).await.expect("readable").is_some());
        trial.close().await;
        assert_eq!(kit.store.find_user(ada).await.expect("readable"), None);
    }
}

async fn a_trial_that_is_dropped_leaves_nothing_behind(db: TestStore) {
    let kit = Kit::new(db).await;
    let trial = kit.store.trial().await.expect("a trial");
    let mut event = kit.event_in(&trial, terms(2)).await;
    event.book(kit.organizer, 2);
    drop(trial);
    let found = || async { kit.store.find_event(event.id).await.expect("readable") };
    assert_eq!(found().await, None);
    let by = by(at(2));
    let renamed = kit.rules().update_organization(kit.organization, None, Some("New"), None, &by);
    let renamed = tokio::time::timeout(Duration::from_secs(5), renamed).await.expect("the locks go too");
    assert_eq!(renamed.expect("a change"), Update::Done);
}

async fn there_is_no_trial_of_a_trial(db: TestStore) {
    let trial = db.store.trial().await.expect("a trial");
    assert!(matches!(trial.trial().await, Err(StoreError::Defect(_))));
    trial.close().await;
}
