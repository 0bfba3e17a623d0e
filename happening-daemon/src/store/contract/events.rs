//! Publishing and finding events.

use super::kit::{Kit, at, by, terms};
use crate::store::{EventFilter, NewEvent};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::{Amendment, Command, EventState, Terms};
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::{EventStatus, OrganizationSettings, WaitlistPolicy};

on_every_store!(
    an_event_reads_back_as_it_was_published,
    what_an_event_does_not_say_is_absent,
    a_new_event_has_nothing_booked,
    an_unknown_event_is_nowhere,
    events_are_those_of_the_organizations,
    the_latest_event_is_listed_first,
    events_come_in_pages,
    a_deleted_event_is_in_no_list_and_still_loads,
);

async fn an_event_reads_back_as_it_was_published(db: TestStore) {
    let kit = Kit::new(db).await;
    let terms = Terms {
        policy: WaitlistPolicy::Whole,
        bypass_limit: 7,
        waitlist_limit: Some(0),
        max_seats: Some(4),
        sales_paused: true,
        bookings_close_at: Some(at(90_000)),
        status: EventStatus::Ongoing,
        ..terms(1_000_000)
    };
    let new = kit.new_event("Räuber & \"Co\"; DROP TABLE events --", terms.clone());
    kit.rules().create_event(&new, &by(at(1))).await.expect("an event");
    let event = kit.store.find_event(new.id).await.expect("readable").expect("an event");
    assert_eq!((event.id, event.org_id, event.created_by), (new.id, kit.organization, kit.organizer));
    assert_eq!((event.name, event.description, event.category), (new.name, new.description, new.category));
    assert_eq!((event.event_date, event.created_at, event.updated_at), (terms.starts_at, at(1), at(1)));
    assert_eq!(
        (event.total_slots, event.available_slots, event.status),
        (1_000_000, 1_000_000, terms.status)
    );
    assert_eq!((event.waitlist_policy, event.bypass_limit), (WaitlistPolicy::Whole, 7));
    assert_eq!((event.waitlist_limit, event.waiting, event.version), (Some(0), 0, 0));
    assert_eq!((event.max_seats_per_booking, event.sales_paused), (Some(4), true));
    assert_eq!((event.event_end, event.bookings_close_at), (Some(new.ends_at), Some(at(90_000))));
    assert_eq!(event.organizer_username.as_deref(), Some("olga"));
    assert_eq!(event.organizer_email.as_deref(), Some("olga@example.org"));
    assert_eq!((event.organizer_first_name, event.organizer_last_name), (None, None));
    let organization = kit.store.organization_of_event(new.id).await.expect("readable");
    assert_eq!(organization, Some(kit.organization));
}

async fn what_an_event_does_not_say_is_absent(db: TestStore) {
    let kit = Kit::new(db).await;
    let new = NewEvent { description: None, category: None, ..kit.new_event("Plain", terms(1)) };
    kit.rules().create_event(&new, &by(at(1))).await.expect("an event");
    let event = kit.store.find_event(new.id).await.expect("readable").expect("an event");
    assert_eq!((event.description, event.category, event.waitlist_limit), (None, None, None));
    assert_eq!((event.max_seats_per_booking, event.sales_paused), (None, false));
}

async fn a_new_event_has_nothing_booked(db: TestStore) {
    let kit = Kit::new(db).await;
    let event = kit.event(terms(7)).await;
    kit.assert_stored(&event).await;
    let seats = kit.store.find_seats(event.id).await.expect("readable").expect("an event");
    assert_eq!((seats.total, seats.taken, seats.held), (7, vec![], vec![]));
    assert_eq!(kit.store.list_waitlist(event.id, None, None).await.expect("readable"), []);
}

async fn an_unknown_event_is_nowhere(db: TestStore) {
    let kit = Kit::new(db).await;
    let unknown = kit.ids.event();
    assert!(kit.store.find_event(unknown).await.expect("readable").is_none());
    assert!(kit.store.load(unknown).await.expect("readable").is_none());
    assert!(kit.store.find_seats(unknown).await.expect("readable").is_none());
    assert_eq!(kit.store.organization_of_event(unknown).await.expect("readable"), None);
    assert_eq!(kit.store.list_waitlist(unknown, None, None).await.expect("readable"), []);
    assert_eq!(kit.store.versions(&[unknown]).await.expect("readable"), []);
    assert_eq!(kit.store.snapshots(&[unknown]).await.expect("readable"), []);
}

async fn listed(
    kit: &Kit,
    organizations: Option<&[OrganizationId]>,
    organization: Option<OrganizationId>,
    created_by: Option<UserId>,
) -> Vec<EventId> {
    let filter = EventFilter { organization, created_by, ..EventFilter::default() };
    let events = kit.store.list_events(organizations, &filter).await.expect("readable");
    events.into_iter().map(|event| event.id).collect()
}

