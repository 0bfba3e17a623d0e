//! Long lists: in pages whose links lead on, and as CSV for spreadsheets.

use crate::raw::{Answer, Raw};
use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, demo_organization, publish, sign_in};
use futures::future::join_all;
use happening_core::client::Page;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{
    AuditQuery, BookingsQuery, CreateInvite, CreateOrganization, ErrorCode, EventStatus, EventsQuery,
    Notification, NotificationType, NotificationsQuery, Organization, OrganizationsQuery, PageQuery,
    ReadNotifications, Role, UpdateEvent, UsersQuery, WaitlistQuery,
};
use reqwest::Method;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

on_both_parts!(
    events_come_in_pages,
    events_are_found_by_name_and_status,
    what_is_answered_is_in_the_lists_of_a_crowd,
    organizations_come_in_pages,
    people_come_in_pages_to_staff,
    ones_own_bookings_and_notifications_come_in_pages,
    people_mark_their_own_notifications_as_read,
    invites_come_in_pages,
    waitlists_come_in_pages,
    pages_that_cannot_be_are_refused,
    lists_are_csv_for_whoever_asks_for_it,
    a_list_of_more_than_a_page_is_told_whole,
    audit_logs_are_told_whole_up_to_a_page,
);

async fn csv(raw: &Raw, path: &str, person: &Signed) -> Answer {
    Answer::to(raw.request(Method::GET, path).bearer_auth(&person.token).header("Accept", "text/csv")).await
}

/// All of a list whose first page is this; no page has more than so many.
async fn all<T: DeserializeOwned>(person: &Signed, first: Page<T>, most: usize) -> Vec<T> {
    let Page { mut items, mut next } = first;
    assert!(items.len() <= most);
    while let Some(link) = next {
        let page: Page<T> = person.client.next_page(&link).await.expect("a page");
        assert!((1..=most).contains(&page.items.len()), "a page that nobody needs");
        items.extend(page.items);
        next = page.next;
    }
    items
}

async fn events_come_in_pages(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = sign_in(&daemon, "organizer").await;
    // All at the same time: the ids tell them apart.
    for seats in 1..=5 {
        publish(&organizer, seats).await;
    }
    let demo = demo_organization(&organizer).await;
    let whole = organizer.client.events(Some(demo), None).await.expect("a list");
    for limit in [1, 2, 7, 5_000] {
        let query = EventsQuery { org_id: Some(demo), limit: Some(limit), ..EventsQuery::default() };
        let first = organizer.client.find_events(&query).await.expect("a page");
        assert_eq!(all(&organizer, first, limit as usize).await, whole, "by {limit}");
    }
}

/// Lists are shared by those who read them at once; whoever reads after a change was answered has the change.
async fn what_is_answered_is_in_the_lists_of_a_crowd(parts: Parts) {
    const SEATS: u32 = 40;
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, SEATS).await.id;
    let seen = async |person: &Signed| {
        let events = person.client.events(None, None).await.expect("a list");
        events.into_iter().find(|row| row.id == event)
    };
    let writing = async {
        for booked in 1..=SEATS / 2 {
            book(&member, event, 1).await;
            for person in [&member, &organizer] {
                let row = seen(person).await.expect("the event");
                assert_eq!(row.available_slots, SEATS - booked);
                let seats = person.client.seats(event).await.expect("seats");
                assert_eq!(seats.taken.len(), booked as usize);
            }
        }
        let rename = UpdateEvent { name: Some("Another name".to_owned()), ..UpdateEvent::default() };
        organizer.client.update_event(event, &rename).await.expect("renamed");
        assert_eq!(seen(&member).await.expect("the event").name, "Another name");
        // Nothing was asked of this one before.
        let other = publish(&organizer, 1).await.id;
        let name_of_other = async || {
            let events = member.client.events(None, None).await.expect("a list");
            events.into_iter().find(|row| row.id == other).expect("published by somebody else").name
        };
        assert_ne!(name_of_other().await, "Another name");
        organizer.client.update_event(other, &rename).await.expect("renamed");
        assert_eq!(name_of_other().await, "Another name");
        organizer.client.delete_event(event).await.expect("deleted");
        assert!(seen(&member).await.is_none());
    };
    let crowd = (0..16).map(|_| async {
        loop {
            seen(&member).await;
            // Gone at the end.
            let _ = member.client.seats(event).await;
        }
    });
    tokio::select! {
        () = writing => {}
        _ = join_all(crowd) => unreachable!("they go on"),
    }
}

