//! `ETag` and `If-None-Match`: whoever has an answer already is told so, and nobody is told that an old one still holds.

use crate::raw::{Answer, Raw};
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use crate::support::{Daemon, eventually};
use happening_core::wire::UpdateEvent;
use reqwest::Method;
use std::time::Duration;

on_both_parts!(
    seats_that_did_not_change_are_not_sent_again,
    lists_that_did_not_change_are_not_sent_again,
    a_tag_tells_strangers_nothing,
);

async fn ask(raw: &Raw, path: &str, person: &Signed, tag: &str) -> Answer {
    let request = raw.request(Method::GET, path).bearer_auth(&person.token).header("If-None-Match", tag);
    Answer::to(request).await
}

async fn seats_that_did_not_change_are_not_sent_again(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let raw = Raw::new(&daemon);
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 9).await;
    let path = format!("/events/{}/seats", event.id);
    let first = raw.get(&path, &member.token).await;
    let tag = first.header("ETag").expect("a tag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(first.header("Cache-Control"), Some("no-cache"));
    let same = ask(&raw, &path, &member, &tag).await;
    assert_eq!((same.status, same.text.as_str()), (304, ""));
    assert_eq!(same.header("ETag"), Some(tag.as_str()));
    assert_eq!(ask(&raw, &path, &member, "W/\"other\"").await.status, 200);
    // Each change counts at once, by whomever.
    let mut tags = vec![tag];
    let booking = book(&member, event.id, 2).await;
    for step in 0..3 {
        let answer = ask(&raw, &path, &member, tags.last().expect("a tag")).await;
        assert_eq!(answer.status, 200, "step {step}");
        let tag = answer.header("ETag").expect("a tag").to_owned();
        assert!(!tags.contains(&tag), "a tag of its own: {tag}");
        assert_eq!(ask(&raw, &path, &member, &tag).await.status, 304);
        tags.push(tag);
        match step {
            0 => _ = member.client.cancel_booking(booking.id).await.expect("cancelled"),
            1 => {
                let update = UpdateEvent { total_slots: Some(12), ..UpdateEvent::default() };
                organizer.client.update_event(event.id, &update).await.expect("grown");
            }
            _ => {}
        }
    }
    organizer.client.delete_event(event.id).await.expect("deleted");
    let gone = ask(&raw, &path, &member, tags.last().expect("a tag")).await;
    assert_eq!(gone.status, 404, "{}", gone.text);
}

async fn lists_that_did_not_change_are_not_sent_again(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let raw = Raw::new(&daemon);
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 9).await;
    let first = raw.get("/events", &member.token).await;
    let tag = first.header("ETag").expect("a tag").to_owned();
    assert!(tag.starts_with('"'), "strong: {tag}");
    assert_eq!(ask(&raw, "/events", &member, &tag).await.status, 304);
    assert_eq!(
        ask(&raw, "/events?org_id=00000000-0000-4000-8000-00000000dead", &member, &tag).await.status,
        200
    );
    book(&member, event.id, 1).await;
    let changed = ask(&raw, "/events", &member, &tag).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("ETag"), Some(tag.as_str()));
}

async fn a_tag_tells_strangers_nothing(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let raw = Raw::new(&daemon);
    let (organizer, guest) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "guest").await);
    let event = publish(&organizer, 9).await;
    let path = format!("/events/{}/seats", event.id);
    let tag = raw.get(&path, &organizer.token).await.header("ETag").expect("a tag").to_owned();
    for tag in [tag.as_str(), "*"] {
        assert_eq!(ask(&raw, &path, &guest, tag).await.status, 404);
        let nobody = Answer::to(raw.request(Method::GET, &path).header("If-None-Match", tag)).await;
        assert_eq!(nobody.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_daemon_changes_is_known_within_a_second() {
    let parts = Parts::real().await;
    let (one, other) = (Daemon::start(&parts).await, Daemon::start(&parts).await);
    let (organizer, member) = (sign_in(&one, "organizer").await, sign_in(&other, "member").await);
    let event = publish(&organizer, 9).await;
    let (raw, path) = (Raw::new(&one), format!("/events/{}/seats", event.id));
    let tag = raw.get(&path, &organizer.token).await.header("ETag").expect("a tag").to_owned();
    assert_eq!(ask(&raw, &path, &organizer, &tag).await.status, 304);
    book(&member, event.id, 1).await;
    let is_known = async || ask(&raw, &path, &organizer, &tag).await.status == 200;
    eventually("the other daemon's booking", Duration::from_millis(1_500), is_known).await;
}
