//! `happening event get`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, EventDetail};
use anyhow::Context as _;
use happening_core::id::EventId;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
}

impl Verb for Args {
    type Output = EventDetail;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<EventDetail>> {
        let client = app.caller()?.client;
        let event = client.event(self.event).await.with_context(|| format!("event {}", self.event))?;
        // The event is what was asked for; where its zone cannot be had, it is told without.
        let organization = client.organization(event.org_id).await.ok();
        let timezone = organization.and_then(|organization| organization.settings.timezone);
        Ok(Answer::item(EventDetail { event, timezone }))
    }
}
