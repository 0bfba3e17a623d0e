//! `happening config unset`.

use super::Setting;
use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, InForce};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which one
    #[arg(value_enum)]
    setting: Setting,
}

impl Verb for Args {
    type Output = InForce;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<InForce>> {
        let mut config = app.config.clone();
        let Setting::Storage = self.setting;
        config.settings.storage = None;
        config.save()?;
        Ok(Answer::item(InForce::new("storage", "keyring".to_owned(), "default".to_owned())))
    }
}
