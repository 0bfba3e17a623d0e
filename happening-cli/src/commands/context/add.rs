//! `happening context add`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, ContextRow};
use happening_core::signin::{Context, address};

const HELP: &str = "\
Example:
  happening context add prod https://happening.example.org --use";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Its name
    #[arg(value_parser = name)]
    name: String,
    /// The daemon's address
    #[arg(value_name = "URL")]
    address: String,
    /// Use it from now on
    #[arg(long = "use")]
    is_used: bool,
}

/// One word on any command line.
fn name(text: &str) -> Result<String, &'static str> {
    let is_word = !text.is_empty() && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    is_word
        .then(|| text.to_owned())
        .ok_or("a name has at least one character, and no spaces or control characters")
}

impl Verb for Args {
    type Output = ContextRow;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<ContextRow>> {
        let mut config = app.config.clone();
        let settings = &mut config.settings;
        settings.contexts.insert(self.name.clone(), Context { server: address(&self.address)? });
        if self.is_used {
            settings.current = Some(self.name.clone());
        }
        config.save()?;
        Ok(ContextRow::of(&config.settings, &self.name).map_or_else(Answer::nothing, Answer::item))
    }
}
