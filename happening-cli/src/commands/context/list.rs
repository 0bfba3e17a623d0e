//! `happening context list`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, ContextRow};

#[derive(Debug, clap::Args)]
pub struct Args {}

impl Verb for Args {
    type Output = ContextRow;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<ContextRow>> {
        let settings = &app.config.settings;
        let rows = settings.contexts.keys().filter_map(|name| ContextRow::of(settings, name)).collect();
        Ok(Answer::list(rows, "No contexts: `happening context add NAME URL` adds one."))
    }
}
