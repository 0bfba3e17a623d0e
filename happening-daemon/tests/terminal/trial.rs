//! `demo`, `smoke` and `load`: what they tell, what they find, and that they leave nothing behind.

use crate::cli::{Ended, Terminal};
use crate::screen::Screen;
use crate::story::publish;
use crate::support::parts::Parts;
use crate::support::people::password_grant;
use crate::support::{Daemon, eventually, signal};
use quick_junit::Report;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Child;

/// Somebody with a token.
struct Person {
    terminal: Terminal,
    token: String,
}

impl Person {
    async fn of(daemon: &Daemon, name: &str) -> Self {
        let issuer = daemon.client(None).discovery().await.expect("discovery").issuer;
        Self { terminal: Terminal::at(daemon), token: password_grant(&issuer, name).await }
    }

    async fn run(&self, arguments: &[&str]) -> Ended {
        self.terminal.run_with(&[("HAPPENING_TOKEN", &self.token)], arguments).await
    }

    async fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["-o", "json"]].concat()).await;
        assert_eq!(ended.code, 0, "happening {arguments:?}: {ended:?}");
        ended.json()
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.terminal.start(&[("HAPPENING_TOKEN", &self.token)], arguments)
    }

    /// Names of the organizations that are there only for a trial.
    async fn stages(&self) -> Vec<String> {
        let filter = ".[] | .name | select(startswith(\"Happening \"))";
        let names = self.run(&["org", "list", "--jq", filter]).await;
        assert_eq!(names.code, 0, "{names:?}");
        names.stdout.lines().map(str::to_owned).collect()
    }
}

