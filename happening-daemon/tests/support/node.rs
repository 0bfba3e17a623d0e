//! The official Socket.IO client, under Node: the scripts in `tests/socketio`, run from a copy below the build directory with
//! the packages that its lock file names.

use super::Daemon;
use super::people::{demo_organization, sign_in};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Who takes part.
const PEOPLE: [&str; 5] = ["admin", "organizer", "member", "support", "guest"];

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
pub const NARROW: &[(&str, &str)] = &[("SOCKETS_PER_ADDRESS", "20")];

/// Settings of daemons whose holds run out soon.
pub const HASTY: &[(&str, &str)] = &[("HOLD_TTL_SECONDS", "2")];
const TTL_SECONDS: u32 = 2;
const SOCKETS: u32 = 20;

/// Runs rules of the scripts to their end, which must be a good one.
pub async fn run(stage: &Value, rules: &[&str]) {
    let output = command(stage, rules).await.output().await.expect("node runs");
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
    pub async fn start(stage: &Value, rule: &str) -> Self {
        let mut child = command(stage, &[rule]).await.stdin(Stdio::piped()).spawn().expect("node runs");
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

async fn command(stage: &Value, rules: &[&str]) -> Command {
    let directory = installed().await;
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

/// Where the scripts are with their packages. Test binaries that run side by side wait for whoever is first.
async fn installed() -> PathBuf {
    static INSTALLED: tokio::sync::OnceCell<PathBuf> = tokio::sync::OnceCell::const_new();
    INSTALLED
        .get_or_init(|| async { tokio::task::spawn_blocking(install).await.expect("installed") })
        .await
        .clone()
}

fn install() -> PathBuf {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/socketio");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("socketio");
    std::fs::create_dir_all(&home).expect("a directory");
    let turn = std::fs::File::create(home.join("lock")).expect("a lock");
    turn.lock().expect("a turn");
    let lock = std::fs::read(scripts.join("package-lock.json")).expect("a lock file");
    for entry in std::fs::read_dir(&scripts).expect("scripts") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        std::fs::copy(&path, home.join(name)).expect("copied");
    }
    let done = home.join("installed");
    if std::fs::read(&done).is_ok_and(|installed| installed == lock) {
        return home;
    }
    let npm = std::process::Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"])
        .current_dir(&home)
        .output();
    let npm = npm.expect("npm runs: these tests need Node.js 20 or later");
    assert!(npm.status.success(), "npm ci: {}", String::from_utf8_lossy(&npm.stderr));
    std::fs::write(done, lock).expect("noted");
    home
}