async fn events_are_found_by_name_and_status(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = sign_in(&daemon, "organizer").await;
    let (first, second) = (publish(&organizer, 41).await, publish(&organizer, 42).await);
    let cancel = UpdateEvent { status: Some(EventStatus::Cancelled), ..UpdateEvent::default() };
    organizer.client.update_event(first.id, &cancel).await.expect("cancelled");
    let found = async |status, text: &str| {
        let query = EventsQuery { status, q: Some(text.to_owned()), ..EventsQuery::default() };
        let page = organizer.client.find_events(&query).await.expect("a page");
        page.items.into_iter().map(|event| event.id).collect::<BTreeSet<_>>()
    };
    assert_eq!(found(None, "EVENT OF 4").await, BTreeSet::from([first.id, second.id]));
    assert_eq!(found(Some(EventStatus::Cancelled), "event of 4").await, BTreeSet::from([first.id]));
    assert_eq!(found(Some(EventStatus::Upcoming), "event of 41").await, BTreeSet::new());
    assert_eq!(found(None, "%").await, BTreeSet::new(), "as it is written");
}

async fn organizations_come_in_pages(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = sign_in(&daemon, "admin").await;
    for number in 0..5 {
        let create = CreateOrganization { name: format!("Stage {number}"), settings: None };
        admin.client.create_organization(&create).await.expect("made");
    }
    // Their ids alone: Keycloak's come by and by.
    let ids = |all: Vec<Organization>| all.into_iter().map(|one| one.id).collect::<Vec<_>>();
    let whole = ids(admin.client.organizations().await.expect("a list"));
    assert!(whole.len() > 5);
    for limit in [1, 2, 50] {
        let query = OrganizationsQuery { limit: Some(limit), ..OrganizationsQuery::default() };
        let first = admin.client.find_organizations(&query).await.expect("a page");
        assert_eq!(ids(all(&admin, first, limit as usize).await), whole, "by {limit}");
    }
    let query = OrganizationsQuery { q: Some("stage".to_owned()), limit: Some(2), cursor: None };
    let first = admin.client.find_organizations(&query).await.expect("a page");
    assert_eq!(all(&admin, first, 2).await.len(), 5);
}

async fn people_come_in_pages_to_staff(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let support = sign_in(&daemon, "support").await;
    let whole = support.client.users(&UsersQuery::default()).await.expect("a list");
    assert!(whole.len() > 3);
    let query = UsersQuery { limit: Some(2), ..UsersQuery::default() };
    let first = support.client.find_users(&query).await.expect("a page");
    let mark = first.next.clone().expect("a second page");
    assert_eq!(all(&support, first, 2).await, whole);
    // Nobody else learns, page by page, who is registered.
    let admin = sign_in(&daemon, "admin").await;
    let query = UsersQuery { search: Some("happening".to_owned()), limit: Some(2), ..UsersQuery::default() };
    let found = admin.client.find_users(&query).await.expect("a page");
    assert_eq!((found.items.len(), found.next), (2, None));
    let on = Raw::new(&daemon).get(&format!("{mark}&search=happening"), &admin.token).await;
    on.problem("reading on", 403, "forbidden");
}

async fn ones_own_bookings_and_notifications_come_in_pages(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 9).await.id;
    for _ in 0..5 {
        book(&member, event, 1).await;
    }
    let own = member.user.expect("a user");
    let bookings = member.client.bookings_of(own).await.expect("a list");
    let told = member.client.notifications_of(own).await.expect("a list");
    assert!(bookings.len() >= 5 && told.len() >= 5);
    for limit in [1, 2, 50] {
        let query = PageQuery { limit: Some(limit), cursor: None };
        let first = member.client.find_bookings_of(own, &query).await.expect("a page");
        assert_eq!(all(&member, first, limit as usize).await, bookings, "by {limit}");
        let query = NotificationsQuery { limit: Some(limit), ..NotificationsQuery::default() };
        let first = member.client.find_notifications_of(own, &query).await.expect("a page");
        let ids = |all: Vec<Notification>| all.into_iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(all(&member, first, limit as usize).await), ids(told.clone()), "by {limit}");
    }
}

