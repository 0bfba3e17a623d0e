//! `happening waitlist list`.

use crate::app::App;
use crate::frame::Verb;
use crate::list_limit::ListLimit;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::id::EventId;
use happening_core::wire::{WaitingParty, WaitlistQuery};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    #[command(flatten)]
    list_limit: ListLimit,
}

impl Verb for Args {
    type Output = WaitingParty;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<WaitingParty>> {
        let caller = app.caller()?;
        let query = WaitlistQuery { limit: Some(self.list_limit.page()), cursor: None };
        let first = caller.client.find_waiting(self.event, &query).await;
        let first = first.with_context(|| format!("event {}", self.event))?;
        Ok(self.list_limit.answer(&caller, first, "Nobody waits.").await?)
    }
}
