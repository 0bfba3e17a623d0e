//! How much there is at most, also where many ask at once.

use super::kit::{Kit, at, by, terms};
use crate::service::testing::{Founding, Publication};
use crate::store::NewEvent;
use crate::testing::{TestStore, on_every_store};
use futures::future::join_all;
use happening_core::booking::{Amendment, Command, Terms};
use happening_core::wire::{EventStatus, OrganizationSettings};

on_every_store!(
    an_organization_publishes_until_it_has_as_many_open_events_as_it_may,
    a_person_founds_organizations_until_they_own_as_many_as_they_may,
);

async fn an_organization_publishes_until_it_has_as_many_open_events_as_it_may(db: TestStore) {
    let kit = Kit::new(db).await;
    let now = by(at(2));
    let publish =
        async |event: &NewEvent, most| kit.rules().publish_event(event, most, &now).await.expect("an answer");
    // What is over, and what others have, does not count.
    let over = Terms { status: EventStatus::Completed, ..terms(1) };
    assert_eq!(publish(&kit.new_event("Over", over), Some(1)).await, Publication::Done);
    kit.event_elsewhere().await;
    let mut ongoing = kit.event(Terms { status: EventStatus::Ongoing, ..terms(1) }).await;
    let events: Vec<NewEvent> = (0..12).map(|_| kit.new_event("Evening", terms(1))).collect();
    let answers = join_all(events.iter().map(|event| publish(event, Some(5)))).await;
    let full = Publication::Full { open: 5, most: 5 };
    assert_eq!(answers.iter().filter(|answer| **answer == Publication::Done).count(), 4);
    assert_eq!(answers.iter().filter(|answer| **answer == full).count(), 8);
    assert_eq!(kit.store.count_open_events(kit.organization).await.expect("readable"), 5);

    ongoing.ask(&Command::Amend(Amendment { delete: true, ..Amendment::default() }));
    kit.commit(3, &mut [&mut ongoing]).await;
    assert_eq!(publish(&kit.new_event("One more", terms(1)), Some(5)).await, Publication::Done);
    let beyond = kit.new_event("Beyond", terms(1));
    assert_eq!(publish(&beyond, Some(5)).await, full);
    assert!(kit.store.find_event(beyond.id).await.expect("readable").is_none());
    assert_eq!(publish(&beyond, None).await, Publication::Done, "any number");
    let full = Publication::Full { open: 6, most: 5 };
    assert_eq!(publish(&kit.new_event("Lowered", terms(1)), Some(5)).await, full);
    let nowhere = NewEvent { organization: kit.ids.organization(), ..kit.new_event("Nowhere", terms(1)) };
    assert_eq!(publish(&nowhere, Some(5)).await, Publication::Absent);
}

async fn a_person_founds_organizations_until_they_own_as_many_as_they_may(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, settings, now) = (kit.person("ada").await, OrganizationSettings::default(), by(at(2)));
    let found = async |most| {
        let id = kit.ids.organization();
        let founding = kit.rules().found_organization(id, "Club", &settings, ada, most, &now).await;
        (id, founding.expect("an answer"))
    };
    let answers = join_all((0..8).map(|_| found(Some(3)))).await;
    let full = Founding::Full { owned: 3, most: 3 };
    let (done, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(_, answer)| *answer == Founding::Done);
    assert_eq!(done.len(), 3);
    assert!(refused.iter().all(|(_, answer)| *answer == full), "{refused:?}");
    for (id, _) in refused {
        assert!(kit.store.find_organization(id).await.expect("readable").is_none());
    }
    let (first, _) = done[0];
    kit.rules().delete_organization(first, None, &by(at(3))).await.expect("deleted");
    assert_eq!(found(Some(3)).await.1, Founding::Done);
    assert_eq!(found(Some(3)).await.1, full);
    assert_eq!(found(None).await.1, Founding::Done, "any number");
}
