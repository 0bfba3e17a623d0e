//! Organizations and who belongs to them.

use super::kit::{Kit, at, by, terms};
use crate::service::Error;
use crate::store::{Constraint, IssuerState, MemberFilter, NotificationFilter};
use crate::testing::{TestStore, on_every_store};
use happening_core::wire::{
    BookingStatus, Notification, NotificationType, OrganizationSettings, Role, UserStatus, WaitlistPolicy,
};

on_every_store!(
    an_organization_reads_back_as_founded,
    governed_organizations_come_first,
    members_are_listed_in_order,
    who_leaves_an_organization_leaves_its_lines,
    who_is_suspended_leaves_every_line,
    whose_account_is_gone_leaves_every_line,
    who_booked_while_a_right_was_lost_leaves_the_line,
);

async fn an_organization_reads_back_as_founded(db: TestStore) {
    let kit = Kit::new(db).await;
    let settings = OrganizationSettings {
        timezone: Some("Europe/Berlin".to_owned()),
        waitlist_policy: Some(WaitlistPolicy::Whole),
        contact: Some("\"us\" 'n ☂".to_owned()),
        language: Some("de-AT".to_owned()),
        color: Some("#2f5bd7".to_owned()),
        event_minutes: Some(90),
    };
    let id = kit.ids.organization();
    kit.rules()
        .create_organization(id, "The Höuse", &settings, kit.organizer, &by(at(5)))
        .await
        .expect("made");
    let found = kit.store.find_organization(id).await.expect("readable").expect("an organization");
    assert_eq!((found.id, found.name.as_str(), found.created_at), (id, "The Höuse", at(5)));
    assert_eq!((found.settings, found.keycloak_org_id), (settings, None));
    assert_eq!((found.member_count, found.owner_username.as_deref()), (1, Some("olga")));
    assert_eq!(kit.store.find_role(kit.organizer, id).await.expect("readable"), Some(Role::OrgAdmin));
    let again = kit
        .rules()
        .create_organization(id, "Twin", &OrganizationSettings::default(), kit.organizer, &by(at(6)))
        .await;
    assert!(matches!(again, Err(Error { conflict: Some(Constraint::Organization), .. })), "{again:?}");
    let unknown = kit.ids.organization();
    assert!(kit.store.find_organization(unknown).await.expect("readable").is_none());
    assert_eq!(kit.store.list_members(unknown, &MemberFilter::default()).await.expect("readable"), []);
}

async fn governed_organizations_come_first(db: TestStore) {
    let kit = Kit::new(db).await;
    let user = kit.person("ada").await;
    let mut expected = Vec::new();
    for (name, role, joined) in [
        ("late member", Role::User, 40),
        ("late ruler", Role::OrgAdmin, 30),
        ("early member", Role::Organizer, 20),
        ("early ruler", Role::OrgAdmin, 10),
    ] {
        let id = kit.ids.organization();
        let settings = OrganizationSettings::default();
        kit.rules().create_organization(id, name, &settings, kit.organizer, &by(at(5))).await.expect("made");
        assert!(kit.set_member(id, user, role, &by(at(joined))).await.expect("set"));
        expected.push((role != Role::OrgAdmin, joined, name.to_owned(), role));
    }
    expected.sort_unstable();
    let listed = kit.store.list_organizations_of(user).await.expect("readable");
    for (listed, (_, joined, name, role)) in listed.iter().zip(&expected) {
        assert_eq!((&listed.name, listed.role, listed.joined_at), (name, *role, at(*joined)));
        assert_eq!((listed.member_count, listed.created_at), (2, at(5)));
    }
    let memberships = kit.store.list_memberships(user).await.expect("readable");
    let names: Vec<_> = memberships.iter().map(|membership| &membership.organization_name).collect();
    assert_eq!(names, expected.iter().map(|(_, _, name, _)| name).collect::<Vec<_>>());
    assert_eq!(listed.len(), 4);
}

