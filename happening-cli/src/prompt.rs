//! Questions. Without a terminal nothing is asked and nothing waits.

use crate::exit::CliError;
use crate::output::Console;
use std::io::{self, IsTerminal as _};
use tokio::sync::oneshot;

/// The option of every command that destroys.
#[derive(Debug, clap::Args)]
pub struct Confirmation {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl Confirmation {
    /// Returns once somebody said yes, by `--yes` or at the prompt; a dry run destroys nothing. The question, which names what will be gone, is made
    /// only if there is somebody to ask.
    pub async fn obtain(
        &self,
        console: &Console,
        question: impl Future<Output = anyhow::Result<String>>,
    ) -> anyhow::Result<()> {
        if self.yes || console.dry_run {
            return Ok(());
        }
        if !can_ask() {
            let why = "there is no terminal to ask on: confirm with --yes".to_owned();
            return Err(CliError::Usage(why).into());
        }
        confirm(console, &question.await?).await?;
        Ok(())
    }
}

/// Whether somebody is there to answer.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks; only a yes is one.
async fn confirm(console: &Console, question: &str) -> Result<(), CliError> {
    console.ask(&format!("{question} [y/N] "));
    let answer = line().await.unwrap_or_default();
    if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        Ok(())
    } else {
        Err(CliError::Cancelled)
    }
}

/// One line of stdin; `None` at its end.
pub async fn line() -> Option<String> {
    let read = detached(|| {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|read| (read > 0).then_some(line))
    });
    read.await.ok().flatten()
}

/// All of stdin. Somebody at a terminal is told that they are waited for.
pub async fn everything(console: &Console) -> io::Result<String> {
    if can_ask() {
        console.note("Reading from the terminal; Ctrl-D ends it.");
    }
    detached(|| io::read_to_string(io::stdin())).await
}

/// Reads in a thread that may be left behind: a read cannot be called off, and must not keep Ctrl-C waiting.
async fn detached<T: Send + 'static>(read: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    let (answer, answered) = oneshot::channel();
    // Nobody waits for the answer any more if the question was settled otherwise.
    std::thread::Builder::new().name("stdin".to_owned()).spawn(move || answer.send(read()).ok())?;
    answered.await.map_err(io::Error::other)?
}
