//! `happening user suspend`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::wire::{User, UserStatus};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Who, by id, username or e-mail address
    user: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = User;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<User>> {
        let caller = app.caller()?;
        let user = caller.user(&self.user).await?;
        let name = visible(&self.user);
        let question =
            async { Ok(format!("Suspend {name}? They are refused everywhere until they are resumed.")) };
        self.confirmation.obtain(app.console, question).await?;
        let set = app.change(caller.client.set_user_status(user, UserStatus::Suspended)).await;
        Ok(Answer::item(set.context("the user was not suspended")?))
    }
}
