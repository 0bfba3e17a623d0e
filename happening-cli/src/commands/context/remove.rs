//! `happening context remove`.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Deleted, visible};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its name
    #[arg(add = crate::completion::contexts())]
    name: String,
    /// Succeed if there is no such context
    #[arg(long)]
    ignore_missing: bool,
}

impl Verb for Args {
    type Output = Deleted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Deleted>> {
        let mut config = app.config.clone();
        let settings = &mut config.settings;
        let deleted = settings.contexts.remove(&self.name).is_some();
        if !deleted && !self.ignore_missing {
            let name = visible(&self.name);
            let why = format!("there is no context `{name}`: `happening context list` shows them");
            return Err(CliError::NotFound(why).into());
        }
        if settings.current.as_ref() == Some(&self.name) {
            settings.current = None;
            app.console.note("It was the one in use: `happening context use NAME` chooses another.");
        }
        config.save()?;
        Ok(Answer::item(Deleted { id: self.name, deleted }))
    }
}
