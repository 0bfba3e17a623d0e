//! `happening booking`.

mod cancel;
mod cancel_seats;
mod create;
mod get;
mod list;

use crate::app::App;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Book seats, or wait for them if they are not free
    Create(create::Args),
    /// List bookings, the newest first
    List(list::Args),
    /// Show a booking
    Get(get::Args),
    /// Cancel a booking, or leave the waitlist
    Cancel(cancel::Args),
    /// Give some seats of a booking back
    CancelSeats(cancel_seats::Args),
}

pub async fn run(command: Command, app: &App<'_>) -> anyhow::Result<()> {
    match command {
        Command::Create(args) => create::run(args, app).await,
        Command::List(args) => list::run(args, app).await,
        Command::Get(args) => get::run(args, app).await,
        Command::Cancel(args) => cancel::run(args, app).await,
        Command::CancelSeats(args) => cancel_seats::run(args, app).await,
    }
}
