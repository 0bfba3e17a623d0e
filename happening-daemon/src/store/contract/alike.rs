//! What one database takes the other takes too, and what one refuses the other refuses with the same error.

use super::kit::{Kit, at, by, new_user, terms};
use crate::service::Error;
use crate::store::{Details, Ending, NewEvent, StoreError};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::Terms;
use happening_core::wire::OrganizationSettings;

on_every_store!(
    text_with_nul_is_refused,
    long_text_is_kept_whole,
    numbers_keep_within_what_the_databases_count_in,
    what_contradicts_the_schema_is_a_defect,
);

async fn insert(kit: &Kit, event: &NewEvent) -> Result<(), StoreError> {
    let mut tx = kit.store.begin(&by(at(1)), Ending::Commit).await?;
    tx.insert_event(event).await?;
    tx.commit().await
}

async fn text_with_nul_is_refused(db: TestStore) {
    let kit = Kit::new(db).await;
    let is_refused = |error: &Error| *error == Error::from(StoreError::Nul);
    let mut person = new_user(kit.ids.user(), "ada");
    person.first_name = Some("A\0da".to_owned());
    let created = kit.rules().create_user(&person, None, &by(at(1))).await;
    assert!(created.as_ref().is_err_and(is_refused), "{created:?}");
    let settings = OrganizationSettings::default();
    let created = kit
        .rules()
        .create_organization(kit.ids.organization(), "\0", &settings, kit.organizer, &by(at(1)))
        .await;
    assert!(created.as_ref().is_err_and(is_refused), "{created:?}");
    let renamed =
        kit.rules().update_organization(kit.organization, None, Some("x\0y"), None, &by(at(1))).await;
    assert!(renamed.as_ref().is_err_and(is_refused), "{renamed:?}");
    let is_nul = |error: &StoreError| matches!(error, StoreError::Nul);
    for (name, description) in [("a\0", None), ("a", Some("\0b".to_owned()))] {
        let event = NewEvent { description, ..kit.new_event(name, terms(3)) };
        let created = insert(&kit, &event).await;
        assert!(created.as_ref().is_err_and(is_nul), "{created:?}");
    }
    let event = kit.event(terms(3)).await;
    let mut batch = kit.batch(2);
    let details = Details { name: Some("New\0".to_owned()), ..Details::default() };
    batch.events.push(crate::store::EventRow { details, ..event.row() });
    let committed = kit.store.commit(&batch).await;
    assert!(committed.as_ref().is_err_and(is_nul), "{committed:?}");
    kit.assert_stored(&event).await;
}

async fn long_text_is_kept_whole(db: TestStore) {
    let kit = Kit::new(db).await;
    let long = "Ä☂ ".repeat(50_000);
    let event = NewEvent { description: Some(long.clone()), ..kit.new_event("Long", terms(3)) };
    assert!(kit.rules().create_event(&event, &by(at(1))).await.expect("an event"));
    let found = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!(found.description, Some(long));
}

async fn numbers_keep_within_what_the_databases_count_in(db: TestStore) {
    let kit = Kit::new(db).await;
    let most = Terms { waitlist_limit: Some(u32::MAX), bypass_limit: u32::MAX, ..terms(3) };
    let event = kit.new_event("Most", most);
    assert!(kit.rules().create_event(&event, &by(at(1))).await.expect("an event"));
    let found = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    let limit = i32::MAX.unsigned_abs();
    assert_eq!((found.waitlist_limit, found.bypass_limit), (Some(limit), limit));
    let state = kit.store.load(event.id).await.expect("readable").expect("an event");
    assert_eq!((state.terms().waitlist_limit, state.terms().bypass_limit), (Some(limit), limit));
}

async fn what_contradicts_the_schema_is_a_defect(db: TestStore) {
    let kit = Kit::new(db).await;
    let nobody = NewEvent { created_by: kit.ids.user(), ..kit.new_event("Nobody's", terms(3)) };
    for event in [kit.new_event("Empty", terms(0)), nobody] {
        let created = insert(&kit, &event).await;
        assert!(matches!(created, Err(StoreError::Defect(_))), "{}: {created:?}", event.name);
        assert_eq!(kit.store.find_event(event.id).await.expect("readable"), None, "nothing of it is there");
    }
    let event = kit.event(terms(3)).await;
    let mut batch = kit.batch(2);
    batch.events.push(crate::store::EventRow { available: 4, ..event.row() });
    let committed = kit.store.commit(&batch).await;
    assert!(matches!(committed, Err(StoreError::Defect(_))), "more free seats than there are: {committed:?}");
    kit.assert_stored(&event).await;
}
