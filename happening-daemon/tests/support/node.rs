//! The official Socket.IO client, under Node: the scripts in `tests/socketio`, run from a copy below the build directory with
//! the packages that its lock file names.

use super::Daemon;
use super::npm;
use super::people::{demo_organization, sign_in};
use serde_json::{Map, Value, json};
use std::process::{Output, Stdio};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Who takes part.
const PEOPLE: [&str; 6] = ["operator", "admin", "organizer", "member", "support", "guest"];

/// How a client connects.
#[derive(Debug, Clone, Copy)]
pub enum Transports {
    /// Polling, then WebSocket: what clients do unless told otherwise.
    Default,
    Polling,
    WebSocket,
}

impl Transports {
    fn names(self) -> Value {
        match self {
            Self::Default => Value::Null,
            Self::Polling => json!(["polling"]),
            Self::WebSocket => json!(["websocket"]),
        }
    }
}

/// What the scripts know: daemons, people, limits.
pub async fn stage(daemons: &[&Daemon], transports: Transports) -> Value {
    let mut people = Map::new();
    for name in PEOPLE {
        let person = sign_in(daemons[0], name).await;
        people.insert(name.to_owned(), json!({ "token": person.token, "user": person.user }));
    }
    let organizer = sign_in(daemons[0], "organizer").await;
    json!({
        "daemons": daemons.iter().map(|daemon| daemon.url().as_str()).collect::<Vec<_>>(),
        "people": people,
        "organization": demo_organization(&organizer).await,
        "transports": transports.names(),
        "ttl": TTL_SECONDS,
        "sockets": SOCKETS,
    })
}

/// Settings of daemons whose limits are to be reached.
pub const NARROW: &[(&str, &str)] =
    &[("SOCKETS_PER_ADDRESS", "20"), ("SOCKETS_PER_PERSON", "5"), ("HOLD_SEATS_PER_ADDRESS", "45")];

/// Settings of daemons whose holds last longer than any rule.
pub const PATIENT: &[(&str, &str)] = &[("HOLD_TTL_SECONDS", "60")];

/// Settings of daemons whose holds run out soon.
pub const HASTY: &[(&str, &str)] = &[("HOLD_TTL_SECONDS", "2")];
const TTL_SECONDS: u32 = 2;
const SOCKETS: u32 = 20;

/// Runs rules of the scripts to their end, which must be a good one.
pub async fn run(stage: &Value, rules: &[&str]) {
    let output = command(stage, rules).output().await.expect("node runs");
    succeeded(rules, &output);
}

fn succeeded(rules: &[&str], output: &Output) {
    let (said, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{rules:?}: {}\n{said}\n{failed}", output.status);
}

/// A rule that waits for what the test does meanwhile.
pub struct Running {
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
    rule: String,
}

impl Running {
    pub fn start(stage: &Value, rule: &str) -> Self {
        let mut child = command(stage, &[rule]).stdin(Stdio::piped()).spawn().expect("node runs");
        let stdin = child.stdin.take().expect("piped");
        let stdout = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { child, stdin, stdout, rule: rule.to_owned() }
    }

    /// Waits until the rule has come so far.
    pub async fn reaches(&mut self, word: &str) {
        let waited = async {
            while let Some(line) = self.stdout.next_line().await.expect("text") {
                if line == format!("@{word}") {
                    return true;
                }
            }
            false
        };
        let reached = tokio::time::timeout(std::time::Duration::from_mins(1), waited).await.unwrap_or(false);
        if !reached {
            let _ = self.child.start_kill();
            self.fail().await;
        }
    }

    /// Lets it go on.
    pub async fn go_on(&mut self, word: &str) {
        self.stdin.write_all(format!("{word}\n").as_bytes()).await.expect("node reads");
    }

    /// Waits for its good end.
    pub async fn end(self) {
        let rule = self.rule.clone();
        drop(self.stdin);
        let output = self.child.wait_with_output().await.expect("an end");
        succeeded(&[&rule], &output);
    }

    async fn fail(&mut self) -> ! {
        let mut said = String::new();
        if let Some(stderr) = &mut self.child.stderr {
            let _ = tokio::io::AsyncReadExt::read_to_string(stderr, &mut said).await;
        }
        panic!("{}: {said}", self.rule);
    }
}

fn command(stage: &Value, rules: &[&str]) -> Command {
    let directory = npm::package("socketio");
    let mut command = Command::new("node");
    command
        .arg(directory.join("run.mjs"))
        .args(rules)
        .env("STAGE", stage.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}
