//! Organizations in files: applied, compared, exported.

use crate::cli::{Ended, Terminal};
use crate::support::Daemon;
use crate::support::parts::Parts;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const CLUB: &str = "\
happening: 1
organization: {name: Jazz Club, timezone: Europe/Berlin}
members:
  - {who: admin, role: orgAdmin}
  - {who: organizer, role: organizer}
  - {who: new@elsewhere.test, role: user}
events:
  - {name: First Night, date: 2099-06-01T19:00, seats: 120, organizer: organizer}
  - {name: Jam, date: 2099-06-08T20:30, seats: 60}
  - {name: Ball, date: 2099-07-01T20:00, seats: 30, category: concert}
";

/// A file of this content; its path.
fn written(terminal: &Terminal, text: &str) -> String {
    let path = terminal.home.path().join("organization.yaml");
    std::fs::write(&path, text).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

/// What was done, or would be, one line a thing.
fn told(ended: &Ended) -> Vec<String> {
    let rows = ended.json();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let row = |row: &Value| format!("{} {}", text(&row["state"]), text(&row["name"]));
    rows.as_array().expect("rows").iter().map(row).collect()
}

fn all(word: &str, ended: &Ended) -> bool {
    told(ended).iter().all(|line| line.starts_with(word))
}

/// Accepts the one invite that waits.
pub async fn accept(invited: &Terminal) {
    let waiting = invited.run(&["invite", "list", "-o", "name"]).await;
    assert_eq!(invited.run(&["invite", "accept", waiting.stdout.trim()]).await.code, 0, "{waiting:?}");
}

/// Applies the file of the club: its organizer is invited, accepts, and can be given an event.
async fn applied(daemon: &Daemon, admin: &Terminal, file: &str) {
    assert_eq!(admin.run(&["apply", "-f", file]).await.code, 9, "the organizer has not accepted");
    accept(&Terminal::signed_in(daemon, "organizer").await).await;
    let ended = admin.run(&["apply", "-f", file]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
}

async fn becomes_whole_once_the_organizer_accepts(daemon: &Daemon, admin: &Terminal, apply: &[&str]) {
    let ended = admin.run(apply).await;
    assert_eq!(ended.code, 9, "who is to run the first night has not accepted: {ended:?}");
    assert_eq!(
        told(&ended),
        [
            "created Jazz Club",
            "unchanged admin",
            "invited organizer",
            "invited new@elsewhere.test",
            "failed First Night",
            "created Jam",
            "created Ball"
        ]
    );
    let organizer = Terminal::signed_in(daemon, "organizer").await;
    accept(&organizer).await;
    let ended = admin.run(apply).await;
    assert_eq!(
        (ended.code, told(&ended).contains(&"changed First Night".to_owned())),
        (0, true),
        "{ended:?}"
    );
}

async fn an_organization_becomes_what_a_file_says(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    let file = written(&admin, CLUB);
    let apply = ["apply", "-f", &file, "-o", "json"];
    let diff = ["diff", "-f", &file, "-o", "json"];

    let ended = admin.run(&diff).await;
    assert_eq!((ended.code, all("create ", &ended)), (10, true), "{ended:?}");
    assert_eq!(admin.run(&["org", "get", "Jazz Club"]).await.code, 3, "a diff founds nothing");
    becomes_whole_once_the_organizer_accepts(&daemon, &admin, &apply).await;
    let events = admin.json(&["event", "list", "--org", "Jazz Club"]).await;
    let first = events.as_array().expect("events").iter().find(|event| event["name"] == "First Night");
    let first = first.expect("First Night");
    assert_eq!(
        (&first["event_date"], &first["organizer_username"]),
        (&json!("2099-06-01T17:00:00Z"), &json!("organizer"))
    );
    let ended = admin.run(&apply).await;
    assert_eq!((ended.code, all("unchanged ", &ended)), (0, true), "{ended:?}");
    assert_eq!(admin.run(&diff).await.code, 0);

    written(
        &admin,
        &CLUB
            .replace("seats: 60", "seats: 61")
            .replace("{who: organizer, role: organizer}", "{who: organizer@happening.test, role: orgAdmin}")
            .replace("organizer: organizer", "organizer: organizer@happening.test"),
    );
    let ended = admin.run(&diff).await;
    assert_eq!(told(&ended), ["change organizer@happening.test", "change Jam"], "{ended:?}");
    let changes = &ended.json()[1]["changes"];
    assert_eq!(*changes, json!([{"field": "seats", "old": 60, "new": 61}]));
    assert_eq!(admin.run(&["apply", "-f", &file, "--dry-run"]).await.code, 0);
    assert_eq!(admin.run(&diff).await.code, 10, "a dry run changes nothing");
    assert_eq!(admin.run(&apply).await.code, 0);
    assert_eq!(admin.run(&diff).await.code, 0);

    a_trial_of_what_cannot_be_done_ends_as_the_attempt_does(&admin, &file).await;

    // What was made under a key and is gone since is made anew.
    let jam = events.as_array().expect("events").iter().find(|event| event["name"] == "Jam").expect("Jam");
    written(&admin, CLUB);
    admin.json(&["event", "delete", jam["id"].as_str().expect("an id"), "--yes"]).await;
    for name in ["Jam", "organizer"] {
        let ended = admin.run(&apply).await;
        let done = if name == "Jam" { "created Jam" } else { "unchanged Jam" };
        assert!(told(&ended).contains(&done.to_owned()), "{ended:?}");
    }
}

async fn a_trial_of_what_cannot_be_done_ends_as_the_attempt_does(admin: &Terminal, file: &str) {
    let unknown =
        "happening: 1\norganization: {name: Jazz Club}\nmembers: [{who: nobodyknows, role: user}]\n";
    written(admin, unknown);
    let tried = admin.run(&["apply", "-f", file, "--dry-run", "-o", "json"]).await;
    assert_eq!((tried.code, told(&tried)), (9, vec!["impossible nobodyknows".to_owned()]), "{tried:?}");
    assert_eq!(admin.run(&["apply", "-f", file]).await.code, 9);
}

async fn what_is_not_declared_goes_only_when_asked(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    let file = written(&admin, CLUB);
    applied(&daemon, &admin, &file).await;
    let lines = |dropped: &[&str]| -> String {
        CLUB.lines()
            .filter(|line| !dropped.iter().any(|name| line.contains(name)))
            .fold(String::new(), |text, line| text + line + "\n")
    };
    written(&admin, &lines(&["Jam"]));
    let prune = ["apply", "-f", &file, "--prune", "-o", "json"];
    assert_eq!(admin.run(&["diff", "-f", &file]).await.code, 0, "what is not declared is left alone");
    let ended = admin.run(&["diff", "-f", &file, "--prune", "-o", "json"]).await;
    assert_eq!((ended.code, told(&ended)), (10, vec!["remove Jam".to_owned()]));
    let ended = admin.run(&prune).await;
    assert_eq!(ended.code, 2, "nobody is there to say yes: {ended:?}");

    let jam = admin.json(&["event", "list", "--org", "Jazz Club"]).await;
    let jam = jam.as_array().expect("events").iter().find(|event| event["name"] == "Jam").expect("Jam")["id"]
        .clone();
    let booked = admin.run(&["booking", "create", jam.as_str().expect("an id"), "--seats", "2"]).await;
    assert_eq!(booked.code, 0, "{booked:?}");
    written(&admin, &CLUB.replace("seats: 60", "seats: 1"));
    for words in
        [&["apply", "-f", &file, "--dry-run", "-o", "json"][..], &["apply", "-f", &file, "-o", "json"]]
    {
        let ended = admin.run(words).await;
        assert_eq!(ended.code, 9, "{ended:?}");
        assert!(ended.stdout.contains("Jam"), "{ended:?}");
    }
    written(&admin, &lines(&["Jam"]));
    let yes = [&prune[..], &["--yes"]].concat();
    let ended = admin.run(&yes).await;
    assert_eq!(ended.code, 6, "{ended:?}");
    assert!(ended.stderr.contains("Jam") && ended.stderr.contains("--even-booked"), "{ended:?}");
    let ended = admin.run(&[&yes[..], &["--even-booked"]].concat()).await;
    assert_eq!((ended.code, told(&ended).last().cloned()), (0, Some("removed Jam".to_owned())), "{ended:?}");

    let few = lines(&["Jam", "Ball", "First Night", "organizer", "new@"]);
    written(&admin, &few.replace("events:", "events: []"));
    let ended = admin.run(&yes).await;
    assert_eq!(ended.code, 6, "{ended:?}");
    assert!(ended.stderr.contains("--prune-most"), "{ended:?}");
    let ended = admin.run(&[&yes[..], &["--prune-most"]].concat()).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let members = admin.run(&["org", "members", "Jazz Club", "--jq", ".[].username"]).await;
    assert_eq!(members.stdout, "admin\n", "whoever applies it stays");
}

async fn what_is_exported_is_applied_without_a_change(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    applied(&daemon, &admin, &written(&admin, CLUB)).await;
    for (org, format) in [("Jazz Club", "yaml"), ("Jazz Club", "json"), ("Demo", "table")] {
        let exported = admin.run(&["export", org, "-o", format]).await;
        assert_eq!(exported.code, 0, "{exported:?}");
        let file = written(&admin, &exported.stdout);
        let ended = admin.run(&["diff", "-f", &file, "--prune"]).await;
        assert_eq!(ended.code, 0, "{org} {format}: {ended:?}\n{}", exported.stdout);
        let ended = admin.run(&["apply", "-f", &file, "--prune", "--yes", "-o", "json"]).await;
        assert_eq!((ended.code, all("unchanged ", &ended)), (0, true), "{ended:?}");
    }
    let member = Terminal::signed_in(&daemon, "member").await;
    assert_eq!(member.run(&["export", "Demo"]).await.code, 5, "invites are for orgAdmins");
}

/// Names that are something else to YAML, to a terminal, to a shell or to a reader who goes by what is seen.
const NAMES: &[&str] = &[
    "x \u{ffff}",
    "\u{feff}null",
    "yes",
    "- {a: b} # c",
    "\"quoted\" \\\\ 'twice'",
    "2030-06-01",
    "\u{645}\u{647}\u{631}\u{62c}\u{627}\u{646}\u{200f} \u{1f469}\u{200d}\u{1f3a4}",
    "e\u{301}t\u{e9}",
    "&a *a !!str %TAG",
    "\u{1ffff} \u{e000}x\u{10ffff}",
    "--yes",
];

async fn whatever_things_are_called_an_export_differs_in_nothing(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    let org = "*odd: \u{ffff} #1";
    let made = admin.run(&["org", "create", "--name", org, "-o", "name"]).await;
    assert_eq!(made.code, 0, "{made:?}");
    let id = made.stdout.trim();
    for name in NAMES {
        let name_of = format!("--name={name}");
        let create = ["event", "create", &name_of, "--date", "2099-06-01T19:00", "--seats", "5", "--org", id];
        let event = admin.json(&create).await;
        assert_eq!(event["name"], *name);
    }
    for format in ["yaml", "json"] {
        let exported = admin.run(&["export", id, "-o", format]).await;
        let file = written(&admin, &exported.stdout);
        let ended = admin.run(&["diff", "-f", &file, "--prune"]).await;
        assert_eq!(ended.code, 0, "{format}: {ended:?}\n{}", exported.stdout);
    }
    let listed = admin.json(&["event", "list", "--org", id]).await;
    let listed: BTreeSet<&str> =
        listed.as_array().expect("events").iter().filter_map(|event| event["name"].as_str()).collect();
    assert_eq!(listed, NAMES.iter().copied().collect());
}

/// An organization with so many events.
fn season(events: usize) -> String {
    let mut text = "happening: 1\norganization: {name: Season}\nevents:\n".to_owned();
    for number in 0..events {
        let day = number % 28 + 1;
        writeln!(text, "  - {{name: Night {number}, date: 2099-02-{day:02}T19:00, seats: 10}}")
            .expect("written");
    }
    text
}

/// The names of the events that are there; each is there once.
async fn nights(terminal: &Terminal) -> BTreeSet<String> {
    let ended = terminal.run(&["event", "list", "--org", "Season", "--all", "--jq", ".[].name"]).await;
    let names: BTreeSet<String> = ended.stdout.lines().map(str::to_owned).collect();
    assert_eq!(names.len(), ended.stdout.lines().count(), "no event twice");
    names
}

async fn what_was_killed_goes_on(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    let file = written(&admin, &season(400));
    for signal in ["-KILL", "-INT"] {
        let before = nights(&admin).await.len();
        let child = admin.start(&[], &["apply", "-f", &file]);
        let pid = child.id().expect("it runs").to_string();
        let deadline = Instant::now() + Duration::from_secs(30);
        while nights(&admin).await.len() < before + 5 && Instant::now() < deadline {}
        let killed = tokio::process::Command::new("kill").args([signal, &pid]).status().await;
        assert!(killed.expect("kill runs").success(), "it had not ended");
        let output = child.wait_with_output().await.expect("it ends");
        if signal == "-INT" {
            let said = String::from_utf8(output.stderr).expect("UTF-8");
            assert_eq!(output.status.code(), Some(130), "{said}");
            assert!(said.contains("applying the same file again does the rest"), "{said}");
            assert!(said.contains("  made: ") && said.contains("  not made: "), "{said}");
        }
        let made = nights(&admin).await.len();
        assert!((before + 5..400).contains(&made), "stopped in the middle: {made}");
    }
    let ended = admin.run(&["apply", "-f", &file]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(nights(&admin).await.len(), 400);
}

async fn what_cannot_be_done_holds_up_nothing_else(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    let odd = CLUB.replace("organizer: organizer", "organizer: nobody-at-all");
    let file = written(&admin, &odd);
    let ended = admin.run(&["apply", "-f", &file, "-o", "json"]).await;
    assert_eq!(ended.code, 9, "{ended:?}");
    let told = told(&ended);
    assert!(
        told.contains(&"failed First Night".to_owned()) && told.contains(&"created Jam".to_owned()),
        "{told:?}"
    );
    let row = ended.json().as_array().expect("rows").iter().find(|row| row["state"] == "failed").cloned();
    assert_eq!(row.expect("a failure")["line"], 8);
    let member = Terminal::signed_in(&daemon, "member").await;
    let demo = written(
        &member,
        "happening: 1\norganization: {name: Demo}\nevents: [{name: X, date: 2099-01-01T10:00, seats: 5}]\n",
    );
    let ended = member.run(&["apply", "-f", &demo, "-o", "json"]).await;
    assert_eq!((ended.code, ended.json()[1]["state"].clone()), (9, json!("failed")), "{ended:?}");
}

on_both_parts!(
    an_organization_becomes_what_a_file_says,
    what_is_not_declared_goes_only_when_asked,
    what_is_exported_is_applied_without_a_change,
    whatever_things_are_called_an_export_differs_in_nothing,
    what_was_killed_goes_on,
    what_cannot_be_done_holds_up_nothing_else,
);

#[tokio::test]
async fn ten_thousand_members_and_a_thousand_events_are_applied() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    let mut text = season(1_000) + "members:\n  - {who: admin, role: orgAdmin}\n";
    for number in 1..10_000 {
        writeln!(text, "  - {{who: m{number}@elsewhere.test, role: user}}").expect("written");
    }
    let file = written(&admin, &text);
    let mut seconds = Vec::new();
    for state in ["created", "unchanged"] {
        let begun = Instant::now();
        let ended = admin.run(&["apply", "-f", &file, "-o", "json"]).await;
        seconds.push(begun.elapsed().as_secs());
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let told = told(&ended);
        assert_eq!(told.len(), 11_001);
        let is_so =
            |line: &&String| line.starts_with(state) || state == "created" && line.starts_with("invited");
        let count = told.iter().filter(is_so).count();
        assert!(count >= 11_000, "{state}: {count}");
    }
    assert_eq!(nights(&admin).await.len(), 1_000);
    assert!(seconds[1] < 60, "to see that nothing is to be done took {seconds:?} s");
    println!("11,001 things: made in {} s, found unchanged in {} s", seconds[0], seconds[1]);
}
