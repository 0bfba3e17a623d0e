//! `happening waitlist`.

mod list;

use crate::app::App;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List those who wait for seats at an event, in line
    List(list::Args),
}

pub async fn run(command: Command, app: &App<'_>) -> anyhow::Result<()> {
    match command {
        Command::List(args) => list::run(args, app).await,
    }
}
