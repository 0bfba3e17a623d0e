//! `happening waitlist list`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::id::EventId;
use happening_core::wire::WaitingParty;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events())]
    event: EventId,
}

impl Verb for Args {
    type Output = WaitingParty;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<WaitingParty>> {
        let client = app.caller()?.client;
        let parties = client.waitlist(self.event).await.with_context(|| format!("event {}", self.event))?;
        Ok(Answer::list(parties, "Nobody waits."))
    }
}
