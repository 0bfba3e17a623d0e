//! `happening config set`.

use super::Setting;
use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, InForce, visible};
use happening_core::signin::Storage;

const HELP: &str = "\
Example:
  happening config set storage file";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Which one
    #[arg(value_enum)]
    setting: Setting,
    /// Its value
    value: String,
}

impl Verb for Args {
    type Output = InForce;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<InForce>> {
        let mut config = app.config.clone();
        let Setting::Storage = self.setting;
        config.settings.storage = Some(match self.value.as_str() {
            "keyring" => Storage::Keyring,
            "file" => Storage::File,
            other => {
                let why = format!("storage is keyring or file, not `{}`", visible(other));
                return Err(CliError::Usage(why).into());
            }
        });
        config.save()?;
        Ok(Answer::item(InForce::new("storage", self.value, "config.json".to_owned())))
    }
}
