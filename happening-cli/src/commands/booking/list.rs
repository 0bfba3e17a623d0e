//! `happening booking list`.

use crate::app::App;
use happening_core::id::UserId;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Someone else's, by user id; yours if left out
    #[arg(long, value_name = "ID")]
    user: Option<UserId>,
}

pub async fn run(args: Args, app: &App<'_>) -> anyhow::Result<()> {
    let caller = app.caller()?;
    let user = match args.user {
        Some(user) => user,
        None => caller.me().await?.id,
    };
    app.console.list(&caller.client.bookings_of(user).await?, "No bookings.")?;
    Ok(())
}
