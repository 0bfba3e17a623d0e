//! `happening notification list`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::Notification;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Someone else, by id, username or e-mail address; you if left out
    #[arg(long, value_name = "USER")]
    user: Option<String>,
}

impl Verb for Args {
    type Output = Notification;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Notification>> {
        let caller = app.caller()?;
        let user = caller.user_or_me(self.user.as_deref()).await?;
        Ok(Answer::list(caller.client.notifications_of(user).await?, "No notifications."))
    }
}
