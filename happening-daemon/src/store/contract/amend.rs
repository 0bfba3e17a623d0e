//! New terms and details of an event, and who is told.

use super::kit::{Kit, at, terms};
use crate::store::{Details, Part};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::{Amendment, Command};
use happening_core::wire::{Category, EventStatus, NotificationStatus, NotificationType, WaitlistPolicy};

on_every_store!(
    new_terms_are_stored,
    details_that_are_not_given_stay,
    an_announcement_is_told_once_to_everyone_who_booked_or_waits,
    an_announcement_to_nobody_is_no_error,
);

async fn new_terms_are_stored(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(3)).await;
    event.book(kit.organizer, 3);
    event.book(kit.organizer, 2);
    kit.commit(2, &mut [&mut event]).await;
    let whole = Amendment {
        capacity: Some(9),
        status: Some(EventStatus::Ongoing),
        starts_at: Some(at(1_000)),
        policy: Some(WaitlistPolicy::Whole),
        bypass_limit: Some(0),
        waitlist_limit: Some(Some(12)),
        delete: false,
        as_of: None,
    };
    event.ask(&Command::Amend(whole));
    kit.commit(3, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let view = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!((view.total_slots, view.available_slots, view.waiting), (9, 4, 0));
    assert_eq!((view.status, view.event_date), (EventStatus::Ongoing, at(1_000)));
    assert_eq!((view.waitlist_policy, view.bypass_limit), (WaitlistPolicy::Whole, 0));
    assert_eq!((view.waitlist_limit, view.version, view.updated_at), (Some(12), 2, at(3)));

    let back = Amendment { capacity: Some(5), waitlist_limit: Some(None), ..Amendment::default() };
    event.ask(&Command::Amend(back));
    kit.commit(4, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let view = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!((view.total_slots, view.available_slots, view.waitlist_limit), (5, 0, None));
}

async fn details_that_are_not_given_stay(db: TestStore) {
    let kit = Kit::new(db).await;
    let heir = kit.person("heir").await;
    let mut event = kit.event(terms(3)).await;
    let before = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    event.ask(&Command::Amend(Amendment::default()));
    kit.commit(2, &mut [&mut event]).await;
    let same = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!((&same.name, &same.description), (&before.name, &before.description));
    assert_eq!((same.category, same.created_by, same.version), (before.category, before.created_by, 1));

    event.ask(&Command::Amend(Amendment::default()));
    event.details = Details {
        name: Some("Matinée".to_owned()),
        description: Some(String::new()),
        category: Some(Category::Webinar),
        created_by: Some(heir),
    };
    kit.commit(3, &mut [&mut event]).await;
    let new = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!((new.name.as_str(), new.description.as_deref()), ("Matinée", Some("")));
    assert_eq!((new.category, new.created_by), (Some(Category::Webinar), heir));
    assert_eq!(new.organizer_username.as_deref(), Some("heir"));
    kit.assert_stored(&event).await;
}

async fn an_announcement_is_told_once_to_everyone_who_booked_or_waits(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(4)).await;
    let mut other = kit.event(terms(4)).await;
    let (twice, waits) = (kit.person("twice").await, kit.person("waits").await);
    let (gone, elsewhere) = (kit.person("gone").await, kit.person("elsewhere").await);
    event.book(twice, 1);
    event.book(twice, 2);
    let cancelled = event.book(gone, 1);
    event.book(waits, 4);
    event.book(twice, 3);
    other.book(elsewhere, 1);
    kit.commit(2, &mut [&mut event, &mut other]).await;
    event.cancel(cancelled);
    kit.commit(3, &mut [&mut event]).await;

    event.ask(&Command::Amend(Amendment { starts_at: Some(at(5_000)), ..Amendment::default() }));
    event.announcement = Some("It is \"later\" now: ☂".to_owned());
    kit.commit(7, &mut [&mut event]).await;
    for user in [twice, waits] {
        let told = kit.store.list_notifications_of(user, &Part::default()).await.expect("readable");
        assert_eq!(told.len(), 1, "once, however many bookings");
        assert_eq!(
            (told[0].kind, told[0].message.as_str()),
            (NotificationType::EventUpdated, "It is \"later\" now: ☂")
        );
        assert_eq!((told[0].user_id, told[0].event_id, told[0].booking_id), (user, Some(event.id), None));
        assert_eq!((told[0].status, told[0].created_at), (NotificationStatus::Pending, at(7)));
    }
    for user in [gone, elsewhere, kit.organizer] {
        assert_eq!(kit.store.list_notifications_of(user, &Part::default()).await.expect("readable"), []);
    }

    assert_eq!(kit.store.backlog().await.expect("readable"), 2);
    let due = kit.store.claim_due(at(7), at(99), 10).await.expect("claimed");
    assert_eq!(due.len(), 2, "nobody hands it over, so it is due at once");
    assert!(
        due.iter()
            .all(|due| due.event_id == Some(event.id) && due.seats.is_none() && due.booking_id.is_none())
    );
}

async fn an_announcement_to_nobody_is_no_error(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(4)).await;
    event.ask(&Command::Amend(Amendment { status: Some(EventStatus::Cancelled), ..Amendment::default() }));
    event.announcement = Some("It will not take place.".to_owned());
    kit.commit(2, &mut [&mut event]).await;
    assert_eq!(kit.store.backlog().await.expect("readable"), 0);
}
