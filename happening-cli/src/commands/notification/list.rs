//! `happening notification list`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::id::EventId;
use happening_core::wire::Notification;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Someone else, by id, username or e-mail address; you if left out
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only of this event
    #[arg(long, value_name = "ID", add = crate::completion::events(), value_parser = crate::args::event)]
    event: Option<EventId>,
}

impl Verb for Args {
    type Output = Notification;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Notification>> {
        let caller = app.caller()?;
        let user = caller.user_or_me(self.user.as_deref()).await?;
        let mut told = caller.client.notifications_of(user).await?;
        told.retain(|one| self.event.is_none() || one.event_id == self.event);
        Ok(Answer::list(told, "No notifications."))
    }
}
