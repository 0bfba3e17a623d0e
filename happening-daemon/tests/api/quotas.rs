//! How much one person or organization has at most: parties that wait, open events, open invites, organizations. Requests at
//! once do not exceed it, a dry run refuses as the real request does, operators have no quota, and 0 turns it off.

use crate::raw::{Answer, Raw};
use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, demo_organization, event_of, join, publish, sign_in};
use futures::future::join_all;
use happening_core::id::OrganizationId;
use happening_core::wire::{CreateOrganization, EventStatus, Role, UpdateEvent};
use reqwest::Method;
use serde_json::{Value, json};

on_both_parts!(
    so_many_parties_wait_at_an_event_and_so_many_of_one_person,
    an_organization_has_so_many_open_events,
    an_organization_has_so_many_open_invites,
    an_address_has_so_many_open_invites,
    a_person_owns_so_many_organizations,
);

async fn send(raw: &Raw, method: Method, path: &str, person: &Signed, body: &Value) -> Answer {
    raw.send(method, path, &person.token, body.to_string()).await
}

/// Many at once. Returns how many were carried out, and the refusals.
async fn at_once(
    raw: &Raw,
    path: &str,
    person: &Signed,
    bodies: impl Iterator<Item = Value>,
) -> (usize, Vec<Answer>) {
    let bodies: Vec<Value> = bodies.collect();
    let answers = join_all(bodies.iter().map(|body| send(raw, Method::POST, path, person, body))).await;
    let (done, refused): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    (done.len(), refused)
}

/// A refusal by a quota: how much there is and how much may be.
fn full(answer: &Answer, code: &str) -> (u64, u64) {
    let problem = answer.problem("beyond a quota", 409, code);
    let number = |member: &str| problem[member].as_u64().unwrap_or_else(|| panic!("no {member}: {problem}"));
    (number("count"), number("limit"))
}

/// Sends a request that a quota refuses, as a dry run first.
async fn refused(raw: &Raw, method: Method, path: &str, person: &Signed, body: &Value) -> (u64, u64) {
    let tried = send(raw, method.clone(), &format!("{path}?dry_run=true"), person, body).await;
    assert_eq!(tried.header("Dry-Run"), Some("true"));
    let answer = send(raw, method, path, person, body).await;
    let numbers = full(&answer, "quota_exceeded");
    assert_eq!(full(&tried, "quota_exceeded"), numbers, "the dry run says the same");
    numbers
}

/// The same daemon, with this quota turned off.
async fn without(daemon: &mut Daemon, quotas: &[&str]) -> Raw {
    let off: Vec<(&str, &str)> = quotas.iter().map(|quota| (*quota, "0")).collect();
    daemon.kill().await;
    daemon.restart_with(&off).await;
    Raw::new(daemon)
}

async fn so_many_parties_wait_at_an_event_and_so_many_of_one_person(parts: Parts) {
    let settings = [("WAITING_PARTIES_PER_EVENT", "4"), ("WAITING_PARTIES_PER_PERSON", "2")];
    let mut daemon = Daemon::start_on(&parts, 0, &settings).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let (admin, operator) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "operator").await);
    let event = publish(&organizer, 1).await.id;
    book(&organizer, event, 1).await;
    let raw = Raw::new(&daemon);
    let one = json!({ "event_id": event, "seats": 1 });
    let (waiting, beyond) = at_once(&raw, "/bookings", &member, (0..8).map(|_| one.clone())).await;
    assert_eq!(waiting, 2);
    assert!(beyond.iter().all(|answer| full(answer, "quota_exceeded") == (2, 2)));
    assert_eq!(refused(&raw, Method::POST, "/bookings", &member, &one).await, (2, 2));
    let for_member = json!({ "event_id": event, "seats": 1, "user_id": member.user });
    assert_eq!(refused(&raw, Method::POST, "/bookings", &admin, &for_member).await, (2, 2));

    assert_eq!(at_once(&raw, "/bookings", &admin, (0..2).map(|_| one.clone())).await.0, 2);
    for path in ["/bookings?dry_run=true", "/bookings"] {
        let beyond = send(&raw, Method::POST, path, &organizer, &one).await;
        assert_eq!(full(&beyond, "sold_out"), (4, 4), "{path}");
    }
    let waits = send(&raw, Method::POST, "/bookings", &operator, &one).await;
    assert_eq!((waits.status, &waits.json()["waiting_number"]), (201, &json!(5)), "{}", waits.text);
    let raw = without(&mut daemon, &["WAITING_PARTIES_PER_EVENT", "WAITING_PARTIES_PER_PERSON"]).await;
    assert_eq!(at_once(&raw, "/bookings", &member, (0..3).map(|_| one.clone())).await.0, 3);
}

