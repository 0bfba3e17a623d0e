//! The story of the README, told from the command line.

use crate::cli::Terminal;
use crate::support::Daemon;
use crate::support::parts::Parts;
use serde_json::{Value, json};

/// Publishes an event of five seats; returns its id.
pub async fn publish(organizer: &Terminal, name: &str) -> String {
    let event =
        ["event", "create", "--org", "Demo", "--name", name, "--date", "2099-12-01T19:00", "--seats", "5"];
    let event = organizer.json(&event).await;
    assert_eq!((&event["name"], &event["available_slots"]), (&json!(name), &json!(5)));
    id(&event)
}

fn id(record: &Value) -> String {
    record["id"].as_str().expect("an id").to_owned()
}

async fn book(person: &Terminal, event: &str, seats: &str) -> Value {
    person.json(&["booking", "create", event, "--seats", seats]).await
}

async fn the_story_is_told(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = Terminal::signed_in(&daemon, "organizer").await;
    let member = Terminal::signed_in(&daemon, "member").await;
    let event = publish(&organizer, "Winter Gala").await;

    let three = book(&member, &event, "3").await;
    assert_eq!((&three["status"], &three["assigned_seats"]), (&json!("confirmed"), &json!([1, 2, 3])));
    let two = book(&organizer, &event, "2").await;
    assert_eq!(two["assigned_seats"], json!([4, 5]));
    let late = book(&organizer, &event, "2").await;
    assert_eq!((&late["status"], &late["waiting_number"]), (&json!("waiting"), &json!(1)));
    let line = organizer.json(&["waitlist", "list", &event]).await;
    assert_eq!(line[0]["booking_id"], late["id"]);
    assert_eq!((&line[0]["position"], &line[0]["username"]), (&json!(1), &json!("organizer")));

    // The cancelled seats go to those who wait, lowest first; the rest is free.
    let gone = member.json(&["booking", "cancel", &id(&three), "--yes"]).await;
    assert_eq!((&gone["status"], &gone["already"]), (&json!("cancelled"), &json!(false)));
    let promoted = organizer.json(&["booking", "get", &id(&late)]).await;
    assert_eq!((&promoted["status"], &promoted["assigned_seats"]), (&json!("confirmed"), &json!([1, 2])));
    assert_eq!(organizer.json(&["event", "get", &event]).await["available_slots"], 1);

    // A family of three waits; two seats are free once another is given back: it gets them, and waits for the third.
    let family = book(&member, &event, "3").await;
    assert_eq!(family["status"], "waiting");
    let less = organizer.json(&["booking", "cancel-seats", &id(&late), "--seat", "2", "--yes"]).await;
    assert_eq!(less["cancelled"], 1);
    let rest = member.json(&["booking", "get", &id(&family)]).await;
    assert_eq!((&rest["status"], &rest["seats"]), (&json!("waiting"), &json!(1)));
    let mine = member.json(&["booking", "list"]).await;
    let told: Vec<_> =
        mine.as_array().expect("a list").iter().map(|one| (&one["status"], &one["seats"])).collect();
    assert!(told.contains(&(&json!("confirmed"), &json!(2))), "{mine}");
    assert!(told.contains(&(&json!("waiting"), &json!(1))), "{mine}");
    assert!(told.contains(&(&json!("cancelled"), &json!(3))), "{mine}");

    let seats = member.json(&["event", "seats", &event]).await;
    assert_eq!((&seats["total"], &seats["taken"]), (&json!(5), &json!([1, 2, 3, 4, 5])));
    let told = member.run(&["event", "seats", &event]).await;
    assert!(told.stdout.contains("5 seats, 0 free, 5 taken"), "{told:?}");
}

#[tokio::test]
async fn the_story_is_told_on_embedded_parts() {
    the_story_is_told(Parts::embedded()).await;
}

#[tokio::test]
async fn the_story_is_told_on_the_real_parts() {
    the_story_is_told(Parts::real().await).await;
}