/// Calls a command off; returns how it ended.
async fn call_off(child: Child, by: &str) -> Ended {
    signal(child.id().expect("it runs"), by);
    let output = child.wait_with_output().await.expect("an end");
    Ended {
        code: output.status.code().expect("an exit code"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Stands before a daemon. Answers are passed on with one text in place of another of the same length; from a request that
/// has the other text, nothing is passed on.
struct Middleman {
    url: String,
    held: Arc<AtomicBool>,
}

impl Middleman {
    async fn before(daemon: &Daemon, lie: [&'static str; 2], holds: &'static str) -> Self {
        assert_eq!(lie[0].len(), lie[1].len(), "an answer's length has been told by then");
        let target = daemon.url().socket_addrs(|| None).expect("an address")[0];
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let held = Arc::new(AtomicBool::new(false));
        let holding = held.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(target).await.expect("the daemon");
                tokio::spawn(pass(client, server, lie, holds, holding.clone()));
            }
        });
        Self { url, held }
    }
}

async fn pass(
    client: TcpStream,
    server: TcpStream,
    lie: [&'static str; 2],
    holds: &'static str,
    held: Arc<AtomicBool>,
) {
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let asking = async {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_client.read(&mut bytes).await {
            if String::from_utf8_lossy(&bytes[..read]).contains(holds) {
                held.store(true, Ordering::Relaxed);
                continue;
            }
            if to_server.write_all(&bytes[..read]).await.is_err() {
                return;
            }
        }
    };
    let answering = async {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_server.read(&mut bytes).await {
            let text = String::from_utf8_lossy(&bytes[..read]).replace(lie[0], lie[1]);
            if to_client.write_all(text.as_bytes()).await.is_err() {
                return;
            }
        }
    };
    // Whichever ends first takes the connection with it.
    tokio::select! {
        () = asking => {}
        () = answering => {}
    }
}

async fn the_demo_tells_the_story(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let member = Person::of(&daemon, "member").await;
    let told = member.run(&["demo"]).await;
    assert_eq!(told.code, 0, "{told:?}");
    for line in [
        "1. Whoever signs in may found an organization. Nobody else sees what is in it.",
        "-> Booked: seats 1-3.",
        "-> The booking waits, and has the number 1.",
        "-> Promoted to seats 1, 2.",
        "-> Taken: 1, 2, 4, 5. Free: 3.",
        "First Night: 5 seats, 1 free, 4 taken",
        "-> The organization is gone, and its event with it.",
    ] {
        assert!(told.stdout.lines().any(|found| found == line), "{line}: {}", told.stdout);
    }
    assert!(!told.stdout.contains('\u{1b}'), "plain where there is no terminal");
    assert_eq!(member.stages().await, [""; 0]);

    let organizer = Person::of(&daemon, "organizer").await;
    let steps = organizer.json(&["demo", "--org", "Demo"]).await;
    let steps = steps.as_array().expect("a list");
    assert_eq!(steps.len(), 10, "{steps:?}");
    let event = steps[0]["output"]["id"].as_str().expect("an id");
    assert_eq!(steps[1]["command"], json!(format!("happening booking create {event} --seats 3")));
    assert_eq!(steps[6]["output"]["assigned_seats"], json!([1, 2]));
    assert_eq!(organizer.run(&["event", "get", event]).await.code, 3, "it is gone");

    let kept = organizer.json(&["demo", "--keep"]).await;
    assert_eq!(kept.as_array().map(Vec::len), Some(10), "{kept}");
    let stages = organizer.stages().await;
    assert!(stages.len() == 1 && stages[0].ends_with("(kept)"), "{stages:?}");
    assert_eq!(member.run(&["demo", "--org", "Demo"]).await.code, 5, "members publish nothing");

    let operator = Person::of(&daemon, "operator").await;
    let steps = operator.json(&["demo"]).await;
    let is_queue =
        |step: &Value| step["command"] == "happening queue status" && step["output"]["outbox"].is_object();
    assert!(steps.as_array().is_some_and(|steps| steps.iter().any(is_queue)), "{steps}");
}

async fn smoke_is_green_and_quick(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let operator = Person::of(&daemon, "operator").await;
    let junit = operator.terminal.home.path().join("smoke.xml");
    let begun = Instant::now();
    let arguments = ["smoke", "--junit", junit.to_str().expect("UTF-8"), "-o", "json"];
    let ended = operator.run(&arguments).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(ended.code, 0, "{ended:?}");
    let report = ended.json();
    assert_eq!((&report["failed"], &report["skipped"]), (&json!(0), &json!(0)), "{report}");
    let read =
        Report::deserialize_from_str(&std::fs::read_to_string(junit).expect("a report")).expect("JUnit");
    assert_eq!((read.failures, read.errors), (0, 0));
    assert_eq!(json!(read.tests), report["passed"]);
    assert_eq!(operator.stages().await, [""; 0]);

    // Whoever is no operator may not look at the counters; that is no failure.
    let organizer = Person::of(&daemon, "organizer").await;
    let report = organizer.json(&["smoke", "--org", "Demo"]).await;
    assert_eq!((&report["failed"], &report["skipped"]), (&json!(0), &json!(1)), "{report}");
    let event = report["event_id"].as_str().expect("an event");
    assert_eq!(organizer.run(&["event", "get", event]).await.code, 3, "it is gone");
    assert_eq!(organizer.run(&["org", "get", "Demo"]).await.code, 0, "what was there before stays");
    assert_eq!(Terminal::at(&daemon).run(&["smoke"]).await.code, 4, "nobody is signed in");
}

async fn smoke_finds_a_lie_and_cleans_up(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = Person::of(&daemon, "organizer").await;
    let lie = ["\"available_slots\":0", "\"available_slots\":1"];
    let middleman = Middleman::before(&daemon, lie, "nothing is held").await;
    let ended = organizer.run(&["smoke", "--server", &middleman.url, "-o", "json"]).await;
    assert_eq!(ended.code, 1, "{ended:?}");
    let report = ended.json();
    let checks = report["checks"].as_array().expect("checks");
    let failed: Vec<_> = checks.iter().filter(|check| check["status"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{report}");
    assert_eq!(failed[0]["check"], "counts and seat map agree when it is full");
    assert_eq!(failed[0]["got"], "(1, 2)");
    assert!(failed[0]["request_id"].is_string(), "{report}");
    assert_eq!(organizer.stages().await, [""; 0]);

    let silent = Middleman::before(&daemon, ["", ""], "POST /bookings ").await;
    let ended = organizer.run(&["smoke", "--server", &silent.url, "--timeout", "3s", "-o", "json"]).await;
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(ended.json()["checks"][2]["expected"], "an answer in time", "{ended:?}");
    assert_eq!((&ended.json()["failed"], &ended.json()["passed"]), (&json!(1), &json!(3)), "{ended:?}");
    assert_eq!(organizer.stages().await, [""; 0]);
}

#[tokio::test]
async fn the_demo_waits_for_enter() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let organizer = Person::of(&daemon, "organizer").await;
    let token = [("HAPPENING_TOKEN", organizer.token.as_str())];
    let screen = Screen::of_command(&organizer.terminal, &token, &["demo", "--step"]);
    for number in 1..=10 {
        let step = format!("{number}. ");
        eventually(&format!("step {number} waits"), Duration::from_secs(15), async || {
            let text = screen.text();
            // The line of the last step may still be there, but not as the last.
            text.lines().any(|line| line.starts_with(&step)) && text.trim_end().ends_with("Enter goes on.")
        })
        .await;
        screen.press(&["Enter"]);
    }
    screen.shows(&["11. That was the story"]).await;
    screen.shows(&["ended 0"]).await;
    assert_eq!(organizer.stages().await, [""; 0]);

    let screen = Screen::of_command(&organizer.terminal, &token, &["demo", "--step"]);
    screen.shows(&["Enter goes on."]).await;
    screen.press(&["C-c"]);
    screen.shows(&["ended 130"]).await;
    screen.shows(&[" icanon", " echo "]).await;
    assert_eq!(organizer.stages().await, [""; 0]);
}

async fn ctrl_c_leaves_nothing_behind(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = Person::of(&daemon, "organizer").await;
    let middleman = Middleman::before(&daemon, ["", ""], "POST /bookings ").await;
    let smoke = organizer.start(&["smoke", "--server", &middleman.url]);
    eventually("a booking is under way", Duration::from_secs(20), async || {
        middleman.held.load(Ordering::Relaxed)
    })
    .await;
    assert_eq!(organizer.stages().await.len(), 1, "in the middle of it");
    let ended = call_off(smoke, "INT").await;
    assert_eq!((ended.code, ended.stdout.as_str()), (130, ""), "{ended:?}");
    assert!(ended.stderr.contains("interrupted; what was made for this is removed"), "{ended:?}");
    assert_eq!(organizer.stages().await, [""; 0]);

    let load = organizer.start(&["load", "--duration", "2m", "--buyers", "4"]);
    let booked = async || {
        let bookings = organizer.json(&["booking", "list"]).await;
        let crowd = |one: &Value| one["event_name"] == "Crowded Night";
        bookings.as_array().expect("a list").iter().any(crowd)
    };
    eventually("somebody has booked", Duration::from_secs(30), booked).await;
    let ended = call_off(load, "TERM").await;
    assert_eq!(ended.code, 130, "{ended:?}");
    assert_eq!(organizer.stages().await, [""; 0]);
}

async fn a_crowd_books_and_the_books_are_right(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let operator = Person::of(&daemon, "operator").await;
    let crowd = ["load", "--buyers", "8", "--seats", "60", "--bookings", "100", "--cancel-ratio", "0.25"];
    let report = operator.json(&crowd).await;
    let count = |member: &str| report[member].as_u64().expect("a count");
    assert_eq!(count("confirmed") + count("waiting"), 100, "{report}");
    assert!(count("cancelled") >= 16, "every fourth of each buyer's: {report}");
    assert_eq!(count("requests"), 100 + count("cancelled"), "{report}");
    assert_eq!(report["errors"], json!({}));
    let drawn = report["histogram"].as_array().expect("bars").iter();
    assert_eq!(drawn.map(|bar| bar["count"].as_u64().expect("a count")).sum::<u64>(), count("requests"));
    let latency = |name: &str| report["latency"][name].as_f64().expect("a latency");
    assert!(latency("p50_ms") > 0.05 && latency("p50_ms") <= latency("p99_ms"), "{report}");
    assert!(latency("p99_ms") <= latency("max_ms") && latency("max_ms") < 30_000.0, "{report}");
    let checks = report["checks"].as_array().expect("checks");
    assert!(checks.iter().all(|check| check["status"] == "passed"), "{report}");
    assert_eq!(operator.stages().await, [""; 0]);

    let organizer = Person::of(&daemon, "organizer").await;
    let shown = organizer.run(&["load", "--buyers", "4", "--seats", "20", "--party", "2"]).await;
    assert_eq!(shown.code, 0, "{shown:?}");
    for words in ["Confirmed  10", "Waiting    2", "p99", "###", "no seat is booked twice"] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }

    let signed_in = Terminal::signed_in(&daemon, "organizer").await;
    let gala = publish(&signed_in, "Winter Gala").await;
    let visited = organizer.json(&["load", "--event", &gala, "--buyers", "3"]).await;
    assert_eq!((&visited["confirmed"], &visited["waiting"]), (&json!(5), &json!(1)), "{visited}");
    let after = organizer.json(&["event", "get", &gala]).await;
    assert_eq!((&after["available_slots"], &after["waiting"]), (&json!(5), &json!(0)), "all is given back");
    let again = organizer.run(&["load", "--event", &gala]).await;
    assert_eq!(again.code, 6, "there were bookings: {again:?}");
}

/// The service account of the issuer's example.
const ACCOUNT: [(&str, &str); 2] =
    [("HAPPENING_CLIENT_ID", "happening-ci"), ("HAPPENING_CLIENT_SECRET", "happening-ci-dev-secret\n")];

/// The service account is offered a role, and accepts it.
async fn maps_and_accepts(admin: &Person, script: &Terminal) {
    let asked = admin.json(&["org", "map-service-account", "Demo", "happening-ci", "organizer"]).await;
    assert_eq!(asked["pending"], true, "{asked}");
    let waiting = script.run_with(&ACCOUNT, &["invite", "list", "-o", "name"]).await;
    assert_eq!(waiting.code, 0, "{waiting:?}");
    let accepted = script.run_with(&ACCOUNT, &["invite", "accept", waiting.stdout.trim()]).await;
    assert_eq!(accepted.code, 0, "{accepted:?}");
}

async fn a_service_account_needs_no_person(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Person::of(&daemon, "admin").await;
    let script = Terminal::at(&daemon);
    let run = async |arguments: &[&str]| script.run_with(&ACCOUNT, arguments).await;
    let create = [
        "event",
        "create",
        "--org",
        "Demo",
        "--name",
        "By CI",
        "--date",
        "2099-01-01T10:00",
        "--seats",
        "5",
        "--if-not-exists",
        "-o",
        "name",
    ];
    let load = ["load", "--org", "Demo", "--buyers", "2", "--seats", "6"];

    // Nobody has given it a role yet.
    for arguments in [&["smoke", "--org", "Demo"][..], &["org", "list"], &load, &create] {
        let ended = run(arguments).await;
        assert_eq!(ended.code, 5, "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains("map-service-account ORG happening-ci"), "{ended:?}");
    }
    let doctor = run(&["doctor"]).await;
    assert_eq!(doctor.code, 0, "{doctor:?}");
    assert!(doctor.stdout.contains("an orgAdmin: happening org map-service-account"), "{doctor:?}");

    maps_and_accepts(&admin, &script).await;
    let report = run(&["smoke", "--org", "Demo", "-o", "json"]).await;
    assert_eq!(report.code, 0, "{report:?}");
    assert_eq!((&report.json()["failed"], &report.json()["skipped"]), (&json!(0), &json!(1)), "{report:?}");
    for arguments in [&load[..], &["demo", "--org", "Demo"], &["event", "list", "--org", "Demo"], &["doctor"]]
    {
        let ended = run(arguments).await;
        assert_eq!(ended.code, 0, "{arguments:?}: {ended:?}");
        assert!(!ended.stdout.contains("happening login"), "{ended:?}");
    }
    let (made, again) = (run(&create).await, run(&create).await);
    assert_eq!((made.code, again.code), (0, 0), "{made:?}, {again:?}");
    assert_eq!(made.stdout, again.stdout, "it is there already");
    let mine = run(&["org", "list", "--jq", ".[].name"]).await;
    assert_eq!((mine.code, mine.stdout.as_str()), (0, "Demo\n"), "{mine:?}");
    let who = run(&["whoami", "-o", "json"]).await.json();
    assert_eq!(who["username"], "service-account-happening-ci");
    assert_eq!(
        (&who["organizations"][0]["role"], &who["email"]),
        (&json!("organizer"), &json!(null)),
        "{who}"
    );
    // It founds none of its own, and is told what to do instead.
    let alone = run(&["smoke"]).await;
    assert_eq!(alone.code, 5, "{alone:?}");
    assert!(alone.stderr.contains("--org"), "{alone:?}");

    admin.json(&["org", "map-service-account", "Demo", "happening-ci", "orgAdmin"]).await;
    let exported = run(&["export", "Demo"]).await;
    assert_eq!(exported.code, 0, "{exported:?}");
    assert!(exported.stdout.contains("By CI"), "{exported:?}");
}

on_both_parts!(
    the_demo_tells_the_story,
    smoke_is_green_and_quick,
    smoke_finds_a_lie_and_cleans_up,
    ctrl_c_leaves_nothing_behind,
    a_crowd_books_and_the_books_are_right,
    a_service_account_needs_no_person,
);