async fn an_organization_has_so_many_open_events(parts: Parts) {
    let mut daemon = Daemon::start_on(&parts, 0, &[("UPCOMING_EVENTS_PER_ORGANIZATION", "5")]).await;
    let (organizer, operator) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "operator").await);
    let org = demo_organization(&organizer).await;
    let raw = Raw::new(&daemon);
    let new = |number: u32| json!(event_of(org, format!("Event {number}"), 1));
    // The demo has two.
    let (published, beyond) = at_once(&raw, "/events", &organizer, (0..10).map(new)).await;
    assert_eq!(published, 3);
    assert!(beyond.iter().all(|answer| full(answer, "quota_exceeded") == (5, 5)));
    assert_eq!(refused(&raw, Method::POST, "/events", &organizer, &new(10)).await, (5, 5));

    let events = organizer.client.events(None, None).await.expect("events");
    let event = events.iter().find(|event| event.name.starts_with("Event")).expect("one of them").id;
    let becoming = |status| UpdateEvent { status: Some(status), ..UpdateEvent::default() };
    organizer.client.update_event(event, &becoming(EventStatus::Cancelled)).await.expect("cancelled");
    assert_eq!(send(&raw, Method::POST, "/events?dry_run=true", &organizer, &new(11)).await.status, 200);
    assert_eq!(at_once(&raw, "/events", &organizer, (11..15).map(new)).await.0, 1);
    let (path, again) = (format!("/events/{event}"), json!({ "status": "upcoming" }));
    assert_eq!(refused(&raw, Method::PUT, &path, &organizer, &again).await, (5, 5));
    organizer.client.update_event(event, &becoming(EventStatus::Completed)).await.expect("as it may be");
    assert_eq!(send(&raw, Method::PUT, &path, &operator, &again).await.status, 200);
    assert_eq!(send(&raw, Method::POST, "/events", &operator, &new(16)).await.status, 201);
    assert_eq!(refused(&raw, Method::POST, "/events", &organizer, &new(17)).await, (7, 5));
    let named = UpdateEvent { name: Some("Another".to_owned()), ..UpdateEvent::default() };
    organizer.client.update_event(event, &named).await.expect("what is there stays");
    let raw = without(&mut daemon, &["UPCOMING_EVENTS_PER_ORGANIZATION"]).await;
    assert_eq!(at_once(&raw, "/events", &organizer, (17..20).map(new)).await.0, 3);
}

fn invite(organization: OrganizationId, name: &str) -> Value {
    json!({ "email": format!("{name}@example.org"), "role": "user", "organization_id": organization })
}

async fn an_organization_has_so_many_open_invites(parts: Parts) {
    let mut daemon = Daemon::start_on(&parts, 0, &[("OPEN_INVITES_PER_ORGANIZATION", "3")]).await;
    let (admin, operator) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "operator").await);
    let guest = sign_in(&daemon, "guest").await;
    let org = demo_organization(&admin).await;
    let raw = Raw::new(&daemon);
    let new = |number: u32| invite(org, &format!("new{number}"));
    let (sent, beyond) = at_once(&raw, "/org-invites/send", &admin, (0..8).map(new)).await;
    assert_eq!(sent, 3);
    assert!(beyond.iter().all(|answer| full(answer, "quota_exceeded") == (3, 3)));
    assert_eq!(refused(&raw, Method::POST, "/org-invites/send", &admin, &new(8)).await, (3, 3));
    assert_eq!(refused(&raw, Method::POST, "/org-invites", &admin, &new(8)).await, (3, 3));
    let member = format!("/organizations/{org}/members/{}", guest.user.expect("a user"));
    assert_eq!(refused(&raw, Method::PUT, &member, &admin, &json!({ "role": "user" })).await, (3, 3));

    assert_eq!(send(&raw, Method::POST, "/org-invites", &operator, &new(9)).await.status, 201);
    for open in admin.client.invites_of(org).await.expect("invites").iter().take(2) {
        admin.client.revoke_invite(open.id).await.expect("revoked");
    }
    assert_eq!(send(&raw, Method::PUT, &member, &admin, &json!({ "role": "user" })).await.status, 202);
    assert_eq!(refused(&raw, Method::POST, "/org-invites", &admin, &new(10)).await, (3, 3));
    let raw = without(&mut daemon, &["OPEN_INVITES_PER_ORGANIZATION"]).await;
    assert_eq!(at_once(&raw, "/org-invites", &admin, (10..13).map(new)).await.0, 3);
}

