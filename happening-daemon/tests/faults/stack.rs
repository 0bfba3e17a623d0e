//! Breaks the parts of the stack, and mends them.

use crate::support::parts::stack_env;
use std::path::Path;
use std::process::Output;
use std::time::Instant;

/// What may be broken.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    Postgres,
    Redis,
    RabbitMq,
    Keycloak,
}

/// How it is broken.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// Stopped in good order.
    Stopped,
    /// SIGKILL.
    Killed,
    /// SIGSTOP: connections stay open, and nothing answers.
    Paused,
}

impl Part {
    fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::RabbitMq => "rabbitmq",
            Self::Keycloak => "keycloak",
        }
    }
}

/// A part that is away. Dropped, it is brought back, so that a failing test does not fail the next ones.
pub struct Outage {
    part: Part,
    undo: Option<&'static str>,
    /// When it began.
    pub begun: Instant,
}

/// When a part was away.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub begun: Instant,
    pub ended: Instant,
}

impl Outage {
    pub async fn begin(fault: Fault, part: Part) -> Self {
        let (command, undo) = match fault {
            Fault::Stopped => ("stop", "start"),
            Fault::Killed => ("kill", "start"),
            Fault::Paused => ("pause", "resume"),
        };
        let outage = Self { part, undo: Some(undo), begun: Instant::now() };
        stack(command, part).await;
        outage
    }

    /// Brings the part back; returns once it answers.
    pub async fn end(mut self) -> Window {
        if let Some(undo) = self.undo {
            stack(undo, self.part).await;
            self.undo = None;
        }
        Window { begun: self.begun, ended: Instant::now() }
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        if let Some(undo) = self.undo.take() {
            let mended = command(undo, self.part).output();
            if !std::thread::panicking() {
                check(undo, self.part, &mended.expect("docker/stack runs"));
            }
        }
    }
}

/// Throws a part's data away and starts it afresh.
pub async fn reset(part: Part) -> Instant {
    stack("reset", part).await;
    Instant::now()
}

async fn stack(verb: &str, part: Part) {
    let output = tokio::process::Command::from(command(verb, part)).output().await;
    check(verb, part, &output.expect("docker/stack runs"));
}

fn command(verb: &str, part: Part) -> std::process::Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker/stack");
    let mut command = std::process::Command::new(script);
    command.args([verb, part.as_str()]).env("HAPPENING_STACK_DIR", stack_env("HAPPENING_STACK_DIR"));
    command
}

fn check(verb: &str, part: Part, output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "docker/stack {verb} {}: {said}", part.as_str());
}
