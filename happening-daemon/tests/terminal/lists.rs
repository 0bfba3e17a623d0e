//! Bookings that are moved, exported and read back; events out of a file.

use crate::cli::Terminal;
use crate::story::publish;
use crate::support::Daemon;
use crate::support::parts::Parts;
use serde_json::{Value, json};

on_both_parts!(a_booking_is_moved_and_its_history_tells, events_come_out_of_a_file_once);

async fn a_booking_is_moved_and_its_history_tells(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = Terminal::signed_in(&daemon, "organizer").await;
    let member = Terminal::signed_in(&daemon, "member").await;
    let event = publish(&organizer, "=Gala").await;
    let booking = member.json(&["booking", "create", &event, "--seats", "2"]).await;
    let id = booking["id"].as_str().expect("an id");
    let other = organizer.json(&["booking", "create", &event, "--seats", "1"]).await;
    assert_eq!(other["assigned_seats"], json!([3]));

    let moved = organizer.json(&["booking", "move", id, "--seats", "2,5"]).await;
    assert_eq!(moved["assigned_seats"], json!([2, 5]));
    let taken = member.run(&["booking", "move", id, "--seats", "3-4"]).await;
    assert_eq!(taken.code, 6, "{taken:?}");
    assert_eq!(member.run(&["booking", "move", id, "--seats", "4"]).await.code, 2, "as many as it has");
    let history = member.json(&["booking", "history", id]).await;
    let last = &history.as_array().expect("a list")[1];
    assert_eq!((&last["action"], &last["actor_username"]), (&json!("moved"), &json!("organizer")));
    assert_eq!(last["reason"], "from seats 1 and 2 to seats 2 and 5");

    let export = ["booking", "export", "--event", &event, "--fields", "event_name,username,assigned_seats"];
    let exported = organizer.run(&export).await;
    let told = "event_name,username,assigned_seats\n'=Gala,organizer,[3]\n'=Gala,member,\"[2,5]\"\n";
    assert_eq!((exported.code, exported.stdout.as_str()), (0, told));
    let all = organizer.json(&["booking", "export", "--org", "Demo", "--status", "confirmed"]).await;
    assert!(all.as_array().expect("a list").iter().any(|one| one["id"] == json!(id)), "{all}");
    assert_eq!(member.run(&export).await.code, 5, "not for those who only book");
}

async fn events_come_out_of_a_file_once(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = Terminal::signed_in(&daemon, "organizer").await;
    let file = organizer.home.path().join("season.csv");
    let lines = "Name;Date;Seats\r\nFirst;2030-06-01T19:00;5\r\nSecond;2030-06-02T19:00;6\r\n";
    std::fs::write(&file, format!("\u{feff}{lines}")).expect("a file");
    let file = file.to_str().expect("a path");
    let import = ["event", "import", file, "--org", "Demo", "--time-zone", "Europe/Berlin"];
    let checked = organizer.json(&[&import[..], &["--dry-run"]].concat()).await;
    assert_eq!((&checked[0]["outcome"], &checked[1]["line"]), (&json!("would be created"), &json!(3)));
    let made = organizer.json(&import).await;
    let again = organizer.json(&import).await;
    let outcomes = |told: &Value| [0, 1].map(|place| told[place]["outcome"].clone());
    assert_eq!(
        (outcomes(&made), outcomes(&again)),
        ([json!("created"), json!("created")], [json!("was there"), json!("was there")])
    );
    let ids = |told: &Value| [0, 1].map(|place| told[place]["event_id"].clone());
    assert_eq!(ids(&made), ids(&again), "what was created is not created again");
    let first = organizer.json(&["event", "get", made[0]["event_id"].as_str().expect("an id")]).await;
    assert_eq!((&first["name"], &first["event_date"]), (&json!("First"), &json!("2030-06-01T17:00:00Z")));
    let listed = organizer.json(&["event", "list", "--all"]).await;
    let named =
        |name: &str| listed.as_array().expect("a list").iter().filter(|one| one["name"] == name).count();
    assert_eq!((named("First"), named("Second")), (1, 1));
    // What was deleted is gone: it is created again, and found from then on.
    let gone = made[1]["event_id"].as_str().expect("an id");
    assert_eq!(organizer.run(&["event", "delete", gone, "--yes"]).await.code, 0);
    let anew = organizer.json(&import).await;
    assert_eq!(outcomes(&anew), [json!("was there"), json!("created")]);
    assert_ne!(anew[1]["event_id"], made[1]["event_id"]);
    let second = anew[1]["event_id"].as_str().expect("an id");
    assert_eq!(organizer.run(&["event", "get", second]).await.code, 0);
    assert_eq!(ids(&organizer.json(&import).await), ids(&anew));
}
