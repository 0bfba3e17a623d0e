//! What the tests of the whole daemon share: the built binary as a process, on embedded parts or on the real ones that
//! `docker/stack` brought up; people with tokens; the typed client.

#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod books;
pub mod broker;
pub mod browser;
pub mod connection;
pub mod dice;
pub mod full_database;
pub mod keycloak;
pub mod node;
pub mod npm;
pub mod parts;
pub mod people;
pub mod processes;
pub mod python;

use happening_core::client::{Client, ClientError, FixedToken};
use happening_core::wire::ErrorCode;
use parts::Parts;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use url::Url;

/// A daemon process. Killed when dropped.
pub struct Daemon {
    child: Child,
    url: Url,
    directory: PathBuf,
    environment: Vec<(String, String)>,
    flags: Vec<&'static str>,
    /// Files that it may have open, if that is not for the system to say.
    files: Option<u32>,
}

impl Daemon {
    /// Starts a daemon on these parts, with the demo people, and waits until it answers.
    pub async fn start(parts: &Parts) -> Self {
        Self::start_on(parts, 0, &[]).await
    }

    /// The same on a port, and with settings of its own.
    pub async fn start_on(parts: &Parts, port: u16, settings: &[(&str, &str)]) -> Self {
        Self::begin(parts, port, settings, &["--demo"]).await
    }

    /// The same, and it may have no more than so many files open.
    pub async fn start_with_files(parts: &Parts, files: u32, settings: &[(&str, &str)]) -> Self {
        Self::begin_with(parts, 0, settings, &["--demo"], Some(files)).await
    }

    /// The same on an empty store: nobody has signed up yet.
    pub async fn start_empty(parts: &Parts) -> Self {
        Self::start_empty_with(parts, &[]).await
    }

    /// The same, with settings of its own.
    pub async fn start_empty_with(parts: &Parts, settings: &[(&str, &str)]) -> Self {
        Self::begin(parts, 0, settings, &[]).await
    }

    /// The same with the demo people, but it delivers no notifications: they stay in the queue.
    pub async fn start_without_worker(parts: &Parts) -> Self {
        Self::begin(parts, 0, &[], &["--demo", "--no-worker"]).await
    }

    /// The same with flags of its own.
    pub async fn start_with(parts: &Parts, flags: &[&'static str]) -> Self {
        Self::begin(parts, 0, &[], flags).await
    }

    /// The same with the demo people, and it logs for machines what this filter lets through.
    pub async fn start_logging(parts: &Parts, filter: &str) -> Self {
        Self::start_logging_with(parts, filter, &[]).await
    }

    /// The same, with settings of its own.
    pub async fn start_logging_with(parts: &Parts, filter: &str, settings: &[(&str, &str)]) -> Self {
        let settings = [&[("HAPPENING_LOG", filter)], settings].concat();
        Self::begin(parts, 0, &settings, &["--demo", "--log-format", "json"]).await
    }

    /// The same, without a broker: what is to be told stays in the outbox.
    pub async fn start_without_queue(parts: &Parts) -> Self {
        Self::start_without_queue_with(parts, &[]).await
    }

    /// The same, with settings of its own.
    pub async fn start_without_queue_with(parts: &Parts, settings: &[(&str, &str)]) -> Self {
        let settings = [&[("RABBITMQ_URL", "")], settings].concat();
        Self::begin(parts, 0, &settings, &["--demo", "--no-worker"]).await
    }

    async fn begin(parts: &Parts, port: u16, settings: &[(&str, &str)], flags: &[&'static str]) -> Self {
        Self::begin_with(parts, port, settings, flags, None).await
    }

    async fn begin_with(
        parts: &Parts,
        port: u16,
        settings: &[(&str, &str)],
        flags: &[&'static str],
        files: Option<u32>,
    ) -> Self {
        let directory = parts.directory_of_daemon();
        let mut environment = parts.environment();
        environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let (child, url) = spawn(&directory, &environment, port, flags, files).await;
        Self { child, url, directory, environment, flags: flags.to_vec(), files }
    }

    /// Its address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where it keeps its embedded parts and its log.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("a running daemon")
    }

    /// A client with a token, or without one.
    pub fn client(&self, token: impl Into<Option<String>>) -> Client {
        Client::new(self.url.clone(), FixedToken(token.into()))
    }

    /// Another command of the binary, on the same parts and data directory. Returns exit code, stdout and stderr.
    pub async fn command(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = binary(&self.directory);
        command.args(arguments).envs(self.environment.iter().cloned());
        let output = command.output().await.expect("the binary runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
    }

    /// SIGKILL, and gone.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("the daemon can be killed");
    }

    /// Starts it again after [`Self::kill`], on the same port and with the same state. Returns how long it took to
    /// answer.
    pub async fn restart(&mut self) -> Duration {
        let started = Instant::now();
        let port = self.url.port().expect("a port");
        let (child, _) = spawn(&self.directory, &self.environment, port, &self.flags, self.files).await;
        self.child = child;
        started.elapsed()
    }

    /// The same, with settings of its own.
    pub async fn restart_with(&mut self, settings: &[(&str, &str)]) -> Duration {
        self.environment
            .extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.restart().await
    }

    /// SIGTERM; returns its exit status and how long the end took.
    pub async fn terminate(mut self) -> (std::process::ExitStatus, Duration) {
        let started = Instant::now();
        signal(self.pid(), "TERM");
        let status = self.child.wait().await.expect("an exit status");
        (status, started.elapsed())
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("daemon.log")).unwrap_or_default()
    }
}

impl Drop for Daemon {
    /// A test that fails shows what the daemon said.
    #[expect(clippy::print_stderr, reason = "the test harness shows it")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let last = lines.len().saturating_sub(30);
            eprintln!("the log of {}, its end:\n{}", self.url, lines[last..].join("\n"));
        }
    }
}

