//! `happening event get`.

use crate::app::App;
use anyhow::Context as _;
use happening_core::id::EventId;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The event's id
    event: EventId,
}

pub async fn run(args: Args, app: &App<'_>) -> anyhow::Result<()> {
    let event =
        app.caller()?.client.event(args.event).await.with_context(|| format!("event {}", args.event))?;
    app.console.item(&event)?;
    Ok(())
}
