//! The command line of one person: the built binary with its files in a directory of its own.

use crate::support::Daemon;
use crate::support::browser::{Decision, decide};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Command;

/// A binary of the workspace, beside the daemon's.
pub fn binary(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_happening-daemon")).with_file_name(name);
    assert!(path.exists(), "{} is missing: run `cargo build --workspace` first", path.display());
    path
}

/// Somebody at a terminal.
pub struct Terminal {
    pub home: TempDir,
    pub server: String,
    /// The session bus, and with it the keyring. None by default: a desktop's keyring is not ours to look into.
    pub bus: String,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// What is left of a program.
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("an exit code"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// What it printed under `-o json`.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

/// A sign-in that waits for somebody to approve it.
pub struct Login {
    child: tokio::process::Child,
    stderr: BufReader<tokio::process::ChildStderr>,
    said: String,
    /// The address to open, the code within.
    pub address: String,
}

impl Terminal {
    pub fn at(daemon: &Daemon) -> Self {
        Self {
            home: TempDir::new().expect("a directory"),
            server: daemon.url().to_string(),
            bus: "unix:path=/nonexistent".to_owned(),
        }
    }

    /// Somebody who has signed in through the issuer's pages.
    pub async fn signed_in(daemon: &Daemon, name: &str) -> Self {
        let terminal = Self::at(daemon);
        let login = terminal.login().await;
        decide(&login.address, name, Decision::Approve).await;
        let ended = login.end().await;
        assert_eq!(ended.code, 0, "{ended:?}");
        terminal
    }

    /// What the binaries see of the environment.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HAPPENING_CONFIG_DIR", self.home.path().display().to_string()),
            ("HAPPENING_SERVER", self.server.clone()),
            ("TZ", "UTC".to_owned()),
            ("DBUS_SESSION_BUS_ADDRESS", self.bus.clone()),
        ]
    }

    /// What is kept of the sign-in in a file.
    pub fn credentials(&self) -> Value {
        let text = std::fs::read(self.home.path().join("credentials.json")).expect("a sign-in in a file");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// As if the access token had expired: the next command has to renew it.
    pub fn lose_access_token(&self) {
        std::fs::remove_file(self.home.path().join("access.json")).expect("an access token");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("happening"));
        command.args(arguments).env_clear().envs(self.environment()).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Starts a command with more in the environment, as a process to be watched.
    pub fn start(&self, variables: &[(&str, &str)], arguments: &[&str]) -> tokio::process::Child {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("happening runs")
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(&[], arguments).await
    }

    /// The same with more in the environment.
    pub async fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments);
        let output = command.envs(variables.iter().copied()).output().await.expect("happening runs");
        Ended::of(output)
    }

    /// Runs a command that must do, and returns what it prints under `-o json`.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["-o", "json"]].concat()).await;
        assert_eq!(ended.code, 0, "happening {arguments:?}: {ended:?}");
        ended.json()
    }

    /// Begins to sign in, to be kept in a file; returns once the code is shown.
    pub async fn login(&self) -> Login {
        self.login_with(&["--insecure-storage"]).await
    }

    /// The same, to be kept as the arguments say.
    pub async fn login_with(&self, arguments: &[&str]) -> Login {
        let mut command = self.command(&[&["login", "--no-browser", "-o", "json"], arguments].concat());
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("happening runs");
        let mut stderr = BufReader::new(child.stderr.take().expect("stderr"));
        let mut said = String::new();
        let address = loop {
            let begun = said.len();
            let read = stderr.read_line(&mut said).await.expect("UTF-8");
            assert!(read > 0, "it ended without an address: {said}");
            if let Some(address) = said[begun..].strip_prefix("or open") {
                break address.trim().to_owned();
            }
        };
        Login { child, stderr, said, address }
    }
}

impl Login {
    /// Waits until the command has ended.
    pub async fn end(mut self) -> Ended {
        let mut stdout = String::new();
        let mut out = self.child.stdout.take().expect("stdout");
        let (read, told) =
            tokio::join!(out.read_to_string(&mut stdout), self.stderr.read_to_string(&mut self.said));
        read.and(told).expect("UTF-8");
        let status = self.child.wait().await.expect("an exit status");
        Ended { code: status.code().expect("an exit code"), stdout, stderr: self.said }
    }
}