async fn events_are_those_of_the_organizations(db: TestStore) {
    let kit = Kit::new(db).await;
    let member = kit.person("mia").await;
    let other = kit.ids.organization();
    let settings = OrganizationSettings::default();
    kit.rules().create_organization(other, "Others", &settings, member, &by(at(2))).await.expect("made");
    let here = kit.event(terms(1)).await.id;
    let there = NewEvent { organization: other, created_by: member, ..kit.new_event("There", terms(1)) };
    kit.rules().create_event(&there, &by(at(1))).await.expect("an event");

    assert_eq!(listed(&kit, None, None, None).await, [there.id, here], "staff see all");
    let (own, others) = ([kit.organization], [other]);
    assert_eq!(listed(&kit, Some(&own), None, None).await, [here]);
    assert_eq!(listed(&kit, Some(&others), None, None).await, [there.id]);
    assert_eq!(listed(&kit, Some(&[own, others].concat()), None, None).await, [there.id, here]);
    assert_eq!(listed(&kit, Some(&[]), None, None).await, []);
    assert_eq!(listed(&kit, Some(&others), Some(kit.organization), None).await, [], "a filter opens nothing");
    assert_eq!(listed(&kit, Some(&others), Some(other), Some(member)).await, [there.id]);
    assert_eq!(listed(&kit, None, Some(kit.organization), None).await, [here]);
    assert_eq!(listed(&kit, None, None, Some(member)).await, [there.id]);
    assert_eq!(listed(&kit, None, Some(kit.organization), Some(member)).await, []);
}

async fn the_latest_event_is_listed_first(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut expected = Vec::new();
    // With and without fractions of a second, and one of long ago.
    let starts =
        [at(50), at(50) + chrono::Duration::microseconds(1), at(50).with_whole_second(), at(-9_000_000)];
    for starts_at in starts {
        let new = kit.new_event("Evening", Terms { starts_at, ..terms(1) });
        kit.rules().create_event(&new, &by(at(1))).await.expect("an event");
        expected.push((starts_at, new.id));
    }
    let twin = kit.new_event("Evening", Terms { starts_at: starts[0], ..terms(1) });
    kit.rules().create_event(&twin, &by(at(1))).await.expect("an event");
    expected.push((starts[0], twin.id));
    expected.sort_unstable();
    let expected: Vec<EventId> = expected.into_iter().rev().map(|(_, id)| id).collect();
    assert_eq!(listed(&kit, None, None, None).await, expected);
}

async fn events_come_in_pages(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut expected = Vec::new();
    for number in 0..7 {
        // Two on each day: the id decides between them.
        let starts_at = at(number / 2 * 86_400) + chrono::Duration::microseconds(number % 3);
        let new = kit.new_event("Evening", Terms { starts_at, ..terms(1) });
        kit.rules().create_event(&new, &by(at(1))).await.expect("an event");
        expected.push((starts_at, new.id));
    }
    expected.sort_unstable();
    expected.reverse();
    let mut read = Vec::new();
    let mut after = None;
    loop {
        let filter = EventFilter { after, limit: Some(3), ..EventFilter::default() };
        let page = kit.store.list_events(None, &filter).await.expect("readable");
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        after = Some((last.event_date, last.id));
        read.extend(page.iter().map(|event| (event.event_date, event.id)));
    }
    assert_eq!(read, expected);
}

trait WholeSecond {
    fn with_whole_second(self) -> Self;
}

impl WholeSecond for chrono::DateTime<chrono::Utc> {
    fn with_whole_second(self) -> Self {
        chrono::SubsecRound::trunc_subsecs(self, 0)
    }
}

async fn a_deleted_event_is_in_no_list_and_still_loads(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(3)).await;
    let booking = event.book(kit.organizer, 2);
    kit.commit(2, &mut [&mut event]).await;
    event.ask(&Command::Amend(Amendment { delete: true, ..Amendment::default() }));
    kit.commit(3, &mut [&mut event]).await;

    assert!(kit.store.find_event(event.id).await.expect("readable").is_none());
    assert_eq!(listed(&kit, None, None, None).await, []);
    assert_eq!(kit.store.organization_of_event(event.id).await.expect("readable"), Some(kit.organization));
    let seats = kit.store.find_seats(event.id).await.expect("readable").expect("seats");
    assert_eq!(seats.taken, [1, 2]);
    assert!(
        kit.store
            .load(event.id)
            .await
            .expect("readable")
            .as_ref()
            .map(EventState::terms)
            .expect("terms")
            .deleted
    );
    kit.assert_stored(&event).await;

    event.cancel(booking);
    kit.commit(4, &mut [&mut event]).await;
    kit.assert_stored(&event).await;
    let deleted = "SELECT CAST(deleted_at AS text) FROM events WHERE deleted_at = updated_at";
    assert_eq!(kit.db.texts(deleted).await.len(), 0, "deleted once, at its hour");
}
