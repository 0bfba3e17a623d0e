//! `happening event`.

mod create;
mod get;
mod list;
mod seats;

use crate::app::App;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Publish an event
    Create(create::Args),
    /// List events, the latest date first
    List(list::Args),
    /// Show an event
    Get(get::Args),
    /// Show which seats are free, taken and being picked
    Seats(seats::Args),
}

pub async fn run(command: Command, app: &App<'_>) -> anyhow::Result<()> {
    match command {
        Command::Create(args) => create::run(args, app).await,
        Command::List(args) => list::run(args, app).await,
        Command::Get(args) => get::run(args, app).await,
        Command::Seats(args) => seats::run(args, app).await,
    }
}
