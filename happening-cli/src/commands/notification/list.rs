//! `happening notification list`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::id::EventId;
use happening_core::wire::{Notification, NotificationType, NotificationsQuery};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Someone else, by id, username or e-mail address; you if left out
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only of this event
    #[arg(long, value_name = "ID", add = crate::completion::events(), value_parser = crate::args::event)]
    event: Option<EventId>,
    /// Only of this type
    #[arg(long = "type", value_name = "TYPE", add = crate::completion::words(NotificationType::ALL))]
    kind: Option<NotificationType>,
    /// Only those that the person has not read
    #[arg(long)]
    unread: bool,
}

impl Verb for Args {
    type Output = Notification;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Notification>> {
        let caller = app.caller()?;
        let user = caller.user_or_me(self.user.as_deref()).await?;
        let unread = self.unread.then_some(true);
        let query = NotificationsQuery { unread, kind: self.kind, ..NotificationsQuery::default() };
        let mut found = caller.client.find_notifications_of(user, &query).await?.items;
        found.retain(|one| self.event.is_none_or(|event| one.event_id == Some(event)));
        Ok(Answer::list(found, "No notifications."))
    }
}
