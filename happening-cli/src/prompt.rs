//! Questions. Without a terminal nothing is asked and nothing waits.

use crate::exit::CliError;
use crate::output::Console;
use std::io::{self, IsTerminal as _};
use tokio::sync::oneshot;

/// Whether somebody is there to answer.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Fails before anything else is done if a command that asks could not.
pub fn require_answer(yes: bool) -> Result<(), CliError> {
    if yes || can_ask() {
        return Ok(());
    }
    Err(CliError::Usage("there is no terminal to ask on: confirm with --yes".to_owned()))
}

/// Asks; only a yes is one.
pub async fn confirm(console: &Console, question: &str) -> Result<(), CliError> {
    console.ask(&format!("{question} [y/N] "));
    let answer = line().await.unwrap_or_default();
    if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        Ok(())
    } else {
        Err(CliError::Cancelled)
    }
}

/// One line of stdin, in a thread that may be left behind: a read cannot be called off, and must not keep Ctrl-C waiting.
pub async fn line() -> Option<String> {
    let (answer, answered) = oneshot::channel();
    std::thread::Builder::new()
        .name("prompt".to_owned())
        .spawn(move || {
            let mut line = String::new();
            if io::stdin().read_line(&mut line).is_ok_and(|read| read > 0) {
                // Nobody waits any more if the question was settled otherwise.
                let _ = answer.send(line);
            }
        })
        .ok()?;
    answered.await.ok()
}