async fn members_are_listed_in_order(db: TestStore) {
    let kit = Kit::new(db).await;
    for (name, role) in
        [("zed", Role::OrgAdmin), ("bea", Role::User), ("abe", Role::Organizer), ("cay", Role::User)]
    {
        let user = kit.person(name).await;
        assert!(kit.set_member(kit.organization, user, role, &by(at(9))).await.expect("set"));
    }
    let members = kit.store.list_members(kit.organization, &MemberFilter::default()).await.expect("readable");
    let names: Vec<_> = members.iter().map(|member| member.username.as_str()).collect();
    assert_eq!(names, ["olga", "zed", "abe", "bea", "cay"], "orgAdmins first, then by name");
    assert_eq!((members[1].role, members[2].role), (Role::OrgAdmin, Role::Organizer));
    assert_eq!(members[2].email, "abe@example.org");
    assert_eq!((members[2].joined_at, members[2].user_created_at), (at(9), at(0)));
}

async fn who_leaves_an_organization_leaves_its_lines(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    assert!(kit.set_member(kit.organization, ada, Role::User, &by(at(1))).await.expect("set"));
    let mut events = [kit.event(terms(2)).await, kit.event(terms(2)).await];
    let mut left = Vec::new();
    for event in &mut events {
        event.book(bo, 1);
        event.book(ada, 1);
        left.push(event.book(ada, 2));
        event.book(bo, 1);
        left.push(event.book(ada, 1));
        kit.commit(2, &mut [event]).await;
    }
    let waited = kit.store.list_lines(ada, Some(kit.organization)).await.expect("readable");
    let mut ids: Vec<_> = events.iter().map(|event| event.id).collect();
    ids.sort_unstable();
    assert_eq!(waited, ids);
    assert_eq!(kit.store.list_lines(ada, Some(kit.ids.organization())).await.expect("readable"), []);
    assert!(kit.remove_member(kit.organization, ada, &by(at(5))).await.expect("removed"));
    for event in &events {
        let view = kit.store.find_event(event.id).await.expect("readable").expect("an event");
        assert_eq!((view.waiting, view.available_slots, view.version, view.updated_at), (1, 0, 2, at(5)));
        let state = kit.store.load(event.id).await.expect("readable").expect("an event");
        assert_eq!((state.version(), state.waitlist().len(), state.next_number()), (2, 1, 4));
        // Who has the version before reads it again: there is no record of how it came about.
        let mut lock = kit.store.lock_events(&[(event.id, 1)]).await.expect("a lock");
        assert!(matches!(lock.missed().as_slice(), [(_, 2, changes)] if changes.is_empty()));
    }
    for booking in &left {
        let found = kit.store.find_booking(*booking).await.expect("readable").expect("a booking");
        assert_eq!((found.status, found.waiting_number), (BookingStatus::Cancelled, None));
        let history = kit.store.list_history(*booking).await.expect("readable");
        let last = history.last().expect("an entry");
        assert_eq!((last.action.as_str(), last.actor_id), ("left_waitlist", by(at(5)).user));
    }
    let told = kit.store.list_notifications_of(ada, &NotificationFilter::default()).await.expect("readable");
    let cancelled: Vec<_> =
        told.iter().filter(|told| told.kind == NotificationType::BookingCancelled).collect();
    assert_eq!(cancelled.len(), left.len());
    assert!(cancelled[0].message.contains("no longer a member"), "{}", cancelled[0].message);
    let due = kit.store.claim_due(at(6), at(7), 100).await.expect("readable");
    let is_due = |told: &&Notification| due.iter().any(|due| due.id == told.id);
    assert!(cancelled.iter().all(is_due), "they are on their way");
    assert_eq!(kit.store.list_lines(ada, None).await.expect("readable"), []);
}

async fn who_is_suspended_leaves_every_line(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let mut event = kit.event(terms(1)).await;
    let kept = event.book(ada, 1);
    let waits = event.book(ada, 1);
    kit.commit(2, &mut [&mut event]).await;
    assert!(kit.rules().set_user_status(ada, UserStatus::Suspended, &by(at(3))).await.expect("suspended"));
    let status =
        async |booking| kit.store.find_booking(booking).await.expect("readable").expect("a booking").status;
    assert_eq!(status(kept).await, BookingStatus::Confirmed);
    assert_eq!(status(waits).await, BookingStatus::Cancelled);
    assert!(kit.rules().set_user_status(ada, UserStatus::Active, &by(at(4))).await.expect("active"));
    assert_eq!(status(waits).await, BookingStatus::Cancelled, "a place that was given up is gone");
}