async fn people_mark_their_own_notifications_as_read(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 9).await.id;
    for _ in 0..3 {
        book(&member, event, 1).await;
    }
    let own = member.user.expect("a user");
    let before = member.client.notifications_of(own).await.expect("a list");
    let unread = before.iter().filter(|one| one.read_at.is_none()).count();
    assert_eq!(member.client.unread_of(own).await.expect("a count").unread as usize, unread);
    let (newest, older) = (before[0].id, before[1].id);
    member.client.read_notification(older).await.expect("marked");
    member.client.read_notification(older).await.expect("harmless");
    let foreign = organizer.client.read_notification(older).await.expect_err("not theirs");
    assert_eq!(foreign.code(), Some(ErrorCode::NotFound));
    let query = NotificationsQuery { unread: Some(true), limit: Some(1), ..NotificationsQuery::default() };
    let page = member.client.find_notifications_of(own, &query).await.expect("a page");
    assert_eq!(page.items.iter().map(|one| one.id).collect::<Vec<_>>(), [newest]);
    assert!(page.next.expect("a second page").contains("unread=true"), "the link keeps the filter");
    let waitlisted = NotificationType::BookingWaitlisted;
    let query = NotificationsQuery { kind: Some(waitlisted), ..NotificationsQuery::default() };
    let some = member.client.find_notifications_of(own, &query).await.expect("a page");
    assert!(some.items.iter().all(|one| one.kind == waitlisted));
    // What comes after the one that was seen stays unread.
    book(&member, event, 1).await;
    let until = ReadNotifications { until: Some(newest) };
    let read = member.client.read_notifications(own, &until).await.expect("marked");
    assert_eq!((read.read as usize, read.more), (unread - 1, false));
    assert_eq!(member.client.unread_of(own).await.expect("a count").unread, 1);
    let all = member.client.read_notifications(own, &ReadNotifications::default()).await.expect("marked");
    assert_eq!(all.read, 1);
    assert_eq!(member.client.unread_of(own).await.expect("a count").unread, 0);
}

async fn invites_come_in_pages(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = sign_in(&daemon, "admin").await;
    let demo = demo_organization(&admin).await;
    for number in 0..5 {
        let create = CreateInvite {
            email: format!("i{number}@elsewhere.test"),
            role: Role::User,
            invited_by: None,
            message: None,
            organization_id: Some(demo),
        };
        admin.client.send_invite(&create).await.expect("an invite");
    }
    let whole = admin.client.invites_of(demo).await.expect("a list");
    assert_eq!(whole.len(), 5);
    for limit in [1, 2, 5] {
        let query = PageQuery { limit: Some(limit), cursor: None };
        let first = admin.client.find_invites(demo, &query).await.expect("a page");
        assert_eq!(all(&admin, first, limit as usize).await, whole, "by {limit}");
    }
}

async fn waitlists_come_in_pages(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 1).await.id;
    for _ in 0..6 {
        book(&member, event, 1).await;
    }
    let query = WaitlistQuery { limit: Some(2), cursor: None };
    let first = organizer.client.find_waiting(event, &query).await.expect("a page");
    let places: Vec<_> = all(&organizer, first, 2).await.iter().map(|party| party.position).collect();
    assert_eq!(places, [1, 2, 3, 4, 5]);
}

async fn pages_that_cannot_be_are_refused(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, organizer) = (Raw::new(&daemon), sign_in(&daemon, "organizer").await);
    let event = publish(&organizer, 1).await.id;
    let admin = sign_in(&daemon, "admin").await;
    let invites = format!("/organizations/{}/invites", demo_organization(&admin).await);
    let organizations = "/organizations".to_owned();
    let own = format!("/bookings/user/{}", admin.user.expect("a user"));
    let told = format!("/notifications/user/{}", admin.user.expect("a user"));
    for path in ["/events".to_owned(), organizations, own, told, format!("/events/{event}/waitlist"), invites]
    {
        for bad in ["limit=0", "limit=5001", "limit=many", "cursor=%21", "cursor=eA", "cursor=1.x"] {
            let answer = raw.get(&format!("{path}?{bad}"), &admin.token).await;
            answer.problem(&format!("{path}?{bad}"), 400, "validation_failed");
        }
    }
    let beyond = format!("/events/{event}/waitlist?cursor={}", u64::MAX);
    assert_eq!(raw.get(&beyond, &organizer.token).await.ok(), serde_json::json!([]));
}

