//! `happening event release`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, Deleted};
use anyhow::Context as _;
use happening_core::id::EventId;
use uuid::Uuid;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    /// The hold's token
    #[arg(value_parser = crate::args::hold)]
    token: Uuid,
}

impl Verb for Args {
    type Output = Deleted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Deleted>> {
        let client = app.caller()?.client;
        let released = app.change(client.release_hold(self.event, self.token)).await;
        released.context("the seats are still held")?;
        Ok(Answer::item(Deleted { id: self.token.to_string(), deleted: true }))
    }
}
