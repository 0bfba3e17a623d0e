//! New terms and details of an event, and who is told.

use super::kit::{Kit, Tracked, at, terms};
use crate::store::{Details, NotificationFilter};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::{Amendment, Command};
use happening_core::id::UserId;
use happening_core::wire::{Category, EventStatus, NotificationStatus, NotificationType, WaitlistPolicy};
use std::sync::Arc;

on_every_store!(
    new_terms_are_stored,
    details_that_are_not_given_stay,
    an_announcement_is_told_once_to_everyone_who_booked_or_waits,
    an_announcement_to_nobody_is_no_error,
    holders_are_those_of_the_moment_of_the_change,
    holders_are_notified_in_steps_each_once_however_many_take_part,
    a_small_event_does_not_wait_for_a_large_one,
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
        bookings_close_at: Some(Some(at(2_000))),
        policy: Some(WaitlistPolicy::Whole),
        bypass_limit: Some(0),
        waitlist_limit: Some(Some(12)),
        max_seats: Some(Some(3)),
        sales_paused: Some(true),
        delete: false,
        as_of: None,
    };
    event.ask(&Command::Amend(whole));
    event.details.ends_at = Some(at(3_000));
    kit.commit(3, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let view = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!((view.total_slots, view.available_slots, view.waiting), (9, 4, 0));
    assert_eq!((view.status, view.event_date), (EventStatus::Ongoing, at(1_000)));
    assert_eq!((view.waitlist_policy, view.bypass_limit), (WaitlistPolicy::Whole, 0));
    assert_eq!((view.waitlist_limit, view.version, view.updated_at), (Some(12), 2, at(3)));
    assert_eq!((view.max_seats_per_booking, view.sales_paused), (Some(3), true));
    assert_eq!((view.event_end, view.bookings_close_at), (Some(at(3_000)), Some(at(2_000))));

    let back = Amendment {
        capacity: Some(5),
        waitlist_limit: Some(None),
        max_seats: Some(None),
        bookings_close_at: Some(None),
        sales_paused: Some(false),
        ..Amendment::default()
    };
    event.ask(&Command::Amend(back));
    kit.commit(4, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let view = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!((view.total_slots, view.available_slots, view.waitlist_limit), (5, 0, None));
    assert_eq!((view.max_seats_per_booking, view.sales_paused), (None, false));
    assert_eq!((view.event_end, view.bookings_close_at), (Some(at(3_000)), None));
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
        description: Some(Some("About the matinée.".to_owned())),
        category: Some(Some(Category::Webinar)),
        created_by: Some(heir),
        ends_at: Some(at(9_000)),
    };
    kit.commit(3, &mut [&mut event]).await;
    let new = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!((new.name.as_str(), new.description.as_deref()), ("Matinée", Some("About the matinée.")));
    assert_eq!((new.category, new.created_by), (Some(Category::Webinar), heir));

    event.ask(&Command::Amend(Amendment::default()));
    event.details = Details { description: Some(None), category: Some(None), ..Details::default() };
    kit.commit(4, &mut [&mut event]).await;
    let cleared = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!((cleared.description, cleared.category), (None, None), "cleared");
    assert_eq!((cleared.name.as_str(), cleared.created_by), ("Matinée", heir), "kept");
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
    assert_eq!(kit.store.outbox_figures().await.expect("figures").announcements, 1);
    assert_eq!(kit.store.notify_holders(at(7), 10).await.expect("notified"), Some(2));
    assert_eq!(kit.store.notify_holders(at(7), 10).await.expect("notified"), None);
    assert_eq!(kit.store.outbox_figures().await.expect("figures").announcements, 0);
    for user in [twice, waits] {
        let told =
            kit.store.list_notifications_of(user, &NotificationFilter::default()).await.expect("readable");
        assert_eq!(told.len(), 1, "once, however many bookings");
        assert_eq!(
            (told[0].kind, told[0].message.as_str()),
            (NotificationType::EventUpdated, "It is \"later\" now: ☂")
        );
        assert_eq!((told[0].user_id, told[0].event_id, told[0].booking_id), (user, Some(event.id), None));
        assert_eq!((told[0].status, told[0].created_at), (NotificationStatus::Pending, at(7)));
    }
    for user in [gone, elsewhere, kit.organizer] {
        assert_eq!(
            kit.store.list_notifications_of(user, &NotificationFilter::default()).await.expect("readable"),
            []
        );
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
    assert_eq!(kit.store.notify_holders(at(2), 10).await.expect("notified"), Some(0));
    assert_eq!(kit.store.notify_holders(at(2), 10).await.expect("notified"), None);
    assert_eq!(kit.store.backlog().await.expect("readable"), 0);
}

async fn told(kit: &Kit, user: UserId) -> Vec<String> {
    let told = kit.store.list_notifications_of(user, &NotificationFilter::default()).await.expect("readable");
    told.into_iter().map(|told| told.message).collect()
}

async fn announce(kit: &Kit, event: &mut Tracked, second: i64, words: &str) {
    event.ask(&Command::Amend(Amendment { starts_at: Some(at(5_000 + second)), ..Amendment::default() }));
    event.announcement = Some(words.to_owned());
    kit.commit(second, &mut [event]).await;
}

async fn holders_are_those_of_the_moment_of_the_change(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(9)).await;
    let (stays, leaves) = (kit.person("stays").await, kit.person("leaves").await);
    let (left, comes) = (kit.person("left").await, kit.person("comes").await);
    let (second, first) = (event.book(leaves, 1), event.book(left, 1));
    event.book(stays, 1);
    kit.commit(2, &mut [&mut event]).await;
    event.cancel(first);
    kit.commit(10, &mut [&mut event]).await;
    announce(&kit, &mut event, 20, "later").await;
    // Before anybody gets to it.
    event.cancel(second);
    event.book(comes, 1);
    kit.commit(30, &mut [&mut event]).await;
    assert_eq!(kit.store.notify_holders(at(31), 10).await.expect("notified"), Some(2));
    assert_eq!((told(&kit, stays).await.len(), told(&kit, leaves).await.len()), (1, 1));
    assert_eq!((told(&kit, left).await.len(), told(&kit, comes).await.len()), (0, 0));
}

