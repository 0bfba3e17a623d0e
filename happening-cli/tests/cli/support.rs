//! The built binary in an environment of its own, and a daemon as small as these tests need it.

use assert_cmd::Command;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{self, Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Nobody listens here.
pub const NOBODY: &str = "http://127.0.0.1:1";

/// `happening` with nothing of this machine's environment, and its files in `home`.
pub fn happening(home: &Path) -> Command {
    let mut command = Command::cargo_bin("happening").unwrap();
    command
        .env_clear()
        .env("HAPPENING_CONFIG_DIR", home)
        .env("HAPPENING_SERVER", NOBODY)
        .env("TZ", "UTC")
        // A desktop's keyring is not ours to look into.
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .timeout(Duration::from_secs(20));
    command
}

/// The same as a process that runs beside the test, with its input closed and its output kept.
pub fn spawned(home: &Path, server: &str, args: &[&str]) -> Child {
    process(home, server, args).spawn().unwrap()
}

/// The same, to be given more and to be started.
pub fn process(home: &Path, server: &str, args: &[&str]) -> process::Command {
    let mut command = process::Command::new(assert_cmd::cargo::cargo_bin("happening"));
    command
        .args(args)
        .env_clear()
        .env("HAPPENING_CONFIG_DIR", home)
        .env("HAPPENING_SERVER", server)
        .env("TZ", "UTC")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Sends a signal to it, such as `INT`.
#[cfg(unix)]
pub fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(process::Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
}

/// A token that says who its bearer is, and is signed by nobody.
pub const TOKEN: &str = "e30.eyJzdWIiOiJhZGEiLCJlbWFpbCI6ImFkYUBleGFtcGxlLm9yZyJ9.x";

type Answers = Arc<Mutex<BTreeMap<&'static str, VecDeque<(u16, String)>>>>;

/// Answers each `METHOD /path` with the statuses and bodies given for it, in order; the last one stays. `{url}` in a body
/// is its own address. A busy answer (429, 503) says to come back at once, and one to a dry run that it was one.
/// [`SILENCE`] and its like as a status are no answer.
pub struct Daemon {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// In place of a status: the request is taken, and never answered.
pub const SILENCE: u16 = 0;

/// The same, and the connection is closed.
pub const CLOSED: u16 = 1;

/// The body begins, and does not end.
pub const STREAM: u16 = 2;

/// The answer of an earlier request under the same key: 201, and that it is one.
pub const REPLAYED: u16 = 3;

/// What it was asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// When.
    pub at: Instant,
    /// `METHOD /path`.
    pub route: String,
    /// What stands behind the question mark.
    pub query: String,
    /// Names in lower case, and values.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Daemon {
    pub fn start(script: &[(&'static str, u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers = Answers::default();
        for (route, status, body) in script {
            let answer = (*status, body.replace("{url}", &url));
            answers.lock().unwrap().entry(*route).or_default().push_back(answer);
        }
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let seen = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, seen) = (answers.clone(), seen.clone());
                // A client that goes away early is part of what is tested.
                thread::spawn(move || answer(stream.unwrap(), &answers, &seen).ok());
            }
        });
        Self { url, requests }
    }

    /// What it was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The same of one route.
    pub fn requests_of(&self, route: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.route == route).collect()
    }

    /// Returns once a route was asked for.
    pub fn await_request(&self, route: &str) {
        let begun = Instant::now();
        while self.requests_of(route).is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(20), "nobody asks for {route}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn answer(stream: TcpStream, answers: &Answers, seen: &Mutex<Vec<Request>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut line, mut headers) = (String::new(), BTreeMap::new());
    stream.read_line(&mut line)?;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header)?;
        let Some((name, value)) = header.trim().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let target = line.rsplit_once(' ').map_or("", |(target, _version)| target);
    let (route, query) = target.split_once('?').unwrap_or((target, ""));
    let body = String::from_utf8(body).unwrap();
    seen.lock().unwrap().push(Request {
        at: Instant::now(),
        route: route.to_owned(),
        query: query.to_owned(),
        headers,
        body,
    });
    let (status, body) = match answers.lock().unwrap().get_mut(route) {
        Some(answers) if answers.len() > 1 => answers.pop_front().unwrap(),
        Some(answers) => answers[0].clone(),
        None => (404, "no such route".to_owned()),
    };
    if status == SILENCE {
        // Until the client has had enough.
        return stream.read_to_end(&mut Vec::new()).map(drop);
    }
    if status == CLOSED {
        return Ok(());
    }
    if status == STREAM {
        stream.get_mut().write_all(format!("HTTP/1.1 200 X\r\n\r\n{body}").as_bytes())?;
        return stream.read_to_end(&mut Vec::new()).map(drop);
    }
    let replayed = if status == REPLAYED { "idempotency-replayed: true\r\n" } else { "" };
    let status = if status == REPLAYED { 201 } else { status };
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n");
    let busy = if matches!(status, 429 | 503) { "retry-after: 0\r\n" } else { "" };
    let count = seen.lock().unwrap().iter().filter(|request| request.route == route).count();
    let tag = format!("etag: \"{count}\"\r\n");
    let dry = if query.contains("dry_run=true") { "dry-run: true\r\n" } else { "" };
    let text = format!("{head}{busy}{dry}{replayed}{tag}content-length: {}\r\n\r\n{body}", body.len());
    stream.get_mut().write_all(text.as_bytes())
}

/// An id that somebody has.
pub const ID: &str = "0197a1b2-0000-7000-8000-000000000001";

/// A directory for the files of one person, who keeps a sign-in in a file.
pub fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.json"), r#"{"storage": "file"}"#).unwrap();
    home
}

/// An event as the daemon tells it.
pub fn event(name: &str) -> Value {
    json!({
        "id": ID, "org_id": ID, "created_by": ID, "name": name, "description": null, "category": null,
        "event_date": "2026-12-01T19:00:00Z", "total_slots": 5, "available_slots": 2, "status": "upcoming",
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
        "waitlist_policy": "split", "bypass_limit": 3, "waitlist_limit": null, "max_seats_per_booking": null,
        "sales_paused": false, "waiting": 0, "version": 1,
    })
}

/// A refusal as the daemon tells it.
pub fn problem(status: u16, code: &str) -> String {
    json!({
        "type": "x", "title": "t", "status": status, "detail": "because", "error": "because", "code": code,
        "request_id": "req-7",
    })
    .to_string()
}

/// A confirmed booking as the daemon answers it.
pub fn booking() -> String {
    json!({
        "id": ID, "event_id": ID, "user_id": ID, "seats": 1, "status": "confirmed", "waiting_number": null,
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z", "assigned_seats": [1],
    })
    .to_string()
}