/// The built binary on a data directory, with nothing of the caller's environment that could change what it does.
///
/// On Linux it ends with the thread that starts it, by prctl(2): a test run that is killed drops nothing, and its daemons
/// would go on for ever. A test's runtime outlives its daemons, and so do its threads.
pub fn binary(directory: &Path) -> Command {
    in_directory(ending_with_us(env!("CARGO_BIN_EXE_happening-daemon")), directory)
}

/// The same with so many open files at most, by prlimit(1).
fn binary_with_files(directory: &Path, files: u32) -> Command {
    let mut command = ending_with_us("prlimit");
    command.args([&format!("--nofile={files}:{files}"), "--", env!("CARGO_BIN_EXE_happening-daemon")]);
    in_directory(command, directory)
}

/// The demo people do in a second what no person does; who tests a limit sets it.
const UNLIMITED: [(&str, &str); 11] = [
    ("REQUESTS_PER_SECOND", "0"),
    ("ANONYMOUS_REQUESTS_PER_SECOND", "0"),
    ("QUESTIONS_PER_SECOND", "0"),
    ("INVITES_PER_HOUR", "0"),
    ("ORGANIZATIONS_PER_HOUR", "0"),
    ("ORGANIZATIONS_PER_PERSON", "0"),
    ("UPCOMING_EVENTS_PER_ORGANIZATION", "0"),
    ("OPEN_INVITES_PER_ORGANIZATION", "0"),
    ("OPEN_INVITES_PER_ADDRESS", "0"),
    ("WAITING_PARTIES_PER_EVENT", "0"),
    ("WAITING_PARTIES_PER_PERSON", "0"),
];

fn in_directory(mut command: Command, directory: &Path) -> Command {
    let kept = ["PATH", "HOME", "TMPDIR", "RUST_BACKTRACE"];
    command
        .env_clear()
        .envs(std::env::vars().filter(|(name, _)| kept.contains(&name.as_str())))
        .envs(UNLIMITED)
        .env("HAPPENING_DATA_DIR", directory)
        .current_dir(directory)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// A program, under the same process id, that the system kills when the thread that starts it is gone.
#[cfg(target_os = "linux")]
pub fn ending_with_us(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

#[cfg(not(target_os = "linux"))]
pub fn ending_with_us(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

async fn spawn(
    directory: &Path,
    environment: &[(String, String)],
    port: u16,
    flags: &[&str],
    files: Option<u32>,
) -> (Child, Url) {
    let ready = directory.join("ready");
    let _ = std::fs::remove_file(&ready);
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(directory.join("daemon.log"))
        .expect("a log file");
    let mut command = match files {
        Some(files) => binary_with_files(directory, files),
        None => binary(directory),
    };
    let mut child = command
        .args(["serve", "--ready-file"])
        .arg(&ready)
        .args(["--port", &port.to_string()])
        .args(flags)
        .env("HAPPENING_LOG", "info,happening::notification=warn")
        .envs(environment.iter().cloned())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the daemon starts");
    let started = Instant::now();
    loop {
        if let Ok(address) = std::fs::read_to_string(&ready) {
            return (child, address.trim().parse().expect("an address"));
        }
        let ended = child.try_wait().expect("a status");
        assert!(
            ended.is_none() && started.elapsed() < Duration::from_secs(30),
            "the daemon is not ready ({ended:?}): {}",
            std::fs::read_to_string(directory.join("daemon.log")).unwrap_or_default()
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The daemon refuses, with this code.
pub fn refused<T: std::fmt::Debug>(answer: Result<T, ClientError>, code: ErrorCode) {
    assert_eq!(answer.expect_err("refused").code(), Some(code));
}

/// Sends a signal to a process, such as `STOP`.
pub fn signal(pid: u32, name: &str) {
    let sent = std::process::Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
    assert!(sent.expect("kill runs").success(), "SIG{name} to {pid}");
}

/// Between two looks of [`eventually`].
const LOOK: Duration = Duration::from_millis(25);

/// Waits until `check` is true; panics with `what` after as many looks as `patience` has time for. On a machine that is
/// starved each look takes longer, so what is waited for has as much more time.
pub async fn eventually<F: Future<Output = bool>>(what: &str, patience: Duration, check: impl Fn() -> F) {
    for _ in 0..=patience.as_millis() / LOOK.as_millis() {
        if check().await {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("not within {patience:?}: {what}");
}