async fn an_address_has_so_many_open_invites(parts: Parts) {
    let mut daemon = Daemon::start_on(&parts, 0, &[("OPEN_INVITES_PER_ADDRESS", "2")]).await;
    let (admin, operator) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "operator").await);
    let guest = sign_in(&daemon, "guest").await;
    let mut own = Vec::new();
    for number in 0..4 {
        let create = CreateOrganization { name: format!("Own {number}"), settings: None };
        own.push(admin.client.create_organization(&create).await.expect("an organization").id);
    }
    let raw = Raw::new(&daemon);
    let guests = |organization| json!({ "email": "guest@happening.test", "role": "user", "organization_id": organization });
    for organization in &own[..2] {
        assert_eq!(send(&raw, Method::POST, "/org-invites", &admin, &guests(organization)).await.status, 201);
    }
    let member = format!("/organizations/{}/members/{}", own[2], guest.user.expect("a user"));
    for (method, path, body) in [
        (Method::POST, "/org-invites", guests(&own[2])),
        (Method::POST, "/org-invites?dry_run=true", guests(&own[2])),
        (Method::PUT, member.as_str(), json!({ "role": "user" })),
    ] {
        let beyond = send(&raw, method, path, &admin, &body).await;
        let problem = beyond.problem("an address with many invites", 409, "quota_exceeded");
        assert!(problem["limit"].is_null() && problem["count"].is_null(), "not for the sender: {problem}");
    }
    let other = invite(own[2], "somebody.else");
    assert_eq!(send(&raw, Method::POST, "/org-invites", &admin, &other).await.status, 201);

    // Whoever answers makes room.
    let open = guest.client.pending_invites(guest.user.expect("a user")).await.expect("invites");
    guest.client.reject_invite(open[0].id).await.expect("rejected");
    assert_eq!(send(&raw, Method::POST, "/org-invites", &admin, &guests(&own[2])).await.status, 201);
    assert_eq!(send(&raw, Method::POST, "/org-invites", &operator, &guests(&own[3])).await.status, 201);
    let raw = without(&mut daemon, &["OPEN_INVITES_PER_ADDRESS"]).await;
    let demo = demo_organization(&admin).await;
    assert_eq!(send(&raw, Method::POST, "/org-invites", &admin, &guests(&demo)).await.status, 201);
}

async fn a_person_owns_so_many_organizations(parts: Parts) {
    let mut daemon = Daemon::start_on(&parts, 0, &[("ORGANIZATIONS_PER_PERSON", "3")]).await;
    let (admin, guest) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "guest").await);
    let operator = sign_in(&daemon, "operator").await;
    let raw = Raw::new(&daemon);
    let new = |number: u32| json!({ "name": format!("Own {number}") });
    let (founded, beyond) = at_once(&raw, "/organizations", &guest, (0..8).map(new)).await;
    assert_eq!(founded, 3);
    assert!(beyond.iter().all(|answer| full(answer, "quota_exceeded") == (3, 3)));
    assert_eq!(refused(&raw, Method::POST, "/organizations", &guest, &new(8)).await, (3, 3));
    assert_eq!(at_once(&raw, "/organizations", &operator, (8..13).map(new)).await.0, 5);

    // Nor do they accept one more.
    let demo = demo_organization(&admin).await;
    join(&admin, &guest, demo, Role::User).await;
    let heir = guest.user.expect("a user");
    let offer = admin.client.transfer_organization(demo, heir).await.expect("offered").offer;
    let accept = format!("/org-invites/accept/{}", offer.expect("an offer").id);
    assert_eq!(refused(&raw, Method::POST, &accept, &guest, &json!({})).await, (3, 3));
    let own = guest.client.organizations_of(heir).await.expect("organizations");
    let first = own.iter().find(|organization| organization.name.starts_with("Own")).expect("their own").id;
    guest.client.delete_organization(first, false).await.expect("deleted");
    assert_eq!(send(&raw, Method::POST, &accept, &guest, &json!({})).await.status, 200);
    assert_eq!(refused(&raw, Method::POST, "/organizations", &guest, &new(13)).await, (3, 3));
    let raw = without(&mut daemon, &["ORGANIZATIONS_PER_PERSON"]).await;
    assert_eq!(at_once(&raw, "/organizations", &guest, (13..16).map(new)).await.0, 3);
}