async fn whose_account_is_gone_leaves_every_line(db: TestStore) {
    let kit = Kit::new(db).await;
    for (name, state, why) in [
        ("ada", IssuerState::Disabled, "the account is disabled at the sign-in service"),
        ("bo", IssuerState::Deleted, "the account no longer exists at the sign-in service"),
    ] {
        let user = kit.person(name).await;
        let mut event = kit.event(terms(1)).await;
        let kept = event.book(user, 1);
        let waits = event.book(user, 1);
        kit.commit(2, &mut [&mut event]).await;
        let set = async |state| kit.store.set_issuer_state(user, state, &by(at(3))).await.expect("noted");
        assert!(set(state).await);
        let status =
            async |booking| kit.store.find_booking(booking).await.expect("readable").expect("one").status;
        assert_eq!(
            (status(kept).await, status(waits).await),
            (BookingStatus::Confirmed, BookingStatus::Cancelled)
        );
        let history = kit.store.list_history(waits).await.expect("readable");
        let last = history.last().expect("an entry");
        assert_eq!((last.action.as_str(), last.reason.as_deref()), ("left_waitlist", Some(why)));
        assert!(set(IssuerState::Active).await);
        assert_eq!(status(waits).await, BookingStatus::Cancelled, "a place that was given up is gone");
    }
}

async fn who_booked_while_a_right_was_lost_leaves_the_line(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut people = Vec::new();
    for name in ["removed", "back", "stays", "suspended", "disabled", "active again", "staff"] {
        let user = kit.person(name).await;
        if name != "staff" {
            assert!(kit.set_member(kit.organization, user, Role::User, &by(at(1))).await.expect("set"));
        }
        people.push(user);
    }
    let [removed, back, _, suspended, disabled, again, _] = people[..] else { panic!("seven") };
    let (store, organization) = (&kit.store, kit.organization);
    for user in [removed, back] {
        assert!(kit.remove_member(organization, user, &by(at(5))).await.expect("removed"));
    }
    assert!(kit.set_member(organization, back, Role::User, &by(at(6))).await.expect("set"));
    for user in [suspended, again] {
        assert!(
            kit.rules().set_user_status(user, UserStatus::Suspended, &by(at(5))).await.expect("suspended")
        );
    }
    assert!(kit.rules().set_user_status(again, UserStatus::Active, &by(at(6))).await.expect("active"));
    assert!(store.set_issuer_state(disabled, IssuerState::Disabled, &by(at(5))).await.expect("noted"));

    // Their bookings were under way, and are committed after that.
    let mut event = kit.event(terms(1)).await;
    event.book(kit.organizer, 1);
    let waits: Vec<_> = people.iter().map(|user| event.book(*user, 1)).collect();
    kit.commit(7, &mut [&mut event]).await;
    let mut elsewhere = kit.event_elsewhere().await;
    elsewhere.book(kit.organizer, 1);
    let other = elsewhere.book(removed, 1);
    kit.commit(7, &mut [&mut elsewhere]).await;

    assert_eq!(
        store.leave_lost_lines(at(6), &by(at(8))).await.expect("left"),
        [],
        "nobody lost a right since"
    );
    assert_eq!(store.leave_lost_lines(at(0), &by(at(8))).await.expect("left"), [event.id]);
    let status =
        async |booking| store.find_booking(booking).await.expect("readable").expect("a booking").status;
    for (number, booking) in waits.iter().enumerate() {
        let expected =
            if [0, 3, 4].contains(&number) { BookingStatus::Cancelled } else { BookingStatus::Waiting };
        assert_eq!(status(*booking).await, expected, "{number}");
    }
    assert_eq!(status(other).await, BookingStatus::Waiting, "another organization's line");
    let view = store.find_event(event.id).await.expect("readable").expect("an event");
    assert_eq!((view.waiting, view.version), (4, event.state.version() + 3));
    assert_eq!(store.leave_lost_lines(at(0), &by(at(9))).await.expect("left"), [], "once");
}
