//! `happening waitlist list`.

use crate::app::App;
use anyhow::Context as _;
use happening_core::id::EventId;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The event's id
    event: EventId,
}

pub async fn run(args: Args, app: &App<'_>) -> anyhow::Result<()> {
    let parties =
        app.caller()?.client.waitlist(args.event).await.with_context(|| format!("event {}", args.event))?;
    app.console.list(&parties, "Nobody waits.")?;
    Ok(())
}
