//! What every command has in common: it is parsed, it calls the daemon, and what it answers is printed. A command is a
//! struct of its options with a [`Verb`] that does the second, in a few lines; the frame does the rest.

use crate::app::App;
use crate::exit::{self, CliError};
use crate::output::{Answer, DryRunAnswer, Record, View};
use happening_core::client::ClientError;
use std::io;

/// A command.
pub trait Verb {
    /// What it prints.
    type Output: Record;

    /// Calls the daemon.
    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Self::Output>>;
}

/// Runs a command. The options of printing are checked before anything is asked of the daemon.
pub async fn run<V: Verb>(verb: V, app: &App<'_>) -> anyhow::Result<()> {
    if app.console.dry_run {
        return rehearse(verb, app).await;
    }
    let view = View::of::<V::Output>(app.console)?;
    view.show(verb.call(app).await?).await.map_err(unprinted)
}

/// Says of an answer that could not be printed that there was one. Whoever stopped reading is not told.
fn unprinted(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<io::Error>() {
        Some(why) if !exit::is_broken_pipe(&error) => CliError::Unprinted(why.to_string()).into(),
        _ => error,
    }
}

/// Runs a command up to its first change, and prints what the daemon says would become of that. It is no thing of the
/// command's kind: it may have no id, and there is none of it.
async fn rehearse<V: Verb>(verb: V, app: &App<'_>) -> anyhow::Result<()> {
    let error = match verb.call(app).await {
        Ok(answer) => {
            app.console.note("Dry run: nothing was changed.");
            return View::of::<V::Output>(app.console)?.show(answer).await;
        }
        Err(error) => error,
    };
    let Some(ClientError::Tried(told)) = exit::client_error(&error) else { return Err(error) };
    app.console.note("Dry run: nothing was changed. It would be done, with this answer:");
    View::of::<DryRunAnswer>(app.console)?.show(Answer::item(DryRunAnswer::parse(told)?)).await
}

/// The verbs of a noun: the enum that clap parses, and the way from there to their [`Verb`]s. A line is the verb, what it
/// does, and the module in which its `Args` are.
macro_rules! verbs {
    ($($(#[$attribute:meta])* $verb:ident => $module:ident),+ $(,)?) => {
        #[derive(Debug, clap::Subcommand)]
        pub enum Command {
            $($(#[$attribute])* $verb($module::Args)),+
        }

        /// Runs the verb that was parsed.
        pub async fn run(command: Command, app: &$crate::app::App<'_>) -> anyhow::Result<()> {
            match command {
                $(Command::$verb(args) => $crate::frame::run(args, app).await),+
            }
        }
    };
}

pub(crate) use verbs;