async fn lists_are_csv_for_whoever_asks_for_it(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, organizer) = (Raw::new(&daemon), sign_in(&daemon, "organizer").await);
    let member = sign_in(&daemon, "member").await;
    let event = publish(&organizer, 2).await.id;
    let name = Some("=HYPERLINK(\"http://x\")".to_owned());
    organizer
        .client
        .update_event(event, &UpdateEvent { name, ..UpdateEvent::default() })
        .await
        .expect("renamed");
    let booked = book(&member, event, 2).await.id;
    let waits = book(&member, event, 1).await.id;

    let events = csv(&raw, "/events", &member).await;
    assert_eq!(events.header("Content-Type"), Some("text/csv; charset=utf-8; header=present"));
    assert!(events.text.starts_with("id,org_id,created_by,name,"), "{}", events.text);
    assert!(events.text.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "no formula: {}", events.text);

    let bookings = csv(&raw, &format!("/events/{event}/bookings"), &organizer).await;
    let lines: Vec<&str> = bookings.text.lines().collect();
    assert_eq!(lines.len(), 3, "{}", bookings.text);
    assert!(lines[1].starts_with(&waits.to_string()) && lines[1].contains(",waiting,1,"), "{}", lines[1]);
    assert!(lines[2].starts_with(&booked.to_string()) && lines[2].contains(",\"[1,2]\","), "{}", lines[2]);
    let one = csv(&raw, &format!("/events/{event}/bookings?limit=1"), &organizer).await;
    assert_eq!(one.text.lines().count(), 2, "a header and a line");
    assert!(one.header("Link").is_some_and(|link| link.contains("rel=\"next\"")), "{:?}", one.header("Link"));

    let line = csv(&raw, &format!("/events/{event}/waitlist"), &organizer).await;
    assert!(
        line.text.starts_with("position,waiting_number,booking_id") && line.text.contains("\n1,1,"),
        "{}",
        line.text
    );
    csv(&raw, &format!("/events/{event}/bookings"), &member).await.problem("a member", 403, "forbidden");
    let json = raw.get("/events", &member.token).await;
    assert_eq!(json.header("Content-Type"), Some("application/json"), "whoever takes anything gets JSON");
}

/// More bookings than a page has, past the daemon: only their number matters.
async fn crowd_of(parts: &Parts, event: EventId, user: uuid::Uuid, count: i64) {
    let (event, columns) = (event.0, "id, event_id, user_id, seats, status, created_at, updated_at");
    let statement = if parts.stack().is_some() {
        format!(
            "INSERT INTO bookings ({columns}) SELECT gen_random_uuid(), '{event}', '{user}', 1, 'cancelled', \
             now(), now() FROM generate_series(1, {count})"
        )
    } else {
        let at = "'2026-11-01T00:00:00+00:00'";
        format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             INSERT INTO bookings ({columns}) SELECT randomblob(16), x'{}', x'{}', 1, 'cancelled', {at}, {at} FROM n",
            event.simple(),
            user.simple()
        )
    };
    parts.execute(statement).await;
}

async fn audit_logs_are_told_whole_up_to_a_page(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, admin) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "admin").await);
    let operator = sign_in(&daemon, "operator").await;
    let organization = demo_organization(&admin).await;
    let event = publish(&organizer, 1).await.id;
    for number in 0..120 {
        let update = UpdateEvent { name: Some(format!("Version {number}")), ..UpdateEvent::default() };
        organizer.client.update_event(event, &update).await.expect("updated");
    }
    let query = AuditQuery::default();
    let of_one = admin.client.audit_of(organization, &query).await.expect("an audit log");
    let of_all = operator.client.audit(&query).await.expect("an audit log");
    for page in [of_one, of_all] {
        let updates = page.items.iter().filter(|line| line.action == "event.updated").count();
        assert_eq!((updates, page.next), (120, None));
    }
}

async fn a_list_of_more_than_a_page_is_told_whole(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, organizer) = (Raw::new(&daemon), sign_in(&daemon, "organizer").await);
    let event = publish(&organizer, 1).await.id;
    crowd_of(&parts, event, organizer.user.expect("a user").0, 12_000).await;
    let path = format!("/events/{event}/bookings");
    let whole = csv(&raw, &path, &organizer).await;
    let ids: BTreeSet<&str> = whole.text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!((ids.len(), whole.text.lines().count()), (12_000, 12_001));
    let page = organizer.client.find_bookings(event, &BookingsQuery::default()).await.expect("a page");
    assert_eq!(page.items.len(), 5_000, "without a limit up to so many");
    let read: BTreeSet<BookingId> =
        all(&organizer, page, 5_000).await.iter().map(|one| one.booking.id).collect();
    assert_eq!(read.len(), 12_000);
}
