//! `happening context use`.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, ContextRow, visible};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its name
    #[arg(add = crate::completion::contexts())]
    name: String,
}

impl Verb for Args {
    type Output = ContextRow;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<ContextRow>> {
        let mut config = app.config.clone();
        config.settings.current = Some(self.name.clone());
        let row = ContextRow::of(&config.settings, &self.name).ok_or_else(|| {
            CliError::NotFound(format!(
                "there is no context `{}`: `happening context list` shows them",
                visible(&self.name)
            ))
        })?;
        config.save()?;
        if app.config.environment.server.is_some() {
            app.console
                .warn("HAPPENING_SERVER is set, and outranks the context: unset it to use the context");
        }
        Ok(Answer::item(row))
    }
}