async fn holders_are_notified_in_steps_each_once_however_many_take_part(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(50)).await;
    let mut people = Vec::new();
    for number in 0..23 {
        let person = kit.person(&format!("person{number}")).await;
        event.book(person, 1);
        event.book(person, 1);
        people.push(person);
    }
    kit.commit(2, &mut [&mut event]).await;
    announce(&kit, &mut event, 10, "first").await;
    announce(&kit, &mut event, 11, "second").await;
    let daemon = || {
        let store = Arc::clone(&kit.store);
        tokio::spawn(async move {
            let mut notified = 0;
            while let Some(some) = store.notify_holders(at(12), 5).await.expect("notified") {
                assert!(some <= 5, "in steps");
                notified += some;
            }
            notified
        })
    };
    let (one, two) = (daemon(), daemon());
    let mut notified = one.await.expect("no panic") + two.await.expect("no panic");
    // One that was locked at the wrong instant is left for the next look.
    while let Some(some) = kit.store.notify_holders(at(12), 5).await.expect("notified") {
        notified += some;
    }
    assert_eq!(notified, 46);
    for person in people {
        assert_eq!(told(&kit, person).await, ["second", "first"], "each once");
    }
    assert_eq!(kit.store.claim_due(at(12), at(99), 100).await.expect("claimed").len(), 46);
}

async fn a_small_event_does_not_wait_for_a_large_one(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut large, mut small) = (kit.event(terms(50)).await, kit.event(terms(5)).await);
    for number in 0..12 {
        large.book(kit.person(&format!("person{number}")).await, 1);
    }
    let ada = kit.person("ada").await;
    small.book(ada, 1);
    kit.commit(2, &mut [&mut large, &mut small]).await;
    announce(&kit, &mut large, 10, "large").await;
    assert_eq!(kit.store.notify_holders(at(11), 5).await.expect("notified"), Some(5));
    announce(&kit, &mut small, 12, "small").await;
    assert_eq!(kit.store.notify_holders(at(12), 5).await.expect("notified"), Some(1));
    assert_eq!(told(&kit, ada).await, ["small"]);
    assert_eq!(kit.store.notify_holders(at(12), 50).await.expect("notified"), Some(7));
    assert_eq!(kit.store.notify_holders(at(12), 50).await.expect("notified"), None);
}
