//! `happening status`.

use crate::app::App;
use crate::exit::CliError;
use crate::output::Part;
use happening_core::wire::Health;

pub async fn run(app: &App<'_>) -> anyhow::Result<()> {
    let readiness = app.anonymous().readiness().await?;
    app.console.list(&Part::all(&readiness), "No parts.")?;
    if readiness.status == Health::Down { Err(CliError::Down.into()) } else { Ok(()) }
}
