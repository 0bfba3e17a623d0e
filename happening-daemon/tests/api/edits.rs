//! `If-Match`: whoever says what they have read does not undo what others wrote meanwhile.

use crate::raw::{Answer, Raw};
use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use happening_core::wire::{CreateOrganization, Event};
use reqwest::Method;
use serde_json::{Value, json};

on_both_parts!(
    an_event_that_others_edited_is_not_edited_over,
    of_edits_from_the_same_state_one_is_made,
    an_organization_that_others_edited_stays,
    what_people_say_of_themselves_is_not_undone,
    what_can_be_edited_is_not_sent_twice,
);

/// The tag of what is there now.
async fn tag(raw: &Raw, path: &str, person: &Signed) -> String {
    raw.get(path, &person.token).await.header("ETag").expect("a tag").to_owned()
}

async fn edit(raw: &Raw, method: Method, path: &str, person: &Signed, tag: &str, body: &Value) -> Answer {
    let request = raw.request(method, path).bearer_auth(&person.token).header("If-Match", tag);
    Answer::to(request.json(body)).await
}

async fn an_event_that_others_edited_is_not_edited_over(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let raw = Raw::new(&daemon);
    let (organizer, admin) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "admin").await);
    let member = sign_in(&daemon, "member").await;
    let event = publish(&organizer, 9).await;
    let path = format!("/events/{}", event.id);
    let read = tag(&raw, &path, &organizer).await;

    // A booking is no edit.
    book(&member, event.id, 2).await;
    let renamed = edit(&raw, Method::PUT, &path, &organizer, &read, &json!({ "name": "Second Night" })).await;
    assert_eq!(renamed.ok()["name"], "Second Night");
    assert_eq!(renamed.header("ETag"), Some(tag(&raw, &path, &organizer).await.as_str()));

    // Her colleague still has the old one.
    let late = edit(&raw, Method::PUT, &path, &admin, &read, &json!({ "total_slots": 5 })).await;
    late.problem("an old tag", 412, "stale");
    let late = edit(&raw, Method::DELETE, &path, &admin, &read, &json!({})).await;
    late.problem("an old tag", 412, "stale");
    let is_kept = raw.get(&path, &member.token).await.ok();
    assert_eq!((&is_kept["name"], &is_kept["total_slots"]), (&json!("Second Night"), &json!(9)));
    for nonsense in ["\"other\"", "nonsense", "\"\"", "\"a.b\""] {
        let answer = edit(&raw, Method::PUT, &path, &organizer, nonsense, &json!({ "name": "x" })).await;
        answer.problem(nonsense, 412, "stale");
    }

    // Any of several will do, and so does whatever is there.
    let now = tag(&raw, &path, &organizer).await;
    let either = format!("{read}, W/{now}");
    edit(&raw, Method::PUT, &path, &organizer, &either, &json!({ "name": "Third Night" })).await.ok();
    edit(&raw, Method::PUT, &path, &organizer, "*", &json!({ "name": "Fourth Night" })).await.ok();
    let now = tag(&raw, &path, &organizer).await;
    assert_eq!(edit(&raw, Method::DELETE, &path, &organizer, &now, &json!({})).await.status, 200);
    edit(&raw, Method::PUT, &path, &organizer, &now, &json!({})).await.problem("gone", 404, "not_found");
}

async fn of_edits_from_the_same_state_one_is_made(parts: Parts) {
    race(&[Daemon::start(&parts).await]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_edits_at_two_daemons_one_is_made() {
    let parts = Parts::real().await;
    race(&[Daemon::start(&parts).await, Daemon::start(&parts).await]).await;
}

/// Eight edits at once, all from the same state, while the event sells.
async fn race(daemons: &[Daemon]) {
    let mut at = Vec::new();
    for daemon in daemons {
        at.push((Raw::new(daemon), sign_in(daemon, "organizer").await));
    }
    let (raw, organizer) = &at[0];
    let member = sign_in(&daemons[0], "member").await;
    let event = publish(organizer, 900).await;
    let path = format!("/events/{}", event.id);
    for round in 0..5 {
        let read = tag(raw, &path, organizer).await;
        let names: Vec<String> = (0..8).map(|number| format!("Round {round}, edit {number}")).collect();
        let edits = names.iter().zip(at.iter().cycle()).map(|(name, (raw, organizer))| {
            let (path, read) = (&path, &read);
            async move { edit(raw, Method::PUT, path, organizer, read, &json!({ "name": name })).await.status }
        });
        let sells = futures::future::join_all((0..8).map(|_| book(&member, event.id, 1)));
        let (mut statuses, _) = tokio::join!(futures::future::join_all(edits), sells);
        let kept: Event = organizer.client.event(event.id).await.expect("there");
        let winner = statuses.iter().position(|status| *status == 200).expect("one of them");
        assert_eq!(kept.name, names[winner]);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412], "round {round}");
    }
}

async fn an_organization_that_others_edited_stays(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin) = (Raw::new(&daemon), sign_in(&daemon, "admin").await);
    let create = CreateOrganization { name: "Edited".to_owned(), settings: None };
    let path =
        format!("/organizations/{}", admin.client.create_organization(&create).await.expect("made").id);
    let read = tag(&raw, &path, &admin).await;
    let first = edit(&raw, Method::PUT, &path, &admin, &read, &json!({ "name": "Once" })).await;
    assert_eq!(first.ok()["name"], "Once");
    let second = edit(&raw, Method::PUT, &path, &admin, &read, &json!({ "name": "Twice" })).await;
    second.problem("an old tag", 412, "stale");
    let deleted = edit(&raw, Method::DELETE, &path, &admin, &read, &json!({})).await;
    deleted.problem("an old tag", 412, "stale");
    let now = first.header("ETag").expect("a tag");
    assert_eq!(edit(&raw, Method::DELETE, &path, &admin, now, &json!({})).await.status, 200);
}

async fn what_people_say_of_themselves_is_not_undone(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, member) = (Raw::new(&daemon), sign_in(&daemon, "member").await);
    let path = format!("/users/{}", member.user.expect("a user"));
    let read = tag(&raw, &path, &member).await;
    let phone = |number: &str| json!({ "phone": number });
    edit(&raw, Method::PUT, &path, &member, &read, &phone("1")).await.ok();
    edit(&raw, Method::PUT, &path, &member, &read, &phone("2")).await.problem("an old tag", 412, "stale");
}

async fn what_can_be_edited_is_not_sent_twice(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, organizer) = (Raw::new(&daemon), sign_in(&daemon, "organizer").await);
    let event = publish(&organizer, 9).await;
    let path = format!("/events/{}", event.id);
    let read = tag(&raw, &path, &organizer).await;
    let again = async || {
        let request = raw.request(Method::GET, &path).bearer_auth(&organizer.token);
        Answer::to(request.header("If-None-Match", &read)).await.status
    };
    assert_eq!(again().await, 304);
    book(&organizer, event.id, 1).await;
    assert_eq!(again().await, 200, "its figures moved");
}
