//! How a daemon starts, refuses to start, and ends.

use crate::raw::{Answer, Raw};
use crate::support::books::Books;
use crate::support::connection::Connection;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, bookers, password_grant, publish, subject_of};
use crate::support::{Daemon, binary, eventually, signal};
use happening_core::client::{Client, FixedToken};
use happening_core::wire::NotificationStatus;
use reqwest::Method;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use url::Url;

/// How long the end may take.
const GRACE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_under_way_at_sigterm_is_answered() {
    let parts = Parts::embedded();
    let daemons = [Daemon::start(&parts).await];
    let people = bookers(&daemons).await.swap_remove(0);
    let [daemon] = daemons;
    let event = publish(&people[1], 100).await.id;
    let mut under_way = Vec::new();
    for index in 0..50 {
        let mut connection = Connection::open(daemon.url(), &people[index % people.len()].token).await;
        let rest = connection.begin("/bookings", json!({ "event_id": event, "seats": 1 })).await;
        under_way.push((connection, rest));
    }
    let mut idle = Connection::open(daemon.url(), &people[0].token).await;
    let mut used = Connection::open(daemon.url(), &people[0].token).await;
    let (status, booked) = used.post("/bookings", Some(json!({ "event_id": event, "seats": 1 }))).await;
    assert_eq!(status, 201, "{booked}");
    // The daemon reads heads as they come; give it the time to have read them all.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let url = daemon.url().clone();
    let ending = tokio::spawn(daemon.terminate());
    assert!(
        idle.is_closed().await && used.is_closed().await,
        "connections without a request do not hold up the end"
    );
    let answered = under_way.into_iter().map(|(mut connection, rest)| async move {
        let answer = connection.finish(&rest).await;
        assert!(connection.is_closed().await, "nothing more is answered");
        answer
    });
    for (status, body) in futures::future::join_all(answered).await {
        assert_eq!(status, 201, "{body}");
    }
    let (status, took) = ending.await.expect("the end");
    assert_eq!(status.code(), Some(0));
    assert!(took < GRACE, "the end took {took:?}");
    let books = Books::of(&parts).await;
    books.audit();
    assert_eq!(books.bookings.len(), 51);
    let address = (url.host_str().expect("a host"), url.port().expect("a port"));
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn the_ready_line_and_the_ready_file_tell_the_address() {
    let home = TempDir::new().expect("a directory");
    let ready = home.path().join("ready");
    let mut child = binary(home.path())
        .args(["serve", "--port", "0", "--log-format", "json", "--ready-file"])
        .arg(&ready)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the daemon starts");
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().expect("stdout"));
    out.read_line(&mut line).await.expect("a line");
    let line: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(line["event"], "ready");
    assert!(line["version"].is_string());
    let url = line["url"].as_str().expect("an address").to_owned();
    let written = || async { std::fs::read_to_string(&ready).is_ok_and(|text| text.trim() == url) };
    eventually("the ready file names the same address", Duration::from_secs(5), written).await;
    let address = url.trim_start_matches("http://").to_owned();
    assert!(address.starts_with("127.0.0.1:"), "loopback unless told otherwise: {address}");
    tokio::net::TcpStream::connect(address).await.expect("it answers there");
    signal(child.id().expect("a process"), "TERM");
    assert_eq!(child.wait().await.expect("an end").code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_daemon_on_the_same_file_is_told_why_not() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let said = refuses(binary(daemon.directory()).args(["serve", "--port", "0"])).await;
    assert!(said.contains("another daemon uses"), "{said}");
    assert!(said.contains("DATABASE_URL") && said.contains("REDIS_URL"), "what to do about it: {said}");
    let raw = Raw::new(&daemon);
    assert_eq!(Answer::to(raw.request(Method::GET, "/healthz")).await.status, 200, "the first one goes on");
}

#[tokio::test]
async fn the_built_in_issuer_refuses_other_machines() {
    let home = TempDir::new().expect("a directory");
    for host in ["0.0.0.0", "::"] {
        let said = refuses(binary(home.path()).args(["serve", "--port", "0"]).env("HOST", host)).await;
        assert!(said.contains("KEYCLOAK_SERVER_URL") && said.contains("127.0.0.1"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_whose_database_is_away_says_so() {
    let home = TempDir::new().expect("a directory");
    let (port, dead) = (free_port(), free_port());
    let mut child = binary(home.path())
        .args(["serve", "--port", &port.to_string()])
        .env("DATABASE_URL", format!("postgres://nobody:hidden-word@127.0.0.1:{dead}/nothing"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the daemon starts");
    let raw = Raw::at(&format!("http://127.0.0.1:{port}"));
    let listens = || async { tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() };
    eventually("it listens", Duration::from_secs(20), listens).await;
    assert_eq!(Answer::to(raw.request(Method::GET, "/healthz")).await.status, 200, "the process is well");
    let ready = Answer::to(raw.request(Method::GET, "/readyz")).await;
    assert_eq!(ready.status, 503);
    let ready = ready.json();
    assert_eq!(
        (&ready["status"], &ready["parts"]["store"]["state"]),
        (&json!("down"), &json!("down")),
        "{ready}"
    );
    let token = password_grant(&format!("http://127.0.0.1:{port}/realms/happening"), "member").await;
    let started = Instant::now();
    let body = json!({ "event_id": "00000000-0000-4000-8000-00000000dead", "seats": 1 }).to_string();
    let answers = [
        raw.get("/events", &token).await,
        raw.get("/db-test", &token).await,
        raw.send(Method::POST, "/bookings", &token, body).await,
    ];
    for answer in answers {
        let problem = answer.problem("without a database", 503, "unavailable");
        assert!(answer.header("Retry-After").is_some_and(|value| value.parse::<u32>().is_ok()));
        assert!(!problem.to_string().contains("hidden-word"));
    }
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "at once, not after a time-out: {:?}",
        started.elapsed()
    );
    signal(child.id().expect("a process"), "TERM");
    let ended = tokio::time::timeout(GRACE, child.wait()).await;
    ended.expect("it ends though it never began").expect("a status");
}

/// Runs it to its end, which must be a failure. Returns what it said.
async fn refuses(command: &mut Command) -> String {
    let running = command.output();
    let output = tokio::time::timeout(Duration::from_secs(20), running).await.expect("refused at once");
    let output = output.expect("it runs");
    assert!(!output.status.success(), "it started");
    String::from_utf8(output.stderr).expect("text")
}

/// A port on which nobody listens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

/// A log shipper that restarts, a pipe into `head`: what is logged goes nowhere, and nothing else does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_nobody_reads_any_more_stops_nothing() {
    let directory = TempDir::new().expect("a directory");
    let ready = directory.path().join("ready");
    let mut child = binary(directory.path())
        .args(["serve", "--demo", "--port", "0", "--log-level", "debug", "--ready-file"])
        .arg(&ready)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the daemon starts");
    drop(child.stderr.take());
    let is_ready = async || ready.exists();
    eventually("the daemon is ready", Duration::from_secs(30), is_ready).await;
    let address = std::fs::read_to_string(&ready).expect("an address");
    let url: Url = address.trim().parse().expect("an address");
    let client = |token: Option<String>| Client::new(url.clone(), FixedToken(token));
    let issuer = client(None).discovery().await.expect("discovery").issuer;
    let token = password_grant(&issuer, "organizer").await;
    let (subject, client) = (subject_of(&token), client(Some(token.clone())));
    let user = client.user_by_subject(&subject).await.expect("a look").map(|user| user.id);
    let organizer = Signed { token, subject, user, client };
    let event = publish(&organizer, 5).await.id;
    for _ in 0..5 {
        book(&organizer, event, 1).await;
    }
    let are_told = async || {
        let told = organizer.client.notifications_of(organizer.user.expect("a user")).await.expect("a list");
        told.len() >= 5 && told.iter().all(|one| one.status == NotificationStatus::Sent)
    };
    eventually("everybody is told", Duration::from_secs(10), are_told).await;
    signal(child.id().expect("it runs"), "TERM");
    let ended = tokio::time::timeout(Duration::from_secs(15), child.wait()).await;
    assert!(ended.expect("it ends").expect("a status").success());
}
