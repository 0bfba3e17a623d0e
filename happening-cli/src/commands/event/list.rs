//! `happening event list`.

use crate::app::App;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only events of this organization, by id or name
    #[arg(long, value_name = "ID|NAME")]
    org: Option<String>,
}

pub async fn run(args: Args, app: &App<'_>) -> anyhow::Result<()> {
    let caller = app.caller()?;
    let organization = match &args.org {
        Some(org) => Some(caller.organization(org).await?),
        None => None,
    };
    let events = caller.client.events(organization, None).await?;
    app.console.list(&events, "No events that you may see.")?;
    Ok(())
}
